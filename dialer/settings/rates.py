"""A carrier's rate table: what a call to a prefix costs. CSV, described in `docs/reference/trunks.md`.

Money is whole millionths of the currency's unit from here on: exact, and summable by any database.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from campaigns.errors import Problem
from dialer.errors import SettingsError
from lists.value import value

MICRO = 1_000_000
COLUMNS = ("prefix", "per_minute", "connection", "increment", "currency", "valid_from")
_REQUIRED = ("prefix", "per_minute", "currency")
_ADVICE = {
    "prefix": 'digits of the international number, "44" or "+44"',
    "per_minute": "a price per minute such as 0.0125, at most six decimals, with a point",
    "connection": "a fee per answered call such as 0.01, at most six decimals; leave it empty for none",
    "increment": "first/then in seconds: 60/60, 30/6, 1/1",
    "currency": "three letters, the same as currency in dialer.toml",
    "valid_from": "a day such as 2026-12-01; leave it empty for always",
}
_PREFIX = re.compile(r"\+?([1-9][0-9]{0,14})", re.ASCII)
_INCREMENT = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})", re.ASCII)
_LONGEST_MESSAGE = 20
MOST = Decimal(1_000)
"""No minute and no call costs more: what does is a slip of the point."""


@value
class Rate:
    """`prefix`: digits without plus. `per_minute_micro`, `connection_micro`: millionths of the currency's
    unit, for a minute and for the answer. Billed are the first `first_s` seconds, then whole steps of `then_s`.
    `valid_from`: ISO date, "" for always."""

    prefix: str
    per_minute_micro: int
    connection_micro: int = 0
    first_s: int = 60
    then_s: int = 60
    currency: str = ""
    valid_from: str = ""

    def cost_micro(self, seconds: float) -> int:
        """What an answered call of this length costs, half a millionth rounded up. 0 seconds are billed as the
        first step."""
        billed_s = self.first_s
        if seconds > self.first_s:
            billed_s += -int(-(seconds - self.first_s) // self.then_s) * self.then_s
        return self.connection_micro + (2 * self.per_minute_micro * billed_s + 60) // 120


def read_rates(path: Path, currency: str) -> tuple[Rate, ...]:
    """The rates of a file. `currency`: that of the installation. Raises `SettingsError` with every problem,
    each with its line and column name."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
        raise SettingsError([Problem(str(path), 1, 1, "", what, "paths are relative to the home")]) from error
    except UnicodeDecodeError as error:
        raise SettingsError([Problem(str(path), 1, 1, "", "not UTF-8 text", "save it as UTF-8")]) from error
    return parse_rates(text, str(path), currency)


def parse_rates(text: str, filename: str, currency: str) -> tuple[Rate, ...]:
    """As `read_rates`, from a file's text."""
    rows = csv.reader(text.splitlines(), strict=True)
    problems: list[Problem] = []
    rates: dict[tuple[str, str], Rate] = {}
    header: Sequence[str] = ()
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells) or cells[0].startswith("#"):
                continue
            line = rows.line_num
            if not header:
                header = [cell.lower() for cell in cells]
                problems += _header_problems(header, filename, line)
                if problems:
                    break
                continue
            if len(cells) > len(header):
                what = f"has {len(cells)} cells under {len(header)} columns"
                problems.append(Problem(filename, line, 1, "", what, "prices have a point, not a comma"))
                continue
            rate = _read_row(dict(zip(header, cells, strict=False)), filename, line, currency, problems)
            if rate is None:
                continue
            if rates.setdefault((rate.prefix, rate.valid_from), rate) is not rate:
                what = f"{rate.prefix} stands here twice" + f" for {rate.valid_from}" * bool(rate.valid_from)
                problems.append(Problem(filename, line, 1, "prefix", what, "remove one"))
    except csv.Error as error:
        problems.append(Problem(filename, rows.line_num, 1, "", f"not CSV: {error}", "close every quote"))
    if not header and not problems:
        problems.append(Problem(filename, 1, 1, "", "is empty", f"begin with a line {','.join(COLUMNS)}"))
    if problems:
        raise SettingsError(problems[:_LONGEST_MESSAGE])
    return tuple(rates.values())


def _header_problems(header: Sequence[str], filename: str, line: int) -> list[Problem]:
    problems = [
        Problem(filename, line, 1, name, "unknown column", f"columns are {', '.join(COLUMNS)}")
        for name in header
        if name not in COLUMNS
    ]
    problems += [
        Problem(filename, line, 1, name, "missing column", f"the first line names columns: {','.join(COLUMNS)}")
        for name in _REQUIRED
        if name not in header
    ]
    return problems


def _read_row(
    cells: dict[str, str], filename: str, line: int, currency: str, problems: list[Problem]
) -> Rate | None:
    def wrong(column: str, what: str) -> None:
        problems.append(Problem(filename, line, 1, column, what, f"write {_ADVICE[column]}"))

    before = len(problems)
    prefix = _PREFIX.fullmatch(cells["prefix"])
    if prefix is None:
        wrong("prefix", f'"{cells["prefix"]}" is no prefix')
    per_minute = _micro(cells.get("per_minute", ""))
    if per_minute is None:
        wrong("per_minute", f'"{cells.get("per_minute", "")}" is no price')
    connection = _micro(cells.get("connection") or "0")
    if connection is None:
        wrong("connection", f'"{cells["connection"]}" is no fee')
    increment = _INCREMENT.fullmatch(cells.get("increment") or "60/60")
    if increment is None:
        wrong("increment", f'"{cells["increment"]}" is no increment')
    if cells.get("currency", "").upper() != currency:
        wrong("currency", f'"{cells.get("currency", "")}" is not the currency of dialer.toml ("{currency}")')
    valid_from = cells.get("valid_from", "")
    try:
        valid_from = date.fromisoformat(valid_from).isoformat() if valid_from else ""
    except ValueError:
        wrong("valid_from", f'"{valid_from}" is no day')
    if len(problems) > before or prefix is None or per_minute is None or connection is None or increment is None:
        return None
    return Rate(
        prefix=prefix[1],
        per_minute_micro=per_minute,
        connection_micro=connection,
        first_s=int(increment[1]),
        then_s=int(increment[2]),
        currency=currency,
        valid_from=valid_from,
    )


def _micro(text: str) -> int | None:
    """Millionths of a price; None for text that is none, is negative or absurd, or finer than a millionth."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    if (
        not amount.is_finite()
        or not 0 <= amount <= MOST
        or (scaled := amount * MICRO) != scaled.to_integral_value()
    ):
        return None
    return int(scaled)


def in_units(micro: int) -> str:
    """Millionths as a decimal text: "0.0125"."""
    return f"{Decimal(micro) / MICRO:f}"
