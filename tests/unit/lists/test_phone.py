from __future__ import annotations

from datetime import UTC, datetime

import phonenumbers as pn
import pytest
import pytz

from lists.barred import judge
from lists.errors import OptionError
from lists.lead import NumberKind, PhoneNumber, ZoneSource
from lists.phone import COSTLY, BadNumber, check_region, parse_phone, plan_alone, plan_of
from lists.reasons import Reason


def good(raw: str, region: str | None = None) -> PhoneNumber:
    number = parse_phone(raw, region)
    assert isinstance(number, PhoneNumber), number
    return number


def reason(raw: str, region: str | None = None) -> Reason:
    number = parse_phone(raw, region)
    assert isinstance(number, BadNumber), number
    assert repr(raw.strip()) in number.text
    return number.reason


@pytest.mark.parametrize(
    ("raw", "region", "e164"),
    [
        ("+1 212-555-0123", None, "+12125550123"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("020 7946 0123", "GB", "+442079460123"),
        ("0044 20 7946 0123", "GB", "+442079460123"),
        ("030/23125123", "DE", "+493023125123"),
        ("tel:+46-8-465-004-21", None, "+46846500421"),
        ("٠٢٠٧٩٤٦٠١٢٣", "GB", "+442079460123"),
        ("442079460123.0", "GB", "+442079460123"),  # a spreadsheet's number cell
        ("+39 06 6982 1234", None, "+390669821234"),  # Italy keeps its leading zero
    ],
)
def test_the_same_number_however_it_is_written(raw: str, region: str | None, e164: str) -> None:
    assert good(raw, region).e164 == e164


@pytest.mark.parametrize(
    ("raw", "region", "expected"),
    [
        ("", "US", Reason.NOT_A_NUMBER),
        ("n/a", "US", Reason.NOT_A_NUMBER),
        ("+", None, Reason.NOT_A_NUMBER),
        ("212-555-HELP", "US", Reason.LETTERS),
        ("4.42079460123E+11", "GB", Reason.ROUNDED),
        ("4,42079460123e11", "DE", Reason.ROUNDED),
        ("2125550101/2125550102", "US", Reason.SEVERAL_NUMBERS),
        ("2125550101; 2125550102", "US", Reason.SEVERAL_NUMBERS),
        ("2125550101\n2125550102", "US", Reason.SEVERAL_NUMBERS),  # Alt-Enter in a spreadsheet's cell
        ("+1 212 555 0101 +1 212 555 0102", None, Reason.SEVERAL_NUMBERS),
        ("2125550101\t2125550102", "US", Reason.SEVERAL_NUMBERS),
        ("212 555 0101 or 212 555 0102", "US", Reason.SEVERAL_NUMBERS),
        ("2125550123", None, Reason.NO_COUNTRY),
        ("+999 1234567", None, Reason.UNKNOWN_COUNTRY),
        ("911", "US", Reason.EMERGENCY),
        ("+44 20 7946 01234567", None, Reason.TOO_LONG),
        ("555-0123", "US", Reason.NO_AREA_CODE),
        ("+1 212-155-0123", None, Reason.NOT_VALID),  # of a possible length, but no exchange begins with 1
        ("07700 900123", "GB", Reason.NOT_VALID),
        ("212 555 0123 x45", "US", Reason.EXTENSION),
        ("0909 879 0123", "GB", Reason.PREMIUM),
        ("0180 5 123456", "DE", Reason.SHARED_COST),
    ],
)
def test_what_is_not_taken_and_why(raw: str, region: str | None, expected: Reason) -> None:
    assert reason(raw, region) is expected


def test_texts_without_end_are_not_kept() -> None:
    for text in ("+1 212 555 0123" + "-" * 300 + "4", "x" * 100_000):
        found = parse_phone(text)
        assert isinstance(found, BadNumber)
        assert found.reason is Reason.TOO_LONG
        assert len(found.text) < 80
    assert isinstance(many := parse_phone("; ".join(["+1 212 555 0123"] * 30)), BadNumber)
    assert many.reason is Reason.SEVERAL_NUMBERS


@pytest.mark.parametrize("region", ["RU", "US", "AU", "JP", "CH", None])
@pytest.mark.parametrize("raw", ["0041 44 668 18 00", "0041446681800", "(00) 41 44 6681800"])
def test_two_zeros_before_a_country_code_are_understood_everywhere(region: str | None, raw: str) -> None:
    assert parse_phone("0044 20 7946 0001", region) == parse_phone("+44 20 7946 0001")
    assert parse_phone(raw, region) == parse_phone("+41446681800")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [("0041 44 668", Reason.TOO_SHORT), ("00999 123 456 7", Reason.NOT_VALID), ("00112", Reason.SHORT_CODE)],
)
def test_two_zeros_before_what_is_in_use_nowhere_change_nothing(raw: str, reason: Reason) -> None:
    assert parse_phone(raw, "RU") == BadNumber(reason, raw)


