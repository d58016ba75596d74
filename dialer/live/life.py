"""Campaigns through their life. What has more people called is committed before the engine hears of it. What ends
dialing, be it asked for or what the engine does by itself (a list is done, a campaign cannot go on), takes effect
at once and is committed as soon as the store takes it: a manager can stop the dialing while the database is
away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol

import structlog

from campaigns.campaign import Campaign, Mode
from campaigns.grouping import grouping_of
from campaigns.life import NEXT, CampaignState, Step, StepRefused, after
from campaigns.rule_library import RuleLibrary
from campaigns.zone_group import parts_of
from dialer.api.edits import CampaignMoved
from dialer.clock import Clock
from dialer.engine.events import (
    CampaignChanged,
    CampaignOpened,
    DrainRequested,
    Event,
    LeadsAdded,
    PauseRequested,
    ResumeRequested,
)
from dialer.engine.state import CampaignRun, RunStatus
from dialer.errors import UnknownName
from dialer.live.errors import NotReady
from dialer.live.standing import Move, Standing, standing_of
from dialer.operations.load_holidays import asking_for_holidays, load_holidays
from dialer.operations.place_leads import PORTION
from dialer.operations.readiness import what_is_missing
from dialer.ports.access import SERVICE, Actor
from dialer.ports.store import (
    Answer,
    Audited,
    LeadsPlaced,
    LeadsStored,
    PlaceLeads,
    Reader,
    SetCampaignState,
    Write,
)

_log = structlog.wrap_logger(logging.getLogger("dialer.live"))

SETTLE_RETRY_S = 2.0
"""A state that could not be committed is tried again after this long."""

STORED_WITHIN_S = 3.0
"""Who ends dialing waits for the commit at most this long; then it is told as not stored yet."""

"""Who takes the steps that follow from what happens."""

_S = CampaignState


class Floor(Protocol):
    """What the life of campaigns needs of the service around it."""

    def post(self, event: Event) -> None: ...
    def run_of(self, campaign: str) -> CampaignRun | None: ...
    def trunk_names(self) -> Collection[str]: ...
    def rule_library(self) -> RuleLibrary: ...
    async def prepare(self, campaign: Campaign) -> str: ...
    def recall(self, campaign: str) -> None: ...


class CampaignLife:
    """Every campaign of the installation and where it stands. `write` commits and answers, or raises."""

    def __init__(
        self, floor: Floor, reader: Reader, write: Callable[[Write], Awaitable[Answer]], clock: Clock
    ) -> None:
        self._floor = floor
        self._reader = reader
        self._write = write
        self._clock = clock
        self._settling: dict[str, asyncio.Task[None]] = {}
        self._stopping = False
        library = floor.rule_library()
        self.standings: dict[str, Standing] = {s.name: standing_of(s, library) for s in reader.campaigns()}

    # --- steps that somebody asks for -----------------------------------------------------------------------

    async def start(self, name: str, by: Actor) -> CampaignMoved:
        """Dial it, or dial it again. Raises `UnknownName`, `StepRefused` (`NotReady`), and what kept the step from
        being committed."""
        standing = self.standing(name)
        async with standing.lock:
            self._look_again(standing)
            if self._stopping:
                raise NotReady(name, standing.state, "the service is stopping; start it once it runs again")
            if standing.state in (_S.DRAFT, _S.READY, _S.PAUSED, _S.DONE):
                missing = self._missing(standing)
                missing = missing or await self._prepare(standing)
                if missing:
                    raise NotReady(name, standing.state, missing)
            if standing.state is _S.DRAFT:
                await self._step(standing, Step.COMPLETE, SERVICE)
            await self._step(standing, Step.START, by)
            if standing.state is _S.RUNNING:
                standing.failed = False
                self._dial(standing)
        return self._moved(standing)

    async def pause(self, name: str, by: Actor) -> CampaignMoved:
        """No new calls from now on; those in progress finish, the agents stay. `unstored` says what keeps that
        from being committed yet. Raises `UnknownName`, `StepRefused`."""
        standing = self.standing(name)
        move = await self._end_dialing_of(standing, Step.PAUSE, by)
        self._floor.post(PauseRequested(name))
        return await self._tried(standing, move)

    async def stop(self, name: str, by: Actor) -> CampaignMoved:
        """No new calls from now on; it is done when the last one is over. As `pause`."""
        standing = self.standing(name)
        move = await self._end_dialing_of(standing, Step.STOP, by)
        if self._is_open(name):
            self._floor.post(DrainRequested(name))
        else:
            self._follow(standing, Step.FINISH, "stopped")
        return await self._tried(standing, move)

    async def saved(self, name: str) -> CampaignState:
        """Its text, its leads or its trunks have changed. Raises `UnknownName`."""
        stored = self._reader.campaign(name)
        if stored is None:
            raise self._unknown(name)
        standing = self.standings.get(name)
        if standing is None:
            standing = self.standings[name] = standing_of(stored, self._floor.rule_library())
        async with standing.lock:
            standing.read(stored, self._floor.rule_library())
            if self._is_open(name) and standing.campaign is not None and standing.rules is not None:
                fault = await self._prepare(standing)
                run = self._floor.run_of(name)
                paced_anew = run is not None and run.campaign.pacing != standing.campaign.pacing
                if fault and standing.state is _S.RUNNING:
                    self._floor.post(PauseRequested(name))
                    self.failed(name, fault)
                self._floor.post(CampaignChanged(standing.campaign, standing.rules))
                if paced_anew:
                    self._recall(standing.name, standing.campaign)
                self._tell_groups(name)
            await self._review(standing)
        return standing.state

    async def rules_changed(self) -> None:
        """The rule sets that there are have changed: every campaign goes by them from now on."""
        for name in list(self.standings):
            await self.saved(name)

    async def review(self) -> None:
        """Look at every draft and ready campaign again: what they need may have come or gone."""
        for standing in list(self.standings.values()):
            async with standing.lock:
                await self._review(standing)

    async def place_leads(self, joined: Callable[[LeadsStored], None]) -> None:
        """Where giving leads their places was cut short by the end of the service, it goes on; and where the hours
        of a campaign depend on something else than they did, its leads are put in other zone groups: see
        `PlaceLeads`. `joined` is told of each portion."""
        for name in list(self.standings):
            more, moved = True, False
            grouping = self._grouping(name)
            while more:
                placed = await self._write(PlaceLeads(name, PORTION, grouping))
                if not isinstance(placed, LeadsPlaced):
                    raise TypeError(f"PlaceLeads was answered with {placed!r}")
                more, grouping = placed.more, None  # said once: see `PlaceLeads`
                if placed.zone_groups:
                    moved = True
                    joined(LeadsStored(((name, placed.zone_groups),)))
            if moved and self._is_open(name):
                self._tell_groups(name)

    def _tell_groups(self, name: str) -> None:
        self._floor.post(LeadsAdded(name, tuple(self._reader.zone_group_names(name)), no_others=True))

    def _grouping(self, name: str) -> str | None:
        """By the text that is stored now: who has just replaced it may be putting leads in their groups by it."""
        standing = self.standings[name]
        self._look_again(standing)
        if standing.campaign is None or standing.rules is None:
            return None
        return grouping_of(standing.campaign, standing.rules).to_text()

    # --- what follows from what happens ---------------------------------------------------------------------

    async def resume(self) -> tuple[str, ...]:
        """At the start of the service: dial again what is stored as running; what was draining is done, for no
        call of it is left. Which are dialed."""
        resumed = []
        for standing in self.standings.values():
            if standing.state is _S.RUNNING:
                fault = await self._prepare(standing)
                if fault:
                    self.failed(standing.name, fault)
                elif standing.state is _S.RUNNING:  # else somebody has ended dialing meanwhile
                    self._dial(standing)
                if standing.state is _S.RUNNING:
                    resumed.append(standing.name)
            elif standing.state is _S.DRAINING:
                self._follow(standing, Step.FINISH, "stopped")
        return tuple(resumed)

    def failed(self, name: str, cause: str) -> None:
        """The engine has stopped dialing it: paused, with the cause, until somebody starts it again."""
        standing = self.standings.get(name)
        if standing is not None and standing.state is _S.RUNNING:
            standing.failed = True
            self._follow(standing, Step.FAIL, cause)

    def ended(self, name: str, reason: str) -> None:
        """The engine has no open call of it and places no more (`CampaignEnded.reason`)."""
        standing = self.standings.get(name)
        if standing is None:
            return
        if standing.state is _S.DRAINING:
            self._follow(standing, Step.FINISH, "stopped")
        elif standing.state is _S.RUNNING and reason == "list_done":
            self._follow(standing, Step.FINISH, "every lead is final")
        elif standing.state is _S.RUNNING and reason == "failed":
            self._dial(standing)  # it was started again while the last calls from before were still finishing

    def end_dialing(self) -> None:
        """The service ends: nothing is dialed any more."""
        self._stopping = True

    async def settle(self) -> None:
        """Wait until every state is committed."""
        while self._settling:
            await asyncio.wait(list(self._settling.values()))

    def close(self) -> None:
        """Give up what is not committed yet."""
        for task in self._settling.values():
            task.cancel()
        self._settling.clear()

    # --- inside ---------------------------------------------------------------------------------------------

    async def _review(self, standing: Standing) -> None:
        if standing.state not in (_S.DRAFT, _S.READY):
            return
        missing = self._missing(standing)
        if missing and standing.state is _S.READY:
            await self._step(standing, Step.INCOMPLETE, SERVICE, missing)
        elif not missing and standing.state is _S.DRAFT:
            await self._step(standing, Step.COMPLETE, SERVICE)
        elif missing:
            standing.reason = missing

    async def _step(self, standing: Standing, step: Step, by: Actor, reason: str = "") -> None:
        """Commit it, and then stand so. The caller holds the lock."""
        await self._flush(standing)
        before = standing.state
        state = after(standing.name, before, step)
        now = self._clock.now()
        change = by.change(now, f"campaign.{step}", standing.name, standing.client, state=state, reason=reason)
        await self._write(Audited(SetCampaignState(standing.name, state, now, reason, standing.stored), change))
        standing.stored = state
        if standing.state is before:
            self._stand(standing, state, reason)
        # else it was moved on while this was being committed; that is the later word, and committed after it

    async def _end_dialing_of(self, standing: Standing, step: Step, by: Actor) -> Move:
        if (standing.state, step) not in NEXT:
            async with standing.lock:  # it may be being started at this moment
                pass
        return self._move(standing, step, by, f"campaign.{step}")

    def _follow(self, standing: Standing, step: Step, reason: str) -> None:
        self._move(standing, step, SERVICE, "campaign.moved", reason)

    def _move(self, standing: Standing, step: Step, by: Actor, action: str, reason: str = "") -> Move:
        """Stand so from now on; it is committed when the store takes it. Raises `StepRefused`."""
        state = after(standing.name, standing.state, step)
        self._stand(standing, state, reason)
        change = by.change(standing.since, action, standing.name, standing.client, state=state, reason=reason)
        move = Move(state, reason, standing.since, change)
        standing.uncommitted.append(move)
        if standing.name not in self._settling:
            self._settling[standing.name] = asyncio.get_running_loop().create_task(self._settle_one(standing))
        return move

    def _stand(self, standing: Standing, state: CampaignState, reason: str) -> None:
        before, standing.state, standing.reason = standing.state, state, reason
        standing.since = self._clock.now()
        _log.info("campaign moved", campaign=standing.name, state=state, before=before, reason=reason)

    async def _tried(self, standing: Standing, move: Move) -> CampaignMoved:
        try:
            async with asyncio.timeout(STORED_WITHIN_S):
                await move.tried.wait()
        except TimeoutError:
            standing.refused = f"the database has given no answer for {STORED_WITHIN_S:g} s"
        return self._moved(standing)

    async def _settle_one(self, standing: Standing) -> None:
        """Commit every move, however often that has to be tried."""
        told = ""
        while standing.uncommitted:
            async with standing.lock:
                try:
                    await self._flush(standing)
                except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again until it stands
                    if str(error) != told:  # a disk that is full for hours is one line
                        told = str(error)
                        _log.warning(
                            "state not committed", campaign=standing.name, state=standing.state, cause=told
                        )
            if standing.uncommitted:
                await asyncio.sleep(SETTLE_RETRY_S)
        del self._settling[standing.name]

    async def _flush(self, standing: Standing) -> None:
        """Commit the moves in their order. Raises what keeps one from being committed. The caller holds the
        lock."""
        while standing.uncommitted:
            move = standing.uncommitted[0]
            state = SetCampaignState(standing.name, move.state, move.at, move.reason)
            try:
                await self._write(Audited(state, move.change))
            except Exception as error:
                standing.refused = str(error)
                for one in standing.uncommitted:
                    one.tried.set()
                raise
            standing.stored = move.state
            standing.uncommitted.popleft()
            move.tried.set()

    def _dial(self, standing: Standing) -> None:
        if self._stopping:
            return  # stored as running: the next start dials it
        missing = self._missing(standing)
        if missing:  # its trunks may have gone while the step was being committed
            self.failed(standing.name, missing)
            return
        run = self._floor.run_of(standing.name)
        if run is not None and run.status is not RunStatus.ENDED:
            if not run.failure:  # else it ends first, and is opened anew: see `ended`
                self._floor.post(ResumeRequested(standing.name))
        elif standing.campaign is not None and standing.rules is not None:
            groups = tuple(self._reader.zone_group_names(standing.name))
            self._floor.post(CampaignOpened(standing.campaign, standing.rules, groups))
            self._recall(standing.name, standing.campaign)

    def _recall(self, name: str, campaign: Campaign) -> None:
        """A pacer that has just been made knows nothing of what was spent of its allowance before it."""
        if campaign.pacing.mode is Mode.PREDICTIVE:
            self._floor.recall(name)

    async def _prepare(self, standing: Standing) -> str:
        """Whatever may be played, and the holidays that it closes on, are ready before anybody is called; why they
        are not, else ""."""
        campaign, rules = standing.campaign, standing.rules
        if campaign is not None and rules is not None:
            groups = self._reader.zone_group_names(standing.name)
            regions = {place for group in groups for place in parts_of(group).places if "-" not in place}
            asking = asking_for_holidays(campaign, rules, regions)
            if asking:
                await asyncio.to_thread(load_holidays, asking, regions, self._clock.now())
        return await self._floor.prepare(campaign) if campaign is not None and campaign.prompts else ""

    def _is_open(self, name: str) -> bool:
        run = self._floor.run_of(name)
        return run is not None and run.status is not RunStatus.ENDED

    def _missing(self, standing: Standing) -> str:
        if standing.campaign is None:
            return standing.unreadable
        return "; ".join(
            what_is_missing(self._reader, standing.campaign, self._floor.trunk_names(), self._floor.rule_library())
        )

    def _look_again(self, standing: Standing) -> None:
        stored = self._reader.campaign(standing.name)
        if stored is not None:
            standing.read(stored, self._floor.rule_library())

    def standing(self, name: str) -> Standing:
        """The campaign as it stands. Raises `UnknownName`."""
        standing = self.standings.get(name)
        if standing is None:
            stored = self._reader.campaign(name)
            if stored is None:
                raise self._unknown(name)
            standing = self.standings[name] = standing_of(stored, self._floor.rule_library())
        return standing

    def _unknown(self, name: str) -> UnknownName:
        return UnknownName("campaign", name, list(self.standings), "`dialer campaign add FILE` adds one")

    def _moved(self, standing: Standing) -> CampaignMoved:
        return CampaignMoved(
            campaign=standing.name,
            state=standing.state,
            state_reason=standing.reason,
            unstored=standing.refused if standing.uncommitted else "",
        )


__all__ = ["CampaignLife", "Floor", "StepRefused"]
