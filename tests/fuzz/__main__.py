"""Parsers under a coverage-guided fuzzer, by hand. atheris is not among the project's dependencies: there is
none for every Python that the project runs on.

    python -m tests.fuzz sip corpus/ -max_total_time=2400
    python -m tests.fuzz media corpus/ -max_total_time=1200

`corpus/`: any folder; an empty one is filled with what calls send. What crashes is left in `crash-…`: put it into
tests/unit as a test first. Without atheris the same entries can be fed files:

    python -m tests.fuzz sip --replay crash-0123

Results are in docs/benchmarks.md."""

from __future__ import annotations

import contextlib
import importlib
import sys
from hashlib import sha1
from pathlib import Path


def main(target: str, *rest: str) -> None:
    atheris = None if rest[0] == "--replay" else importlib.import_module("atheris")
    with contextlib.nullcontext() if atheris is None else atheris.instrument_imports(include=["dialer"]):
        parsers = importlib.import_module(f"tests.fuzz.{target}")

    def one(data: bytes) -> None:
        """The first octet chooses the entry; each takes at least one more."""
        if len(data) > 1:
            parsers.ENTRIES[data[0] % len(parsers.ENTRIES)](data[1:])

    if atheris is None:
        for name in rest[1:]:
            one(Path(name).read_bytes())
        return
    corpus = Path(rest[0])
    corpus.mkdir(exist_ok=True)
    if not any(corpus.iterdir()):
        for entry, data in parsers.seeds():
            seed = bytes([parsers.ENTRIES.index(entry)]) + data
            (corpus / sha1(seed).hexdigest()).write_bytes(seed)
    atheris.Setup([sys.argv[0], *rest], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
