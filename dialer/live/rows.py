"""The rows of the overview, of the engine's present and of committed figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from campaigns.kpi import Histogram, Summary
from campaigns.life import CampaignState
from campaigns.rule_choice import strictest
from dialer.agents.agent import CONVERSING, DESK_LOST, Agent, AgentState
from dialer.api.schemas import (
    CONTACT_SHOWN,
    AgentRow,
    AmdFigures,
    CallRow,
    CampaignRow,
    Figures,
    LeadFigures,
    PaceRow,
    TrunkRow,
    WaitReason,
)
from dialer.calls.call import Call, CallState
from dialer.engine.hopper import Hopper
from dialer.engine.state import CampaignRun, EngineState, RunStatus
from dialer.live.conditions import WHY
from dialer.live.figures import DayFigures, Tally
from dialer.live.standing import Standing
from dialer.log import mask
from dialer.pacing.predictive import PredictivePacer
from dialer.settings import Settings
from dialer.trunks.health import TrunkState
from dialer.trunks.limits import TrunkLimits

MOST_REASONS = 5
_BUSY = CONVERSING | {AgentState.WRAP_UP}


class CampaignRows:
    """Makes the rows of campaigns. Figures are made again only when a record has come."""

    def __init__(self, figures: DayFigures) -> None:
        self._figures = figures
        self._made: dict[str, tuple[int, float, float, Figures]] = {}

    def row(self, standing: Standing, state: EngineState, now: float) -> CampaignRow:
        """The campaign at this moment. Dialed or not: agents may be on duty for one that is not."""
        campaign, name = standing.campaign, standing.name
        run = state.runs.get(name)
        if run is not None and run.status is RunStatus.ENDED:
            run = None
        agents = {s.value: len(within) for s in AgentState if (within := state.pool.within(name, s))}
        trunks = () if campaign is None else campaign.trunks
        known = [state.trunks[trunk] for trunk in trunks if trunk in state.trunks]
        tally = self._figures.of(name)
        return CampaignRow(
            name=name,
            client=standing.client,
            title="" if campaign is None else campaign.title,
            mode="" if campaign is None else campaign.pacing.mode.value,
            state=standing.state,
            state_reason=standing.reason,
            state_since=standing.since,
            figures=self._figures_of(standing, tally),
            leads=_lead_figures(tally, run, standing.state, now),
            agents=agents,
            dialing=0 if run is None else len(run.ringing),
            waiting=0 if run is None else len(run.waiting) + len(run.held),
            talking=sum(agents.get(state.value, 0) for state in CONVERSING),
            lines_in_use=sum(limits.in_use for limits in known),
            lines=sum(limits.trunk.channels for limits in known),
            waits_because=[] if run is None else _waits_because(run),
            pace=None if run is None else _pace(run),
        )

    def _figures_of(self, standing: Standing, tally: Tally) -> Figures:
        cap = 0.0 if standing.rules is None else strictest(standing.rules).abandon_max
        made = self._made.get(standing.name)
        since = self._figures.since
        if made is None or made[:3] != (tally.counted, since, cap):
            made = (tally.counted, since, cap, figures_of(tally.summary, since, cap))
            self._made[standing.name] = made
        return made[3]


def figures_of(summary: Summary, since: float, abandon_cap: float) -> Figures:
    """The figures of a summary as the API shows them."""
    return Figures(
        since=since,
        attempts=summary.attempts,
        connects=summary.connects,
        live=summary.live,
        machine=summary.machine,
        abandoned=summary.abandoned,
        abandonment_rate=summary.abandonment_rate_with_lost,
        people_lost=round(summary.people_lost, 3),
        abandon_cap=abandon_cap,
        rpc=summary.rpc,
        agent_hours=summary.agent_hours,
        rpc_per_agent_hour=summary.rpc_per_agent_hour,
        occupancy=summary.occupancy,
        busy_share=summary.busy_share,
        talk_share=summary.talk_share,
        answer_to_agent_ms=_quantiles(summary.answer_to_agent_ms),
        amd=_amd_figures(summary),
        outcomes=dict(sorted(summary.outcomes.items())),
        dispositions=dict(sorted(summary.dispositions.items())),
    )


def _amd_figures(summary: Summary) -> AmdFigures | None:
    if not summary.amd_verdicts:
        return None
    return AmdFigures(
        verdicts=dict(sorted(summary.amd_verdicts.items())),
        verdict_ms=_quantiles(summary.amd_verdict_ms),
        hung_up=summary.amd_hung_up,
        checked=summary.amd_checked,
        people=summary.amd_people,
    )


def _quantiles(histogram: Histogram) -> dict[str, float | None]:
    return {"p50": histogram.quantile(0.5), "p99": histogram.quantile(0.99)}


def agent_rows(
    state: EngineState,
    settings: Settings,
    contacts: Mapping[str, str],
    lines: Mapping[str, str],
    now: float,
) -> list[AgentRow]:
    """Agents on duty in the order of their log-in; then the others that are configured."""
    names = {agent.agent_id: agent.name for agent in settings.agents}
    rows = [
        AgentRow(
            agent_id=agent.agent_id,
            name=names.pop(agent.agent_id, agent.agent_id),
            campaign=agent.campaign,
            state=agent.state.value,
            for_s=max(0.0, now - agent.since),
            attempt_id=agent.attempt_id,
            contact=contacts.get(agent.agent_id, "")[:CONTACT_SHOWN] if agent.state in _BUSY else "",
            pause_code=_pause_code(agent),
            desk_lost=agent.desk_lost_at is not None,
            phone=lines.get(agent.agent_id, ""),
        )
        for agent in state.pool
    ]
    off_duty = AgentState.LOGGED_OUT.value
    rows += [AgentRow(agent_id=i, name=n, campaign="", state=off_duty, for_s=0.0) for i, n in names.items()]
    return rows


def _pause_code(agent: Agent) -> str:
    if agent.state is not AgentState.PAUSED:
        return ""
    return DESK_LOST if agent.desk_lost_at is not None else agent.pause_code


def call_rows(
    calls: Iterable[Call], now: float, third_of: Callable[[int], tuple[str, str]] = lambda attempt_id: ("", "")
) -> list[CallRow]:
    """Calls in progress, as they were launched; not those that are over and only wait for their agent's word.
    `third_of`: whom an attempt's agent consults, and at which stage."""
    return [
        CallRow(
            attempt_id=call.attempt_id,
            lead_id=call.intent.lead_id,
            campaign=call.intent.campaign,
            trunk=call.intent.trunk,
            number=mask(call.intent.number),
            contact=call.candidate.lead.display_name[:CONTACT_SHOWN],
            state=call.state.value,
            for_s=max(0.0, now - call.since),
            agent_id=call.agent_id,
            third=third,
            third_stage=stage,
        )
        for call in calls
        for third, stage in (third_of(call.attempt_id),)
        if call.state is not CallState.ENDED
    ]


