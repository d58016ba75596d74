"""Commands in this process, as a user types them: exit status, standard output, standard error."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from dialer.cli import main


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Dialer:
    """`dialer …` on one home."""

    def __init__(self, capsys: pytest.CaptureFixture[str], home: object) -> None:
        self._capsys = capsys
        self.home = home

    def __call__(self, *arguments: object) -> Ran:
        self._capsys.readouterr()
        status = main([*map(str, arguments), "--home", str(self.home)])
        captured = self._capsys.readouterr()
        return Ran(status, captured.out, captured.err)
