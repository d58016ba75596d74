"""Cells as people typed them, made comparable: blanks, invisible characters, names in one or two columns."""

from __future__ import annotations

import unicodedata

from lists.spreadsheet import plain

# Joiners (U+200C, U+200D) are left in text: Persian and Indian names are spelt with them.
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)


def row(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Each cell as `cell` makes it. Rows are looked at as a whole first: nearly all are as they should be."""
    line = f"|{'|'.join(cells)}|"
    if _is_tidy(line) and "| " not in line and " |" not in line and "|'" not in line:
        return cells
    return tuple(map(cell, cells))


def _is_tidy(text: str) -> bool:
    """Whether nothing in it but blanks at its ends is to be mended: what is invisible is not printable either."""
    return text.isprintable() and "  " not in text and (text.isascii() or unicodedata.is_normalized("NFC", text))


def cell(text: str) -> str:
    """The cell in NFC, without invisible characters, runs of blanks and line breaks as one space each."""
    if _is_tidy(text):
        return plain(text.strip())
    return plain(" ".join(unicodedata.normalize("NFC", text.translate(_INVISIBLE)).split()))


def phone(text: str) -> str:
    """As `cell`, and without any mark that is no character by itself. Blanks of any width are spaces, and runs of
    them stay: they may stand between two numbers."""
    if text.isascii():
        return plain(text.strip())
    return plain("".join(map(_in_number, text)).strip())


def _in_number(letter: str) -> str:
    match unicodedata.category(letter):
        case "Zs":
            return " "
        case "Cf" | "Mn" | "Me":  # format (directions, joiners), combining (variation, grapheme joiner), enclosing
            return ""
    return letter


def split_name(name: str, *, last_first: bool = False) -> tuple[str, str]:
    """A full name as (first, last): "Popescu, Ana Maria" at its comma, "Ana Maria Popescu" before its last
    word, or `last_first`, "Popescu Ana Maria" behind its first. A single word is a first name. Whatever the split,
    `Lead.display_name` has all of it."""
    if "," in name:
        last, _, first = name.partition(",")
        return first.strip(), last.strip()
    if last_first:
        last, _, first = name.partition(" ")
    else:
        first, _, last = name.rpartition(" ")
    return (first, last) if first and last else (name, "")
