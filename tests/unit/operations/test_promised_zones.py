from __future__ import annotations

from dialer.operations.promised_zones import promised_zones
from dialer.storage.memory import MemoryStore
from tests.contract.storage_values import NOW, phone
from tests.contract.stores import InMemory, filled
from tests.contract.test_store_callbacks import promise


def test_zones_of_the_clients_own_promises() -> None:
    store = InMemory()
    filled(store)
    promise(store, 4, NOW + 60)
    assert promised_zones(store.reader, "") == {phone(3).e164: "Europe/London"}
    assert promised_zones(store.reader, "acme") == {}
    assert promised_zones(MemoryStore(), "") == {}
