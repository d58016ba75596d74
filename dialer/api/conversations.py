"""What is said over the control API of who else is in conversations. As `schemas`."""

from __future__ import annotations

from typing import Literal

from dialer.api.schemas import Asked, Shown, Word

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
