from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import pytest

from lists.dedupe import Duplicates, KnownLead, MatchBy, Policy, nobody_known
from lists.importing import (
    Accepted,
    Duplicate,
    Lookups,
    Rejected,
    Repeated,
    Suppressed,
    Verdict,
    judge,
    read_row,
    read_rows,
)
from lists.lead import Details, ZoneSource
from lists.mapping import Columns, map_columns, parse_map
from lists.reader import BrokenRow, RawRow
from lists.reasons import Reason

HEADER = ("id", "first_name", "last_name", "phone", "phone2", "timezone", "city")


def columns(header: tuple[str, ...] = HEADER, *options: str) -> Columns:
    return map_columns(header, parse_map(options), Path("people.csv"), 1)


def row(number: int, **cells: str) -> RawRow:
    return RawRow(number, number + 1, tuple(cells.get(column, "") for column in HEADER))


def read(region: str | None = None, **cells: str) -> Accepted | Rejected:
    return read_row(row(1, **cells), columns(), region)


def accepted(region: str | None = None, **cells: str) -> Accepted:
    verdict = read(region, **cells)
    assert isinstance(verdict, Accepted), verdict
    return verdict


def rejected(**cells: str) -> Rejected:
    verdict = read(**cells)
    assert isinstance(verdict, Rejected), verdict
    return verdict


def verdicts(
    rows: Iterable[RawRow | BrokenRow],
    known: Iterable[str] = (),
    blocked: Iterable[str] = (),
    batch: int = 500,
    known_ids: Iterable[str] = (),
) -> list[Verdict]:
    there = {MatchBy.PHONE: set(known), MatchBy.ID: set(known_ids)}
    lookups = Lookups(
        "people",
        lambda by, keys: dict.fromkeys(there[by] & set(keys), KnownLead(7, "people")),
        lambda numbers: set(blocked) & set(numbers),
    )
    return [verdict for chunk in judge(rows, columns(), lookups, batch=batch) for _, verdict in chunk]


def test_a_whole_row() -> None:
    lead = accepted(
        id=" C1 ",
        first_name="Zoe\u0308",
        last_name=" de  la Cruz",
        phone="+1 212-555-0101",
        phone2="+1 213-555-0101",
        city="Paris ",
    )
    assert (lead.row, lead.line) == (1, 2)
    assert [phone.e164 for phone in lead.phones] == ["+12125550101", "+12135550101"]
    assert (lead.first_name, lead.last_name, lead.external_id) == ("Zoë", "de la Cruz", "C1")
    assert (lead.fields, lead.details) == ((), Details(city="Paris"))
    assert lead.zones == ("America/Los_Angeles", "America/New_York")
    assert lead.warnings == ()


def test_the_default_region_is_for_numbers_without_a_country() -> None:
    lead = accepted("GB", phone="020 7946 0123", phone2="+1 212-555-0101")
    assert [phone.region for phone in lead.phones] == ["GB", "US"]


def test_a_stated_zone_is_for_all_numbers() -> None:
    lead = accepted(phone="+1 212-555-0101", phone2="+1 213-555-0101", timezone="america/chicago")
    assert [phone.zones for phone in lead.phones] == [("America/Chicago",)] * 2
    assert {phone.zone_source for phone in lead.phones} == {ZoneSource.STATED}


def test_an_unknown_zone_rejects_the_row_and_names_it() -> None:
    fault = rejected(phone="+1 212-555-0101", timezone="EST").fault
    assert (fault.reason, fault.field, fault.value) == (Reason.UNKNOWN_ZONE, "timezone", "EST")
    assert "'EST' is not a time zone" in fault.text


def test_the_good_numbers_of_a_row_are_kept_and_the_bad_ones_told() -> None:
    lead = accepted(phone="+1 212-155-0101", phone2="+1 213-555-0101")
    assert [phone.e164 for phone in lead.phones] == ["+12135550101"]
    assert [(fault.reason, fault.field, fault.value) for fault in lead.warnings] == [
        (Reason.NOT_VALID, "phone", "+1 212-155-0101")
    ]


def test_a_row_whose_numbers_are_all_bad() -> None:
    verdict = rejected(phone="+1 212-155-0101", phone2="none")
    assert (verdict.fault.reason, verdict.fault.field) == (Reason.NOT_VALID, "phone")
    assert [(fault.reason, fault.field) for fault in verdict.others] == [(Reason.NOT_A_NUMBER, "phone2")]


