"""What is wrong with a row of a list, and where."""

from __future__ import annotations

from dataclasses import dataclass

from lists.mapping import Columns
from lists.reasons import Reason


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where. `field`: the column's name ("" for the row as a whole); `value`: its cell."""

    reason: Reason
    field: str
    value: str
    text: str


def name_of(columns: Columns, place: int | None) -> str:
    """A column's name; "" for none."""
    return "" if place is None else columns.header[place]
