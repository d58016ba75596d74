"""The command line. `docs/reference/commands.md` is its reference."""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit status. `argv`: without the program's name; the process's when None."""
    from dialer.cli.program import run

    return run(argv)