@pytest.mark.parametrize(("region", "raw"), [("US", "911"), ("GB", "999"), ("DE", "112"), ("AU", "000")])
def test_emergency_numbers_are_never_taken(region: str, raw: str) -> None:
    assert isinstance(parse_phone(raw, region), BadNumber)


@pytest.mark.parametrize(
    ("raw", "region", "kind"),
    [
        ("+44 20 7946 0123", "GB", NumberKind.FIXED),
        ("+46 70 174 06 05", "SE", NumberKind.MOBILE),
        ("+1 671-555-0123", "GU", NumberKind.FIXED_OR_MOBILE),
        ("+1 670-555-0123", "MP", NumberKind.FIXED_OR_MOBILE),
        ("+1 787-555-0123", "PR", NumberKind.FIXED_OR_MOBILE),
        ("+1 808-555-0123", "US", NumberKind.FIXED_OR_MOBILE),
        ("+1 416-555-0123", "CA", NumberKind.FIXED_OR_MOBILE),
        ("+1 800-555-0123", "US", NumberKind.TOLL_FREE),
    ],
)
def test_country_and_kind(raw: str, region: str, kind: NumberKind) -> None:
    assert (good(raw).region, good(raw).kind) == (region, kind)


@pytest.mark.parametrize(
    ("raw", "zones"),
    [
        ("+44 20 7946 0123", ("Europe/London",)),
        ("+1 212 555 0123", ("America/New_York",)),
        ("+1 671 555 0123", ("Pacific/Guam",)),
        ("+1 808 555 0123", ("Pacific/Honolulu",)),
        # the union over the area code, not its default
        ("+1 219 555 0123", ("America/Chicago", "America/New_York")),
        ("+1 270 555 0123", ("America/Chicago", "America/New_York")),
        ("+1 907 555 0123", ("America/Adak", "America/Anchorage", "America/Juneau", "Pacific/Honolulu")),
        ("+1 709 555 0123", ("America/Halifax", "America/St_Johns")),
        ("+61 7 5550 1234", ("Australia/Brisbane", "Australia/Sydney")),
        # a country with one zone, whatever libphonenumber's representative
        ("+370 5 2123456", ("Europe/Vilnius",)),
        ("+213 21 23 45 67", ("Africa/Algiers",)),
        ("+212 522 123456", ("Africa/Casablanca",)),
        ("+1 876 555 0123", ("America/Jamaica",)),
    ],
)
def test_candidate_zones(raw: str, zones: tuple[str, ...]) -> None:
    assert good(raw).zones == zones
    assert good(raw).zone_source is ZoneSource.NUMBER


def test_kaliningrad_is_not_an_hour_ahead_of_itself() -> None:
    assert good("+7 4012 123456").zones == ("Europe/Kaliningrad",)
    mobile = good("+7 900 123 45 67").zones
    assert "Europe/Kaliningrad" in mobile
    assert "Europe/Bucharest" not in mobile


def test_territories_of_867_include_nunavut() -> None:
    assert {"America/Toronto", "America/Fort_Nelson"} <= set(good("+1 867 555 0123").zones)


def test_a_number_of_no_place_has_every_zone_of_its_plan() -> None:
    assert len(good("+1 800 555 0123").zones) > 30


def test_zones_nobody_knows_are_none() -> None:
    number = good("+800 1234 5678")
    assert (number.region, number.zones, number.zone_source) == ("001", (), ZoneSource.UNKNOWN)


MOMENTS = [datetime(2026, month, 15, 12, tzinfo=UTC) for month in range(1, 13)]


def offsets(zone: str) -> tuple[float, ...]:
    """How a zone's UTC offset goes through a year."""
    place = pytz.timezone(zone)
    found = []
    for moment in MOMENTS:
        offset = moment.astimezone(place).utcoffset()
        assert offset is not None
        found.append(offset.total_seconds())
    return tuple(found)


# Lived in by few or not by the clock of the place; the number tells nothing of it (docs/reference/list-files.md).
NOT_COVERED = {"Asia/Urumqi", "America/Danmarkshavn", "Europe/Simferopol", "Australia/Darwin"}


