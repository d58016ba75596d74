"""Raw text to a phone number: E.164, kind, country, candidate time zones. With `plan_depth` the only
importer of phonenumbers.

A number is taken only if its numbering plan says that it is in use (`is_valid_number`); one of a merely
possible length is rejected, because a list full of such numbers costs agents' time and carriers' patience.

Candidate zones are meant for one rule: a call is allowed only where every candidate allows it. So they may be
too many, never too few. The zone data of libphonenumber is corrected where it says too little (measured with
phonenumbers 9.0.43 against IANA 2026f):

* a country with one zone has that zone. libphonenumber names a "representative" instead, which is an hour off
  for half of the year in Algeria, Libya and Nicaragua, and all year in South Sudan;
* North America and Australia: the union over every sub-prefix of the area code. Its default for 219 (Indiana)
  is New York although most of it keeps Chicago's time; for (07) it is Sydney, but Queensland has no DST;
* +7 4012 (Kaliningrad) is named Europe/Bucharest, which is an hour ahead of it in summer;
* Chile, Papua New Guinea, Micronesia and Indonesian mobiles: one zone of several.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import phonenumbers as pn
import pytz
from phonenumbers.timezone import time_zones_for_geographical_number, time_zones_for_number
from phonenumbers.tzdata import TIMEZONE_DATA

from lists.costly import costly
from lists.emergency import EMERGENCY
from lists.errors import OptionError
from lists.lead import NumberKind, PhoneNumber, ZoneSource
from lists.number_memo import NumberMemo
from lists.reasons import Reason

# Asked for a kind, the library looks each pattern up by `re.compile`: half of all that it takes.
pn.enable_pattern_cache()

_KINDS = {
    pn.PhoneNumberType.FIXED_LINE: NumberKind.FIXED,
    pn.PhoneNumberType.MOBILE: NumberKind.MOBILE,
    pn.PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberKind.FIXED_OR_MOBILE,
    pn.PhoneNumberType.TOLL_FREE: NumberKind.TOLL_FREE,
    pn.PhoneNumberType.PREMIUM_RATE: NumberKind.PREMIUM,
    pn.PhoneNumberType.SHARED_COST: NumberKind.SHARED_COST,
    pn.PhoneNumberType.VOIP: NumberKind.VOIP,
    pn.PhoneNumberType.PERSONAL_NUMBER: NumberKind.PERSONAL,
    pn.PhoneNumberType.PAGER: NumberKind.PAGER,
    pn.PhoneNumberType.UAN: NumberKind.UAN,
    pn.PhoneNumberType.VOICEMAIL: NumberKind.VOICEMAIL,
}

_PARSE_FAULTS = {
    pn.NumberParseException.NOT_A_NUMBER: Reason.NOT_A_NUMBER,
    pn.NumberParseException.TOO_SHORT_AFTER_IDD: Reason.TOO_SHORT,
    pn.NumberParseException.TOO_SHORT_NSN: Reason.TOO_SHORT,
    pn.NumberParseException.TOO_LONG: Reason.TOO_LONG,
}

_LENGTH_FAULTS = {
    pn.ValidationResult.INVALID_COUNTRY_CODE: Reason.UNKNOWN_COUNTRY,
    pn.ValidationResult.TOO_SHORT: Reason.TOO_SHORT,
    pn.ValidationResult.TOO_LONG: Reason.TOO_LONG,
    pn.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: Reason.NO_AREA_CODE,
    pn.ValidationResult.INVALID_LENGTH: Reason.NOT_VALID,
}

_TEXTS = {
    Reason.NOT_A_NUMBER: "is not a phone number",
    Reason.LETTERS: "has letters or other text in it; write digits only",
    Reason.ROUNDED: "was rounded by a spreadsheet; make the column text there and export it again",
    Reason.SEVERAL_NUMBERS: "is more than one number; write one of them",
    Reason.NO_COUNTRY: "has no country; write it with + and country code, or give the list's --region",
    Reason.UNKNOWN_COUNTRY: "has a country code that does not exist",
    Reason.TOO_SHORT: "is too short",
    Reason.TOO_LONG: "is too long",
    Reason.NO_AREA_CODE: "has no area code",
    Reason.NOT_VALID: "is not in use in its country's numbering plan",
    Reason.EXTENSION: "has an extension; give the number alone",
    Reason.EMERGENCY: "is an emergency number; write the person's own",
    Reason.SHORT_CODE: "is a short code, not a subscriber's number; write the whole number",
    Reason.PREMIUM: "is a premium-rate number, which is never dialed; write another, or keep it with"
    " --accept premium",
    Reason.SHARED_COST: "is a shared-cost number, which is never dialed; write another, or keep it with"
    " --accept shared_cost",
}

COSTLY = frozenset({Reason.PREMIUM, Reason.SHARED_COST})
"""What a number may be refused for that is one."""
NOTHING: frozenset[Reason] = frozenset()
_COSTLY_KINDS = {NumberKind.PREMIUM: Reason.PREMIUM, NumberKind.SHARED_COST: Reason.SHARED_COST}
_PREMIUM, _SHARED_COST = NumberKind.PREMIUM, NumberKind.SHARED_COST

WRITTEN_AS_FLOAT = re.compile(r"\+?\d+[.,]0+")
SCIENTIFIC = re.compile(r"\d+(?:[.,]\d+)?[eE]\+?\d+")
_SEPARATORS = (
    re.compile(r"[;|\n\r\t]"),
    re.compile(r"\s(?:or|and|oder|und|sau|și|si|o|y|e|ou|et|или|и|або|та|й)\s", re.IGNORECASE),
    re.compile(r","),
    re.compile(r"\s{3,}"),
    re.compile(r"/"),
    re.compile(r"\s*(?=\+)"),
)
"""Between numbers of one cell, the surest first: a slash may be in a number, too."""
_SEPARATOR = re.compile("|".join(one.pattern for one in _SEPARATORS), re.IGNORECASE)
_ALONE = 7
"""Digits that are a number by themselves; "030/23125123" is one number."""

_EXTENSION_WORD = re.compile(
    r"(\d)[\s,(]*(?:durchwahl|dw|nebenstelle|interior|extensión|int|вн|внутр|внутренний|добавочный|дод|додатковий)"
    r"[.:]?\s*(\d{1,8})\)?$",
    re.IGNORECASE,
)
"""Those that libphonenumber does not know."""
_LETTER = re.compile(r"[^\W\d_]")

_AREA_CODE_DIGITS = {1: 3, 61: 1}
_WHOLE_COUNTRY = frozenset({"CL", "FM", "PG"})
_WHOLE_COUNTRY_MOBILE = frozenset({"ID"})
_REPLACED = {(7, "Europe/Bucharest"): "Europe/Kaliningrad"}


@dataclass(frozen=True, slots=True)
class BadNumber:
    """Text that is not taken as a number. `text` says what is wrong with it, for people."""

    reason: Reason
    raw: str

    @property
    def text(self) -> str:
        return f"{self.raw!r} {_TEXTS[self.reason]}"


_SHORT = frozenset(
    {Reason.TOO_SHORT, Reason.NOT_VALID, Reason.NO_AREA_CODE, Reason.NOT_A_NUMBER, Reason.NO_COUNTRY}
)
"""What phonenumbers finds wrong with short codes."""
_MISREAD = _SHORT | {Reason.TOO_LONG}
"""What phonenumbers finds wrong with 00 for plus, where people dial something else to get out of the country."""
_FROM_ABROAD = re.compile(r"[\s(]*00[\s).-]*(?=[1-9])", re.ASCII)
_LONGEST_SHORT = 6
"""Digits, with the calling code if there is one. What is longer is remembered by its first digits."""

_LONGEST_TEXT = 250
"""Characters, as phonenumbers has it. What is longer is not remembered."""


def check_region(region: str) -> str:
    """The ISO 3166-1 alpha-2 code in capitals. Raises `OptionError` for one that has no numbering plan."""
    code = region.strip().upper()
    if code not in pn.SUPPORTED_REGIONS:
        raise OptionError("region", f"{region!r} is not a country; give its two letters, such as US, GB or DE")
    return code


def parse_phone(
    raw: str,
    region: str | None = None,
    *,
    with_extension: bool = False,
    accept: frozenset[Reason] = NOTHING,
) -> PhoneNumber | BadNumber:
    """One cell of a list as a number. `region`: country of numbers written without one (`check_region`ed).
    `with_extension`: whether it may be that of somebody behind an exchange; `accept`: which of the `COSTLY` ones
    are taken.

    Zones come from the number alone here; `lists.timezone` puts a stated one in their place.
    """
    raw = raw.strip()
    if len(raw) > _LONGEST_TEXT:
        return BadNumber(_several(raw) or Reason.TOO_LONG, f"{raw[:40]}…")
    found = _memo().look_up(raw, region)
    if found is None:
        found = _parse_kept(raw, region)
    if isinstance(found, Reason):
        return BadNumber(found, raw)
    if found.kind is _PREMIUM or found.kind is _SHARED_COST or costly(found.e164):
        reason = _COSTLY_KINDS.get(found.kind, Reason.PREMIUM)
        if reason not in accept:
            return BadNumber(reason, raw)
    return BadNumber(Reason.EXTENSION, raw) if found.extension and not with_extension else found


def split_numbers(raw: str) -> list[str]:
    """The numbers of a cell that has several; the cell itself where it has one."""
    for separator in _SEPARATORS:
        parts = separator.split(raw)
        if sum(_digits(part) >= _ALONE for part in parts) > 1:
            return [number for part in parts if part.strip() for number in split_numbers(part.strip())]
    return [raw]


@cache
def _memo() -> NumberMemo:
    return NumberMemo(parse_alone, country_codes())


@lru_cache(maxsize=16_384)
def _parse_kept(raw: str, region: str | None) -> PhoneNumber | Reason:
    return parse_alone(raw, region)


def parse_alone(text: str, region: str | None) -> PhoneNumber | Reason:
    """As `parse_phone` (the costly ones too), without anything that is remembered of other numbers."""
    found = _parse(text, region)
    if not isinstance(found, Reason):
        return found
    if found in _MISREAD and (abroad := _FROM_ABROAD.match(text)) is not None:
        meant = _parse(f"+{text[abroad.end() :]}", None)
        if not isinstance(meant, Reason):
            return meant
    return _or_short(found, text, region) if found in _SHORT else found


def _or_short(reason: Reason, text: str, region: str | None) -> Reason:
    """For a text of so few digits: the reason, or that it is a number that everybody dials as it stands."""
    digits = "".join(filter(str.isdigit, text))
    if len(digits) > _LONGEST_SHORT or not digits.isascii():
        return reason
    written = text.lstrip().startswith("+")
    if not written and region is None:
        return Reason.EMERGENCY if digits in EMERGENCY else reason
    codes = {digits[:size] for size in (1, 2, 3)} & country_codes() if written else set()
    dialed = [
        (one, digits[len(code) :]) for code in sorted(codes) for one in pn.region_codes_for_country_code(int(code))
    ]
    for one, few in dialed if region is None or written else [(region, digits)]:
        if pn.is_emergency_number(few, one):
            return Reason.EMERGENCY
        if few and pn.is_valid_short_number_for_region(_national(few, one), one):
            return Reason.SHORT_CODE
    return reason


def _national(digits: str, region: str) -> pn.PhoneNumber:
    return pn.PhoneNumber(country_code=pn.country_code_for_region(region), national_number=int(digits))


def _parse(text: str, region: str | None) -> PhoneNumber | Reason:
    if SCIENTIFIC.fullmatch(text):
        return Reason.ROUNDED
    if WRITTEN_AS_FLOAT.fullmatch(text):  # a spreadsheet's cell of type number: 447700900000.0
        text = re.split("[.,]", text)[0]
    text = _EXTENSION_WORD.sub(r"\1 ext. \2", text)
    try:
        number = pn.parse(text, region)
    except pn.NumberParseException as fault:
        return _parse_fault(fault, text, region)
    reason = _fault(number, text)
    if reason is not None:
        return reason
    country = pn.region_code_for_number(number)
    kind = _KINDS.get(pn.number_type(number), NumberKind.UNKNOWN)
    if country is None or kind is NumberKind.UNKNOWN:
        return _LENGTH_FAULTS.get(pn.is_possible_number_with_reason(number), Reason.NOT_VALID)
    zones = _zones(number, country, kind)
    return PhoneNumber(
        e164=pn.format_number(number, pn.PhoneNumberFormat.E164),
        region=country,
        kind=kind,
        zones=zones,
        zone_source=ZoneSource.NUMBER if zones else ZoneSource.UNKNOWN,
        extension=number.extension or "",
    )


def _parse_fault(fault: pn.NumberParseException, text: str, region: str | None) -> Reason:
    if fault.error_type == pn.NumberParseException.INVALID_COUNTRY_CODE:
        written = text.lstrip(" (").startswith(("+", "＋"))
        return Reason.UNKNOWN_COUNTRY if written or region else Reason.NO_COUNTRY
    several = _several(text)
    if several is not None:
        return several
    if _has_letters(text) and sum(map(str.isdigit, text)) >= 7:
        return Reason.LETTERS  # a number is in there, but not alone
    return _PARSE_FAULTS[fault.error_type]


def _fault(number: pn.PhoneNumber, text: str) -> Reason | None:
    """What is wrong with the way a number that could be read is written."""
    several = _several(text)  # first: phonenumbers takes a second number for an extension, or drops it
    if several is not None:
        return several
    return Reason.LETTERS if not number.extension and _has_letters(text) else None


def _has_letters(text: str) -> bool:
    return _LETTER.search(text.removeprefix("tel:")) is not None


def _several(text: str) -> Reason | None:
    """Two runs of seven digits or more in one cell are two numbers; "030/23125123" is one."""
    if _SEPARATOR.search(text) is None:
        return None
    runs = sum(_digits(part) >= _ALONE for part in _SEPARATOR.split(text))
    return Reason.SEVERAL_NUMBERS if runs > 1 else None


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _zones(number: pn.PhoneNumber, country: str, kind: NumberKind) -> tuple[str, ...]:
    own = _country_zones(country)
    if len(own) == 1 or country in _WHOLE_COUNTRY:
        return own
    if kind is NumberKind.MOBILE and country in _WHOLE_COUNTRY_MOBILE:
        return own
    code = number.country_code or 0
    digits = _AREA_CODE_DIGITS.get(code)
    if digits is not None:
        area = _area_zones(code).get(str(number.national_number)[:digits])
        if area is not None and not (code == 61 and kind is not NumberKind.FIXED):
            return area
    if kind is NumberKind.FIXED:  # as time_zones_for_number, which would derive country and kind once more
        return _corrected(code, time_zones_for_geographical_number(number))
    return _corrected(code, time_zones_for_number(number))


@cache
def _country_zones(country: str) -> tuple[str, ...]:
    """Zones of a country (ISO 3166) as IANA's zone.tab has them; none for a non-geographic plan ("001")."""
    return tuple(sorted(pytz.country_timezones.get(country, [])))


