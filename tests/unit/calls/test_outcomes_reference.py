"""docs/reference/outcomes.md lists the tables the code uses, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from campaigns.outcome import Outcome
from dialer.calls.sip_outcome import BY_CAUSE, BY_STATUS

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "outcomes.md"


def rows(table: Mapping[int, Outcome]) -> str:
    return "\n".join(f"| {code} | `{outcome}` |" for code, outcome in table.items())


@pytest.mark.parametrize("table", [BY_STATUS, BY_CAUSE], ids=["status", "cause"])
def test_the_reference_is_the_table(table: Mapping[int, Outcome]) -> None:
    assert rows(table) in REFERENCE.read_text(), f"put this into {REFERENCE.name}:\n{rows(table)}"


def test_every_outcome_is_explained() -> None:
    text = REFERENCE.read_text()
    assert [outcome for outcome in Outcome if f"`{outcome}`" not in text] == []
