"""The diagrams in docs/architecture.md are the transition tables, not a memory of them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import pytest

from campaigns import life
from dialer.agents import agent
from dialer.calls import call

ARCHITECTURE = Path(__file__).parents[3] / "docs" / "architecture.md"


def diagram(transitions: Mapping[tuple[StrEnum, StrEnum], StrEnum]) -> str:
    rows = [f"    {before} --> {after}: {trigger}" for (before, trigger), after in transitions.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", *rows, "```"])


TABLES = {"call": call.TRANSITIONS, "agent": agent.TRANSITIONS, "campaign": life.NEXT}


@pytest.mark.parametrize("transitions", TABLES.values(), ids=TABLES)
def test_the_documented_diagram_is_the_table(transitions: Mapping[tuple[StrEnum, StrEnum], StrEnum]) -> None:
    expected = diagram(transitions)
    assert expected in ARCHITECTURE.read_text(), f"put this into docs/architecture.md:\n{expected}"