def trunk_rows(state: EngineState, standings: Iterable[Standing], now: float) -> list[TrunkRow]:
    """Trunks, those among them that are configured no more but still carry calls."""
    dialed_by: dict[str, list[str]] = {name: [] for name in state.trunks}
    for standing in standings:
        if standing.state is CampaignState.RUNNING and standing.campaign is not None:
            for trunk in standing.campaign.trunks:
                dialed_by.get(trunk, []).append(standing.name)
    return [_trunk_row(name, limits, dialed_by[name], now) for name, limits in state.trunks.items()]


def _trunk_row(name: str, limits: TrunkLimits, campaigns: list[str], now: float) -> TrunkRow:
    health = limits.health
    state, opens_at = health.state(now), health.opens_at(now)
    return TrunkRow(
        name=name,
        address=limits.trunk.place,
        channels=limits.trunk.channels,
        in_use=limits.in_use,
        cps=limits.trunk.cps,
        removed=limits.removed,
        state=state.value,
        why="" if state is TrunkState.OPEN else health.why,
        opens_in_s=None if opens_at is None else opens_at - now,
        campaigns=campaigns,
    )


def _lead_figures(tally: Tally, run: CampaignRun | None, state: CampaignState, now: float) -> LeadFigures:
    leads = tally.leads
    total = 0 if leads is None else leads.total
    dialed = run is not None and state is CampaignState.RUNNING
    return LeadFigures(
        total=total,
        attempted=0 if leads is None else leads.attempted,
        final=0 if leads is None else leads.final,
        penetration=0.0 if leads is None or not total else leads.attempted / total,
        at_hand=0 if run is None else len(run.hopper.ready),
        next_in_s=_next_in_s(run.hopper, now) if dialed and run is not None else None,
    )


def _pace(run: CampaignRun) -> PaceRow | None:
    belief = run.pacer.belief if isinstance(run.pacer, PredictivePacer) else None
    if belief is None:
        return None
    return PaceRow(
        answer_rate=belief.answer_p,
        answer_rate_error=belief.answer_error,
        answer_s=belief.ring_s,
        talk_s=belief.talk_s,
        wrapup_s=belief.wrap_s,
        next_lost=belief.lost_p,
        allowed=belief.risk,
        may_lose=belief.may_lose,
        window_s=belief.window_s,
        limit=run.launch_limit.value,
    )


def _next_in_s(hopper: Hopper, now: float) -> float | None:
    if hopper.ready or hopper.fetching:
        return None
    wake_at = hopper.wake_at(now)
    return None if wake_at is None else max(0.0, wake_at - now)


def _waits_because(run: CampaignRun) -> list[WaitReason]:
    """Why leads are not even asked for comes first, and what opens soonest of that, while no lead is at hand."""
    wants = run.status is RunStatus.RUNNING and not run.hopper.ready and not run.hopper.fetching
    closed = run.hopper.closed() if wants else {}
    until = {code.value: at for code, at in sorted(closed.items(), key=lambda one: one[1] or float("inf"))}
    counts = {**dict.fromkeys(until, 0), **dict(run.refused.most_common())}
    return [
        WaitReason(code=code, text=WHY.get(code, code), count=count, until=until.get(code))
        for code, count in list(counts.items())[:MOST_REASONS]
    ]
