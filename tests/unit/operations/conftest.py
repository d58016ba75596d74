from __future__ import annotations

import pytest

from dialer.storage.memory import MemoryStore
from tests.unit.operations.scene import Scene


@pytest.fixture
def scene() -> Scene:
    store = MemoryStore()
    return Scene(store.write, store)
