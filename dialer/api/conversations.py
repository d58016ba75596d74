"""What is said over the control API of who else is in conversations. As `schemas`."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from dialer.api.schemas import E164, Asked, Shown, Word

Mode = Literal["listen", "whisper", "barge"]


class SupervisionAsked(Asked):
    """`phone`: whose phone of `dialer.toml` is called, by its id. `mode`: `listen` (heard by nobody), `whisper`
    (by the agent), `barge` (by everybody)."""

    phone: Word
    mode: Mode = "listen"


class SupervisionRow(Shown):
    """`up`: the phone has answered."""

    agent_id: str
    phone: str
    mode: Mode
    up: bool


class Supervisions(Shown):
    supervisions: list[SupervisionRow]


class PhoneAsked(Asked):
    """`phone`: whose phone of `dialer.toml`, by its id."""

    phone: Word


class ConsultAsked(Asked):
    """Who is asked: `phone`, whose phone of `dialer.toml`, by its id; or `number`, outside."""

    phone: Word | None = None
    number: E164 | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.phone is None) == (self.number is None):
            raise ValueError("give phone (one of dialer.toml's) or number (outside), one of the two")
        return self
