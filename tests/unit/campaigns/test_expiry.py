from __future__ import annotations

import pytest

from campaigns.audit_lists import expiry_faults
from campaigns.expiry import NEVER, ends_at
from tests.unit.campaigns.samples import NEW_YORK, utc

SAID = utc("2026-01-01T00:00Z")


def test_a_day_is_over_in_the_first_zone_where_it_is() -> None:
    assert ends_at("", ("Europe/London",)) == NEVER
    assert ends_at("2026-06-30", ("Europe/London",)) == utc("2026-07-01T00:00+01:00")
    assert ends_at("2026-06-30", ("America/New_York", "America/Chicago")) == utc("2026-07-01T00:00-04:00")
    assert ends_at("2026-12-31", ("Asia/Tokyo", "America/New_York")) == utc("2027-01-01T00:00+09:00")
    assert ends_at("2026-12-31", ()) == utc("2027-01-01T00:00Z")


def test_where_midnight_does_not_come_it_is_the_earlier() -> None:
    # Havana's clocks went from 00:00 to 01:00 on 2026-03-08
    assert ends_at("2026-03-07", ("America/Havana",)) <= utc("2026-03-08T01:00-04:00")


@pytest.mark.parametrize(
    ("said", "moment", "found"),
    [
        ([(SAID, "2026-06-30")], "2026-06-30T23:59-04:00", False),
        ([(SAID, "2026-06-30")], "2026-07-01T00:00-04:00", True),
        ([(SAID, "2026-06-30"), (SAID + 9, "")], "2026-07-01T00:00-04:00", False),
        ([(SAID, ""), (SAID + 9, "2026-06-30")], "2026-07-01T00:00-04:00", True),
        ([(utc("2026-07-01T12:00Z"), "2026-06-30")], "2026-07-01T12:00:59Z", False),
        ([(utc("2026-07-01T12:00Z"), "2026-06-30")], "2026-07-01T12:01:00Z", True),
        ([(SAID, "2026-06-30"), (utc("2026-07-01T12:00Z"), "2026-08-01")], "2026-07-01T12:00:30Z", False),
        ([(utc("2026-08-01T12:00Z"), "2026-06-30")], "2026-07-02T12:00Z", False),
    ],
)
def test_the_audit_judges_by_the_day_that_had_been_said(
    said: list[tuple[float, str]], moment: str, found: bool
) -> None:
    at = utc(moment)
    codes = [code for code, _ in expiry_faults({"people": said}, "people", at, at, NEW_YORK)]
    assert codes == ["list_expired"] * found
    assert not list(expiry_faults({"people": said}, "others", at, at, NEW_YORK))
    assert not list(expiry_faults({}, "people", at, at, None))
