"""What commands say. Standard output has the result, as tables or as one JSON document; all else goes to
standard error."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def print_json(document: object, out: IO[str] | None = None) -> None:
    """The whole of standard output (or of `out`), when asked for with --json."""
    stream = out if out is not None else sys.stdout
    json.dump(document, stream, indent=2, ensure_ascii=False, allow_nan=False)
    stream.write("\n")


def say(text: str) -> None:
    """A line of the result."""
    sys.stdout.write(f"{text}\n")


def warn(text: str) -> None:
    """A line beside the result."""
    sys.stderr.write(f"{text}\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """A table; columns whose name ends in # are numbers, aligned to the right. `empty`: said instead of a table
    without rows."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        is_number = column.endswith("#")
        table.add_column(column.removesuffix("#"), justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))  # Text: no markup in what users wrote
    if not table.row_count:
        say(empty)
        return
    console().print(table)


def print_facts(facts: Iterable[tuple[str, object]]) -> None:
    """Names and values, one a line; on a terminal a long value goes on below itself."""
    pairs = [(name, _cell(value)) for name, value in facts]
    indent = max((len(name) for name, _ in pairs), default=0) + 2
    room = max(shutil.get_terminal_size().columns - indent, 20) if sys.stdout.isatty() else 0
    for name, value in pairs:
        lines = textwrap.wrap(value, room, break_on_hyphens=False) if room and len(value) > room else [value]
        say(f"{name:<{indent}}" + f"\n{'':<{indent}}".join(lines))


def minute(moment: str | None) -> str | None:
    """A moment of a JSON document (`2026-11-22T20:00:31.5Z`) as tables show it: `2026-11-22 20:00Z`."""
    return None if moment is None else f"{moment[:10]} {moment[11:16]}Z"


def console() -> Console:
    """rich on standard output; as wide as needed where that is no terminal, so that nothing is cut."""
    from rich.console import Console

    return Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else 200)


_STEERING = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)], "\ufffd")
"""Control characters but for tab and line feed: a name in a list must not give a terminal orders."""


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value).translate(_STEERING)
