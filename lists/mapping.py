"""Which column of a list holds what: by the column's name, or as the user says (`--map COLUMN=FIELD`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lists.errors import ColumnError, OptionError

MAX_PHONES = 10
REJECT_PREFIX = "reject_"  # columns that the file of rejects adds; dropped when it is imported again

SYNONYMS: dict[str, tuple[str, ...]] = {
    "phone": (
        "phone", "phone_number", "phonenumber", "phone_no", "telephone", "telephone_number", "tel",
        "msisdn", "mobile", "mobile_phone", "mobile_number", "cell", "cell_phone", "cellphone", "landline",
        "home_phone", "work_phone", "business_phone", "alt_phone",
        "telefon", "telefonnummer", "rufnummer", "handy", "mobil", "mobilnummer", "mobiltelefon", "telefonnr",
        "téléphone", "numéro_de_téléphone", "portable", "teléfono", "móvil", "telefono", "cellulare",
        "telefoon", "número_de_telefon", "număr_de_telefon", "телефон", "номер_телефона", "мобильный",
        "номер_телефону", "мобільний",
    ),
    "first_name": (
        "first_name", "firstname", "given_name", "forename", "first",
        "vorname", "prénom", "nombre", "nome", "förnamn", "voornaam", "prenume", "имя", "ім'я",
    ),
    "last_name": (
        "last_name", "lastname", "surname", "family_name", "last",
        "nachname", "nom", "nom_de_famille", "apellido", "apellidos", "cognome", "efternamn", "achternaam",
        "nume", "фамилия", "прізвище",
    ),
    "name": (
        "name", "full_name", "fullname", "contact", "contact_name", "customer_name", "person",
        "nom_complet", "nombre_completo", "namn", "naam", "nume_complet", "фио", "піб",
    ),
    "external_id": (
        "external_id", "id", "lead_id", "vendor_lead_code", "contact_id", "customer_id", "client_id",
        "customer_no", "customer_number", "crm_id", "reference", "ref", "kundennummer", "код", "ид",
    ),
    "person_key": ("person_key", "person_id", "debtor_id"),
    "debt_id": ("debt_id", "debt_number", "debt_no"),
    "timezone": (
        "timezone", "time_zone", "tz", "iana_timezone", "zeitzone", "fuseau_horaire", "zona_horaria",
        "tidszon", "fus_orar", "часовой_пояс", "часовий_пояс",
    ),
    "country": ("country", "country_code", "iso_country"),
    "region": ("region", "state", "state_code", "province", "state_province", "bundesland",
        "область", "регион", "регіон", "județ", "judet", "estado", "uf", "provinsi", "oblast"),
    "postal_code": (
        "postal_code", "postcode", "post_code", "zip", "zip_code", "zipcode", "postal", "plz", "postleitzahl",
        "código_postal", "codigo_postal", "cep", "cod_poștal", "cod_postal", "индекс", "почтовый_индекс",
        "поштовий_індекс", "індекс", "kode_pos",
    ),
}  # fmt: skip
"""Column names known for each field, best first: where two columns would do, the better name has the field and
the other is kept as a field of its own. Phones are the exception: every column of theirs is used."""

IGNORE = "ignore"
_FIELD_OF = {name: field for field, names in SYNONYMS.items() for name in names}
_NUMBERED = re.compile(r"(.*?)_?([1-9]|10)")
_PHONE_FIELD = re.compile(r"phone(?:[1-9]|10)?")


@dataclass(frozen=True, slots=True)
class Columns:
    """Positions in a row. `phones` in the order in which they are to be tried; `extra`: kept under the
    column's own name. None: the list has no such column."""

    header: tuple[str, ...]
    phones: tuple[int, ...]
    first_name: int | None
    last_name: int | None
    name: int | None
    external_id: int | None
    timezone: int | None
    country: int | None
    region: int | None
    extra: tuple[int, ...]
    person_key: int | None = None
    debt_id: int | None = None
    postal_code: int | None = None


def key(column: str) -> str:
    """A column's name as it is compared: `Phone No.` and `phone_no` are the same."""
    return re.sub(r"[\s\-._/]+", "_", column.strip().lower()).strip("_:#")


def known_field(column: str) -> tuple[str, int] | None:
    """The field that a column's name stands for, and its number ("Telefon 2" is the second phone; 1 without)."""
    name = key(column)
    if name in _FIELD_OF:
        return _FIELD_OF[name], 1
    numbered = _NUMBERED.fullmatch(name)
    if numbered is not None and _FIELD_OF.get(numbered[1]) == "phone":
        return "phone", int(numbered[2])
    return None


