"""Who is in a conversation: the contact, the agent's line, a third party, and who listens to the agent; and who of
them hears whom."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from dialer.media.orders import Connect, Protect
from dialer.ports.media import ReservedLeg
from dialer.sip.sdes import Keys
from dialer.telephony.leg_orders import protect_by


class Mode(StrEnum):
    """How somebody is with an agent's conversations."""

    LISTEN = "listen"  # hears everybody, is heard by nobody
    WHISPER = "whisper"  # is heard by the agent alone
    BARGE = "barge"  # is heard by everybody


class Party:
    """`leg`: of the media port. `comforted`: it is played something, for it hears nobody. `protected`: its audio
    is."""

    __slots__ = ("comforted", "leg", "protected")

    def __init__(self, leg: int) -> None:
        self.leg = leg
        self.comforted = self.protected = False

    def orders_to_protect(self, keys: Keys | None) -> tuple[Protect, ...]:
        """What its leg is to be told when these keys were agreed, None for none: nothing, where it never had
        any."""
        if keys is None and not self.protected:
            return ()
        self.protected = keys is not None
        return (protect_by(self.leg, keys),)

    @property
    def wants_comfort(self) -> bool:
        """Whether it is to hear something while it hears nobody."""
        return True


class Contact(Party):
    """`listener`: the leg whose first packet from here is waited for. `is_held`: hears and is heard by nobody,
    while the agent talks to the third party, `third`. `waits`: it was told that the contact is on hold."""

    __slots__ = (
        "answered_at",
        "attempt_id",
        "connected",
        "is_early",
        "is_held",
        "line",
        "listener",
        "third",
        "waits",
    )

    def __init__(self, attempt_id: int, leg: int) -> None:
        super().__init__(leg)
        self.attempt_id = attempt_id
        self.answered_at = 0.0
        self.connected = self.is_early = self.is_held = self.waits = False
        self.line: Line | None = None
        self.listener: int | None = None
        self.third: Guest | None = None

    @property
    def is_on_hold(self) -> bool:
        """By the agent, here or at the phone."""
        return self.is_held or (self.line is not None and self.line.has_us_on_hold)

    @property
    def wants_comfort(self) -> bool:
        return self.is_on_hold


class Line(Party):
    """An agent's. `connect`: what its leg was told last, None before its far end is known. `host`,
    `port`: where the phone sends to. `is_phone`: one that we
    called, and that hears something always."""

    __slots__ = ("agent_id", "connect", "contact", "host", "is_phone", "port")

    def __init__(self, agent_id: str, reserved: ReservedLeg, *, is_phone: bool) -> None:
        super().__init__(reserved.leg)
        self.agent_id = agent_id
        self.host, self.port = reserved.host, reserved.port
        self.connect: Connect | None = None
        self.is_phone = is_phone
        self.contact: Contact | None = None

    @property
    def wants_comfort(self) -> bool:
        return self.is_phone

    @property
    def has_us_on_hold(self) -> bool:
        """The agent has pressed hold at the phone: whoever is left hears something to wait by."""
        return self.connect is not None and self.connect.held


class Guest(Party):
    """A phone of ours that was called into a conversation. `is_up`: it has answered. `mode`: with an agent's
    conversations; None: as the third party of one."""

    __slots__ = ("is_up", "mode", "phone_id")

    def __init__(self, phone_id: str, leg: int) -> None:
        super().__init__(leg)
        self.phone_id = phone_id
        self.is_up = False
        self.mode: Mode | None = None


def who_hears_whom(contact: Contact, supervisors: Iterable[Guest]) -> list[tuple[Party, tuple[Party, ...]]]:
    """The listen matrix of the contact's conversation. `supervisors`: of the agent in it."""
    present = [guest for guest in supervisors if guest.is_up] if contact.line is not None else []
    talkers: list[Party] = [] if contact.is_held else [contact]
    silent: list[Party] = [contact] if contact.is_held else []
    if contact.line is not None:
        (silent if contact.line.has_us_on_hold else talkers).append(contact.line)
    if contact.third is not None and contact.third.is_up:
        talkers.append(contact.third)
    talkers += [guest for guest in present if guest.mode is Mode.BARGE]
    if len(talkers) == 1 and not silent and not present:
        return []
    whisperers = [guest for guest in present if guest.mode is Mode.WHISPER]
    hears: list[tuple[Party, tuple[Party, ...]]] = [(party, ()) for party in silent]
    for party in talkers:
        others = [other for other in talkers if other is not party]
        hears.append((party, (*others, *whisperers) if party is contact.line else tuple(others)))
    hears += [(guest, tuple(talkers)) for guest in present if guest.mode is not Mode.BARGE]
    return hears
