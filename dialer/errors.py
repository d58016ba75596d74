"""Errors that a user of the commands meets, with the exit status they come to.

    DialerError                 2
    ├── InputError              2   wrong input: the text names file, line, field or option, and says what to do
    │   ├── SettingsError       2   `dialer.toml`, with every problem found in it
    │   ├── HomeError           2   the home is missing, or something is in its way
    │   └── UnknownName         2   no list, campaign, lead or trunk of that name
    ├── ServiceNotRunning       3   the command needs the service, and it is not running
    ├── TakenOver               4   another home has taken the database from the service
    └── EnvironmentFault        2   nothing wrong with the input: a disk, a port or a database is in the way

Exit status 1 is no error: it is the answer "no" (`dialer why`, `dialer audit`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from pathlib import Path

from campaigns.errors import Problem

DONE = 0
ANSWER_IS_NO = 1
WRONG_INPUT = 2
NOT_RUNNING = 3
TAKEN_OVER = 4
FAULT = 70  # a fault of the program itself (EX_SOFTWARE of sysexits.h)
INTERRUPTED = 130


class DialerError(Exception):
    """Root of the tree. `exit_status` is what the command ends with."""

    exit_status = WRONG_INPUT


class InputError(DialerError):
    """What the user gave is wrong, and the text says how to mend it."""


class SettingsError(InputError):
    """`dialer.toml` is wrong. `problems` holds all of them, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        super().__init__("\n".join(map(str, self.problems)))


class HomeError(InputError):
    """The home cannot be used as it is."""

    def __init__(self, home: Path, text: str) -> None:
        super().__init__(f"{home}: {text}")
        self.home = home


class UnknownName(InputError):
    """Nothing of this `kind` ("list", "campaign") has this name; `advice` says how to get one. `known`: the names
    there are; None: too many to be told."""

    def __init__(self, kind: str, name: str, known: Collection[str] | None, advice: str = "") -> None:
        near = get_close_matches(name, known or (), n=1)
        if near:
            hint = f'did you mean "{near[0]}"?'
        elif known:
            hint = f"there is {', '.join(sorted(known)[:10])}"
        else:
            hint = "" if known is None else f"there is no {kind} yet"
        if advice and not near:
            hint = f"{hint}; {advice}" if hint else advice
        super().__init__(f'no {kind} is called "{name}" ({hint})')
        self.kind = kind
        self.name = name


class ServiceNotRunning(DialerError):
    """The command goes through the service, which is not running."""

    exit_status = NOT_RUNNING


class TakenOver(DialerError):
    """While the service was cut off from its database another home took it; started again it would be refused."""

    exit_status = TAKEN_OVER


class EnvironmentFault(DialerError):
    """Something of this machine is in the way: a full disk, a taken port, a missing permission."""
