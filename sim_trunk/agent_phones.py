"""Simulated agents on the live floor: each has a line with real RTP, hears who is there, and says what came of it.

The habits are those of `sim_agents.py`, the same as in virtual time; here they are played with sockets and
timers.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass

from dialer.agents.agent import AgentState
from dialer.clock import Clock
from dialer.engine.commands import NotifyAgent
from dialer.engine.events import AgentHungUp, AgentLoggedIn, AgentLoggedOut, AgentReady, Dispositioned, Event
from dialer.media.errors import MalformedPacket
from dialer.media.rtp import FRAME_SAMPLES, RtpPacket, RtpSender
from dialer.media.timeline import SILENCE
from dialer.sip.sdes import Keys
from dialer.telephony.media_server.srtp import Srtp
from sim_trunk import voices
from sim_trunk.callee import Persona
from sim_trunk.protection import protection
from sim_trunk.sim_agents import Reaction, SimAgents

TICK_S = 0.02
LISTENS_S = 1.0
"""An agent who hears nothing for this long takes the line for dead."""

RECEIVE_OCTETS = 2048
_SILENCE = SILENCE * FRAME_SAMPLES


@dataclass(slots=True)
class Phone:
    """One agent's line: its socket, our end's address, what its audio is protected with, and the contact in
    progress."""

    agent_id: str
    sock: socket.socket
    sender: RtpSender
    line: tuple[str, int] | None = None
    srtp: Srtp | None = None
    contacts: int = 0
    attempt_id: int | None = None
    talking: bool = False
    heard: Persona | None = None
    reaction: Reaction | None = None
    timer: asyncio.TimerHandle | None = None
    packets_in: int = 0


class AgentPhones:
    """All simulated agents of one campaign. `open_line` connects an agent's phone (its RTP address) to the
    dialer and answers with the address to send to, None when that is told later (`line_opened`); `post` takes
    what the agents do. `never_silent`: they send while they wait too, as phones do whose line is kept up."""

    def __init__(
        self,
        agent_ids: tuple[str, ...],
        campaign: str,
        habits: SimAgents,
        open_line: Callable[[str, tuple[str, int]], tuple[str, int] | None],
        post: Callable[[Event], None],
        clock: Clock,
        host: str = "127.0.0.1",
        *,
        never_silent: bool = False,
    ) -> None:
        self._campaign = campaign
        self._habits = habits
        self._post = post
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._phones: dict[str, Phone] = {}
        self._ticker: asyncio.TimerHandle | None = None
        self._next_tick = 0.0
        self._going_home = False
        self._never_silent = never_silent
        self._began_at: float | None = None
        self._log_ins: list[asyncio.TimerHandle] = []
        for position, agent_id in enumerate(agent_ids):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.setblocking(False)
            sock.bind((host, 0))
            phone = Phone(agent_id, sock, RtpSender(position + 1, position, 0))
            self._phones[agent_id] = phone
            phone.line = open_line(agent_id, sock.getsockname())
            self._loop.add_reader(sock, self._hear, phone)

    def start(self) -> None:
        """The agents come to work one after the other, as their population says, from the first start on. Started
        over, those who had come by then are there: they log in at once, all of them."""
        now = self._loop.time()
        if self._began_at is None:
            self._began_at = now
        for position, agent_id in enumerate(self._phones):
            comes_at = self._began_at + self._habits.login_after_s(position)
            self._log_ins.append(self._loop.call_later(max(0.0, comes_at - now), self._log_in, agent_id))

    def start_over(self) -> None:
        """The dialer is gone, or knows nothing of these agents any more: what they were at is over. `start` has
        them log in again."""
        for log_in in self._log_ins:
            log_in.cancel()
        self._log_ins.clear()
        for phone in self._phones.values():
            self._clear_timer(phone)
            phone.talking = False
            phone.attempt_id = phone.line = phone.srtp = phone.heard = phone.reaction = None

    def line_opened(self, agent_id: str, line: tuple[str, int], keys: Keys | None = None) -> None:
        """Where the agent's audio is to be sent from now on, and what it is protected with."""
        phone = self._phones[agent_id]
        phone.line, phone.srtp = line, protection(phone.srtp, keys)
        if self._never_silent:
            self._start_ticker()

    def line_closed(self, agent_id: str) -> None:
        """It goes nowhere any more."""
        if (phone := self._phones.get(agent_id)) is not None:
            phone.line = phone.srtp = None

    @property
    def contacts(self) -> int:
        """How many conversations they have had."""
        return sum(phone.contacts for phone in self._phones.values())

    def packets_in(self, agent_id: str) -> int:
        """How many packets of audio the agent's phone has had."""
        return self._phones[agent_id].packets_in

    def log_out(self) -> None:
        """Everybody goes home when the contact in progress is over."""
        self._going_home = True
        for agent_id in self._phones:
            self._post(AgentLoggedOut(agent_id))

    def close(self) -> None:
        """Close every line."""
        if self._ticker is not None:
            self._ticker.cancel()
            self._ticker = None
        for log_in in self._log_ins:
            log_in.cancel()
        for phone in self._phones.values():
            if phone.timer is not None:
                phone.timer.cancel()
            self._loop.remove_reader(phone.sock)
            phone.sock.close()
        self._phones.clear()

    def agent_changed(self, change: NotifyAgent) -> None:
        """The dialer tells an agent's desk its state."""
        phone = self._phones.get(change.agent_id)
        if phone is None:
            return
        if change.state == AgentState.TALKING.value:
            if phone.talking and change.attempt_id == phone.attempt_id:
                return  # advice; they listen for themselves
            phone.contacts += 1
            phone.attempt_id = change.attempt_id
            phone.talking = True
            phone.heard = phone.reaction = None
            self._set_timer(phone, LISTENS_S, self._hears_nothing)
            self._start_ticker()
        elif change.state == AgentState.WRAP_UP.value:
            phone.talking = False
            reaction = self._reaction(phone)
            self._set_timer(phone, reaction.wrap_s, self._dispose)
        elif change.state == AgentState.LOGGED_OUT.value:  # also out of a contact, when the dialer ends
            phone.talking = False
            self._clear_timer(phone)

    # --- what an agent does -------------------------------------------------------------------------------

    def _log_in(self, agent_id: str) -> None:
        if agent_id in self._phones and not self._going_home:
            self._post(AgentLoggedIn(agent_id, self._campaign))
            self._post(AgentReady(agent_id))

    def _reaction(self, phone: Phone) -> Reaction:
        if phone.reaction is None:
            phone.reaction = self._habits.reaction(phone.agent_id, phone.contacts, phone.heard)
        return phone.reaction

    def _recognised(self, phone: Phone) -> None:
        self._clear_timer(phone)
        reaction = self._reaction(phone)
        if reaction.hangs_up_after_s is not None:
            self._set_timer(phone, reaction.hangs_up_after_s, self._hang_up)

    def _hears_nothing(self, phone: Phone) -> None:
        patience_s = self._reaction(phone).hangs_up_after_s
        phone.reaction = None  # a voice may still come
        if patience_s is not None:
            self._set_timer(phone, max(0.0, patience_s - LISTENS_S), self._hang_up)

    def _hang_up(self, phone: Phone) -> None:
        if phone.talking:
            self._post(AgentHungUp(phone.agent_id))

    def _dispose(self, phone: Phone) -> None:
        reaction = self._reaction(phone)
        if reaction.code is None or phone.attempt_id is None:
            return  # lets the wrap-up limit pass
        promise = reaction.promise(phone.agent_id, self._clock.now())
        self._post(Dispositioned(phone.agent_id, phone.attempt_id, reaction.code, promise))

    # --- sound --------------------------------------------------------------------------------------------

    def _hear(self, phone: Phone) -> None:
        while True:
            try:
                data = phone.sock.recv(RECEIVE_OCTETS)
            except (BlockingIOError, ConnectionRefusedError):
                return
            if phone.srtp is not None:
                data = phone.srtp.unprotect(data) or b""
            if not data:
                continue  # from who has no key
            phone.packets_in += 1
            if not phone.talking or phone.heard is not None:
                continue
            try:
                persona = voices.recognise(RtpPacket.parse(data).payload)
            except MalformedPacket:
                continue
            if persona is not None:
                phone.heard = persona
                self._recognised(phone)

    def _start_ticker(self) -> None:
        if self._ticker is None:
            self._next_tick = self._loop.time()
            self._tick()

    def _tick(self) -> None:
        talking = [
            phone
            for phone in self._phones.values()
            if phone.line is not None and (phone.talking or self._never_silent)
        ]
        for phone in talking:
            frame = voices.agent_frame() if phone.talking else _SILENCE
            packet = phone.sender.packet(frame)
            if phone.srtp is not None:
                packet = phone.srtp.protect(packet)
            try:
                phone.sock.sendto(packet, phone.line or ("", 0))
            except (BlockingIOError, ConnectionRefusedError):
                continue  # a full buffer loses a packet, as a network would
        if not talking:
            self._ticker = None
            return
        self._next_tick = max(self._next_tick + TICK_S, self._loop.time())
        self._ticker = self._loop.call_at(self._next_tick, self._tick)

    # --- timers -------------------------------------------------------------------------------------------

    def _set_timer(self, phone: Phone, after_s: float, call: Callable[[Phone], None]) -> None:
        self._clear_timer(phone)
        phone.timer = self._loop.call_later(after_s, call, phone)

    def _clear_timer(self, phone: Phone) -> None:
        if phone.timer is not None:
            phone.timer.cancel()
            phone.timer = None
