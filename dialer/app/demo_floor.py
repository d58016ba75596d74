"""Simulated agents at work in the service's own process: at bare addresses of audio, or at SIP phones."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from secrets import token_bytes

from dialer.agents.agent import AgentState
from dialer.clock import Clock
from dialer.engine.commands import NotifyAgent
from dialer.engine.events import AgentLoggedIn, Event
from dialer.live.service import LiveService
from sim_trunk.agent_phones import AgentPhones
from sim_trunk.sim_agents import SimAgents
from sim_trunk.sip_phones import SipPhones


@contextlib.contextmanager
def at_bare_phones(
    service: LiveService, campaign: str, agents: Mapping[str, str], habits: SimAgents, clock: Clock
) -> Iterator[AgentPhones]:
    """Agents whose phones are an address of audio, no more. `agents`: their passwords, which nobody asks for."""
    phones = AgentPhones(tuple(agents), campaign, habits, service.open_line, service.post, clock)
    unlisten = service.listen(phones.agent_changed)
    try:
        yield phones
    finally:
        unlisten()
        phones.close()


@contextlib.contextmanager
def at_sip_phones(
    service: LiveService,
    campaign: str,
    agents: Mapping[str, str],
    habits: SimAgents,
    clock: Clock,
    wires: SipPhones | None = None,
) -> Iterator[AgentPhones]:
    """Agents whose phones register with the service, and are called when their agents log in. `agents`: their
    passwords. `wires`: the phones' SIP, to be looked at and meddled with."""
    wires = wires or SipPhones(agents, key=token_bytes(16))

    def post(event: Event) -> None:
        service.post(event)
        if isinstance(event, AgentLoggedIn):
            service.call_phone(event.agent_id)

    def changed(change: NotifyAgent) -> None:
        phones.agent_changed(change)
        if change.state == AgentState.LOGGED_OUT.value:
            service.close_line(change.agent_id)

    phones = AgentPhones(tuple(agents), campaign, habits, wires.have_audio, post, clock, never_silent=True)
    unlisten = service.listen(changed)
    try:
        wires.register(service.carrier.address, phones.line_opened, phones.line_closed)
        yield phones
    finally:
        unlisten()
        wires.close()
        phones.close()
