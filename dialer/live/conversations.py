"""Who else is in agents' conversations: supervisors, and third parties whom agents consult."""

from __future__ import annotations

from typing import Protocol

from campaigns.refusal import Refused
from dialer.calls.call import CallState
from dialer.clock import Clock
from dialer.engine.events import AgentLeft, Event, ThirdAsked
from dialer.engine.state import EngineState
from dialer.engine.third_parties import conversation, route_to
from dialer.errors import InputError, UnknownName
from dialer.log import mask
from dialer.ports.access import Actor
from dialer.ports.store import Answer, Reader, SaveChange, Write
from dialer.telephony.carrier import SipCarrier
from dialer.telephony.errors import GuestRefused
from dialer.telephony.guests import Guests, Supervision
from dialer.telephony.parties import Mode
from lists.client import client_of
from lists.lead import PhoneNumber
from lists.phone import BadNumber, parse_phone


class Floor(Protocol):
    """What it needs of the service (`dialer.live.service.LiveService`)."""

    @property
    def engine(self) -> EngineState: ...
    @property
    def carrier(self) -> SipCarrier: ...
    @property
    def reader(self) -> Reader: ...
    @property
    def clock(self) -> Clock: ...
    async def write(self, write: Write) -> Answer: ...
    def has_phone(self, agent_id: str) -> bool: ...
    def post(self, event: Event) -> None: ...


class Conversations:
    """Used in the event loop's thread alone. A phone is one of `dialer.toml`'s, by its agent's id; whoever is on
    duty has theirs for contacts. Every step raises `GuestRefused` where the conversation does not allow it."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    @property
    def _guests(self) -> Guests:
        return self._floor.carrier.guests

    # --- supervisors --------------------------------------------------------------------------------------

    def supervisions(self) -> list[Supervision]:
        """Who is with which agent."""
        return self._guests.supervisions

    def supervise(self, agent_id: str, phone_id: str, mode: Mode) -> None:
        """The phone is called, and is with all conversations of the agent until it is hung up. Raises
        `UnknownName`, `PhoneNowhere`."""
        if self._floor.engine.pool.get(agent_id) is None:
            raise GuestRefused(f"agent {agent_id} is not on duty")
        self._check_phone(phone_id)
        self._guests.supervise(agent_id, phone_id, mode)

    def leave(self, agent_id: str, phone_id: str) -> None:
        """The phone is hung up."""
        self._guests.leave(agent_id, phone_id)

    def off_duty(self, agent_id: str) -> None:
        """There is nothing to listen to any more."""
        for one in self._guests.supervisions:
            if one.agent_id == agent_id:
                self._guests.leave(agent_id, one.phone_id)

    # --- third parties ------------------------------------------------------------------------------------

    def agent_in(self, attempt_id: int) -> str | None:
        """The agent who has the contact of this call; None when nobody has, or there is none."""
        call = self._floor.engine.calls.get(attempt_id)
        if call is None or call.state is not CallState.TALKING or call.agent_id is None:
            return None
        agent = self._floor.engine.pool.get(call.agent_id)
        return None if agent is None or agent.attempt_id != attempt_id else agent.agent_id

    def third_of(self, attempt_id: int) -> tuple[str, str]:
        """Whom the agent consults about the contact, and at which stage (`dialer.telephony.guests.Stage`); "" for
        nobody."""
        found = self._guests.third_of(attempt_id)
        if found is None:
            return "", ""
        who, stage = found
        return mask(who) if who.startswith("+") else who, stage.value

    def consult(self, attempt_id: int, phone_id: str) -> None:
        """The contact is held, and the phone called for the agent. Raises `UnknownName`, `PhoneNowhere`."""
        self._check_phone(phone_id)
        self._guests.consult(attempt_id, phone_id)

    async def consult_outside(self, attempt_id: int, number: str, by: Actor) -> None:
        """The contact is held, and a number (E.164) outside called for the agent over the campaign's trunks, once
        that is on record. Raises `InputError` for one that may not be called, and what keeps it from being on
        record; then nobody is."""
        phone = parse_phone(number)
        if isinstance(phone, BadNumber):
            raise InputError(f"not called: {phone.text}")
        agent_id, campaign = self._look(attempt_id, phone)
        detail = {"campaign": campaign, "attempt": str(attempt_id), "number": phone.e164}
        now = self._floor.clock.now()
        change = by.change(now, "agent.transfer.call", agent_id, client_of(campaign), **detail)
        await self._floor.write(SaveChange(change))
        agent_id, _ = self._look(attempt_id, phone)  # again: by now somebody else may have the contact
        self._floor.post(ThirdAsked(self._floor.carrier.new_key(), attempt_id, agent_id, phone))

    def _look(self, attempt_id: int, phone: PhoneNumber) -> tuple[str, str]:
        """Who would call the number, and for which campaign. Raises `GuestRefused`, `InputError`."""
        state = self._floor.engine
        call = conversation(state, attempt_id, self.agent_in(attempt_id) or "")
        if call is None or call.agent_id is None:
            raise GuestRefused(f"attempt {attempt_id} has no agent in it")
        self._guests.check_free(attempt_id)
        if any(third.attempt_id == attempt_id and third.placed_at is None for third in state.thirds.values()):
            raise GuestRefused(f"a third party of attempt {attempt_id} is about to be called already")
        if phone.e164 in state.in_call:
            raise GuestRefused(f"{phone.e164} is in another call of ours")
        campaign = call.intent.campaign
        purpose = call.terms.purpose.value
        if self._floor.reader.blocked_numbers([phone.e164], client_of(campaign), purpose):
            raise InputError(f"{phone.e164} is not called: it is on the do-not-call register")
        route = route_to(state, call, phone, self._floor.clock.now())
        if isinstance(route, Refused):
            raise InputError(f"{phone.e164} is not called: {route.reason} ({route.detail})")
        return call.agent_id, campaign

    def join(self, attempt_id: int) -> None:
        """All three talk."""
        self._guests.join(attempt_id)

    def complete(self, attempt_id: int) -> None:
        """The agent leaves, and wraps up; the contact and the third party go on."""
        agent_id, third = self.agent_in(attempt_id), self._guests.third_of(attempt_id)
        self._guests.complete(attempt_id)
        if agent_id is not None and third is not None:
            self._floor.post(AgentLeft(agent_id, third[0]))

    def drop(self, attempt_id: int) -> None:
        """The third party goes; the contact is with the agent again."""
        self._guests.drop(attempt_id)

    def _check_phone(self, phone_id: str) -> None:
        if not self._floor.has_phone(phone_id):
            raise UnknownName("phone", phone_id, (), "dialer.toml describes it: phone or password under [[agent]]")
        if self._floor.engine.pool.get(phone_id) is not None:
            raise GuestRefused(f"{phone_id} is on duty, and their phone is for contacts; log out first")