MOBILES = {
    region: pn.example_number_for_type(region, pn.PhoneNumberType.MOBILE)
    for region in sorted(pn.SUPPORTED_REGIONS)
    if region not in ("US", "CA", "BR", "MX")  # mobiles have area codes there
}


@pytest.mark.parametrize("region", [region for region, example in MOBILES.items() if example is not None])
def test_the_mobiles_of_every_country_have_all_its_times(region: str) -> None:
    """A mobile tells no place inside its country."""
    example = MOBILES[region]
    assert example is not None
    number = good(pn.format_number(example, pn.PhoneNumberFormat.E164))
    assert number.zones
    own = pytz.country_timezones.get(number.region, [])  # IANA has none for Kosovo and Ascension
    wanted = {offsets(zone) for zone in own if zone not in NOT_COVERED}
    assert wanted <= {offsets(zone) for zone in number.zones}, number.zones


@pytest.mark.parametrize("region", ["us", " GB ", "De"])
def test_regions_are_taken_as_people_write_them(region: str) -> None:
    assert check_region(region) == region.strip().upper()


@pytest.mark.parametrize("region", ["", "UK", "USA", "XX", "001"])
def test_an_unknown_region_is_named(region: str) -> None:
    with pytest.raises(OptionError, match="--region") as caught:
        check_region(region)
    assert repr(region) in str(caught.value)


def test_a_number_taken_apart_is_the_number_that_phonenumbers_reads() -> None:
    compared = 0
    for region in pn.SUPPORTED_REGIONS:
        for kind in pn.PhoneNumberType.values():
            example = pn.example_number_for_type(region, kind)
            if example is not None:
                e164 = pn.format_number(example, pn.PhoneNumberFormat.E164)
                plan, parsed = plan_alone(e164), parse_phone(e164)
                if isinstance(parsed, PhoneNumber):
                    assert plan == (parsed.region, parsed.kind), e164
                else:
                    assert plan is None or plan[1] in (NumberKind.PREMIUM, NumberKind.SHARED_COST), e164
                compared += 1
    assert compared > 1_000


def test_what_is_remembered_of_numbers_that_begin_alike_is_what_each_alone_is() -> None:
    compared = 0
    for region in pn.SUPPORTED_REGIONS:
        for kind in pn.PhoneNumberType.values():
            example = pn.example_number_for_type(region, kind)
            if example is not None:
                e164 = pn.format_number(example, pn.PhoneNumberFormat.E164)
                for like in (e164, f"{e164[:-1]}7", f"{e164[:-3]}305", f"{e164[:-5]}98124", f"{e164}0", e164[:-1]):
                    assert plan_of(like) == plan_alone(like), like
                    compared += 1
    assert compared > 6_000


@pytest.mark.parametrize("text", ["+", "+0", "+999123456789", "+44", "+1202555", "+00000000"])
def test_what_no_plan_has(text: str) -> None:
    assert plan_of(text) is None


@pytest.mark.parametrize(
    ("text", "region", "reason"),
    [
        ("112", "DE", "emergency"),
        ("112", None, "emergency"),
        ("9-1-1", "US", "emergency"),
        ("+44 112", None, "emergency"),
        ("03", "RU", "emergency"),
        ("118 500", "GB", "short_code"),
        ("123", "US", "too_short"),
        ("12", "US", "too_short"),
        ("5551234", "US", "no_area_code"),
        ("+1 900 234 5678", None, "premium"),
        ("+1 212 976 1234", None, "premium"),
        ("+870 773 111 632", None, "premium"),
        ("0180 1 123456", "DE", "shared_cost"),
    ],
)
def test_numbers_that_nobody_is_called_at(text: str, region: str | None, reason: str) -> None:
    found = parse_phone(text, region)
    assert isinstance(found, BadNumber)
    assert found.reason == reason


def test_costly_numbers_are_taken_only_where_that_is_said() -> None:
    for text, kind in (("+1 900 234 5678", "premium"), ("+1 212 976 1234", "fixed_or_mobile")):
        for accept in (frozenset[Reason](), frozenset({Reason.SHARED_COST})):
            assert isinstance(parse_phone(text, accept=accept), BadNumber)
        found = parse_phone(text, accept=COSTLY)
        assert isinstance(found, PhoneNumber)
        assert (found.kind, judge(found.e164).bar) == (kind, "premium")  # never dialed all the same
    assert isinstance(parse_phone("112", "DE", accept=COSTLY), BadNumber)
