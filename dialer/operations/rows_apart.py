"""The rows of a list read and judged by themselves in a second process, while this one sifts and stores them.

That half of an import takes as long as the other. The process is started afresh (`spawn`): this one may have
threads, and a fork of those would wait for locks that nobody holds any more.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from dialer.operations.apart import start_apart
from dialer.operations.numbering_plans import open_plans
from lists.errors import ListError, ListFileError
from lists.importing import Read, read_rows
from lists.mapping import Columns
from lists.packing import Packed, pack, unpack
from lists.phone import NOTHING
from lists.reader import open_list
from lists.reasons import Reason

CHANGED = "changed while it was imported; wait until it is written, then import it again"
END_WITHIN_S = 5.0
GARBAGE_THRESHOLDS = (200_000, 50, 100)
"""Rows are made by ten thousands and refer to nothing that refers back: looking for cycles among them costs a
quarter of the time, and finds none."""


@dataclass(frozen=True, slots=True)
class RowsOrder:
    """What to read, as it was found out when the file was looked at first. `named`: what messages
    call it. `with_cells`: see `pack`. `plans`: folder of the numbering plans' tables.
    `accept`: see `lists.phone.parse_phone`."""

    path: Path
    named: Path
    delimiter: str
    encoding: str | None
    columns: Columns
    region: str | None
    batch: int
    with_cells: bool
    plans: Path | None = None
    accept: frozenset[Reason] = NOTHING


@contextmanager
def rows_apart(order: RowsOrder) -> Iterator[Iterator[list[Read]]]:
    """Its batches, as `read_rows` gives them. The process is ended with the block, however that ends. Iterating
    raises `ListFileError`."""
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_read, args=(theirs, order), name="dialer-list-reader", daemon=True)
    start_apart(process)
    theirs.close()
    try:
        yield _batches(order.named, ours)
    finally:
        ours.close()
        process.join(END_WITHIN_S)  # what it has still to send has nowhere to go: it ends by itself
        if process.is_alive():
            process.kill()
            process.join()
        process.close()


def _batches(path: Path, ours: Connection) -> Iterator[list[Read]]:
    while True:
        try:
            said: list[Packed] | ListError | None = ours.recv()
        except EOFError as error:
            raise ListFileError(path, "the process that reads it has ended early; import it again") from error
        if said is None:
            return
        if isinstance(said, ListError):
            raise said
        yield unpack(said)


def _read(theirs: Connection, order: RowsOrder) -> None:
    """In the other process."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    with suppress(BrokenPipeError):  # nobody wants the rest, or what is wrong with it
        try:
            _send(theirs, order)
        except ListError as error:
            theirs.send(error)


def _send(theirs: Connection, order: RowsOrder) -> None:
    with open_list(order.path, delimiter=order.delimiter, encoding=order.encoding, named=order.named) as file:
        if file.header != order.columns.header:
            raise ListFileError(order.named, CHANGED)
        plans = open_plans(order.plans)
        for batch in read_rows(file.rows(), order.columns, order.region, order.batch, plans, order.accept):
            theirs.send(pack(batch, with_cells=order.with_cells))
            del batch  # ten thousand rows: before the next are read
    theirs.send(None)