def test_a_row_without_a_number() -> None:
    fault = rejected(first_name="Ana").fault
    assert (fault.reason, fault.field) == (Reason.NO_PHONE, "phone")


def test_the_line_of_column_names_again() -> None:
    header = {name: f" {name} " for name in HEADER if name != "city"}
    assert rejected(**header).fault.reason is Reason.REPEATED_HEADER
    assert rejected(**{**header, "id": "7"}).fault.reason is not Reason.REPEATED_HEADER
    assert rejected().fault.reason is Reason.NO_PHONE


def test_one_number_in_two_columns_is_one_number() -> None:
    lead = accepted(phone="+1 212-555-0101", phone2="+12125550101")
    assert len(lead.phones) == 1


def test_a_broken_row_keeps_its_reason() -> None:
    verdict = read_row(BrokenRow(4, 9, ("x",), Reason.TOO_FEW_COLUMNS, "1 column"), columns())
    assert isinstance(verdict, Rejected)
    assert (verdict.row, verdict.line, verdict.fault.reason, verdict.fault.text) == (
        4,
        9,
        Reason.TOO_FEW_COLUMNS,
        "1 column",
    )


@pytest.mark.parametrize(
    ("first", "name", "expected", "fields"),
    [
        ("", "Ana Popescu", ("Ana", "Popescu"), ()),
        ("Anna", "Ana Popescu", ("Anna", ""), (("name", "Ana Popescu"),)),
    ],
)
def test_a_full_name(
    first: str, name: str, expected: tuple[str, str], fields: tuple[tuple[str, str], ...]
) -> None:
    raw = RawRow(1, 2, (first, name, "+12125550101"))
    lead = read_row(raw, columns(("first_name", "name", "phone")))
    assert isinstance(lead, Accepted)
    assert ((lead.first_name, lead.last_name), lead.fields) == (expected, fields)


def test_duplicates_within_the_file_whatever_the_column_and_the_spelling() -> None:
    found = verdicts(
        [
            row(1, id="A", phone="+1 212-555-0101", phone2="+1 212-555-0102"),
            row(2, id="B", phone="+12125550103", phone2="+1 (212) 555-0102"),
            row(3, id="A", phone="+12125550104"),
            row(4, id="C", phone="+12125550105"),
        ]
    )
    assert [type(verdict) for verdict in found] == [Accepted, Duplicate, Duplicate, Accepted]
    assert isinstance(found[1], Duplicate)
    assert (found[1].fault.reason, found[1].fault.value) == (Reason.DUPLICATE_NUMBER, "+12125550102")
    assert isinstance(found[2], Duplicate)
    assert (found[2].fault.reason, found[2].fault.field) == (Reason.DUPLICATE_ID, "id")


def test_duplicates_are_found_across_batches() -> None:
    found = verdicts([row(n, phone="+12125550101") for n in (1, 2, 3)], batch=1)
    assert [type(verdict) for verdict in found] == [Accepted, Duplicate, Duplicate]


def test_against_the_list_and_the_registers() -> None:
    found = verdicts(
        [
            row(1, phone="+12125550101"),
            row(2, phone="+12125550102", phone2="+12125550103"),
            row(3, phone="+12125550104", phone2="+12125550105"),
        ],
        known={"+12125550101"},
        blocked={"+12125550105", "+12125550101"},
    )
    # a register goes before the list: whoever is on it must be seen to be
    assert [type(verdict) for verdict in found] == [Suppressed, Accepted, Suppressed]
    assert isinstance(found[2], Suppressed)
    assert (found[2].fault.reason, found[2].fault.value) == (Reason.DO_NOT_CALL, "+12125550105")
    assert [type(verdict) for verdict in verdicts([row(1, phone="+12125550101")], known={"+12125550101"})] == [
        Duplicate
    ]


def test_lookups_are_asked_once_a_batch() -> None:
    asked: list[tuple[MatchBy, int]] = []

    def known(by: MatchBy, keys: Collection[str]) -> Mapping[str, KnownLead]:
        asked.append((by, len(keys)))
        return {}

    rows = [row(n, phone=f"+1212555010{n}") for n in range(5)]
    list(judge(rows, columns(), Lookups("people", known, lambda numbers: set()), batch=2))
    assert asked == [(by, count) for n in (2, 2, 1) for by, count in ((MatchBy.PHONE, n), (MatchBy.ID, 0))]


