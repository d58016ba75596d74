"""What the parts of the engine share: open calls, agents on duty, running campaigns, deadlines, and the
commands gathered during one `handle`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import StrEnum

from campaigns.abandoned import LEAD_S
from campaigns.applicable import applicable
from campaigns.campaign import Campaign
from campaigns.compliance import RuleSet
from campaigns.grouping import grouping_of
from campaigns.reach import reach_of
from campaigns.refusal import Refused
from campaigns.rule_choice import Rules, strictest
from dialer.agents.pool import AgentPool
from dialer.calls.call import Call
from dialer.engine.commands import Command
from dialer.engine.deadlines import Deadlines
from dialer.engine.foretelling import Foretelling
from dialer.engine.hopper import Hopper
from dialer.pacing import Abandoned, Connected, HungUpWaiting, Pacer, Retracted
from dialer.ports.store import (
    READY,
    BlockNumbers,
    Candidate,
    CloseAttempt,
    LeadUpdate,
    ReturnLeads,
    SaveAgentTime,
    SaveOptOut,
    SaveThirdCall,
    ThirdCall,
)
from dialer.trunks.limits import TrunkLimits
from dialer.trunks.selection import RouteSelector, Tolls

UNSAVED_RETRIES = 6
"""How often writes that failed are tried again after the campaign has ended otherwise."""


class Unsaved:
    """Writes about one campaign that failed and are tried again. Its own, not the run's: agents' time may fail
    when no run is left, and what failed under one run is not lost by starting the next."""

    def __init__(self) -> None:
        self.writes: list[CloseAttempt | ReturnLeads | SaveAgentTime | SaveOptOut | SaveThirdCall] = []
        self.retries_left = UNSAVED_RETRIES


class RunStatus(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"  # no new calls until it is resumed; open ones finish
    DRAINING = "draining"  # no new calls; open ones finish
    CUTTING = "cutting"  # everything is being hung up
    ENDED = "ended"


class LaunchLimit(StrEnum):
    """What kept a pacing decision from launching more calls."""

    NONE = ""  # nothing was decided yet
    PACE = "pace"  # its mode wants no more
    LINES = "lines"  # channels, calls per second or the audio's capacity
    LEADS = "leads"  # no more are at hand


class CampaignRun:
    """One campaign while it runs. `calls`: its open attempts. `ringing`: when those that may still be answered
    were launched. `held`: live answers that the detector still listens to. `waiting`: those without an agent, in
    the order in which they may have one. `parked`: leads whose number or person is in another call, by number or
    `Lead.party`. `promised`: leads to be called back that wait for their agent. `records_due`: closed attempts
    whose record is not committed yet. `refused`: how often each refusal has come up since it was opened, by
    `Refusal` value. `held_up`: what keeps every call of it from being placed for now, None while nothing does.
    `moved_to`: zone groups that leads were given a place in, which the store may not have yet. `failure`: why it
    stopped dialing. `fault`: why a call last could not be placed. `launch_limit`: what kept the last decision from
    launching more."""

    def __init__(self, campaign: Campaign, rules: Rules, pacer: Pacer, selector: RouteSelector) -> None:
        self.pacer = pacer
        self.foretelling = Foretelling()
        self.selector = selector
        self.moved_to: set[str] = set()
        self._use(campaign, rules)
        self.hopper = Hopper(campaign, rules, self.reach_s)
        self.status = RunStatus.RUNNING
        self.calls: dict[int, Call] = {}
        self.ringing: dict[int, float] = {}
        self.held: dict[int, Call] = {}
        self.waiting: dict[int, Call] = {}
        self.parked: dict[str, list[Candidate]] = {}
        self.promised: dict[int, Candidate] = {}
        self.records_due = 0
        self.failure = ""
        self.fault = ""
        self.decided_at = float("-inf")
        self.launch_limit = LaunchLimit.NONE
        self.refused: Counter[str] = Counter()
        self.held_up: Refused | None = None

    @property
    def name(self) -> str:
        return self.campaign.name

    @property
    def dials(self) -> bool:
        """Whether new calls may be started."""
        return self.status is RunStatus.RUNNING and not self.failure

    def rules_for(self, candidate: Candidate, position: int, now: float) -> RuleSet:
        """What a call to this number of the lead comes under."""
        return applicable(self.rules, candidate.lead, candidate.lead.phones[position], now)

    def expect(self, update: LeadUpdate) -> None:
        """A lead has got a new place: it is asked for when it is due."""
        if update.state == READY:
            group = self.grouping.group(update.zone_group)
            self.moved_to.add(group)
            self.hopper.learn(group)
            if update.callback is None:
                self.hopper.expect(update.due_at)
            else:
                self.hopper.expect_callback(update.due_at)

    def stop_waiting(self, call: Call) -> None:
        """The call is held no more and waits for no agent."""
        self.held.pop(call.attempt_id, None)
        self.waiting.pop(call.attempt_id, None)

    def count_live(self, call: Call, event: Connected | Abandoned | HungUpWaiting) -> None:
        """A person has answered: tell the pacer what became of it, once a call."""
        self.foretelling.learn(call, wanted_agent=True)
        if not call.counted_live:
            call.counted_live = True
            self.pacer.observe(event)

    def retract_live(self, call: Call, now: float) -> None:
        """Whoever answered was no person, or has nobody to speak with after all."""
        if call.counted_live:
            call.counted_live = False
            self.pacer.observe(Retracted(now))

    def change(self, campaign: Campaign, rules: Rules) -> None:
        """Another text and other rules, for all decisions from now on."""
        grouping = self.grouping
        self._use(campaign, rules)
        if self.grouping != grouping:
            self.moved_to.clear()
        self.hopper.change(campaign, rules, self.reach_s)

    def _use(self, campaign: Campaign, rules: Rules) -> None:
        self.campaign = campaign
        self.rules = rules
        self.grouping = grouping_of(campaign, rules)
        self.reach_s = reach_of(campaign)
        clock_s = strictest(rules).abandon_clock_s
        if campaign.abandoned is not None:
            clock_s = max(0.0, clock_s - LEAD_S)  # by then the message is to be heard
        self.grace_s = min(campaign.pacing.grace_s, clock_s)


class EngineState:
    """Shared by the engine's parts; owned by `Engine`. `runs`: campaigns that have not ended; one that has is
    forgotten. `to_pace`, `touched`: campaigns to be paced, and to be asked whether they are over, before the event
    is done with. `trunks`: those configured, and removed ones until their last call is over. `tolls`: the
    walls, and what was used of ceilings and caller ids. `in_call`: numbers of open attempts, and the parties
    called (`Lead.party`), so that no phone and nobody is called by two at once. `owed`: by attempt, the client and
    the number that its register could not be told of; what is given up stays here. `thirds`: calls to third
    parties outside that are not over, by key. `freed`: agents (and the attempts) that need not be kept free any
    more. `media_room`: calls whose audio can be carried at once, None without a limit; `media_lost`: nothing is
    there that would. `clock_doubt`: why the machine's clock is not relied on, "" while it is; `doubted_at`: when
    it last was not."""

    def __init__(
        self, trunks: dict[str, TrunkLimits], tolls: Tolls, next_attempt_id: int, call_id_of: Callable[[int], str]
    ) -> None:
        self.trunks = trunks
        self.tolls = tolls
        self.next_attempt_id = next_attempt_id
        self.call_id_of = call_id_of
        self.runs: dict[str, CampaignRun] = {}
        self.calls: dict[int, Call] = {}
        self.in_call: set[str] = set()
        self.unsaved: dict[str, Unsaved] = {}
        self.owed: dict[int, BlockNumbers] = {}
        self.thirds: dict[int, ThirdCall] = {}
        self.pool = AgentPool()
        self.deadlines = Deadlines()
        self.out: list[Command] = []
        self.freed: list[tuple[str, int]] = []
        self.to_pace: dict[str, None] = {}
        self.touched: dict[str, None] = {}
        self.strays = 0
        self.media_room: int | None = None
        self.media_lost = False
        self.clock_doubt = ""
        self.doubted_at = float("-inf")

    def is_in_call(self, key: str) -> bool:
        """Whether a number or a party is in a call, or is being called: as a contact or as a third party."""
        return key in self.in_call or any(third.number == key for third in self.thirds.values())

    def run_of(self, call: Call) -> CampaignRun:
        return self.runs[call.intent.campaign]

    def lines_free(self, run: CampaignRun, now: float) -> int:
        """Calls that the campaign's trunks, and whoever carries the audio, allow now."""
        free = run.selector.lines_free(now)
        if self.media_room is None:
            return free
        in_use = sum(limits.in_use for limits in self.trunks.values())
        return max(0, min(free, self.media_room - in_use))

    def release_line(self, trunk: str) -> None:
        """A call has given its channel back. A removed trunk is forgotten with its last one."""
        limits = self.trunks[trunk]
        limits.release()
        if limits.removed and not limits.in_use:
            del self.trunks[trunk]

    def pace_soon(self, campaign: str) -> None:
        """Something that pacing depends on has changed."""
        self.to_pace[campaign] = self.touched[campaign] = None

    def line_freed(self, run: CampaignRun) -> None:
        """A call of this campaign has given its line back. Others that share its trunks are asked first, lest the
        one that calls most keeps every line."""
        if len(self.runs) > 1:
            self.to_pace.pop(run.name, None)
            trunks = set(run.campaign.trunks)
            for other in self.runs.values():
                # Who has no lead at hand can do nothing with a line, and most of many campaigns have none.
                if other.hopper.ready and other is not run and not trunks.isdisjoint(other.campaign.trunks):
                    self.pace_soon(other.name)
        self.pace_soon(run.name)
