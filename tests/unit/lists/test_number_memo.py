"""Verdicts on numbers, remembered: never other than phonenumbers' own. A million are compared by hand:
`python -m tests.fuzz.numbers 1000000`."""

from __future__ import annotations

import random
from itertools import islice

import pytest

from lists.lead import PhoneNumber
from lists.number_memo import NumberMemo
from lists.phone import BadNumber, country_codes, parse_alone, parse_phone
from lists.plan_depth import international_depth, national_depth
from lists.reasons import Reason
from tests.fuzz.numbers import difference, fresh_memo, random_numbers

COUNT = 2_500


def test_as_phonenumbers_says_over_numbers_of_all_regions() -> None:
    memo = fresh_memo()
    differences = [difference(memo, *number) for number in islice(random_numbers(random.Random(5)), COUNT)]
    assert [text for text in differences if text is not None] == []


def test_numbers_of_one_kind_are_asked_about_once() -> None:
    asked = []

    def ask(text: str, region: str | None) -> PhoneNumber | Reason:
        asked.append(text)
        return parse_alone(text, region)

    memo = NumberMemo(ask, country_codes())
    numbers = [f"+1 212 555 {last:04d}" for last in range(500)]
    found = [memo.look_up(text, None) for text in numbers]
    assert [number and str(number) for number in found] == [text.replace(" ", "") for text in numbers]
    assert len(asked) < 12  # the plan looks at the first digits alone


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("020 7946 0123", "GB", "+442079460123"),
        ("8 (916) 123-45-67", "RU", "+79161234567"),
        ("+7 812 123-45-67", None, "+78121234567"),
        ("212.555.0123", "US", "+12125550123"),
        ("1-212-555-0123", "US", "+12125550123"),
        ("011 2345-6789", "AR", "+541123456789"),
        ("0044 20 7946 0123", "DE", "+442079460123"),
        ("+39 06 1234 5678", None, "+390612345678"),
    ],
)
def test_forms_that_people_write(text: str, region: str | None, e164: str) -> None:
    for _ in range(2):
        assert str(parse_phone(text, region)) == e164


def test_what_is_not_of_digits_alone_is_left_to_phonenumbers() -> None:
    memo = fresh_memo()
    for text in (
        "447700900000.0",
        "+44 20 7946 0123 ext 4",
        "0800 FLOWERS",
        "12",
        "+1 212 555 0123   212 555 0124",
        "",
    ):
        assert memo.look_up(text, "US") is None


def test_the_reason_is_remembered_too() -> None:
    for tail in ("2345678", "2345679"):
        found = parse_phone(f"+1 900 {tail}")
        assert isinstance(found, BadNumber)
        assert (found.reason, found.raw) == (Reason.PREMIUM, f"+1 900 {tail}")


def test_how_far_down_a_plan_looks() -> None:
    assert international_depth("1", "21255", 10) < 7 < international_depth("1", "24235", 10) + 3
    assert national_depth("DE", "004420", 14) == 14  # another country's number: its plan would have to be asked
    assert international_depth("7", "91612", 10) < 7


def test_a_part_that_is_kept_when_the_rest_is_cut_off_is_looked_at_too() -> None:
    """In Gabon 0 60 4… is a mobile number without its 0, and 0 60 5… is none: the pattern of what is cut off takes
    the whole number in."""
    memo = fresh_memo()
    for text in ("+241060412345", "+241060512345"):
        assert memo.look_up(text, None) == parse_alone(text, None)


def test_it_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lists.number_memo.LIMIT", 3)
    memo = fresh_memo()
    for text in ("+12125550123", "+442079460123", "+493023125123", "+33199001234", "+46846500412", "+12125550124"):
        assert memo.look_up(text, None) == parse_alone(text, None)
