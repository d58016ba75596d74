"""Who else is in agents' conversations: supervisors, and third parties whom agents consult."""

from __future__ import annotations

from typing import Protocol

from dialer.calls.call import CallState
from dialer.engine.events import AgentLeft, Event
from dialer.engine.state import EngineState
from dialer.errors import UnknownName
from dialer.telephony.carrier import SipCarrier
from dialer.telephony.errors import GuestRefused
from dialer.telephony.guests import Guests, Supervision
from dialer.telephony.parties import Mode


class Floor(Protocol):
    """What it needs of the service (`dialer.live.service.LiveService`)."""

    @property
    def engine(self) -> EngineState: ...
    @property
    def carrier(self) -> SipCarrier: ...
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
        return ("", "") if found is None else (found[0], found[1].value)

    def consult(self, attempt_id: int, phone_id: str) -> None:
        """The contact is held, and the phone called for the agent. Raises `UnknownName`, `PhoneNowhere`."""
        self._check_phone(phone_id)
        self._guests.consult(attempt_id, phone_id)

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