def test_an_id_of_the_list_is_a_duplicate_named_by_its_column() -> None:
    found = verdicts([row(1, id="C1", phone="+1 212-555-0101")], known_ids=["C1"])
    assert isinstance(found[0], Duplicate)
    assert (found[0].fault.reason, found[0].fault.field, found[0].fault.value) == (Reason.DUPLICATE_ID, "id", "C1")


def test_a_batch_of_long_rows_is_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand rows of a megabyte each would not fit."""
    monkeypatch.setattr("lists.importing.BATCH_CHARACTERS", 1_000)
    rows = [row(n, phone="+12125550101", city="x" * (600 if 2 < n < 6 else 0)) for n in range(1, 9)]
    assert list(map(len, read_rows(rows, columns(), None, 3))) == [3, 2, 3]
    assert [seen.row for chunk in read_rows(rows, columns(), None, 3) for _, seen in chunk] == list(range(1, 9))


def test_ids_are_asked_for_once_a_batch_and_only_those_there_are() -> None:
    asked: list[list[str]] = []

    def known(by: MatchBy, keys: Collection[str]) -> Mapping[str, KnownLead]:
        asked.extend([list(keys)] if by is MatchBy.ID else [])
        return {}

    rows = [row(n, id=f"C{n}" if n != 2 else "", phone=f"+1 212-555-010{n}") for n in range(1, 4)]
    list(judge(rows, columns(), Lookups("people", known, lambda numbers: set()), batch=2))
    assert asked == [["C1"], ["C3"]]


def placed(country: str, region: str, number: str = "+12025550123") -> Accepted | Rejected:
    header = ("phone", "country", "state")
    columns = map_columns(header, {}, Path("people.csv"), 1)
    return read_row(RawRow(1, 2, (number, country, region)), columns)


@pytest.mark.parametrize(
    ("country", "region", "number", "home"),
    [
        ("US", "FL", "+12025550123", ("US", "US-FL")),
        ("", "Florida", "+12025550123", ("US", "US-FL")),
        ("United States", "", "+442079460001", ("US", "")),
        ("Germany", "BY", "+442079460001", ("DE", "DE-BY")),
        ("", "BY", "+493023125000", ("DE", "DE-BY")),
        ("", "US-FL", "+442079460001", ("US", "US-FL")),
        ("", "", "+12025550123", ("", "")),
    ],
)
def test_where_a_lead_lives(country: str, region: str, number: str, home: tuple[str, str]) -> None:
    lead = placed(country, region, number)
    assert isinstance(lead, Accepted)
    assert ((lead.country, lead.region), lead.warnings, lead.fields) == (home, (), ())


@pytest.mark.parametrize(
    ("country", "region", "says"),
    [
        ("XX", "", "'XX' is no country"),
        ("US", "ZZ", "'ZZ' is no part of US"),
        ("CA", "US-FL", "is not in CA, which the row says is the country"),
    ],
)
def test_a_code_that_there_is_not_rejects_the_row(country: str, region: str, says: str) -> None:
    row = placed(country, region)
    assert isinstance(row, Rejected)
    assert row.fault.reason is Reason.UNKNOWN_PLACE
    assert says in row.fault.text


def test_a_name_that_is_not_known_stays_a_field_and_is_warned_of() -> None:
    lead = placed("Ruritania", "Bayern", "+493023125000")
    assert isinstance(lead, Accepted)
    assert (lead.country, lead.region) == ("", "")
    assert lead.fields == (("country", "Ruritania"), ("state", "Bayern"))
    assert [fault.reason for fault in lead.warnings] == [Reason.UNKNOWN_PLACE, Reason.UNKNOWN_PLACE]


@pytest.mark.parametrize(
    ("cells", "home", "zones", "source"),
    [
        (("+13055550123", "", "TX", ""), "US-TX", ("America/Chicago", "America/Denver"), "region"),
        (("+13055550123", "", "", "94103"), "US-CA", ("America/Los_Angeles",), "postal_code"),
        (("+13055550123", "", "", "06390"), "", ("America/New_York",), "postal_code"),
        (("+13055550123", "Ruritania", "", "94103"), "", ("America/New_York",), "number"),
        (("+79161234567", "", "Свердловская обл.", ""), "RU-SVE", ("Asia/Yekaterinburg",), "region"),
        (("+79161234567", "РФ", "", "690000"), "RU-PRI", ("Asia/Vladivostok",), "postal_code"),
        (("+79161234567", "", "", ""), "", None, "number"),
    ],
)
def test_zones_of_where_a_lead_lives(
    cells: tuple[str, ...], home: str, zones: tuple[str, ...] | None, source: str
) -> None:
    columns = map_columns(("phone", "country", "state", "zip"), {}, Path("people.csv"), 1)
    lead = read_row(RawRow(1, 2, cells), columns)
    assert isinstance(lead, Accepted)
    assert lead.region == home
    assert (lead.phones[0].zones == zones) if zones else (len(lead.phones[0].zones) > 10)
    assert lead.phones[0].zone_source == source
    assert lead.details.postal_code == cells[3]


def test_a_stated_zone_is_for_all_numbers_and_goes_before_the_region() -> None:
    columns = map_columns(("phone", "phone2", "state", "tz"), {}, Path("people.csv"), 1)
    lead = read_row(RawRow(1, 2, ("+12195550123", "+442079460001", "CA", "america/chicago")), columns)
    assert isinstance(lead, Accepted)
    assert [(phone.zones, phone.zone_source) for phone in lead.phones] == [(("America/Chicago",), "stated")] * 2


def test_the_clock_of_a_promise_goes_before_the_number_alone() -> None:
    columns = map_columns(("phone", "phone2", "state"), {}, Path("people.csv"), 1)
    rows = [
        RawRow(1, 2, ("+79161234567", "+79161234568", "")),
        RawRow(2, 3, ("+79161234569", "", "Саха")),
        RawRow(3, 4, ("+79161234570", "", "")),
        RawRow(4, 5, ("123", "", "")),
    ]
    promised = {"+79161234567": "Asia/Omsk", "+79161234569": "Asia/Omsk"}
    lookups = Lookups("people", nobody_known, lambda numbers: set(), promised=promised)
    ((first, second, third, fourth),) = judge(rows, columns, lookups)
    sources = [
        [phone.zone_source for phone in lead.phones]
        for _, lead in (first, second, third)
        if isinstance(lead, Accepted)
    ]
    assert sources == [["contact", "number"], ["region"], ["number"]]
    assert isinstance(fourth[1], Rejected)


def policy(rows: list[RawRow], duplicates: Duplicates, header: str) -> list[Verdict]:
    of = map_columns(header.split(","), {}, Path("people.csv"), 1)
    there = KnownLead(7, "other")
    lookups = Lookups(
        "people", lambda by, keys: {key: there for key in keys if key == "P9"}, lambda numbers: set()
    )
    return [verdict for chunk in judge(rows, of, lookups, duplicates=duplicates) for _, verdict in chunk]


def test_rows_may_be_known_by_their_person_or_by_name_and_address() -> None:
    header = "phone,name,person_key,address,city"
    rows = [
        RawRow(1, 2, ("+12125550101", "Ada Byron", "P1", "1 Main St", "Albany")),
        RawRow(2, 3, ("+12125550101", "Bo Li", "P2", "1 Main St", "Albany")),
        RawRow(3, 4, ("+12125550102", "Ada B.", "P1", "", "")),
        RawRow(4, 5, ("+12125550103", "BYRON, Ada", "", "1, Main St.", "ALBANY")),
        RawRow(5, 6, ("+12125550104", "Cy", "P9", "", "")),
    ]
    found = policy(rows, Duplicates((MatchBy.PERSON, MatchBy.ADDRESS)), header)
    assert [type(verdict) for verdict in found] == [Accepted, Accepted, Duplicate, Duplicate, Duplicate]
    faults = [verdict.fault for verdict in found if isinstance(verdict, Duplicate)]
    assert [(fault.reason, fault.field, fault.value) for fault in faults] == [
        (Reason.DUPLICATE_PERSON, "person_key", "P1"),
        (Reason.DUPLICATE_ADDRESS, "address", "Ada BYRON"),
        (Reason.IN_OTHER_LIST, "phone", "P9"),
    ]


def test_duplicates_may_be_kept_or_told_as_repeated() -> None:
    rows = [RawRow(n, n + 1, ("+12125550101", "P9")) for n in (1, 2)]
    kept = policy(rows, Duplicates(policy=Policy.KEEP), "phone,person_key")
    assert [type(verdict) for verdict in kept] == [Accepted, Accepted]
    told = policy(rows, Duplicates((MatchBy.PHONE, MatchBy.PERSON), Policy.UPDATE), "phone,person_key")
    assert [one.match.lead for one in told if isinstance(one, Repeated)] == [KnownLead(7, "other")] * 2
