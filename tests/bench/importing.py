"""Importing a list, against the least one can do with the same rows: parse each number with phonenumbers."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import phonenumbers

from dialer.clock import monotonic
from dialer.operations.import_list import ImportOptions, import_list
from dialer.storage.database import open_database
from lists.sample import csv_text, generate
from tests.bench.lists import NOON
from tests.bench.measure import Result, Stopwatch


def bench(count: int = 20_000) -> list[Result]:
    text = csv_text(generate(count, 2))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        path.write_text(text, encoding="utf-8")
        with open_database(Path(folder) / "dialer.db") as database:
            watch = Stopwatch()
            summary = import_list(
                path,
                ImportOptions(list_name="people"),
                write=database.writer.write,
                reader=database.reader,
                now=NOON,
                clock=monotonic,
            )
            ours = count / watch.stop()
    if summary.accepted != count:
        raise RuntimeError(f"{summary.accepted} of {count} rows were taken")
    naive = _naive(text, count)
    name = "csv + phonenumbers"
    note = "read twice, judged, zones, duplicates, do-not-call register, committed; the loop parses and validates"
    return [
        Result(
            "import",
            ours,
            "rows/s CPU",
            None,
            naive,
            name,
            watch.calibration_us,
            count,
            note,
            higher_is_better=True,
        )
    ]


def _naive(text: str, count: int) -> float:
    watch = Stopwatch()
    valid = 0
    for row in csv.DictReader(io.StringIO(text)):
        for column in ("phone", "phone2"):
            if row[column]:
                number = phonenumbers.parse(row[column], None)
                valid += phonenumbers.is_valid_number(number)
    if valid < count:
        raise RuntimeError(f"{valid} numbers of {count} rows are valid")
    return count / watch.stop()
