"""Text as it stands in the cells of a terminal: lines of styled spans, cut and padded to their width."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

Span = tuple[str, str]
"""(text, name of a style of `palette`)."""

Line = tuple[Span, ...]

CUT = "…"
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@lru_cache(8_192)
def clean(text: str) -> str:
    """The text without what would move the cursor or turn the direction of the rest of its line (control
    characters, bidirectional marks): names come from files of others. Each becomes a dot."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("·" if unicodedata.category(letter) in _UNPRINTABLE else letter for letter in text)


@lru_cache(16_384)
def fit(text: str, width: int, right: bool = False) -> str:
    """Exactly `width` cells: cut with … or padded, on the left when `right`."""
    if width <= 0:
        return ""
    text = clean(text)
    taken = len(text) if text.isascii() else cell_len(text)
    if taken > width:
        return set_cell_size(set_cell_size(text, width - 1).rstrip() + CUT, width)
    padding = " " * (width - taken)
    return padding + text if right else text + padding


def width_of(text: str) -> int:
    """Cells that the text takes."""
    return cell_len(clean(text))


def line(*spans: Span) -> Line:
    """A line of cleaned spans."""
    return tuple((clean(text), style) for text, style in spans if text)


def length(of: Line) -> int:
    """Cells that the line takes."""
    return sum(cell_len(text) for text, _ in of)


def fit_line(of: Line, width: int) -> Line:
    """Exactly `width` cells of it; where it is longer, … stands at its end."""
    missing = width - length(of)
    if missing >= 0:
        return (*of, (" " * missing, "")) if missing else of
    kept: list[Span] = []
    left = width
    for text, style in of:
        taken = cell_len(text)
        if taken >= left:  # it is this one, or the next, that there is no room for
            kept.append((fit(text + CUT, left), style))
            break
        kept.append((text, style))
        left -= taken
    return tuple(kept)


def ends(left: Line, right: Line, width: int) -> Line:
    """One line with `left` at its left end and `right` at its right one; `left` is cut where both do not fit."""
    taken = min(width, length(right))
    return fit_line(fit_line(left, width - taken) + right, width)


def beside(blocks: Sequence[Sequence[Line]], widths: Sequence[int]) -> list[Line]:
    """The blocks next to each other, each as wide as told."""
    height = max((len(block) for block in blocks), default=0)
    return [
        tuple(
            span
            for block, width in zip(blocks, widths, strict=True)
            for span in fit_line(block[y] if y < len(block) else (), width)
        )
        for y in range(height)
    ]


def wrap(text: str, width: int, style: str = "") -> list[Line]:
    """The text in lines of at most `width` cells, broken between words where it can be."""
    lines: list[Line] = []
    row = ""
    for word in clean(text).split(" "):
        joined = f"{row} {word}" if row else word
        if cell_len(joined) <= width:
            row = joined
            continue
        if row:
            lines.append(((row, style),))
        while cell_len(word) > width:
            head = set_cell_size(word, width).rstrip() or word[:1]
            lines.append(((head, style),))
            word = word[len(head) :]
        row = word
    lines.append(((row, style),) if row else ())
    return lines


def plain(lines: Iterable[Line]) -> str:
    """The lines without their styles."""
    return "\n".join("".join(text for text, _ in row).rstrip() for row in lines)
