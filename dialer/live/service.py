"""The service: every campaign of one installation at work over one engine, one carrier and one journal."""

from __future__ import annotations

import asyncio
import logging
import os
import random
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import structlog

from campaigns.campaign import Campaign
from campaigns.errors import Problem
from campaigns.life import CampaignState
from campaigns.prompt import FOLDER, Prompt
from campaigns.retention import Keeping
from campaigns.rule_library import RuleLibrary
from campaigns.walls import Walls
from dialer.api.edits import CampaignMoved
from dialer.api.holdings import Reloaded
from dialer.api.schemas import Overview, ServiceInfo
from dialer.api.trunks import TrunkDetail, TrunkTested
from dialer.calls.call import CallState
from dialer.clock import Clock
from dialer.engine.commands import Command, HangUp, Notice, NotifyAgent
from dialer.engine.engine import Engine
from dialer.engine.events import (
    Event,
    LeadsAdded,
    MediaRoomChanged,
    TrunkFound,
    TrunkReleased,
    TrunksChanged,
    UsageKnown,
    WallsChanged,
)
from dialer.engine.state import CampaignRun, EngineState, RunStatus
from dialer.errors import EnvironmentFault, InputError, SettingsError
from dialer.live.alarms import Alarms, Condition
from dialer.live.background import Background, until_done
from dialer.live.change_notes import ChangeNotes
from dialer.live.clock_watch import ClockWatch, look_every_second
from dialer.live.conversations import Conversations
from dialer.live.counting import Counting, recall_answers
from dialer.live.exchange import Exchange, open_exchange
from dialer.live.figures import DayFigures
from dialer.live.lead_retention import LeadRetention
from dialer.live.life import CampaignLife
from dialer.live.overview import Overviews
from dialer.live.owned_journal import OwnedJournal
from dialer.live.reloading import compare, line_rules_of, phones_of, trunks_of
from dialer.live.retention import Retention
from dialer.live.trunk_desk import TrunkDesk
from dialer.live.waiting_leads import WaitingLeads
from dialer.live.watch import FloorWatch
from dialer.operations.keep_rule_sets import rule_sets_to_keep
from dialer.operations.retention import rules_of
from dialer.ports.access import Actor, Change
from dialer.ports.store import Answer, Audited, LeadsStored, Reader, SaveChange, SaveConsents, SaveWalls, Write
from dialer.settings import FILE_NAME, Settings, load_settings
from dialer.sip.identity import Identity
from dialer.storage.database import Database
from dialer.storage.errors import OwnershipLost
from dialer.storage.writer import Writer
from dialer.telephony.call_folders import CallFolders
from dialer.telephony.carrier import SipCarrier
from dialer.telephony.errors import HostUnresolved, TelephonyError
from dialer.telephony.prompt_desk import prompt_trial
from dialer.trunks.ceilings import DAY_S
from lists.client import client_of

_log = structlog.wrap_logger(logging.getLogger("dialer.live"))

STATES_WITHIN_S = 10.0
"""At the end, states that are not committed yet are waited for at most this long."""


