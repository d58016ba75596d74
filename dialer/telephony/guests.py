"""Who is called into conversations: supervisors, who listen to an agent, whisper or barge in, at phones of ours;
and third parties, whom the agent asks, brings in, or hands the contact over to, at phones of ours or outside.

    consult ──► calling ──► consulting ──join──► together ──complete──► handed over
                   └──────────┴── drop, hung up ──┴──► the contact is with the agent again
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import structlog

from dialer.engine.commands import CallThird, Originate
from dialer.engine.events import ThirdAnswered, ThirdOver
from dialer.ports.media import NoMediaRoom
from dialer.sip.errors import LocalError
from dialer.sip.sdes import Keys
from dialer.sip.sdp import Media as Session
from dialer.telephony.call_audio import CallAudio
from dialer.telephony.errors import GuestRefused, LegExists, NoSuchLeg, TelephonyError
from dialer.telephony.parties import Mode
from dialer.telephony.phone_calls import CallOver, PhoneCalls

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))


class Stage(StrEnum):
    """How far a consultation has come."""

    CALLING = "calling"  # the third party's phone rings; the contact is held
    CONSULTING = "consulting"  # agent and third party talk
    TOGETHER = "together"  # all three do
    HANDED_OVER = "handed_over"  # the agent has left


@dataclass(frozen=True, slots=True)
class Supervision:
    """Somebody at `phone_id` is with all conversations of the agent. `is_up`: the phone has answered."""

    agent_id: str
    phone_id: str
    mode: Mode
    is_up: bool


class _Call:
    """A guest's phone, for as long as it is up or rings. `outside`: a number over a trunk."""

    __slots__ = ("guests", "is_up", "key", "outside", "phone_id")

    def __init__(self, guests: Guests, phone_id: str) -> None:
        self.guests = guests
        self.phone_id = phone_id
        self.key: int | None = None
        self.is_up = self.outside = False

    def phone_answered(self, key: int, session: Session, keys: Keys | None) -> None:
        self.is_up = True
        if self.outside:
            self.guests.tell(ThirdAnswered(key))
        self.guests.answered(self, session, keys)

    def phone_moved(self, key: int, session: Session, keys: Keys | None) -> None:
        self.guests.moved(self, session, keys)

    def phone_over(self, key: int, how: CallOver, *, hung_up: bool) -> None:
        self.guests.over(self)
        if self.outside:
            self.guests.tell(
                ThirdOver(
                    key,
                    how.answered,
                    how.given_up,
                    how.rang,
                    how.status,
                    how.q850,
                    how.cause_by,
                    how.retry_after_s,
                )
            )


class _Consultation:
    __slots__ = ("phone_id", "stage")

    def __init__(self, phone_id: str) -> None:
        self.phone_id = phone_id
        self.stage = Stage.CALLING


