"""How far long work is: on a terminal's standard error, gone when it is done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress as Bar


class Progress(Protocol):
    """Told how much is done, and of how much."""

    def __call__(self, done: int, total: int) -> None: ...


Count = Callable[[int], None]
"""Told how much is done, of nobody knows how much."""


@contextmanager
def bar(what: str) -> Iterator[Progress | None]:
    """With the pace and the time left. `what`: the unit, "rows". None where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    with _bars(what) as shown:
        task = shown.add_task(what, total=None, rate="")

        def update(done: int, total: int) -> None:
            shown.update(task, completed=done, total=total, rate=_rate(shown))

        yield update


@contextmanager
def counter(what: str) -> Iterator[Count | None]:
    """The same where the end is not known beforehand."""
    if not sys.stderr.isatty():
        yield None
        return
    with _bars(what) as shown:
        task = shown.add_task(what, total=None, rate="")

        def update(done: int) -> None:
            shown.update(task, completed=done, rate=_rate(shown))

        yield update


@contextmanager
def _bars(what: str) -> Iterator[Bar]:
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn(what),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TextColumn("{task.fields[rate]}"),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        yield shown


def _rate(shown: Bar) -> str:
    speed = shown.tasks[0].speed
    return "" if speed is None else f"{speed:,.0f}/s"
