"""The reference page names every key there is, and no other file format creeps in unseen."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.unit.sim_trunk.people import DEMO, REALISTIC

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "population-file.md").read_text()


def keys(table: dict[str, Any]) -> set[str]:
    """All keys and table names of the format; disposition codes are the campaign's, keys of a phone are keys."""
    found: set[str] = set()
    for key, value in table.items():
        found.add(key)
        if isinstance(value, dict) and key not in {"dispositions", "first", "further"}:
            found |= keys(value)
    return found


@pytest.mark.parametrize("text", [REALISTIC, DEMO], ids=["realistic", "demo"])
def test_every_key_of_the_bundled_files_is_on_the_page(text: str) -> None:
    on_page = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`[^`\n]*`", PAGE))))
    assert keys(tomllib.loads(text)) - on_page == set()


def test_every_key_on_the_page_is_in_the_realistic_file() -> None:
    rows = set(re.findall(r"^\| `([a-z_]+)` \|", PAGE, re.MULTILINE))
    assert rows
    assert rows - keys(tomllib.loads(REALISTIC)) == set()
