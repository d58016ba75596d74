"""One import into a store, in a process of its own: `python -m tests.bench.import_once FILE STORE`. What it took
is printed as JSON."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from dialer.clock import monotonic
from dialer.operations.collection import rare_collections
from dialer.operations.import_list import ImportOptions, import_list
from dialer.storage.database import open_database
from tests.bench.lists import NOON


def main(file: str, where: str) -> int:
    with open_database(where) as database, rare_collections():  # as the command does
        began = monotonic()
        summary = import_list(
            Path(file),
            ImportOptions(list_name="people", source="bench"),
            write=database.writer.write,
            reader=database.reader,
            now=NOON,
            clock=monotonic,
            alone=True,
        )
        elapsed_s = monotonic() - began
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    took = {
        "elapsed_s": elapsed_s,
        "cpu_s": own.ru_utime + own.ru_stime,
        "cpu_children_s": children.ru_utime + children.ru_stime,
        "peak_mb": own.ru_maxrss / 1024,
        "peak_children_mb": children.ru_maxrss / 1024,
        "summary": summary.to_json(),
    }
    print(json.dumps(took))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
