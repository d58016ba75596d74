"""The numbers of a row: ten at most, several of a cell apart, each with what the columns beside it say."""

from __future__ import annotations

from dataclasses import replace

from lists import normalise
from lists.column_names import USE_WORDS, key
from lists.fault import Fault
from lists.lead import NumberKind, NumberUse, PhoneNumber
from lists.mapping import MAX_PHONES, Columns
from lists.phone import NOTHING, BadNumber, parse_phone, split_numbers
from lists.reader import RawRow
from lists.reasons import Reason

MAX_EXTENSION = 8


def read_phones(
    row: RawRow, columns: Columns, region: str | None, accept: frozenset[Reason] = NOTHING
) -> tuple[list[PhoneNumber], list[Fault], dict[int, list[str]]]:
    """The row's good numbers, each once, what is wrong with the others, and which numbers each column has (by its
    place among `columns.phones`), where there are columns of consents. `accept`: see `parse_phone`."""
    phones: dict[str, PhoneNumber] = {}
    faults: list[Fault] = []
    at_column: dict[int, list[str]] = {}
    plain = not (columns.types or columns.extensions)
    for index, place in enumerate(columns.phones):
        raw = normalise.phone(row.cells[place])
        if not raw:
            continue
        found = parse_phone(raw, region, with_extension=True, accept=accept)
        several = isinstance(found, BadNumber) and found.reason is Reason.SEVERAL_NUMBERS
        for number in _apart(raw, region, accept) if several else (found,):
            if isinstance(number, BadNumber):
                faults.append(Fault(number.reason, columns.header[place], number.raw, number.text))
                continue
            if columns.uses[index] or not plain:
                number = _described(number, row.cells, columns, index, alone=not several)
            if columns.consents:
                at_column.setdefault(index, []).append(number.e164)
            if number.kind is NumberKind.TOLL_FREE:
                text = f"{number.e164} is toll-free: such numbers are those of companies, not of people"
                faults.append(Fault(Reason.TOLL_FREE, columns.header[place], number.e164, text))
            of_its_own = f"{number.e164};{number.extension}" if number.extension else number.e164
            if len(phones) < MAX_PHONES or of_its_own in phones:
                phones.setdefault(of_its_own, number)
            else:
                text = f"{number.e164} is more than the {MAX_PHONES} numbers that a lead may have"
                faults.append(Fault(Reason.TOO_MANY_NUMBERS, columns.header[place], number.e164, text))
    return list(phones.values()), faults, at_column


def _apart(raw: str, region: str | None, accept: frozenset[Reason]) -> list[PhoneNumber | BadNumber]:
    return [parse_phone(part, region, with_extension=True, accept=accept) for part in split_numbers(raw)]


def _described(
    number: PhoneNumber, cells: tuple[str, ...], columns: Columns, index: int, *, alone: bool
) -> PhoneNumber:
    """With what the columns beside it say of it."""
    use, extension = columns.uses[index], number.extension
    for phone, place in columns.types:
        if phone == index and (word := normalise.cell(cells[place])):
            use = USE_WORDS.get(key(word)) or NumberUse.OTHER.value
    for phone, place in columns.extensions:
        if phone == index and alone and not extension:
            extension = "".join(filter(str.isdigit, normalise.phone(cells[place])))[:MAX_EXTENSION]
    return replace(number, use=use, extension=extension)
