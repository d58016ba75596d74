"""Do-not-call registers, the house's and each client's: numbers put on, taken off, looked up, read from a file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from dialer.errors import InputError
from dialer.ports.access import Actor, Change
from dialer.ports.store import Answer, BlockNumbers, Reader, UnblockNumbers, Write
from lists import normalise
from lists.client import HOUSE
from lists.dnc import EVERY_PURPOSE, DncEntry
from lists.phone import COSTLY, BadNumber, check_region, parse_phone

CHUNK = 500
"""Numbers in one `BlockNumbers`: the journal of a running campaign goes through the same writer."""
LONGEST_LINE = 4 * 1024 * 1024
"""Bytes; a device or a recording given by mistake is told apart before it fills the memory."""
SHOWN_NUMBERS = 20
"""So many are named in an entry of the log of changes; of more it says how many."""
_SHOWN = 10
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line of a register that holds no number. `line` counts from 1."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Register:
    """A file of numbers as read: E.164, each once, in file order."""

    numbers: tuple[str, ...]
    bad: tuple[BadLine, ...]


@dataclass(frozen=True, slots=True)
class Blocked:
    """Of the register written to. `added`: numbers that are new on it; `already`: those that it had before."""

    added: int
    already: int


def parse_numbers(texts: Iterable[str], region: str | None = None) -> tuple[str, ...]:
    """Numbers as typed to E.164, each once. `region`: country of numbers written without one.
    Raises `InputError` for the first that is no number, `OptionError` for an unknown region."""
    country = check_region(region) if region else None
    found: dict[str, None] = {}
    for text in texts:
        number = parse_phone(normalise.phone(text), country, accept=COSTLY)
        if isinstance(number, BadNumber):
            raise InputError(f"{number.text} (write it as +12025550123, or add --region CC)")
        found[number.e164] = None
    return tuple(found)


def read_register(path: Path, region: str | None = None) -> Register:
    """A text file with one number a line, or a CSV file: of each line the first cell that has a digit.

    Blank lines, lines that begin with #, and a first line without any digit (column names) are passed over.
    Raises `InputError` when it cannot be read, `OptionError` for an unknown region."""
    country = check_region(region) if region else None
    found: dict[str, None] = {}
    bad: list[BadLine] = []
    for line, row in enumerate(_rows(path), start=1):
        if not row.strip() or row.startswith("#"):
            continue
        cell = _first_number(row)
        if cell is None:
            if line > 1:
                bad.append(BadLine(line, f"{row.strip()[:60]!r} has no number in it"))
            continue
        number = parse_phone(normalise.phone(cell), country, accept=COSTLY)
        if isinstance(number, BadNumber):
            bad.append(BadLine(line, number.text))
        else:
            found[number.e164] = None
    return Register(tuple(found), tuple(bad))


def _rows(path: Path) -> Iterator[str]:
    """The file's lines, whatever they end with. Raises `InputError`."""
    line = 0
    try:
        with path.open("rb") as file:
            while part := file.readline(LONGEST_LINE + 1):
                if len(part) > LONGEST_LINE:
                    raise InputError(f"{path}, line {line + 1}: longer than any line of numbers; check the path")
                for row in part.decode("utf-8-sig" if line == 0 else "utf-8").splitlines():
                    line += 1
                    yield row
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}; check the path") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}, line {line + 1}: not UTF-8 text; save the file as UTF-8") from error


def _first_number(row: str) -> str | None:
    delimiter = max(_DELIMITERS, key=row.count)
    cells = next(csv.reader([row.replace("\0", "")], delimiter=delimiter), [])
    return next((cell for cell in cells if any(character.isdigit() for character in cell)), None)


def refuse_bad_lines(path: Path, register: Register) -> None:
    """Raises `InputError` when any line of the register could not be read: a register that is not whole must
    not be taken for one that is."""
    if not register.bad:
        return
    lines = "\n".join(f"{path}, line {bad.line}: {bad.text}" for bad in register.bad[:_SHOWN])
    more = f"\n… and {len(register.bad) - _SHOWN} more" if len(register.bad) > _SHOWN else ""
    raise InputError(
        f"{lines}{more}\nnothing was imported: mend these lines, or add --skip-bad to import the others"
    )


