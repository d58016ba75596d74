"""What can go wrong in this package:

SimTrunkError
├── PopulationFileError    a population file, with every problem found in it
└── TwinError              the engine in virtual time does what no engine may do
"""

from __future__ import annotations

from collections.abc import Iterable

from campaigns.errors import Problem


class SimTrunkError(Exception):
    """Base of every error raised by `sim_trunk`."""


class PopulationFileError(SimTrunkError, ValueError):
    """A population file is wrong. `problems` holds all of them, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        super().__init__("\n".join(map(str, self.problems)))


class TwinError(SimTrunkError):
    """The engine asked for something that cannot be: a call originated twice, a deadline that never passes."""