class Guests:
    """`hang_up` ends the call of an attempt; `agent_left` is told of one that goes on without its agent; `tell`:
    what becomes of calls to the outside. A guest is known by the name of the phone, or by the number outside. Used
    in the event loop's thread alone."""

    def __init__(
        self,
        calls: PhoneCalls,
        audio: CallAudio,
        hang_up: Callable[[int], None],
        agent_left: Callable[[int], None],
        tell: Callable[[ThirdAnswered | ThirdOver], None],
    ) -> None:
        self._phone_calls = calls
        self._audio = audio
        self._conference = audio.conference
        self._conference.guest_lost = self._end
        self._hang_up = hang_up
        self._agent_left = agent_left
        self.tell = tell
        self._calls: dict[str, _Call] = {}
        self._modes: dict[str, tuple[str, Mode]] = {}
        self._consultations: dict[int, _Consultation] = {}

    # --- supervisors --------------------------------------------------------------------------------------

    @property
    def supervisions(self) -> list[Supervision]:
        return [
            Supervision(agent_id, phone_id, mode, self._calls[phone_id].is_up)
            for phone_id, (agent_id, mode) in self._modes.items()
        ]

    def supervise(self, agent_id: str, phone_id: str, mode: Mode) -> None:
        """The phone is called, and is with all conversations of the agent from then on; one that is with the agent
        already changes how. Raises `GuestRefused`, `PhoneNowhere`."""
        at = self._modes.get(phone_id)
        if at is not None and at[0] != agent_id:
            raise GuestRefused(f"{phone_id} is with another agent already; leave there first")
        if at is None:
            self._call(phone_id)
        self._modes[phone_id] = (agent_id, mode)
        self._conference.stay_with(phone_id, agent_id, mode)
        self._audio.settle_with(agent_id)

    def leave(self, agent_id: str, phone_id: str) -> None:
        """Raises `GuestRefused` when it is not with the agent."""
        if self._modes.get(phone_id, ("",))[0] != agent_id:
            raise GuestRefused(f"{phone_id} is not with agent {agent_id}")
        self._end(phone_id)

    # --- third parties ------------------------------------------------------------------------------------

    def third_of(self, attempt_id: int) -> tuple[str, Stage] | None:
        """The third party of a conversation, and how far it has come with them."""
        found = self._consultations.get(attempt_id)
        return None if found is None else (found.phone_id, found.stage)

    def consult(self, attempt_id: int, phone_id: str) -> None:
        """The contact is held, and the phone called for the agent. Raises `GuestRefused`, `PhoneNowhere`."""
        self._consult(attempt_id, phone_id, None)

    def consult_outside(self, wanted: CallThird) -> None:
        """The same with a number outside. Never raises: `ThirdOver` says that nothing left."""
        try:
            self._consult(wanted.attempt_id, wanted.order.number, wanted.order)
        except (TelephonyError, NoMediaRoom, LocalError) as error:
            log.warning("a third party was not called", attempt=wanted.attempt_id, cause=str(error))
            self.tell(ThirdOver(wanted.order.attempt_id, fault=str(error)))

    def check_free(self, attempt_id: int) -> None:
        """Raises `GuestRefused` when the conversation has a third party."""
        if attempt_id in self._consultations:
            raise GuestRefused(f"{self._consultations[attempt_id].phone_id} is consulted already; drop them first")

    def _consult(self, attempt_id: int, phone_id: str, outside: Originate | None) -> None:
        self.check_free(attempt_id)
        self._call(phone_id, outside)
        try:
            self._audio.bring_in(attempt_id, phone_id)
            self._audio.hold(attempt_id, True)
        except NoSuchLeg as error:
            self._end(phone_id)
            raise GuestRefused(str(error)) from error
        self._consultations[attempt_id] = _Consultation(phone_id)

    def join(self, attempt_id: int) -> None:
        """All three talk. Raises `GuestRefused`."""
        found = self._consulted(attempt_id, Stage.CONSULTING)
        self._hold(attempt_id, False)
        found.stage = Stage.TOGETHER

    def complete(self, attempt_id: int) -> None:
        """The agent leaves; contact and third party go on. Raises `GuestRefused`."""
        found = self._consulted(attempt_id, Stage.CONSULTING, Stage.TOGETHER)
        self._hold(attempt_id, False)
        self._audio.part(attempt_id)
        found.stage = Stage.HANDED_OVER
        self._agent_left(attempt_id)

    def drop(self, attempt_id: int) -> None:
        """The third party goes; the contact is with the agent again. Raises `GuestRefused`."""
        found = self._consulted(attempt_id, Stage.CALLING, Stage.CONSULTING, Stage.TOGETHER)
        self._end(found.phone_id)

    def contact_over(self, attempt_id: int) -> None:
        """So is what was said with a third party."""
        found = self._consultations.pop(attempt_id, None)
        if found is not None:
            self._end(found.phone_id)

    def _consulted(self, attempt_id: int, *stages: Stage) -> _Consultation:
        found = self._consultations.get(attempt_id)
        if found is None:
            raise GuestRefused(f"attempt {attempt_id} has no third party; consult one first")
        if found.stage not in stages:
            raise GuestRefused(f"{found.phone_id} is at the stage {found.stage}, which does not allow that")
        return found

    # --- their phones -------------------------------------------------------------------------------------

    def _call(self, phone_id: str, outside: Originate | None = None) -> None:
        call = _Call(self, phone_id)

        def reserve(host: str) -> int:
            port = self._conference.reserve(phone_id, host)
            self._calls[phone_id] = call
            return port

        try:
            if outside is None:
                call.key = self._phone_calls.call(phone_id, reserve, call)
            else:
                self._phone_calls.call_out(outside, reserve, call)
                call.key, call.outside = outside.attempt_id, True
        except LegExists as error:
            raise GuestRefused(str(error)) from error
        except (TelephonyError, NoMediaRoom, LocalError):
            if self._calls.get(phone_id) is call:
                del self._calls[phone_id]
                self._conference.dismiss(phone_id)
            raise
        self._audio.look_at_room()

    def answered(self, call: _Call, session: Session, keys: Keys | None) -> None:
        if self._calls.get(call.phone_id) is not call:
            return
        for found in self._consultations.values():
            if found.phone_id == call.phone_id:
                found.stage = Stage.CONSULTING
        self.moved(call, session, keys)
        self._settle(call.phone_id)

    def moved(self, call: _Call, session: Session, keys: Keys | None) -> None:
        if self._calls.get(call.phone_id) is call:
            self._conference.connect(call.phone_id, session, keys)

    def over(self, call: _Call) -> None:
        """The phone's call is over, by whomever."""
        if self._calls.get(call.phone_id) is call:
            call.key = None
            self._end(call.phone_id)

    def _end(self, phone_id: str) -> None:
        """The guest is in no conversation any more: hung up, and everybody else as they are without."""
        call = self._calls.pop(phone_id, None)
        if call is not None and call.key is not None:
            self._phone_calls.hang_up(call.key)
        agent_id, _ = self._modes.pop(phone_id, ("", None))
        self._conference.dismiss(phone_id)
        self._audio.look_at_room()
        if agent_id:
            self._audio.settle_with(agent_id)
        for attempt_id, found in tuple(self._consultations.items()):
            if found.phone_id == phone_id:
                del self._consultations[attempt_id]
                if found.stage is Stage.HANDED_OVER:
                    self._hang_up(attempt_id)  # nobody of ours is there any more
                else:
                    with contextlib.suppress(GuestRefused):  # the contact is over as well
                        self._hold(attempt_id, False)

    def _settle(self, phone_id: str) -> None:
        at = self._modes.get(phone_id)
        if at is not None:
            self._audio.settle_with(at[0])
        for attempt_id, found in self._consultations.items():
            if found.phone_id == phone_id:
                with contextlib.suppress(GuestRefused):  # the contact is over, and that is on its way
                    self._hold(attempt_id, True)

    def _hold(self, attempt_id: int, is_held: bool) -> None:
        try:
            self._audio.hold(attempt_id, is_held)
        except NoSuchLeg as error:
            raise GuestRefused(str(error)) from error
