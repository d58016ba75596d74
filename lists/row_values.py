"""What else a row says of a person: names, home, details, date, consents. What cannot be read is kept as a
field of its own, with a warning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from lists import normalise
from lists.column_names import last_name_first
from lists.consent_cells import BadConsentError, StatedConsent, read_consents
from lists.dates import BadDateError, read_date
from lists.fault import Fault, name_of
from lists.language import UnknownLanguageError, read_language
from lists.lead import NO_DETAILS, Details
from lists.mapping import Columns
from lists.place import UnknownPlaceError, read_country, read_region
from lists.postal_code import regions_of_postal_code
from lists.reasons import Reason
from lists.region import lies_in
from lists.zone_evidence import NOWHERE, Home

MAX_RANK = 1_000_000_000


def cell_of(cells: tuple[str, ...], place: int | None) -> str:
    return "" if place is None else cells[place]


def names_of(cells: tuple[str, ...], columns: Columns) -> tuple[str, str, list[tuple[str, str]]]:
    """First name, last name, and the full name as a field of its own where it was not needed."""
    first = cell_of(cells, columns.first_name)
    last = cell_of(cells, columns.last_name)
    full = cell_of(cells, columns.name)
    if not full or columns.name is None:
        return first, last, []
    if not first and not last:
        return *normalise.split_name(full, last_first=last_name_first(columns.header[columns.name])), []
    return first, last, [(columns.header[columns.name], full)]


def home_of(cells: tuple[str, ...], columns: Columns, plan: str, zone: str) -> tuple[Home, list[Fault]]:
    """Where the person lives, and what nothing here knows. `plan`: the country of the first number, whose parts
    and postal codes are meant where the list says no country; `zone`: the stated one."""
    country = cell_of(cells, columns.country)
    region = cell_of(cells, columns.region)
    postal = cell_of(cells, columns.postal_code)
    if not (country or region or postal):
        return (Home(zone) if zone else NOWHERE), []
    home, unknown = _home_of(zone, country, region, postal, plan)
    if not unknown:
        return home, []
    places = {"country": columns.country, "region": columns.region}
    return home, [
        Fault(Reason.UNKNOWN_PLACE, name_of(columns, places[said]), text, why) for said, text, why in unknown
    ]


@lru_cache(maxsize=65_536)
def _home_of(
    zone: str, country_text: str, region_text: str, postal_text: str, plan: str
) -> tuple[Home, tuple[tuple[str, str, str], ...]]:
    """The same, and what is not known as (country or region, text, what is wrong)."""
    country = region = ""
    unknown = []
    try:
        country = read_country(country_text) if country_text else ""
    except UnknownPlaceError as error:
        unknown.append(("country", country_text, str(error)))
    if region_text and unknown:
        unknown.append(("region", region_text, f"{region_text!r} is in a country that is not known"))
    elif region_text:
        try:
            region = read_region(region_text, country or plan)
            if country and not lies_in(region, country):
                raise UnknownPlaceError(f"{region_text!r} is not in {country}, which the row says is the country")
        except UnknownPlaceError as error:
            region = ""
            unknown.append(("region", region_text, str(error)))
    known = country or ("" if country_text else region[:2] or plan)
    return Home(zone, country, region, regions_of_postal_code(known, postal_text)), tuple(unknown)


def details_of(
    cells: tuple[str, ...], columns: Columns, spare: list[tuple[str, str]], faults: list[Fault]
) -> Details:
    address = ", ".join([cells[place] for place in columns.address if cells[place]]) if columns.address else ""
    city = cell_of(cells, columns.city)
    postal_code = cell_of(cells, columns.postal_code)
    language = cell_of(cells, columns.language)
    owner = cell_of(cells, columns.owner)
    rank_text = cell_of(cells, columns.rank)
    if language:
        try:
            language = read_language(language)
        except UnknownLanguageError as error:
            _leave_out(Reason.UNKNOWN_LANGUAGE, columns, columns.language, language, error, spare, faults)
            language = ""
    rank = None
    if rank_text:
        whole = rank_text[:-2] if rank_text.endswith((".0", ",0")) else rank_text
        try:
            rank = int(whole)
            if abs(rank) > MAX_RANK:
                raise ValueError
        except ValueError:
            rank = None
            text = f"{rank_text!r} is no whole number of at most {MAX_RANK:,}"
            _leave_out(Reason.BAD_RANK, columns, columns.rank, rank_text, text, spare, faults)
    if address or city or postal_code or language or owner or rank is not None:
        return Details(address, city, postal_code, language, owner, rank)
    return NO_DETAILS


def as_of_row(cells: tuple[str, ...], columns: Columns, spare: list[tuple[str, str]], faults: list[Fault]) -> str:
    """The row's own date, ISO; "" for none."""
    text = cell_of(cells, columns.as_of)
    if not text:
        return ""
    try:
        found = read_date(text, _date_order(columns, columns.as_of)).isoformat()
        if columns.today and found > columns.today:
            raise BadDateError(f"{text!r} is yet to come: nothing newer would ever count")
        return found
    except BadDateError as error:
        _leave_out(Reason.BAD_DATE, columns, columns.as_of, text, error, spare, faults)
        return ""


def consents_of(
    cells: tuple[str, ...],
    columns: Columns,
    at_column: Mapping[int, Sequence[str]],
    spare: list[tuple[str, str]],
    faults: list[Fault],
) -> tuple[StatedConsent, ...]:
    found: list[StatedConsent] = []
    for told in columns.consents:
        try:
            found += read_consents(cells, columns, told, at_column.get(told.phone, ()))
        except (BadConsentError, BadDateError) as error:
            reason = Reason.BAD_DATE if isinstance(error, BadDateError) else Reason.BAD_CONSENT
            place = told.at if reason is Reason.BAD_DATE or told.said is None else told.said
            _leave_out(reason, columns, place, cell_of(cells, place), error, spare, faults)
            others = (
                one for one in (told.said, told.at, told.text, told.until) if one is not None and one != place
            )
            spare += [(columns.header[one], cells[one]) for one in others if cells[one]]
    return tuple(found)


def _leave_out(
    reason: Reason,
    columns: Columns,
    place: int | None,
    text: str,
    why: object,
    spare: list[tuple[str, str]],
    faults: list[Fault],
) -> None:
    """What cannot be read stays a field under its column's name, with a warning."""
    faults.append(Fault(reason, name_of(columns, place), text, str(why)))
    spare.append((name_of(columns, place), text))


def _date_order(columns: Columns, place: int | None) -> str:
    return next((order for of, order in columns.date_orders if of == place), "")