@cache
def _area_zones(code: int) -> dict[str, tuple[str, ...]]:
    """Area code to the union of the zones of all its sub-prefixes."""
    start = str(code)
    end = len(start) + _AREA_CODE_DIGITS[code]
    areas: dict[str, set[str]] = {}
    for prefix, zones in TIMEZONE_DATA.items():
        if prefix.startswith(start) and len(prefix) >= end:
            areas.setdefault(prefix[len(start) : end], set()).update(zones)
    return {area: _corrected(code, tuple(zones)) for area, zones in areas.items()}


@lru_cache(maxsize=4096)
def _corrected(code: int, zones: tuple[str, ...]) -> tuple[str, ...]:
    """Sorted, with the known errors of the data mended; "Etc/Unknown", and a name that pytz does not know,
    means that the zones are not known."""
    named = {_REPLACED.get((code, zone), zone) for zone in zones}
    return tuple(sorted(named)) if named <= pytz.all_timezones_set else ()


def trunk_prefix(region: str) -> str:
    """What is dialed before a national number in a country: "0" mostly, "8" in Russia; "" for nothing."""
    return pn.ndd_prefix_for_region(region, strip_non_digits=True) or ""


def calling_code(region: str) -> str:
    """Of a country (`check_region`ed): "7" of Russia, without plus."""
    return str(pn.country_code_for_region(region))


