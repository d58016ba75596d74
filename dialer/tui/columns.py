"""Columns of a table: which of them a width has room for, and a row as a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from dialer.tui.cells import Line, Span, fit

Row = TypeVar("Row")

GAP = 1


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """`cell(row, width)` answers text and style. `rank`: columns of the highest rank are left out first where
    there is no room; those of rank 0 never. `most`: cells that it grows to where there is room left over."""

    title: str
    width: int
    cell: Callable[[Row, int], Span]
    right: bool = False
    rank: int = 0
    most: int = 0


Fitted = Sequence[tuple[Column[Row], int]]


def choose(columns: Sequence[Column[Row]], width: int) -> Fitted[Row]:
    """The columns that `width` has room for, in their order, each with the cells it gets."""
    chosen = list(columns)
    while (left := width - sum(column.width + GAP for column in chosen) + GAP) < 0:
        last = max(column.rank for column in chosen)
        if last == 0:
            break
        chosen = [column for column in chosen if column.rank != last]
    widths = [column.width for column in chosen]
    growing = [n for n, column in enumerate(chosen) if column.most > column.width]
    while left > 0 and growing:
        for n in list(growing):
            if left == 0:
                break
            widths[n] += 1
            left -= 1
            if widths[n] == chosen[n].most:
                growing.remove(n)
    return list(zip(chosen, widths, strict=True))


def heading(fitted: Fitted[Row]) -> Line:
    """The titles over their columns."""
    titles = (" " * GAP).join(fit(column.title, width, column.right) for column, width in fitted)
    return ((titles, "head"),)


def row_line(fitted: Fitted[Row], row: Row) -> Line:
    """One row; neighbours of one style are one span."""
    spans: list[Span] = []
    for column, width in fitted:
        text, style = column.cell(row, width)
        text = fit(text, width, column.right)
        if spans:
            spans[-1] = (spans[-1][0] + " " * GAP, spans[-1][1])
        if spans and spans[-1][1] == style:
            spans[-1] = (spans[-1][0] + text, style)
        else:
            spans.append((text, style))
    return tuple(spans)
