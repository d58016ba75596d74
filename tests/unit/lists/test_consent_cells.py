from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lists.consent_cells import LONGEST_TEXT, BadConsentError, StatedConsent, read_consents
from lists.dates import BadDateError
from lists.mapping import map_columns

NUMBER = "+12125550101"
GIVEN = datetime(2026, 2, 3, tzinfo=UTC).timestamp()
COLUMNS = map_columns(
    ("phone", "consent", "consent_at", "consent_text", "consent_until"), {}, Path("people.csv"), 1
)


def read(
    said: str, at: str, text: str = "", until: str = "", numbers: tuple[str, ...] = (NUMBER,)
) -> list[StatedConsent]:
    return list(read_consents(("", said, at, text, until), COLUMNS, COLUMNS.consents[0], numbers))


@pytest.mark.parametrize("said", ["yes", "Y", "1", "да", "Так", "sí", "Ja", "da", "call", ""])
def test_who_said_yes_then_has_agreed_to_calls(said: str) -> None:
    text = "I agree to be called"
    assert read(said, "2026-02-03", text) == [StatedConsent(NUMBER, "call", GIVEN, None, text)]


def test_kinds_are_named_one_by_one() -> None:
    found = read("call, recording", "3.2.2026", until="2027-02-03")
    assert [(one.kind, one.until) for one in found] == [
        ("call", datetime(2027, 2, 3, tzinfo=UTC).timestamp()),
        ("recording", datetime(2027, 2, 3, tzinfo=UTC).timestamp()),
    ]


def test_who_said_no_then_has_refused() -> None:
    assert read("нет", "2026-02-03") == [StatedConsent(NUMBER, "call", GIVEN, None, "", refused=True)]


@pytest.mark.parametrize("said", ["", "no"])
def test_where_nothing_was_asked_there_is_nothing_to_say(said: str) -> None:
    assert read(said, "") == []


def test_without_a_good_number_there_is_nothing_to_say() -> None:
    assert read("yes", "2026-02-03", numbers=()) == []


@pytest.mark.parametrize(
    ("said", "at", "text", "numbers", "why"),
    [
        ("yes", "", "", (NUMBER,), "without a date"),
        ("maybe", "2026-02-03", "", (NUMBER,), "neither yes nor no"),
        ("yes", "2026-02-03", "", (NUMBER, "+12125550102"), "for which of"),
        ("yes", "2026-02-03", "x" * (LONGEST_TEXT + 1), (NUMBER,), "longer than"),
    ],
)
def test_what_proves_nothing_is_refused(said: str, at: str, text: str, numbers: tuple[str, ...], why: str) -> None:
    with pytest.raises(BadConsentError, match=why):
        read(said, at, text, numbers=numbers)


@pytest.mark.parametrize(("at", "until"), [("soon", ""), ("2026-02-03", "2026-02-03"), ("2026-02-03", "later")])
def test_dates_that_make_no_sense_are_refused(at: str, until: str) -> None:
    with pytest.raises(BadDateError):
        read("yes", at, until=until)