@dataclass(frozen=True, slots=True)
class Unblocked:
    """Of the register written to. `removed`: numbers taken off it; `absent`: those that were not on it. `held`:
    those that may not be called either way: the house's register has them, which a client's removal leaves as it
    is."""

    removed: int
    absent: int
    held: tuple[str, ...]


def block_numbers(
    numbers: Sequence[str],
    *,
    source: str,
    write: Callable[[Write], Answer],
    reader: Reader,
    now: float,
    client: str = HOUSE,
    purpose: str = EVERY_PURPOSE,
    progress: Callable[[int, int], None] | None = None,
) -> Blocked:
    """Put numbers (E.164) on a client's register, the house's holding for all, for calls of one purpose or of all.
    `source`: where they come from, kept with them; `now`: seconds UTC; `progress` is told after each portion how
    many of how many are done."""
    already = done = 0
    rest = iter(numbers)
    while chunk := tuple(islice(rest, CHUNK)):
        already += len(on_register(reader, chunk, client, purpose))
        write(BlockNumbers(chunk, source, now, client, purpose))
        done += len(chunk)
        if progress is not None:
            progress(done, len(numbers))
    return Blocked(len(numbers) - already, already)


def unblock_numbers(
    numbers: Sequence[str],
    *,
    write: Callable[[Write], Answer],
    reader: Reader,
    now: float,
    client: str = HOUSE,
    purpose: str = EVERY_PURPOSE,
) -> Unblocked:
    """Take numbers (E.164) off a client's register, or off the house's, for whatever purpose they are there, or
    for this one alone; other registers keep theirs."""
    before = on_register(reader, numbers, client, purpose or None)
    rest = iter(numbers)
    while chunk := tuple(islice(rest, CHUNK)):
        write(UnblockNumbers(chunk, now, client, purpose))
    held = {one.number for one in standing(reader, numbers, client) if not purpose or one.forbids(purpose)}
    return Unblocked(len(before), len(numbers) - len(before), tuple(sorted(held)))


def on_register(reader: Reader, numbers: Sequence[str], client: str, purpose: str | None = None) -> set[str]:
    """Those that this very register has for calls of that purpose ("": of all; None: for whatever)."""
    return {
        one.number
        for one in standing(reader, numbers, client)
        if one.client == client and purpose in {None, one.purpose}
    }


def standing(reader: Reader, numbers: Sequence[str], client: str) -> list[DncEntry]:
    """What the house's register and the client's have for these numbers now."""
    return [one for one in reader.dnc_entries(numbers, client) if one.until is None]


def change_of(write: BlockNumbers | UnblockNumbers, source: str, by: Actor, at: float) -> Change:
    """The entry of the log of changes: a few numbers are named, of many it says how many, for the register itself
    has them."""
    detail = {"count": str(len(write.numbers)), "source": source, "purpose": write.purpose}
    if len(write.numbers) <= SHOWN_NUMBERS:
        detail["numbers"] = " ".join(write.numbers)
    action = "dnc.block" if isinstance(write, BlockNumbers) else "dnc.unblock"
    subject = f"dnc of {write.client}" if write.client else "dnc"
    return by.change(at, action, subject, write.client, **{key: value for key, value in detail.items() if value})


def look_up(
    reader: Reader, numbers: Sequence[str], client: str = HOUSE, purpose: str = EVERY_PURPOSE
) -> tuple[tuple[str, tuple[DncEntry, ...]], ...]:
    """Each number with what keeps it from being called: of the house's register and the client's, for whatever
    purpose, or for this one."""
    found = [one for one in standing(reader, numbers, client) if not purpose or one.forbids(purpose)]
    return tuple((number, tuple(one for one in found if one.number == number)) for number in numbers)
