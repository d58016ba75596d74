"""Agents' lines over SIP: carries out what `dialer.agents.line`'s table says, and tells the engine who can be put
through.

A line that is nailed up is up from log-in to log-out, and joining it with a contact takes no SIP at all. One that
is called for each contact is called at the join; its agent counts as there for as long as there is somewhere to
call and the last call succeeded.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from dialer.agents.line import (
    RING_S,
    AgentLine,
    CallPhone,
    DropPhone,
    HangUpPhone,
    LineCommand,
    LineDown,
    LineUp,
    State,
)
from dialer.engine.events import AgentHungUp, PhoneBack, PhoneLost
from dialer.ports.media import NoMediaRoom
from dialer.sip.errors import LocalError, RemoteError
from dialer.sip.sdes import Keys
from dialer.sip.sdp import Media as Session
from dialer.telephony.call_audio import CallAudio
from dialer.telephony.errors import NoSuchLeg, PhoneNowhere, TelephonyError
from dialer.telephony.phone_calls import CallOver, PhoneCalls
from dialer.telephony.phones import Phones

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

CONTACT_RINGS_S = 4.0
"""A phone that is called for each contact may ring so long: somebody waits."""


LineEvent = PhoneLost | PhoneBack | AgentHungUp


@dataclass(frozen=True, slots=True)
class LineRules:
    """`silent_after_s`: so long without a packet of audio and a line is lost; 0: never. `grace_s`: so long a
    conversation is kept whose agent's phone is lost."""

    silent_after_s: float = 5.0
    grace_s: float = 10.0


class _Line:
    """One agent's, and the user of its phone's call. `key`: of that call; others of
    its calls are over for us. `attempt_id`: the contact to be put
    through. `failed`: the phone was called in vain, or lost. `lost`: the engine was told that."""

    __slots__ = (
        "agent_id",
        "attempt_id",
        "failed",
        "key",
        "lines",
        "lost",
        "nailed_up",
        "on_duty",
        "table",
        "timer",
    )

    def __init__(self, lines: AgentLines, agent_id: str) -> None:
        self.lines = lines
        self.agent_id = agent_id
        self.table = AgentLine(agent_id)
        self.nailed_up = True
        self.on_duty = False
        self.key: int | None = None
        self.attempt_id: int | None = None
        self.failed = False
        self.lost = False
        self.timer: asyncio.TimerHandle | None = None

    def phone_answered(self, key: int, session: Session, keys: Keys | None) -> None:
        if key == self.key:
            self.lines.phone_answered(self, session, keys)

    def phone_moved(self, key: int, session: Session, keys: Keys | None) -> None:
        if key == self.key:
            self.lines.phone_moved(self, session, keys)

    def phone_over(self, key: int, how: CallOver, *, hung_up: bool) -> None:
        if key == self.key:
            self.lines.phone_over(self, hung_up=hung_up)


