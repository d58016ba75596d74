"""The file of rejects: each row of a list that was not taken, with its reason, to be mended and imported again."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dialer.errors import EnvironmentFault
from dialer.operations.whole_file import whole_file
from lists.errors import OptionError
from lists.fault import Fault
from lists.importing import Accepted, Duplicate, Rejected, Repeated, Verdict
from lists.mapping import REJECT_PREFIX
from lists.reader import ListFile
from lists.reasons import KEPT, OF_A_VALUE, Reason
from lists.spreadsheet import harmless

REJECT_COLUMNS = tuple(
    f"{REJECT_PREFIX}{name}" for name in ("row", "line", "result", "reason", "field", "value", "text")
)
_NO_NUMBER = OF_A_VALUE | {Reason.UNKNOWN_PLACE}
Put = Callable[[tuple[str, ...], Verdict], None]
"""Told of each row: its cells as they stand in the file, and what became of it."""


@contextmanager
def rejects_file(path: Path | None, file: ListFile) -> Iterator[Put | None]:
    """A sink for what was not taken: one line a row, in the list's own columns, so that the file can be mended
    and imported again. It stands under its name only once the import is through; it has a byte order mark and
    the list's own delimiter, so that the spreadsheet which made the list opens it."""
    if path is None:
        yield None
        return
    places = [place for place, name in enumerate(file.header) if not name.startswith(REJECT_PREFIX)]
    opened = False
    full: EnvironmentFault | None = None

    def tried(write: Callable[..., object], *row: Iterable[str]) -> None:
        nonlocal full
        try:
            write(*row)
        except OSError as error:
            full = EnvironmentFault(
                f"rejects: {path} cannot be written: {error.strerror}; make room, or name another, and import "
                "again: leads that are stored already count as duplicates"
            )
            raise full from error

    try:
        with whole_file(path, "utf-8-sig") as stream:
            opened = True
            out = csv.writer(stream, delimiter=file.delimiter)
            out.writerow([*(harmless(file.header[place]) for place in places), *REJECT_COLUMNS])

            def put(as_read: tuple[str, ...], verdict: Verdict) -> None:
                result, faults = _faults(verdict)
                if not faults:
                    return
                cells = _as_wide(as_read, len(file.header), file.delimiter)
                first = faults[0]
                text = "; ".join(fault.text for fault in faults)
                about = (
                    str(verdict.row),
                    str(verdict.line),
                    result,
                    str(first.reason),
                    first.field,
                    first.value,
                    text,
                )
                tried(out.writerow, map(harmless, (*(cells[place] for place in places), *about)))

            yield put
            tried(stream.flush)
    except OSError as error:
        if full is not None:  # and closing the file failed once more
            raise full from error
        if opened:
            raise
        raise OptionError("rejects", f"{path} cannot be written: {error.strerror}") from error


def _as_wide(cells: tuple[str, ...], width: int, delimiter: str) -> tuple[str, ...]:
    """A broken row's cells under the header: filled up, or what is too many joined in the last."""
    if len(cells) > width:
        return *cells[: width - 1], delimiter.join(cells[width - 1 :])
    return *cells, *[""] * (width - len(cells))


def _faults(verdict: Verdict) -> tuple[str, tuple[Fault, ...]]:
    """What the file of rejects says of a row: (result, faults); no faults for a row taken whole."""
    if isinstance(verdict, Accepted):
        faults = tuple([fault for fault in verdict.warnings if fault.reason not in KEPT])
        left_out = {fault.reason for fault in faults}
        what = "value" if left_out & OF_A_VALUE else "place"
        return f"{what if left_out <= _NO_NUMBER else 'number'}_left_out", faults
    if isinstance(verdict, Rejected):
        return "rejected", (verdict.fault, *verdict.others)
    if isinstance(verdict, Repeated):
        return "", ()  # it has told what it knew
    return ("duplicate" if isinstance(verdict, Duplicate) else "suppressed"), (verdict.fault,)
