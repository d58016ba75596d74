"""No emergency number of any country, in any writing; no short code; nothing that costs extra."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from re import _constants as const  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import phonenumbers as pn
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lists import barred
from lists.barred import Bar, judge
from lists.lead import NumberKind


def words(parsed: Any) -> Iterator[str]:
    """Every text that a pattern of short numbers matches: they are finite, and few."""
    yield from map("".join, product(*(list(_word(op, what)) for op, what in parsed)))


def _word(op: Any, what: Any) -> Iterator[str]:
    if op is const.LITERAL:
        yield chr(what)
    elif op is const.IN:
        for inner, arg in what:
            if inner is const.RANGE:
                yield from map(chr, range(arg[0], arg[1] + 1))
            elif inner is const.CATEGORY:
                yield from "0123456789"
            else:
                yield chr(arg)
    elif op is const.BRANCH:
        for branch in what[1]:
            yield from words(branch)
    elif op is const.SUBPATTERN:
        yield from words(what[3])
    elif op is const.MAX_REPEAT:
        least, most, inner = what
        for count in range(least, most + 1):
            yield from map("".join, product(*([list(words(inner))] * count)))
    else:
        raise AssertionError(f"a pattern with {op}")


def emergency_numbers() -> list[tuple[str, str]]:
    found = []
    for region in sorted(pn.SUPPORTED_SHORT_REGIONS):
        metadata = pn.PhoneMetadata.short_metadata_for_region(region)
        emergency = None if metadata is None else metadata.emergency
        if emergency is not None and emergency.national_number_pattern:
            found += [(region, word) for word in words(parser.parse(emergency.national_number_pattern))]
    return found


ALL = emergency_numbers()
REGIONS = {region: str(pn.country_code_for_region(region)) for region, _ in ALL}


def test_the_emergency_numbers_of_all_countries_are_looked_at() -> None:
    assert len(REGIONS) > 200
    assert {"112", "911", "999", "000", "110", "119", "10111"} <= {number for _, number in ALL}


WRITINGS = (
    "{n}", "+{n}", "0{n}", "9{n}", "00{n}", "tel:{n}", " {n} ", "{n};phone-context=+{cc}", "+{cc}{n}", "+{cc} {n}",
    "+{cc}0{n}", "+{cc}(0){n}", "00{cc}{n}", "011{cc}{n}", "0011{cc}{n}", "+{cc}{cc}{n}", "+{cc}-{n}",
    "+{cc}00{n}", "+{cc}1{n}", "+{cc}8{n}",
)  # fmt: skip


@pytest.mark.parametrize("writing", WRITINGS)
def test_no_emergency_number_of_any_country_passes_in_any_writing(writing: str) -> None:
    passed = [text for region, n in ALL if judge(text := writing.format(n=n, cc=REGIONS[region])).bar is None]
    assert passed == []


def test_an_emergency_number_behind_its_country_code_is_called_that() -> None:
    for region, number in ALL:
        if len(number) <= 4 and number not in {"1", "0"}:
            assert judge(f"+{REGIONS[region]}{number}").bar is Bar.EMERGENCY, (region, number)


def test_a_library_that_has_lost_its_data_lets_none_of_the_common_ones_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(barred, "short_number", lambda digits: "")
    judge.cache_clear()
    try:
        for number in ("112", "911", "999", "000", "110", "119", "101", "102", "103", "190", "10111"):
            assert judge(number).bar is Bar.EMERGENCY
            assert judge(f"+44{number}").bar is Bar.EMERGENCY
    finally:
        judge.cache_clear()


@given(st.sampled_from(ALL), st.sampled_from(["", "+", "00", "+44", "+1", "+0", "٠", "+９"]), st.data())
def test_other_digits_and_separators_hide_nothing(
    emergency: tuple[str, str], before: str, data: st.DataObject
) -> None:
    scripts = ["0123456789", "٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９", "०१२३४५६७८९"]
    script = data.draw(st.sampled_from(scripts))
    separator = data.draw(st.sampled_from(["", " ", "-", ".", "\u200b"]))
    written = separator.join(script[int(digit)] for digit in emergency[1])
    assert judge(before + written).bar is not None


def test_ordinary_numbers_of_every_country_pass_or_are_barred_for_what_they_cost() -> None:
    judged = {}
    for region in pn.SUPPORTED_REGIONS:
        for kind in (pn.PhoneNumberType.FIXED_LINE, pn.PhoneNumberType.MOBILE):
            example = pn.example_number_for_type(region, kind)
            if example is not None:
                number = pn.format_number(example, pn.PhoneNumberFormat.E164)
                judged[region, number] = judge(number)
    refused = {number for (_, number), one in judged.items() if one.bar is not None}
    assert refused == {"+2908999"}, "Tristan da Cunha's four digits may read as a prefix and an emergency number"
    assert len(judged) > 400
    assert judge("+442079460123") == barred.Judged(None, "", "GB", NumberKind.FIXED)


@pytest.mark.parametrize(
    ("number", "bar"),
    [
        ("+19005551234", Bar.PREMIUM),
        ("+449098790123", Bar.PREMIUM),
        ("+12129765555", Bar.PREMIUM),
        ("+870773111632", Bar.PREMIUM),
        ("+881612345678", Bar.PREMIUM),
        ("+882161234567", Bar.PREMIUM),
        ("+979123456789", Bar.PREMIUM),
        ("+491371234567", Bar.PREMIUM),
        ("118500", Bar.SHORT_CODE),
        ("+118500", Bar.SHORT_CODE),
        ("*100#", Bar.EMERGENCY),
        ("", Bar.SHORT_CODE),
        ("+999123456789", Bar.NOT_VALID),
        ("+1234567890", Bar.NOT_VALID),
        ("02079460123", Bar.NOT_VALID),
        ("+44 20 7946 0123", Bar.NOT_VALID),
        ("+442079460123@evil.example", Bar.NOT_VALID),
    ],
)
def test_what_is_no_ordinary_number(number: str, bar: Bar) -> None:
    assert judge(number).bar is bar


def test_each_range_says_where_it_is_from() -> None:
    path = Path(barred.__file__).with_name("premium_ranges.toml")
    for row in tomllib.loads(path.read_text(encoding="utf-8"))["range"]:
        assert row["source"]
        assert row["what"]
        re.compile(row["pattern"])