class LiveService:
    """All campaigns of one installation at work: one engine, one carrier, one journal. Used in the event loop's
    thread alone. `database` is owned by this process, and recovered. `clock_watch`: whether `clock` can be relied
    on. `load` reads the settings again;
    `on_settings` is told those in force after a reload; `seed`: of SSRCs; `log_event`: see `LiveRunner`."""

    def __init__(
        self,
        home: Path,
        settings: Settings,
        database: Database,
        clock: Clock,
        *,
        clock_watch: ClockWatch | None = None,
        load: Callable[[], Settings] | None = None,
        on_settings: Callable[[Settings], None] = lambda settings: None,
        seed: int | None = None,
        log_event: Callable[[Event, float, list[Command]], None] | None = None,
    ) -> None:
        self._home = home
        self._settings = settings
        self._database = database
        self._clock = clock
        self._clock_watch = clock_watch
        self._load = load or (lambda: load_settings(home))
        self._on_settings = on_settings
        self._rng = random.Random(seed)
        self._log_event = log_event
        self._version = version("rightparty")
        self._state: Literal["starting", "running", "draining"] = "starting"
        self._started_at = now = clock.now()
        self._stop_asked = asyncio.Event()
        self._journal = OwnedJournal(database.writer, self._taken_over)
        self.taken_over: OwnershipLost | None = None
        """Another home has the database: the service has to end, and nothing more is on record."""
        self._reloading = asyncio.Lock()
        self._background = Background()
        self._notes = ChangeNotes(self.write, self._background)
        self._first_id = database.reader.next_attempt_id()
        self._engine = Engine(
            trunks_of(settings),
            walls=settings.walls,
            next_attempt_id=self._first_id,
            call_id_of=Identity(database.key).call_id,
        )
        self._figures = DayFigures(settings.timezone, now)
        self._alarms = Alarms()
        self._life = CampaignLife(self, database.reader, self.write, clock)
        self._counting = Counting(self._figures, database.reader, self._dialed)
        waiting = WaitingLeads(database.reader, self._background)
        self._overviews = Overviews(self, self._life.standings, self._figures, self._alarms, waiting.of)
        self._trunks = TrunkDesk(self, self._figures, Identity(database.key))
        self.conversations = Conversations(self)
        self._exchange: Exchange | None = None

    # --- what is there --------------------------------------------------------------------------------------

    @property
    def reader(self) -> Reader:
        return self._database.reader

    @property
    def settings(self) -> Settings:
        """Those in force."""
        return self._settings

    @property
    def state(self) -> Literal["starting", "running", "draining"]:
        return self._state

    @property
    def clock(self) -> Clock:
        return self._clock

    @property
    def engine(self) -> EngineState:
        """What the engine knows, to look at."""
        return self._engine.state

    @property
    def watch(self) -> FloorWatch | None:
        """What was told of the floor; None before `start`."""
        return None if self._exchange is None else self._exchange.watch

    def info(self, now: float) -> ServiceInfo:
        """The service itself, as the overview shows it."""
        return ServiceInfo(
            version=self._version,
            home=str(self._home),
            pid=os.getpid(),
            started_at=self._started_at,
            now=now,
            state=self._state,
            sip_address="" if self._exchange is None else "{}:{}".format(*self.carrier.address),
            timezone=self._figures.timezone,
        )

    @property
    def lines(self) -> Mapping[str, str]:
        """How the lines to agents' phones are, by agent."""
        return {} if self._exchange is None else self._exchange.carrier.lines.states()

    def of_trunks(self) -> Iterable[Condition]:
        """What trunks say that they should not."""
        return () if self._exchange is None else self._trunks.conditions()

    def third_of(self, attempt_id: int) -> tuple[str, str]:
        """Whom an agent consults about a contact, and at which stage; "" for nobody."""
        return ("", "") if self._exchange is None else self.conversations.third_of(attempt_id)

    @property
    def carrier(self) -> SipCarrier:
        """Raises `RuntimeError` before `start`."""
        if self._exchange is None:
            raise RuntimeError("the service is not started")
        return self._exchange.carrier

    @property
    def counters(self) -> dict[str, int]:
        """What SIP and RTP counted since the start (`SipCarrier.counters`); nothing before it."""
        return {} if self._exchange is None else self._exchange.carrier.counters

    @property
    def journal(self) -> Writer:
        """The writer, to be observed."""
        return self._database.writer

    # --- from start to end ----------------------------------------------------------------------------------

    async def start(self) -> tuple[str, ...]:
        """Open the SIP side, and dial again what is stored as running; then the state is "running". Which
        campaigns are dialed. Raises as `open_exchange`."""
        watch = FloorWatch(
            self._engine.state,
            self._life,
            self._figures,
            self._alarms,
            self._clock,
            self._campaign_over,
            self._notes.note_later,
        )
        self._exchange = await open_exchange(
            self._home,
            self._settings,
            trunks_of(self._settings),
            self._engine,
            self._journal,
            watch,
            self._clock,
            key=self._database.key,
            rng=self._rng,
            post=self.post,
            look_at_clock=self._look_at_clock,
            log_event=self._log_event,
        )
        # Calls left behind need no audio to be ended, and people wait for it.
        self._background.spawn(self._exchange.hang_up_left())
        await self._exchange.carrier.ready()
        await self._save_walls(self._settings.walls)
        await self._keep_rule_sets()
        if self._clock_watch is not None:
            self._exchange.runner.check_clock()
            self._background.spawn(look_every_second(self._exchange.runner.check_clock))
        self.post(UsageKnown(tuple(self._database.reader.usage(self._started_at - DAY_S))))
        audio = self._exchange.carrier.audio
        self.post(MediaRoomChanged(audio.room, audio.is_down))
        self._tell_of_unresolved()
        resumed = await self._life.resume()
        self._state = "running"
        self._background.spawn(until_done("reviewing campaigns", self._life.review))
        self._place_leads()
        self._background.spawn(self._trunks.watch())
        self._background.spawn(self._retention().run())
        self._background.spawn(self._lead_retention().run())
        self._background.spawn(self._counting.run(list(self._life.standings), self._started_at, self._first_id))
        return resumed

    def _look_at_clock(self) -> Event | None:
        return None if self._clock_watch is None else self._clock_watch.look(self._in_the_air)

    def _in_the_air(self) -> bool:
        return any(call.state is not CallState.TALKING for call in self._engine.state.calls.values())

    def _retention(self) -> Retention:
        folder = CallFolders.of_home(self._home).recordings
        return Retention(folder, self._keeping, self.write, self._clock)

    def _lead_retention(self) -> LeadRetention:
        folder, reader = CallFolders.of_home(self._home).recordings, self._database.reader
        return LeadRetention(reader, lambda: rules_of(self._settings), self.write, self._clock, folder)

    def _keeping(self) -> Keeping:
        read = (standing.campaign for standing in self._life.standings.values())
        of = ((one.name, one.recording.keep_days) for one in read if one is not None)
        return Keeping(self._settings.keep_days, tuple((name, days) for name, days in of if days is not None))

    def tell(self, notice: Notice) -> None:
        """Something that whoever looks at the floor has to know. After `start`."""
        if self._exchange is not None:
            self._exchange.watch.notice(notice)

    def stop_soon(self) -> None:
        """Asked to end: who runs the service drains it then (`stop_asked`, `finish`)."""
        self._stop_asked.set()

    async def stop_asked(self) -> None:
        """Wait until somebody asks the service to end."""
        await self._stop_asked.wait()

    async def finish(self, drain_s: float) -> bool:
        """No new calls; those in progress finish within `drain_s` seconds or are hung up. The stored states stay,
        so that the next start dials again. True when everything is on record."""
        self._state = "draining"
        self._life.end_dialing()
        if self._exchange is None:
            return True
        complete = await self._exchange.stopping.finish(drain_s)
        try:
            async with asyncio.timeout(STATES_WITHIN_S):
                await self._life.settle()
        except TimeoutError:
            complete = False
        return complete

    def _taken_over(self, error: OwnershipLost) -> None:
        """Nothing is dialed any more, and `finish` hangs up what is up."""
        _log.error("another home has taken the database: hanging up and ending", cause=str(error))
        self.taken_over = error
        self._state = "draining"
        self._life.end_dialing()
        self._life.close()
        if self._exchange is not None:
            self._exchange.give_up()
        self.stop_soon()

    def cut(self) -> None:
        """While it finishes: hang up everything now."""
        if self._exchange is not None:
            self._exchange.stopping.cut()

    async def close(self) -> None:
        """Let go of sockets, timers and tasks. Calls still open are hung up without waiting."""
        self._life.close()
        await self._background.close()
        if self._exchange is not None:
            await self._exchange.close()

    # --- campaigns ------------------------------------------------------------------------------------------

    async def start_campaign(self, name: str, by: Actor) -> CampaignMoved:
        """Dial it. Raises `UnknownName`, `StepRefused`, and what kept the step from being committed."""
        moved = await self._life.start(name, by)
        self._alarms.forget(name)
        self._changed()
        self._counting.soon([name])
        return moved

    async def pause_campaign(self, name: str, by: Actor) -> CampaignMoved:
        """No new calls from now on; those in progress finish, its agents stay. That is so though the store be away
        (`CampaignMoved.unstored`). Raises `UnknownName`, `StepRefused`."""
        moved = await self._life.pause(name, by)
        self._changed()
        return moved

    async def stop_campaign(self, name: str, by: Actor) -> CampaignMoved:
        """No new calls from now on; done when the last one is over. As `pause_campaign`."""
        moved = await self._life.stop(name, by)
        self._changed()
        return moved

    async def campaign_saved(self, name: str) -> CampaignState:
        """Its text or leads have changed: the engine is told, a draft may be ready. Raises `UnknownName`."""
        state = await self._life.saved(name)
        self._changed()
        self._counting.soon([name])
        return state

    def leads_stored(self, answer: LeadsStored) -> None:
        """Leads were stored, and joined campaigns: those that are dialed are told."""
        for name, zone_groups in answer.joined:
            if self.run_of(name) is not None:
                self.post(LeadsAdded(name, zone_groups))
        names = [name for name, _ in answer.joined]
        self._counting.soon(names)
        standings = self._life.standings
        if any(name in standings and standings[name].state is CampaignState.DRAFT for name in names):
            self._background.spawn(until_done("reviewing campaigns", self._life.review))

    def knows(self, campaign: str) -> bool:
        """Whether there is such a campaign, as far as can be told without asking the store."""
        return campaign in self._life.standings

    def campaign_state(self, name: str) -> CampaignState:
        """Where the campaign is in its life. Raises `UnknownName`."""
        return self._life.standing(name).state

    def run_of(self, campaign: str) -> CampaignRun | None:
        """The campaign in the engine, where it was opened."""
        return self._engine.state.runs.get(campaign)

    def rule_library(self) -> RuleLibrary:
        """The rule sets that campaigns may come under."""
        return self._settings.rules

    def trunk_names(self) -> Collection[str]:
        """Trunks that are configured."""
        return [trunk.name for trunk in self._settings.trunks]

    def try_prompt(self, client: str, prompt: Prompt) -> str:
        """Why a client's prompt cannot be played; "" when it can. Takes its time."""
        return prompt_trial(self._home / FOLDER)(client, prompt)

    def recall(self, campaign: str) -> None:
        """In the background: its pacer is told of the answers before it, which are on its allowance too."""
        recall = partial(recall_answers, self.post, self._database.reader, campaign, self._clock.now())
        self._background.spawn(until_done("recalling answers", recall))

    async def prepare(self, campaign: Campaign) -> str:
        """Returns when its prompts can be played: "", or why one cannot be."""
        try:
            await self.carrier.prompts.prepare(client_of(campaign.name), campaign.prompts)
        except TelephonyError as error:
            return str(error)
        return ""

    # --- data -----------------------------------------------------------------------------------------------

    async def write(self, write: Write) -> Answer:
        """Write through the journal. Raises what kept it from being committed."""
        answer = await self._journal.write(write)
        plain = write.write if isinstance(write, Audited) else write
        if isinstance(plain, SaveConsents):  # leads that waited for them are due
            for name in self._engine.state.runs:
                if client_of(name) == plain.client:
                    self.post(LeadsAdded(name, ()))
        return answer

    async def note(self, change: Change) -> str:
        """Enter in the log of changes what has been done already. What keeps that from being on record, after a
        few seconds at most, or ""; it is tried again until it is, or the service ends."""
        return await self._notes.note(change)

    def overview(self, client: str | None = None) -> Overview:
        """The floor at this moment, of one client alone or ("" and None) of all; at most half a second old."""
        return self._overviews.look(client or "", self._clock.now())

    # --- agents and calls -----------------------------------------------------------------------------------

    def post(self, event: Event) -> None:
        """Tell the engine what an agent does, or what a call came to."""
        if self._exchange is not None and not self._trunks.takes(event):
            self._exchange.runner.post(event)

    def open_line(self, agent_id: str, phone: tuple[str, int]) -> tuple[str, int]:
        """Where the agent sends audio; `phone`: the agent's RTP. Raises `LegExists`, `MediaFull`."""
        return self.carrier.audio.lines.open(agent_id, phone)

    def has_phone(self, agent_id: str) -> bool:
        """Whether `dialer.toml` has a phone for the agent, wherever that is at the moment."""
        return self._exchange is not None and self._exchange.phones.phone(agent_id) is not None

    def call_phone(self, agent_id: str) -> None:
        """The agent has come on duty: their phone is called, and they are unreachable until it is up. Raises
        `PhoneNowhere` for one who has none."""
        self.carrier.lines.attend(agent_id)

    def close_line(self, agent_id: str) -> None:
        """Whichever of both the agent has; a phone is hung up."""
        self.conversations.off_duty(agent_id)
        if not self.carrier.lines.dismiss(agent_id):
            self.carrier.audio.lines.close(agent_id)

    def listen(self, listener: Callable[[NotifyAgent], None]) -> Callable[[], None]:
        """Tell `listener` every change of an agent's state; the answer stops that. After `start`."""
        if self._exchange is None:
            raise RuntimeError("the service is not started")
        return self._exchange.watch.listen(listener)

    def hang_up(self, attempt_id: int) -> bool:
        """End a call from outside. False when there is none of this id."""
        call = self._engine.state.calls.get(attempt_id)
        if call is None or call.dialed_at is None or call.ended_at is not None:
            return False
        self.carrier.carry_out(HangUp(attempt_id))
        return True

    def present(self, agent_id: str) -> NotifyAgent | None:
        """How the agent is, as the desk is told it; None: not on duty."""
        return self._engine.present(agent_id)

    def campaign_of(self, agent_id: str) -> str | None:
        """The campaign that the agent is on duty for; None: not on duty."""
        agent = self._engine.state.pool.get(agent_id)
        return None if agent is None else agent.campaign

    def client_of_call(self, attempt_id: int) -> str | None:
        """Whose call it is ("": the house's); None: there is none of this id."""
        call = self._engine.state.calls.get(attempt_id)
        return None if call is None else client_of(call.intent.campaign)

    def recording_of(self, attempt_id: int) -> str:
        """How far the recording of a conversation is, a `RecordingState` value; "" for none, and for no call."""
        call = self._engine.state.calls.get(attempt_id)
        return "" if call is None or call.state is not CallState.TALKING else call.recording_state.value

    # --- settings -------------------------------------------------------------------------------------------

    def trunk_rows(self) -> list[TrunkDetail]:
        """Every trunk: state, calls, figures and cost of today."""
        return self._trunks.rows()

    async def release_trunk(self, name: str, by: Actor) -> None:
        """What was wrong with it is mended. Raises `UnknownName`."""
        self._trunks.limits(name)
        self.post(TrunkReleased(name))
        self._changed()
        await self.write(SaveChange(by.change(self._clock.now(), "trunk.release", name)))

    async def test_trunk(self, name: str, by: Actor, number: str | None, caller_id: str) -> TrunkTested:
        """Ask it by OPTIONS or, with `number`, call that over it. Raises `UnknownName`, `InputError`."""
        if number is None:
            return await self._trunks.probe(name)
        if self.reader.blocked_numbers([number]):
            raise InputError(f"{number} is on the do-not-call register; call one of your own")
        detail = {"number": number, "caller_id": caller_id}
        await self.write(SaveChange(by.change(self._clock.now(), "trunk.test", name, **detail)))
        return await self._trunks.call(name, number, caller_id)

    async def reload(self, by: Actor) -> Reloaded:
        """Read `dialer.toml` again; calls go on. Raises `SettingsError`, `EnvironmentFault` (before `start`): then
        all stays as it was."""
        if self._exchange is None:
            raise EnvironmentFault("the service is still starting; have it read its settings again in a moment")
        async with self._reloading:
            return await self._reload(by)

    async def _reload(self, by: Actor) -> Reloaded:
        read = await asyncio.to_thread(self._load)
        in_force, answer = compare(self._settings, read)
        if "trunk" in answer.changed:
            try:
                await self.carrier.set_trunks(trunks_of(in_force))
            except HostUnresolved as error:
                problem = Problem(str(self._home / FILE_NAME), 1, 1, "trunk", str(error), "nothing was changed")
                raise SettingsError([problem]) from error
            self.post(TrunksChanged(trunks_of(in_force)))
            self._tell_of_unresolved()
        if "walls" in answer.changed:
            await self._save_walls(in_force.walls)
            self.post(WallsChanged(in_force.walls))
        if self._exchange is not None:
            self._exchange.phones.set_phones(phones_of(in_force))
            self._exchange.carrier.lines.rules = line_rules_of(in_force)
            self._exchange.carrier.audio.contact_silent_s = in_force.contact_silent_s
        self._settings = in_force
        if "rules" in answer.changed:
            await self._keep_rule_sets()
            await self._life.rules_changed()
            self._place_leads()
        self._on_settings(in_force)
        self._changed()
        _log.info("settings reloaded", changed=answer.changed, needs_restart=answer.needs_restart, by=by.name)
        detail = {"changed": ", ".join(answer.changed), "needs_restart": ", ".join(answer.needs_restart)}
        await self.write(SaveChange(by.change(self._clock.now(), "settings.reload", "dialer.toml", **detail)))
        await self._life.review()
        return answer

    async def _save_walls(self, walls: Walls) -> None:
        """What may be dialed is on record before anything is dialed under it."""
        await self.write(SaveWalls(walls.hash, walls.body, self._clock.now()))

    async def _keep_rule_sets(self) -> None:
        """Their texts are on record before anything is dialed under them."""
        writes = rule_sets_to_keep(self._database.reader, self._settings.rules, self._clock.now())
        await asyncio.gather(*(self.write(write) for write in writes))

    # --- inside ---------------------------------------------------------------------------------------------

    def _place_leads(self) -> None:
        place = partial(self._life.place_leads, self.leads_stored)
        self._background.spawn(until_done("giving leads their places", place))

    def _tell_of_unresolved(self) -> None:
        unresolved = self.carrier.unresolved()
        for name, limits in tuple(self.engine.trunks.items()):
            if limits.health.unresolved != unresolved.get(name, ""):
                self.post(TrunkFound(name, unresolved.get(name, "")))

    def _changed(self) -> None:
        """What somebody changed is to be seen at once."""
        self._overviews.forget()

    def _campaign_over(self, campaign: str) -> None:
        if self._exchange is not None:
            self._exchange.stopping.news(campaign)
        self._counting.soon([campaign])

    def _dialed(self) -> list[str]:
        return [name for name, run in self.engine.runs.items() if run.status is not RunStatus.ENDED]