def parse_map(options: Iterable[str]) -> dict[str, str]:
    """`COLUMN=FIELD` options as column → field; a column's name may have "=" in it. Raises `OptionError`."""
    mapping: dict[str, str] = {}
    for option in options:
        column, equals, field = option.rpartition("=")
        column, field = column.strip(), field.strip().lower()
        if not equals or not column or not field:
            raise OptionError("map", f"{option!r} is not COLUMN=FIELD, such as --map Rufnummer=phone")
        if field not in SYNONYMS and field != IGNORE:
            known = known_field(field)  # "tz" and "mobile" are understood here too
            if known is None:
                raise OptionError("map", f"{field!r} is not a field; there are {_field_names()}")
            field = f"phone{known[1]}" if known[0] == "phone" else known[0]
        if column in mapping:
            raise OptionError("map", f"column {column!r} is given twice")
        mapping[column] = field
    return mapping


def map_columns(header: Sequence[str], mapping: dict[str, str], path: Path, line: int) -> Columns:
    """Which column is which. `mapping` (of `parse_map`) goes before the columns' names. `path` and `line` of
    the header are for messages only. Raises `OptionError`, `ColumnError`."""
    stated = _stated(header, mapping)
    phones: list[tuple[int, int]] = []
    single: dict[str, tuple[tuple[int, int], int]] = {}
    for position, column in enumerate(header):
        field = stated.get(position)
        if field is not None:
            rank: tuple[int, int] = (-1, position)
            known: tuple[str, int] | None = _stated_field(field)
        else:
            known = known_field(column)
            rank = (SYNONYMS[known[0]].index(key(column)), position) if known and known[0] != "phone" else (0, 0)
        if known is None or known[0] == IGNORE:
            continue
        if known[0] == "phone":
            phones.append((known[1], position))
        elif known[0] not in single or rank < single[known[0]][0]:
            single[known[0]] = (rank, position)
    if not phones:
        raise _no_phone(header, path, line)
    phones = sorted(phones)[:MAX_PHONES]
    position_of = {field: position for field, (_, position) in single.items()}
    used = {position for _, position in phones} | set(position_of.values())
    used.discard(position_of.get("postal_code", -1))  # kept as it stands, too
    dropped = {position for position, field in stated.items() if field == IGNORE}
    return Columns(
        header=tuple(header),
        phones=tuple(position for _, position in phones),
        first_name=position_of.get("first_name"),
        last_name=position_of.get("last_name"),
        name=position_of.get("name"),
        external_id=position_of.get("external_id"),
        timezone=position_of.get("timezone"),
        country=position_of.get("country"),
        region=position_of.get("region"),
        extra=tuple(
            position
            for position, column in enumerate(header)
            if position not in used and position not in dropped and not column.startswith(REJECT_PREFIX)
        ),
        person_key=position_of.get("person_key"),
        debt_id=position_of.get("debt_id"),
        postal_code=position_of.get("postal_code"),
    )


def _stated(header: Sequence[str], mapping: dict[str, str]) -> dict[int, str]:
    """Position → field for the columns that the user named, exactly or up to case and punctuation."""
    stated: dict[int, str] = {}
    keys = [key(column) for column in header]
    for column, field in mapping.items():
        if column in header:
            position = list(header).index(column)
        elif keys.count(key(column)) == 1:
            position = keys.index(key(column))
        else:
            raise OptionError("map", f"there is no column {column!r}; the file has {_listed(header)}")
        if position in stated:
            raise OptionError("map", f"column {header[position]!r} is given twice")
        if field in stated.values() and not field.startswith("phone") and field != IGNORE:
            raise OptionError("map", f"field {field!r} is given to more than one column")
        stated[position] = field
    return stated


def _stated_field(field: str) -> tuple[str, int]:
    return ("phone", int(field[5:] or 1)) if _PHONE_FIELD.fullmatch(field) else (field, 1)


def _no_phone(header: Sequence[str], path: Path, line: int) -> ColumnError:
    if any(sum(letter.isdigit() for letter in column) >= 7 for column in header):
        text = "this looks like a row of data; the first line must name the columns (phone, first_name, …)"
    else:
        text = (
            f"no column holds phone numbers; the file has {_listed(header)}. "
            "Name one of them 'phone', or say which it is: --map COLUMN=phone"
        )
    return ColumnError(path, text, line)


def _listed(header: Sequence[str]) -> str:
    shown = ", ".join(repr(column) for column in header[:30])
    return f"{shown} and {len(header) - 30} more" if len(header) > 30 else shown


def _field_names() -> str:
    return ", ".join(["phone, phone1 … phone10", *(field for field in SYNONYMS if field != "phone"), IGNORE])
