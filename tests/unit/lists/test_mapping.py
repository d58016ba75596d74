from __future__ import annotations

from pathlib import Path

import pytest

from lists.column_names import NAMES, key, known_field
from lists.errors import ColumnError, OptionError
from lists.mapping import Columns, map_columns, parse_map

FILE = Path("people.csv")


def columns(header: str, *options: str) -> Columns:
    return map_columns(header.split(","), parse_map(options), FILE, 1)


def test_known_names_in_any_spelling() -> None:
    found = columns("First Name,LAST-NAME,Phone No.,Time Zone,ID,plan")
    assert (found.first_name, found.last_name, found.phones) == (0, 1, (2,))
    assert (found.timezone, found.external_id, found.extra) == (3, 4, (5,))


@pytest.mark.parametrize(
    "header", ["Vorname,Nachname,Telefonnummer", "Имя,Фамилия,Телефон", "Prenume,Nume,Telefon"]
)
def test_lists_in_other_languages(header: str) -> None:
    found = columns(header)
    assert (found.first_name, found.last_name, found.phones) == (0, 1, (2,))


def test_every_synonym_is_written_as_it_is_compared() -> None:
    names = [name for field in NAMES.values() for name in field]
    assert [name for name in names if key(name) != name] == []
    assert len(names) == len(set(names))


def test_phones_by_their_number_then_in_file_order() -> None:
    assert columns("phone2,phone1,mobile,phone_10,Telefon 3").phones == (1, 2, 0, 4, 3)


@pytest.mark.parametrize(
    ("name", "field"),
    [("Phone 2", ("phone", 2)), ("phone10", ("phone", 10)), ("phone11", None), ("name2", None), ("", None)],
)
def test_numbered_columns(name: str, field: tuple[str, int] | None) -> None:
    assert known_field(name) == field


def test_the_better_name_wins_and_the_other_is_kept() -> None:
    found = columns("customer_id,external_id,phone")
    assert (found.external_id, found.extra) == (1, (0,))


def test_what_the_user_says_goes_first() -> None:
    found = columns("phone,Rufnr privat,id,code", "Rufnr privat=phone1", "phone=ignore", "code=external_id")
    assert (found.phones, found.external_id, found.extra) == ((1,), 3, (2,))


def test_a_column_with_an_equals_sign_in_its_name() -> None:
    assert parse_map(["a=b=phone"]) == {"a=b": "phone"}


def test_fields_may_be_called_by_their_other_names() -> None:
    assert parse_map(["A=tz", "B=Mobile 2", "C=ID"]) == {"A": "timezone", "B": "mobile_2", "C": "external_id"}
    assert columns("A,B", "A=phone2", "B=mobile").phones == (1, 0)


def test_columns_of_a_rejects_file_are_dropped() -> None:
    assert columns("phone,plan,reject_row,reject_reason").extra == (1,)


def test_no_phone_column_says_what_there_is_and_what_to_do() -> None:
    with pytest.raises(ColumnError) as caught:
        columns("Kontakt,Ding")
    assert str(caught.value) == (
        "people.csv, line 1: no column holds phone numbers; the file has 'Kontakt', 'Ding'. "
        "Name one of them 'phone', or say which it is: --map COLUMN=phone"
    )


def test_of_a_long_name_the_beginning_is_shown() -> None:
    with pytest.raises(ColumnError) as caught:
        columns("D" * 5_000)
    assert f"'{'D' * 60}…'" in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_file_without_column_names_is_recognised() -> None:
    with pytest.raises(ColumnError, match="looks like a row of data"):
        columns("Ana,+12125550123")


@pytest.mark.parametrize("option", ["phone", "=phone", "Tel=", "Tel=fax", "Tel=phone11"])
def test_options_that_make_no_sense(option: str) -> None:
    with pytest.raises(OptionError, match="--map"):
        parse_map([option])


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("Tel=phone",), "no column 'Tel'; the file has 'phone', 'a', 'b'"),
        (("a=name", "b=name"), "'name' is given to more than one column"),
        (("a=name", "A=external_id"), "'a' is given twice"),
        (("a=name", "a=phone"), "'a' is given twice"),
    ],
)
def test_options_that_do_not_fit_the_file(options: tuple[str, ...], text: str) -> None:
    with pytest.raises(OptionError) as caught:
        columns("phone,a,b", *options)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("Vorname,Nachname,Handy,Straße,PLZ,Ort,Land,Sprache,Stand",
         "first_name last_name phone1 address postal_code city country language as_of"),
        ("Имя,Фамилия,Мобильный телефон,Адрес,Индекс,Город,Область,Язык,Источник",
         "first_name last_name phone1 address postal_code city region language source"),
        ("Ім'я,Прізвище,Телефон мобільний,Вулиця,Індекс,Місто,Мова,Згода,Дата згоди",
         "first_name last_name phone1 address postal_code city language consent consent_at"),
        ("Prenume,Nume,Nr. telefon,Adresă,Cod poștal,Oraș,Județ,Limba,Responsabil",
         "first_name last_name phone1 address postal_code city region language owner"),
        ("Nombre,Apellidos,Móvil,Dirección,Código postal,Ciudad,Provincia,Idioma,Prioridad",
         "first_name last_name phone1 address postal_code city region language rank"),
    ],
)  # fmt: skip
def test_columns_are_known_in_several_languages(header: str, fields: str) -> None:
    assert list(dict(sorted(columns(header).fields.items())).values()) == fields.split()


def test_what_numbers_are_for_is_in_their_columns_names() -> None:
    found = columns("phone,Mobile,home phone 2,Work Phone,x", "x=mobile3")
    assert [found.header[place] for place in found.phones] == [
        "phone",
        "Mobile",
        "Work Phone",
        "home phone 2",
        "x",
    ]
    assert found.uses == ("", "mobile", "work", "home", "mobile")


def test_columns_about_a_number_go_with_the_number_they_name() -> None:
    found = columns(
        "phone,phone2,phone_type,phone2_type,ext,phone2 ext,consent date,phone2_consent_at,consent_text 2"
    )
    assert (found.types, found.extensions) == (((0, 2), (1, 3)), ((0, 4), (1, 5)))
    assert [(one.phone, one.at, one.text) for one in found.consents] == [(0, 6, None), (1, 7, 8)]
    assert found.extra == ()


def test_what_is_about_a_number_that_there_is_not_is_kept() -> None:
    found = columns("phone,phone3_type,consent_at 2")
    assert (found.types, found.consents, found.extra) == ((), (), (1, 2))