def national_lengths(region: str) -> tuple[int, ...]:
    """How many digits whole national numbers of a country have, fewest first."""
    plan = pn.PhoneMetadata.metadata_for_region(region)
    described = plan.general_desc if plan is not None else None
    return tuple(described.possible_length) if described is not None else ()


def plan_of(e164: str) -> tuple[str, NumberKind] | None:
    """Region and kind of a number by its numbering plan, whatever is stored of it; None when no plan has it.
    `e164`: plus and digits, nothing else."""
    known = _memo().look_up(e164, None)
    if isinstance(known, PhoneNumber) and known.e164 == e164:
        return known.region, known.kind
    return plan_alone(e164)


def plan_alone(e164: str) -> tuple[str, NumberKind] | None:
    """As `plan_of`, without anything that is remembered of other numbers."""
    # Taken apart here: reading what people write costs as much as all the rest, and nobody wrote this.
    digits = e164[1:]
    code = next((digits[:length] for length in (1, 2, 3) if digits[:length] in country_codes()), "")
    national = digits[len(code) :]
    if not code or not national:
        return None
    number = pn.PhoneNumber(country_code=int(code), national_number=int(national))
    if zeros := len(national) - len(national.lstrip("0")):
        number.italian_leading_zero, number.number_of_leading_zeros = True, zeros
    region = pn.region_code_for_number(number)
    kind = _KINDS.get(pn.number_type(number), NumberKind.UNKNOWN)
    return None if region is None or kind is NumberKind.UNKNOWN else (region, kind)


def short_number(digits: str) -> str:
    """What so few digits reach when they are dialed as they stand, anywhere in the world: "emergency",
    "short_code" or "" for nothing that is known."""
    emergency, short_code = _short_numbers()
    if emergency.fullmatch(digits):
        return "emergency"
    return "short_code" if short_code.fullmatch(digits) else ""


@cache
def _short_numbers() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Of all countries: emergency numbers, and short codes (emergency numbers among them)."""
    known = [pn.PhoneMetadata.short_metadata_for_region(region) for region in sorted(pn.SUPPORTED_SHORT_REGIONS)]
    described = [(one.emergency, one.short_code) for one in known if one is not None]
    emergency, short_codes = (
        {desc.national_number_pattern for desc in kind if desc is not None and desc.national_number_pattern}
        for kind in zip(*described, strict=True)
    )
    return re.compile("|".join(sorted(emergency))), re.compile("|".join(sorted(short_codes)))


@cache
def country_codes() -> frozenset[str]:
    """Calling codes of countries and of global networks, without plus."""
    return frozenset(map(str, pn.COUNTRY_CODE_TO_REGION_CODE))
