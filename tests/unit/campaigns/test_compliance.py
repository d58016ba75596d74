from __future__ import annotations

from dataclasses import replace

from tests.unit.campaigns.samples import RULES, utc


def test_validity_ends_after_its_last_day_or_a_year_after_the_last_check() -> None:
    dated = replace(RULES, valid_from="2026-01-01", valid_to="2026-06-30")
    assert dated.validity() == (utc("2026-01-01T00:00"), utc("2026-07-01T00:00"))
    assert RULES.validity() == (float("-inf"), utc("2027-11-02T00:00"))
