"""Campaigns while they run: opened, changed, paused and resumed, drained, cut, ended."""

from __future__ import annotations

from collections.abc import Iterable

from campaigns.campaign import Campaign, Pacing
from campaigns.record import EndedBy
from campaigns.rule_choice import Rules
from dialer.calls.call import Call, CallState, Trigger
from dialer.engine.closing import Closing
from dialer.engine.commands import CampaignEnded, Notice
from dialer.engine.deadlines import Timer
from dialer.engine.dialing import Dialing
from dialer.engine.floor import Floor
from dialer.engine.state import CampaignRun, EngineState, RunStatus
from dialer.pacing import AgentsChanged, Connected, Pacer, create
from dialer.trunks.limits import TrunkLimits
from dialer.trunks.selection import RouteSelector
from dialer.trunks.trunk import Trunk

PACING_WINDOWS_S = (8 * 3_600.0, 24 * 3_600.0, 30 * 24 * 3_600.0)
"""Over which abandonment is kept below the target, in each: a shift, a day, 30 days (47 CFR 64.1200(a)(7))."""


class Runs:
    """What is done to campaigns as a whole."""

    def __init__(self, state: EngineState, dialing: Dialing, closing: Closing, floor: Floor) -> None:
        self._state = state
        self._dialing = dialing
        self._closing = closing
        self._floor = floor

    def open(self, campaign: Campaign, rules: Rules, zone_groups: tuple[str, ...], now: float) -> None:
        """Begin to dial. Raises `ValueError` if the campaign runs already, or none of its trunks is configured."""
        if campaign.name in self._state.runs:
            raise ValueError(f"campaign {campaign.name} is running already")
        trunks = self._trunks_of(campaign)
        if not trunks:
            raise ValueError(f"campaign {campaign.name}: {_no_trunk(campaign)}")
        run = CampaignRun(campaign, rules, _pacer(campaign.pacing), self._selector(trunks, campaign))
        self._state.runs[campaign.name] = run
        self._tell_of_missing_trunks(run)
        self._tell_of_agents(run, now)
        for group in zone_groups:
            run.hopper.learn(group)
        self._state.pace_soon(campaign.name)

    def change(self, run: CampaignRun, campaign: Campaign, rules: Rules, now: float) -> None:
        """The text holds from the next decision on. Leads in the hopper are given back, to be chosen and judged
        by it; open calls go on under theirs (`Call.terms`). The same again changes nothing. Raises
        `ValueError` for a pacing that can't be made.
        """
        if campaign == run.campaign and rules == run.rules:
            return
        pacer = run.pacer if campaign.pacing == run.campaign.pacing else _pacer(campaign.pacing)
        self._dialing.give_back_all(run)
        run.change(campaign, rules)
        if pacer is not run.pacer:
            run.pacer = pacer
            self._tell_of_agents(run, now)
            self._tell_of_open_calls(run, now)
        self._route(run)
        self._state.pace_soon(run.name)

    def change_trunks(self, trunks: tuple[Trunk, ...]) -> None:
        """These are configured from now on. Channels in use stay in use."""
        configured = {trunk.name for trunk in trunks}
        for name, limits in list(self._state.trunks.items()):
            if name not in configured:
                limits.remove()
                if not limits.in_use:
                    del self._state.trunks[name]
        for trunk in trunks:
            known = self._state.trunks.get(trunk.name)
            if known is None:
                self._state.trunks[trunk.name] = TrunkLimits(trunk)
            else:
                known.change(trunk)
        for run in self._state.runs.values():
            self._route(run)
            self._state.pace_soon(run.name)

    def change_media_room(self, calls: int, *, lost: bool) -> None:
        """The audio of so many calls can be carried. Those beyond go on; none is placed until they are below."""
        self._state.media_room, self._state.media_lost = calls, lost
        for run in self._state.runs.values():
            self._state.pace_soon(run.name)

    def doubt_clock(self, why: str, now: float) -> None:
        """Nothing is dialed until it is trusted again. What was decided by its time is not used: leads go back,
        and attempts that are being committed are withdrawn when their commit is reported."""
        self._state.clock_doubt, self._state.doubted_at = why, now
        for run in self._state.runs.values():
            self._dialing.give_back_all(run)

    def trust_clock(self) -> None:
        """Dial again, with leads asked for afresh."""
        self._state.clock_doubt = ""
        for run in self._state.runs.values():
            run.hopper.renew()
            self._state.pace_soon(run.name)

    def add_leads(self, run: CampaignRun, zone_groups: tuple[str, ...], *, no_others: bool = False) -> None:
        """Leads have joined, or may be called that waited: ask for them, even if there were none left.
        `no_others`: no lead in the store lies in another group."""
        if no_others:
            run.hopper.keep_only(run.moved_to.union(zone_groups))
        for group in zone_groups:
            run.hopper.learn(group)
        run.hopper.renew()
        if not zone_groups:
            run.hopper.expect_callback(float("-inf"))  # which of them are due, the store knows
        self._state.pace_soon(run.name)

    def pause(self, run: CampaignRun) -> None:
        """No new calls. Leads of the hopper go back, and attempts that are still being committed are withdrawn
        when their commit is reported: nothing has left for them, and who presses pause wants no more phones to
        ring. Resumed before that, they go ahead. Calls that ring or talk finish, and get agents."""
        if run.status is RunStatus.RUNNING:
            run.status = RunStatus.PAUSED
            self._stop_dialing(run)

    def resume(self, run: CampaignRun) -> None:
        """Dial again, with leads asked for afresh."""
        if run.status is RunStatus.PAUSED:
            run.status = RunStatus.RUNNING
            run.hopper.renew()
            self._state.pace_soon(run.name)

    def drain(self, run: CampaignRun) -> None:
        """No new calls, and the end when the last open one is over."""
        if run.status in (RunStatus.RUNNING, RunStatus.PAUSED):
            run.status = RunStatus.DRAINING
            self._stop_dialing(run)

    def cut(self, run: CampaignRun, now: float) -> None:
        """Hang up everything."""
        if run.status is RunStatus.CUTTING:
            return
        self.drain(run)
        run.status = RunStatus.CUTTING
        for call in list(run.calls.values()):
            self._cut_call(call, now)

    def end_those_done(self, now: float) -> None:
        """Campaigns that nothing is left to do for have ended, and are forgotten. Only those that something has
        happened to are asked: there may be many, and few are concerned by an event."""
        touched, self._state.touched = self._state.touched, {}
        for name in touched:
            run = self._state.runs.get(name)
            reason = "" if run is None else self._reason_to_end(run, now)
            if run is None or not reason:
                continue
            self._dialing.give_back_all(run)
            run.status = RunStatus.ENDED
            self._state.deadlines.clear(Timer.PACE, run.name)
            self._floor.reckon(run.name, now)
            del self._state.runs[run.name]
            self._state.out.append(CampaignEnded(run.name, reason))

    # --- inside -------------------------------------------------------------------------------------------

    def _reason_to_end(self, run: CampaignRun, now: float) -> str:
        """Why the campaign is over now; empty while it is not."""
        if run.calls or run.hopper.fetching or run.records_due:
            return ""
        unsaved = self._state.unsaved.get(run.name)
        if unsaved is not None and unsaved.writes:
            return ""
        if run.failure:
            return "failed"
        match run.status:
            case RunStatus.RUNNING:
                waits = run.parked or run.promised
                return "list_done" if not waits and run.hopper.exhausted(now) else ""
            case RunStatus.DRAINING:
                return "drained"
            case RunStatus.CUTTING:
                return "cut"
            case _:
                return ""  # a paused campaign waits for somebody to say how it goes on

    def _stop_dialing(self, run: CampaignRun) -> None:
        self._state.touched[run.name] = None
        self._state.deadlines.clear(Timer.PACE, run.name)
        self._dialing.give_back_all(run)

    def _cut_call(self, call: Call, now: float) -> None:
        call.cut = True
        if call.can(Trigger.CANCEL):
            self._dialing.give_up(call, now)
        elif call.state is CallState.WAITING:
            self._floor.abandon(call, now)
        elif call.state is CallState.PROMPTED:
            self._floor.hang_up(call, now)
        elif call.state is CallState.TALKING:
            call.ended_by = EndedBy.DIALER
            self._floor.hang_up(call, now)
            self._floor.talk_over(call, now)
        if call.agent_id is not None and call.disposition is None:
            agent = self._state.pool.get(call.agent_id)
            if agent is not None:
                self._floor.wrap_up_over(agent, "the run was cut", now)

    def _selector(self, trunks: tuple[TrunkLimits, ...], campaign: Campaign) -> RouteSelector:
        return RouteSelector(trunks, campaign, self._state.tolls)

    def _trunks_of(self, campaign: Campaign) -> tuple[TrunkLimits, ...]:
        found = (self._state.trunks.get(name) for name in campaign.trunks)
        return tuple(limits for limits in found if limits is not None and not limits.removed)

    def _route(self, run: CampaignRun) -> None:
        """Choose among the trunks and caller ids that the campaign has now; without any trunk it stops."""
        trunks = self._trunks_of(run.campaign)
        if not trunks and run.status in (RunStatus.RUNNING, RunStatus.PAUSED):
            self._closing.stop(run, "no_trunk", _no_trunk(run.campaign))
        elif trunks:
            changed = (trunks, run.campaign.caller_ids) != (run.selector.trunks, run.selector.caller_ids)
            run.selector.use(trunks, run.campaign)
            if changed:
                self._tell_of_missing_trunks(run)

    def _tell_of_missing_trunks(self, run: CampaignRun) -> None:
        there = {limits.trunk.name for limits in run.selector.trunks}
        missing = [name for name in run.campaign.trunks if name not in there]
        if missing:
            text = (
                f"{run.name} is dialed without {_listed(missing)}, not configured in dialer.toml. Add it there, "
                "or take it out of the campaign."
            )
            self._state.out.append(Notice(run.name, "trunk_missing", text))

    def _tell_of_open_calls(self, run: CampaignRun, now: float) -> None:
        """What is on record it is told apart; who was abandoned and is not there yet is counted then."""
        for call in run.calls.values():
            if call.counted_live:
                call.counted_live = False
                if call.agent_id is not None:
                    run.count_live(call, Connected(now, 0.0))

    def _tell_of_agents(self, run: CampaignRun, now: float) -> None:
        count = self._state.pool.count(run.name)
        if count:
            run.pacer.observe(AgentsChanged(now, count))


def _pacer(pacing: Pacing) -> Pacer:
    return create(
        pacing.mode.value,
        ratio=pacing.ratio,
        abandon_target=pacing.abandon_target,
        grace_s=pacing.grace_s,
        lines=max(1, pacing.lines),
        window_s=PACING_WINDOWS_S,
    )


def _no_trunk(campaign: Campaign) -> str:
    return (
        f"none of its trunks ({_listed(campaign.trunks)}) is configured. Put one of them back into dialer.toml, "
        "or name another in the campaign, and start it again"
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
