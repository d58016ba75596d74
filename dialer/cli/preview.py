"""What was understood of a list, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialer.cli.output import print_facts, print_table, say, warn

if TYPE_CHECKING:
    from lists.preview import Preview

_BY = {
    "stated": "as stated",
    "mark": "by its byte order mark",
    "content": "all of the file is",
    "workbook": "a workbook's sheet",
    "proposed": "a guess, to be confirmed with --encoding",
}
_NAMED = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}


_EXAMPLE = 60
"""Characters: a cell may have a hundred thousand."""


def print_preview(preview: Preview) -> None:
    """Cautions go beside the result."""
    delimiter = _NAMED.get(preview.delimiter, preview.delimiter)
    print_facts((("encoding", f"{preview.encoding} ({_BY[preview.encoding_by]})"), ("delimiter", delimiter)))
    say("")
    print_table(
        ("column", "read as", "for example"),
        (
            (column, field, _short(next((row.cells[column] for row in preview.rows if row.cells.get(column)), "")))
            for column, field in preview.fields.items()
        ),
        empty="",
    )
    say("")
    print_table(
        ("line#", "numbers", "may be in", "not taken because"),
        ((row.line, ", ".join(row.numbers), ", ".join(row.zones), _short(row.fault, 200)) for row in preview.rows),
        empty="",
    )
    for caution in preview.cautions:
        where = f"column {caution.column}, {caution.count:,} of the first rows: " if caution.column else ""
        warn(f"look: {where}{caution.text}")


def _short(text: str, length: int = _EXAMPLE) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
