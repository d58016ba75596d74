from __future__ import annotations

from pathlib import Path

import pytest

from lists.importing import Accepted, read_row
from lists.lead import NO_DETAILS, Details
from lists.mapping import map_columns
from lists.reader import RawRow
from lists.reasons import Reason

PHONE = "+12125550101"


def read(header: str, *cells: str) -> Accepted:
    columns = map_columns(("phone", *header.split(",")), {}, Path("people.csv"), 1)
    lead = read_row(RawRow(1, 2, (PHONE, *cells)), columns)
    assert isinstance(lead, Accepted)
    return lead


def test_details_of_a_person() -> None:
    lead = read(
        "address,address2,city,zip,language,owner,rank",
        "1 Main St",
        "Apt 2",
        "Albany",
        "12207",
        "ES",
        "ana",
        "5.0",
    )
    assert lead.details == Details("1 Main St, Apt 2", "Albany", "12207", "es", "ana", 5)
    assert (lead.fields, lead.warnings) == ((), ())


@pytest.mark.parametrize(
    ("column", "cell", "first", "last"),
    [
        ("ФИО", "Иванова Мария Петровна", "Мария Петровна", "Иванова"),
        ("Ф.И.О.", "Иванова Мария", "Мария", "Иванова"),
        ("ПІБ", "Шевченко Тарас Григорович", "Тарас Григорович", "Шевченко"),
        ("Nume și prenume", "Popescu Ana Maria", "Ana Maria", "Popescu"),
        ("ФИО", "Мария", "Мария", ""),
        ("ФИО", "Иванова, Мария Петровна", "Мария Петровна", "Иванова"),
        ("Полное имя", "Мария Петровна Иванова", "Мария Петровна", "Иванова"),
        ("name", "Ana Maria Popescu", "Ana Maria", "Popescu"),
    ],
)
def test_full_names_in_the_order_that_the_column_says(column: str, cell: str, first: str, last: str) -> None:
    lead = read(column, cell)
    assert (lead.first_name, lead.last_name) == (first, last)


def test_empty_cells_are_no_details() -> None:
    assert read("address,city,rank", "", "", "").details is NO_DETAILS


def test_source_and_date_of_a_row() -> None:
    lead = read("source,updated", "web form", "22.11.2026")
    assert (lead.source, lead.as_of, lead.fields) == ("web form", "2026-11-22", ())


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("language", "klingonisch", Reason.UNKNOWN_LANGUAGE),
        ("rank", "high", Reason.BAD_RANK),
        ("rank", "1e9", Reason.BAD_RANK),
        ("rank", "99999999999", Reason.BAD_RANK),
        ("as_of", "yesterday", Reason.BAD_DATE),
        ("as_of", "03/04/2026", Reason.BAD_DATE),
        ("consent", "yes", Reason.BAD_CONSENT),
        ("consent_at", "yesterday", Reason.BAD_DATE),
    ],
)
def test_what_cannot_be_read_stays_a_field_with_a_warning(column: str, cell: str, reason: Reason) -> None:
    lead = read(column, cell)
    assert [(fault.reason, fault.field, fault.value) for fault in lead.warnings] == [(reason, column, cell)]
    assert lead.fields == ((column, cell),)
    assert (lead.details, lead.as_of, lead.consents) == (NO_DETAILS, "", ())


def test_of_a_consent_that_cannot_be_read_all_cells_stay() -> None:
    lead = read("consent,consent_at,consent_text", "maybe", "2026-02-03", "I agree")
    assert [fault.reason for fault in lead.warnings] == [Reason.BAD_CONSENT]
    assert dict(lead.fields) == {"consent": "maybe", "consent_at": "2026-02-03", "consent_text": "I agree"}


def test_a_consent_is_about_the_number_of_its_column() -> None:
    lead = read("phone2,phone2_consent_at,phone2_consent_text", "+12125550102", "2026-02-03", "I agree")
    assert [(one.number, one.text) for one in lead.consents] == [("+12125550102", "I agree")]
