from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from campaigns.call_traits import traits_of
from campaigns.outcome import Contact
from campaigns.permission.past import PastAttempt
from lists.lead import NumberKind, PhoneNumber, ZoneSource

SATURDAY_NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC).timestamp()
PHONE = PhoneNumber("+818000000000", "JP", NumberKind.MOBILE, ("Asia/Tokyo",), ZoneSource.NUMBER)
DAY_S = 86_400.0


def past(days_ago: float, outcome: str = "no_answer", contact: Contact = Contact.NONE) -> PastAttempt:
    return PastAttempt(PHONE.e164, "c", SATURDAY_NOON - days_ago * DAY_S, outcome, contact=contact.value)


def test_of_a_number_never_called() -> None:
    assert traits_of(PHONE, "people", (), SATURDAY_NOON) == (
        ("list", "people"), ("kind", "mobile"), ("answered", 0, 0), ("hour", True, 21),
    )  # fmt: skip


def test_monday_morning_in_tokyo_is_sunday_evening_in_london() -> None:
    sunday_evening = SATURDAY_NOON + DAY_S + 10 * 3_600
    assert ("hour", False, 7) in traits_of(PHONE, "people", (), sunday_evening)


def test_what_is_known_of_the_attempts_before() -> None:
    history = (
        past(9, "connected", Contact.CONVERSATION),
        past(5, "connected", Contact.NONE),
        past(2, "abandoned", Contact.ABANDONED),
        past(1.5, "busy"),
    )
    other = replace(past(0.1, "connected", Contact.CONVERSATION), number="+818000000001")
    traits = traits_of(PHONE, "people", (*history, other), SATURDAY_NOON)
    assert traits[2:] == (("answered", 2, 4), ("hour", True, 21), ("last", "busy"), ("since", 3))


def test_a_number_that_lies_nowhere_has_no_hour() -> None:
    nowhere = replace(PHONE, zones=())
    assert traits_of(nowhere, "people", (), SATURDAY_NOON) == traits_of(PHONE, "people", (), SATURDAY_NOON)[:-1]


def test_a_zone_that_is_not_known_has_no_hour() -> None:
    elsewhere = replace(PHONE, zones=("Atlantis/Capital",))
    assert traits_of(elsewhere, "people", (), SATURDAY_NOON) == traits_of(PHONE, "people", (), SATURDAY_NOON)[:-1]
