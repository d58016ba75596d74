"""`python -m tests.bench [NAME…] [--json]`, or `make bench`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable

from dialer.log import configure
from tests.bench import (
    amd,
    attempt,
    beside,
    beside_pace,
    console,
    decide,
    freshness,
    funnel,
    importing,
    journal,
    listening,
    load,
    media,
    memory,
    next_leads,
    overview,
    pace,
    restart,
    simulate,
    sip,
    sipp,
)
from tests.bench.measure import Result, calibrate, machine

BENCHES: dict[str, Callable[[], list[Result]]] = {
    "sip": sip.bench,
    "attempt": attempt.bench,
    "media": media.bench,
    "listening": listening.bench,
    "simulate": simulate.bench,
    "journal": journal.bench,
    "pace": pace.bench,
    "import": importing.bench,
    "import-full": importing.full,
    "decide": decide.bench,
    "freshness": freshness.bench,
    "funnel": funnel.bench,
    "next-leads": next_leads.bench,
    "console": console.bench,
    "overview": overview.bench,
    "restart": restart.bench,
    "beside": beside.bench,
    "beside-pace": beside_pace.bench,
    "amd": amd.bench,
    "memory": memory.bench,
    "growth": memory.growth,
    "load": load.bench,
    "stress": load.stress,
}
ONLY_BY_NAME = (
    "import-full",
    "restart",
    "beside",
    "beside-pace",
    "amd",
    "freshness",
    "funnel",
    "next-leads",
    "memory",
    "growth",
    "load",
    "stress",
)
"""They take minutes, amd half an hour."""
NEED_SIPP = ("sip", "attempt", "memory", "growth", "load", "stress")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"which: {', '.join(BENCHES)}; if none is given all but {', '.join(ONLY_BY_NAME)}",
    )
    parser.add_argument("--calls", type=int, help="how many `growth` places instead of 100,000", metavar="N")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHES]
    if unknown:
        parser.error(f"no benchmark {unknown[0]!r}; known: {', '.join(BENCHES)}")
    configure("warning")  # as the service runs: a line that nobody reads costs nothing
    where = machine() | {"calibration_us": round(calibrate(), 1)}
    if not options.json:
        print(", ".join(f"{name} {value}" for name, value in where.items()))
    results = []
    for name in options.names or [name for name in BENCHES if name not in ONLY_BY_NAME]:
        if name in NEED_SIPP and not sipp.is_installed():
            print(f"{name}: left out, for sipp is not installed (Debian: sip-tester)", file=sys.stderr)
            continue
        found = memory.growth(options.calls) if name == "growth" and options.calls else BENCHES[name]()
        results += found
        if not options.json:
            print("\n".join(map(str, found)), flush=True)
    if options.json:
        print(json.dumps({"machine": where, "results": [result.as_dict() for result in results]}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
