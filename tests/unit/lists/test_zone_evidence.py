from __future__ import annotations

from dataclasses import replace

import pytest

from lists.lead import NumberKind, PhoneNumber, ZoneSource
from lists.phone import parse_phone
from lists.zone_evidence import NOWHERE, Home, candidates_of, evidence_text, with_evidence, with_promise

NEW_YORK, CHICAGO, MOSCOW = "America/New_York", "America/Chicago", "Europe/Moscow"


def number(text: str) -> PhoneNumber:
    found = parse_phone(text)
    assert isinstance(found, PhoneNumber)
    return found


MIAMI, RUSSIAN_MOBILE, KALININGRAD = "+1 305 555 0123", "+7 916 123-45-67", "+7 4012 12-34-56"


@pytest.mark.parametrize(
    ("text", "home", "zones", "source"),
    [
        (MIAMI, Home("Asia/Tokyo", "US", "US-TX"), ("Asia/Tokyo",), ZoneSource.STATED),
        (MIAMI, Home(region="US-TX"), (CHICAGO, "America/Denver"), ZoneSource.REGION),
        (MIAMI, Home(region="US-FL"), (CHICAGO, NEW_YORK), ZoneSource.REGION),
        (MIAMI, Home(postal_regions=("US-CT", "US-NY")), (NEW_YORK,), ZoneSource.POSTAL_CODE),
        (MIAMI, Home(region="US-NY", postal_regions=("US-CT", "US-NY")), (NEW_YORK,), ZoneSource.REGION),
        # Both cannot be right.
        (MIAMI, Home("", "", "US-CA", ("US-NY",)), ("America/Los_Angeles", NEW_YORK), ZoneSource.REGION),
        (RUSSIAN_MOBILE, Home(country="RU", region="RU-SVE"), ("Asia/Yekaterinburg",), ZoneSource.REGION),
        # A line in Kaliningrad rings there, wherever its subscriber lives.
        (KALININGRAD, Home(region="RU-MOW"), ("Europe/Kaliningrad", MOSCOW), ZoneSource.REGION),
        (KALININGRAD, Home(region="RU-KGD"), ("Europe/Kaliningrad",), ZoneSource.REGION),
        (MIAMI, Home(country="DE"), ("Europe/Berlin", "Europe/Busingen"), ZoneSource.COUNTRY),
        (MIAMI, Home(country="US"), (NEW_YORK,), ZoneSource.NUMBER),
        (MIAMI, Home(country="US", region="DE-BY"), (NEW_YORK,), ZoneSource.NUMBER),  # of no table
        ("+1 787 555 0123", Home(country="US"), ("America/Puerto_Rico",), ZoneSource.NUMBER),
        ("+262 692 12 34 56", Home(country="FR"), ("Europe/Paris", "Indian/Reunion"), ZoneSource.COUNTRY),
        ("+33 6 12 34 56 78", Home(country="FR"), ("Europe/Paris",), ZoneSource.COUNTRY),
        (MIAMI, NOWHERE, (NEW_YORK,), ZoneSource.NUMBER),
    ],
)  # fmt: skip
def test_the_strongest_evidence_decides(text: str, home: Home, zones: tuple[str, ...], source: ZoneSource) -> None:
    found = with_evidence(number(text), home)
    assert (found.zones, found.zone_source) == (zones, source)
    assert (found.e164, found.kind) == (number(text).e164, number(text).kind)


def test_a_number_of_no_place_has_the_zone_of_its_person() -> None:
    satellite = PhoneNumber("+870773111632", "001", NumberKind.MOBILE, (), ZoneSource.UNKNOWN)
    assert with_evidence(satellite, NOWHERE).zone_source is ZoneSource.UNKNOWN
    assert with_evidence(satellite, Home(country="US")).zones[:1] == ("America/Adak",)
    assert with_evidence(satellite, Home(region="US-HI")).zones == ("Pacific/Honolulu",)


def said(phone: PhoneNumber) -> list[tuple[str, tuple[str, ...], str]]:
    return [(one.source.value, one.zones, one.confidence.value) for one in candidates_of(phone)]


def test_all_that_is_said_is_kept() -> None:
    found = with_evidence(number(MIAMI), Home("America/Denver", "US", "US-FL", ("US-NY",)))
    assert (found.zones, said(found)) == (
        ("America/Denver",),
        [
            ("stated", ("America/Denver",), "high"),
            ("region", (CHICAGO, NEW_YORK), "high"),
            ("postal_code", (NEW_YORK,), "high"),
            ("number", (NEW_YORK,), "low"),
        ],
    )


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        (MIAMI, "low"),  # people take it along
        (RUSSIAN_MOBILE, "low"),
        (KALININGRAD, "medium"),
        ("+44 20 7946 0123", "high"),  # there is one zone
    ],
)
def test_how_far_a_number_alone_can_be_relied_on(text: str, confidence: str) -> None:
    assert [one[2] for one in said(number(text))] == [confidence]
    assert number(text).zone_evidence == ""


def test_nothing_is_said_of_a_satellite() -> None:
    assert said(PhoneNumber("+870773111632", "001", NumberKind.MOBILE, (), ZoneSource.UNKNOWN)) == []


@pytest.mark.parametrize("text", ["nonsense", "nonsense=Europe/Paris", ";"])
def test_evidence_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match="ZoneSource"):
        candidates_of(replace(number(MIAMI), zone_evidence=text))


@pytest.mark.parametrize(
    ("text", "home", "zone", "zones", "source"),
    [
        (RUSSIAN_MOBILE, NOWHERE, "Asia/Omsk", ("Asia/Omsk",), "contact"),
        (MIAMI, NOWHERE, CHICAGO, (CHICAGO,), "contact"),
        (MIAMI, Home(region="US-FL"), "America/Denver", (CHICAGO, NEW_YORK), "region"),
        (MIAMI, Home("America/Denver"), CHICAGO, ("America/Denver",), "stated"),
    ],
)
def test_a_promised_call_says_on_which_clock_somebody_lives(
    text: str, home: Home, zone: str, zones: tuple[str, ...], source: str
) -> None:
    found = with_promise(with_evidence(number(text), home), zone)
    assert (found.zones, found.zone_source) == (zones, source)
    sources = [one.source.value for one in candidates_of(found)]
    assert sources[-2:] == ["contact", "number"]
    assert ("contact", (zone,), "high") in said(found)


def test_the_clock_that_is_taken_when_nobody_asks_says_nothing() -> None:
    mobile = number(RUSSIAN_MOBILE)
    assert with_promise(mobile, mobile.zones[0]) is mobile


def test_a_number_of_no_place_has_the_clock_that_was_promised() -> None:
    satellite = PhoneNumber("+870773111632", "001", NumberKind.MOBILE, (), ZoneSource.UNKNOWN)
    found = with_promise(satellite, "Asia/Omsk")
    assert (found.zones, said(found)) == (("Asia/Omsk",), [("contact", ("Asia/Omsk",), "high")])


def test_evidence_for_people() -> None:
    said = [
        {"source": "postal_code", "zones": ["Asia/Omsk"], "confidence": "high"},
        {"source": "number", "zones": ["A/A", "A/B", "A/C", "A/D"], "confidence": "low"},
    ]
    assert evidence_text(said) == "postal code (high): Asia/Omsk; number (low): 4 zones"
    assert evidence_text([]) == ""
