"""Agents' desks: what each is told of its agents, and who has one.

An agent who logged in over the API is on duty for as long as somebody hears what the agent's desk is told: a
contact put through to a desk that is gone is a person who says hello to nobody. The desk of an agent is a stream
opened by the agent's own caller, or by whoever logged the agent in; with the last of them gone the engine is told
(`DeskLost`), and decides what becomes of agent and contact. Agents who work in this process need no desk.

A desk that does not take its changes is cut off once `DESK_QUEUE` of them wait, because a desk that has missed one
shows the wrong contact: it has to begin anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import suppress

import structlog

from dialer.agents.agent import AgentState
from dialer.api.desks import AgentChange
from dialer.engine.commands import NotifyAgent
from dialer.engine.events import AgentLoggedIn, DeskLost, DeskOpened
from dialer.web.caller import Caller
from dialer.web.refusals import Refused
from dialer.web.service import Service
from dialer.web.streams import READERS_LIMIT, STILL_HERE, encode_event

log = structlog.get_logger("dialer.web")

STILL_HERE_S = 5.0
"""A comment goes out after so much silence: what is not taken shows that the other end is gone."""
DESK_QUEUE = 100


class Desks:
    """The desks of a running service. `open`: their streams."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.open: set[Desk] = set()
        self._logged_in_by: dict[str, str] = {}  # the agents on duty who need a desk, and whose act that was
        self._stop: Callable[[], None] | None = None

    def attend(self) -> None:
        """Listen to the service, from before the first agent is on duty. Not before it runs."""
        if self._stop is None:
            self._stop = self._service.listen(self._changed)

    def close(self) -> None:
        """The service ends, and its streams with it: no desk is lost by that."""
        self._logged_in_by.clear()
        if self._stop is not None:
            self._stop()
            self._stop = None

    def log_in(self, agent_id: str, campaign: str, caller: Caller) -> None:
        """The agent is on duty. Without a desk: for no longer than one may be lost."""
        self.attend()
        self._logged_in_by[agent_id] = caller.actor.name
        self._service.post(AgentLoggedIn(agent_id, campaign))
        if self.is_lost(agent_id):
            self._service.post(DeskLost(agent_id, self._service.settings.desk_grace_s))

    def is_lost(self, agent_id: str) -> bool:
        """Whether the agent is on duty and needs a desk, and there is none."""
        by = self._logged_in_by.get(agent_id)
        if by is None:
            return False
        campaign = self._service.campaign_of(agent_id)
        return campaign is None or not any(desk.is_of(agent_id, campaign, by) for desk in self.open)

    def works_at(self, agent_id: str, caller: Caller) -> bool:
        """Whether what this caller does with the agent is done at the agent's own desk: the agent's own caller, or
        the program that reads the agent's stream as this caller."""
        return caller.desk == agent_id or any(
            desk.caller.actor == caller.actor and agent_id in desk.agent_ids for desk in self.open
        )

    async def events(self, agent_ids: Iterable[str], caller: Caller) -> AsyncGenerator[bytes, None]:
        """How those of these agents are who are on duty, and every change of them from now on; of campaigns that
        the caller may see. Ends when the reader is too slow."""
        if len(self.open) >= READERS_LIMIT:
            raise Refused(
                429, "too_many_readers", "too many desks are open already; close one", retry_after_s=10.0
            )
        self.attend()
        desk = Desk(agent_ids, caller)
        lost = [agent_id for agent_id in desk.agent_ids if self.is_lost(agent_id)]
        self.open.add(desk)
        try:
            for agent_id in lost:
                if not self.is_lost(agent_id):
                    log.info("desk opened", agent=agent_id, by=caller.actor.name)
                    self._service.post(DeskOpened(agent_id))
            on_duty = [one for one in map(self._service.present, desk.agent_ids) if one is not None]
            yield STILL_HERE  # the reader learns that from here on nothing is missed
            for change in on_duty:
                if desk.hears(change):
                    yield _event(change)
            while True:
                event: bytes | None = STILL_HERE
                with suppress(TimeoutError):
                    async with asyncio.timeout(STILL_HERE_S):
                        event = await desk.queue.get()
                if event is None:
                    return
                yield event
        finally:
            self._leave(desk)

    def _leave(self, desk: Desk) -> None:
        if desk not in self.open:
            return
        served = [agent_id for agent_id in desk.agent_ids if agent_id in self._logged_in_by]
        served = [agent_id for agent_id in served if not self.is_lost(agent_id)]
        self.open.discard(desk)
        for agent_id in served:
            if self.is_lost(agent_id):
                log.warning("desk lost", agent=agent_id, by=desk.caller.actor.name)
                self._service.post(DeskLost(agent_id, self._service.settings.desk_grace_s))

    def _changed(self, change: NotifyAgent) -> None:
        if change.state == AgentState.LOGGED_OUT.value:
            self._logged_in_by.pop(change.agent_id, None)
            self._service.close_line(change.agent_id)
        event: bytes | None = None
        for desk in tuple(self.open):
            if not desk.hears(change):
                continue
            if event is None:
                event = _event(change)
            if desk.queue.qsize() < DESK_QUEUE:
                desk.queue.put_nowait(event)
            else:
                self._leave(desk)
                desk.queue.put_nowait(None)


class Desk:
    """One open stream. `caller`: who reads it."""

    def __init__(self, agent_ids: Iterable[str], caller: Caller) -> None:
        self.agent_ids = dict.fromkeys(agent_ids)  # each once, in their order, and found at once
        self.caller = caller
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue()

    def hears(self, change: NotifyAgent) -> bool:
        return change.agent_id in self.agent_ids and self.caller.sees(change.campaign)

    def is_of(self, agent_id: str, campaign: str, logged_in_by: str) -> bool:
        """Whether this is the agent's own desk, or that of who logged the agent in; others only look on."""
        mine = self.caller.desk == agent_id or self.caller.actor.name == logged_in_by
        return mine and agent_id in self.agent_ids and self.caller.sees(campaign)


def _event(change: NotifyAgent) -> bytes:
    return encode_event("agent", agent_change(change).model_dump_json())


def agent_change(change: NotifyAgent) -> AgentChange:
    """As it goes over the API."""
    lead = change.lead
    return AgentChange(
        agent_id=change.agent_id,
        state=change.state,
        campaign=change.campaign,
        attempt_id=change.attempt_id,
        number=change.number,
        lead_id=lead.lead_id if lead is not None else None,
        contact=lead.display_name if lead is not None else "",
        extension=""
        if lead is None
        else "/".join(phone.extension for phone in lead.phones if phone.e164 == change.number and phone.extension),
        pause_code=change.pause_code,
        advice=change.advice,
        recording=change.recording,
    )