class AgentLines:
    """`post` takes what the engine is to know. `now`: the clock of the signalling, seconds. Used in the event
    loop's thread alone."""

    def __init__(
        self,
        calls: PhoneCalls,
        phones: Phones,
        audio: CallAudio,
        post: Callable[[LineEvent], None],
        now: Callable[[], float],
    ) -> None:
        self.rules = LineRules()
        self._calls = calls
        self._phones = phones
        self._audio = audio
        self._post = post
        self._now = now
        self._lines: dict[str, _Line] = {}
        audio.lines.listener = self

    def states(self) -> dict[str, str]:
        """How the lines of agents on duty are, a `dialer.agents.line.State` value each; those without a phone of
        ours are not there."""
        return {agent_id: line.table.state.value for agent_id, line in self._lines.items() if line.on_duty}

    # --- agents -------------------------------------------------------------------------------------------

    def attend(self, agent_id: str) -> None:
        """The agent has come on duty: their phone is called, or is going to be for each contact. Raises
        `PhoneNowhere` for one who has none."""
        phone = self._phones.phone(agent_id)
        if phone is None:
            raise PhoneNowhere(agent_id)
        line = self._lines.get(agent_id)
        if line is None:
            line = self._lines[agent_id] = _Line(self, agent_id)
        line.on_duty, line.nailed_up = True, phone.nailed_up
        line.failed = line.lost = False
        line.table.ring_s = RING_S if phone.nailed_up else CONTACT_RINGS_S
        self._do(line, line.table.want(self._now()) if phone.nailed_up else [])

    def dismiss(self, agent_id: str) -> bool:
        """The agent is off duty: the phone is hung up. False for one who has no line here."""
        line = self._lines.get(agent_id)
        if line is None:
            return False
        line.on_duty, line.attempt_id = False, None
        self._do(line, line.table.release(self._now()))
        return True

    def join(self, attempt_id: int, agent_id: str) -> None:
        """The contact and the agent hear each other: at once, or as soon as the phone has answered. Raises
        `NoSuchLeg`."""
        self._forget_contact(attempt_id, but=agent_id)
        line = self._lines.get(agent_id)
        if line is None or line.table.state is State.UP:
            self._audio.join(attempt_id, agent_id)
        if line is not None:
            line.attempt_id = attempt_id
            self._do(line, [] if line.nailed_up else line.table.want(self._now()))

    def contact_over(self, attempt_id: int) -> None:
        """Nobody is to be put through to this contact any more."""
        self._forget_contact(attempt_id)

    def _forget_contact(self, attempt_id: int, but: str = "") -> None:
        for line in tuple(self._lines.values()):
            if line.attempt_id == attempt_id and line.agent_id != but:
                line.attempt_id = None
                self._let_go(line)

    def _let_go(self, line: _Line) -> None:
        """A phone that is called for each contact is hung up after it. One that was lost is called until it is
        there again, so that its agent can be given the next."""
        if line.on_duty and not line.nailed_up and not line.failed and line.attempt_id is None:
            self._do(line, line.table.release(self._now()))

    # --- phones -------------------------------------------------------------------------------------------

    def registered(self, agent_id: str) -> None:
        """The agent's phone registered, moved, or took its registration back. That a line is up is known by what
        is heard on it, so this changes nothing there."""
        line = self._lines.get(agent_id)
        if line is not None:
            is_there = self._phones.find(agent_id) is not None
            self._do(line, line.table.registered(self._now()) if is_there else [])

    def line_silent(self, agent_id: str) -> None:
        line = self._lines.get(agent_id)
        if line is not None:
            log.warning("an agent's phone is silent", agent=agent_id, for_s=self.rules.silent_after_s)
            self._do(line, line.table.silent(self._now()))

    def line_lost(self, agent_id: str) -> None:
        """The media ended its leg: the phone is called anew."""
        line = self._lines.get(agent_id)
        if line is not None:
            self._do(line, line.table.silent(self._now()))

    def phone_answered(self, line: _Line, session: Session, keys: Keys | None) -> None:
        if self._connect(line, session, keys):
            self._do(line, line.table.answered(self._now()))

    def phone_moved(self, line: _Line, session: Session, keys: Keys | None) -> None:
        self._connect(line, session, keys)

    def _connect(self, line: _Line, session: Session, keys: Keys | None) -> bool:
        try:
            self._audio.lines.connect(line.agent_id, session, self.rules.silent_after_s, keys)
        except (NoSuchLeg, RemoteError) as error:
            log.warning("an agent's phone cannot be heard; it is hung up", agent=line.agent_id, cause=str(error))
            self._hang_up(line)
            return False
        return True

    def phone_over(self, line: _Line, *, hung_up: bool) -> None:
        line.key = None
        self._audio.lines.close(line.agent_id)
        if hung_up and not line.nailed_up and line.attempt_id is not None and line.table.state is State.UP:
            # Who is called for each contact ends it with the receiver.
            line.attempt_id = None
            line.table.release(self._now())
            self._post(AgentHungUp(line.agent_id))
        self._do(line, line.table.ended(self._now()))

    # --- what the table says ------------------------------------------------------------------------------

    def _do(self, line: _Line, commands: list[LineCommand]) -> None:
        for command in commands:
            match command:
                case CallPhone():
                    self._call(line)
                case HangUpPhone():
                    self._hang_up(line)
                case DropPhone():
                    self._hang_up(line)
                    line.key = None
                    self._audio.lines.close(line.agent_id)
                case LineUp():
                    self._up(line)
                case LineDown():
                    pass  # as `_tell` finds
        self._tell(line)
        self._set_timer(line)
        if line.table.state is State.IDLE and not line.on_duty:
            self._lines.pop(line.agent_id, None)

    def _call(self, line: _Line) -> None:
        try:
            reserve = partial(self._audio.lines.reserve, line.agent_id)
            line.key = self._calls.call(line.agent_id, reserve, line)
        except (TelephonyError, LocalError, NoMediaRoom) as error:
            log.info("an agent's phone cannot be called now", agent=line.agent_id, cause=str(error))
            self._audio.lines.close(line.agent_id)
            self._do(line, line.table.failed(self._now()))

    def _hang_up(self, line: _Line) -> None:
        if line.key is not None:
            self._calls.hang_up(line.key)

    def _up(self, line: _Line) -> None:
        line.failed = False
        if line.attempt_id is not None and not line.lost:
            # Otherwise the engine says who is to be joined, once it knows that the phone is there.
            with contextlib.suppress(NoSuchLeg):  # it is over, and that is on its way
                self._audio.join(line.attempt_id, line.agent_id)
        if not line.nailed_up:
            asyncio.get_running_loop().call_soon(self._let_go, line)

    def _tell(self, line: _Line) -> None:
        """What the engine does not know yet."""
        if not line.on_duty:
            return
        state = line.table.state
        if state in (State.WAITING, State.CANCELLING):
            line.failed = True
        is_there = state is State.UP or (
            not line.nailed_up and not line.failed and self._phones.find(line.agent_id) is not None
        )
        if is_there is line.lost:
            line.lost = not is_there
            log.info("agent's phone", agent=line.agent_id, state=state.value, reachable=is_there)
            if is_there:
                self._post(PhoneBack(line.agent_id))
            else:
                self._post(PhoneLost(line.agent_id, self.rules.grace_s))

    def _set_timer(self, line: _Line) -> None:
        if line.timer is not None:
            line.timer.cancel()
            line.timer = None
        due = line.table.next_deadline()
        if due is not None:
            after_s = max(0.0, due - self._now())
            line.timer = asyncio.get_running_loop().call_later(after_s, self._on_time, line)

    def _on_time(self, line: _Line) -> None:
        line.timer = None
        self._do(line, line.table.on_time(self._now()))

    def close(self) -> None:
        """Nothing is told or called any more; calls are hung up by whoever has them."""
        for line in self._lines.values():
            if line.timer is not None:
                line.timer.cancel()
        self._lines.clear()
