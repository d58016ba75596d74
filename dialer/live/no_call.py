"""Why a campaign places no call, in one sentence with the next step: the cause that holds up most of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytz

from campaigns.life import CampaignState
from campaigns.refusal import Refusal
from dialer.api.schemas import CampaignRow
from dialer.engine.state import CampaignRun, EngineState, RunStatus
from dialer.live.conditions import NO_ROOM, WHY, duration
from dialer.live.trunk_conditions import in_words
from dialer.ports.store import ZoneLeads
from dialer.trunks.health import TrunkState

_MERE_TIME = frozenset({Refusal.WINDOW_CLOSED, Refusal.WINDOW_CLOSING, Refusal.NOT_DUE, Refusal.IN_CALL})
"""What leads wait for that nobody could mend."""

SETTLES_S = 3.0
"""For so long after its start nothing is said: its first leads are being fetched."""

_OF_A_STATE = {
    CampaignState.DRAFT: "it is a draft, and not complete{reason}",
    CampaignState.READY: "it is not started; start it",
    CampaignState.PAUSED: "it is paused{reason}; start it to go on",
    CampaignState.DRAINING: "it is being stopped; calls in progress finish",
    CampaignState.DONE: "it is done{reason}; start it again when it has leads",
}


def why_no_call(
    row: CampaignRow,
    state: EngineState,
    now: float,
    *,
    needs_agents: bool = True,
    leads: Sequence[ZoneLeads] | None = None,
    timezone: str = "UTC",
) -> str:
    """What keeps the campaign of this row from placing calls, "" while it places some, talks, or has just begun.
    `leads`: those that are neither final nor leased, by zone group, as last counted; None: not counted yet.
    `timezone`: of the moments that are told."""
    if row.state is not CampaignState.RUNNING:
        return _OF_A_STATE[row.state].format(reason=f": {row.state_reason}" if row.state_reason else "")
    run = state.runs.get(row.name)
    if run is None or run.status is RunStatus.ENDED or row.dialing or row.waiting or row.talking:
        return ""
    if run.failure:
        return f"it has stopped: {run.failure}"
    if state.clock_doubt:
        return f"the machine's clock is doubted. {state.clock_doubt}"
    if state.media_lost:
        return "nothing carries the audio of calls; the log says why"
    if state.media_room == 0:
        return NO_ROOM[0].lower() + NO_ROOM[1:].removesuffix(".")
    return (
        (_no_agent(row) if needs_agents else "")
        or ("" if run.held_up is None else run.held_up.detail)
        or _no_trunk(run, now)
        or _no_leads(row, run, leads or (), now, timezone)
    )


def _no_agent(row: CampaignRow) -> str:
    """Why nobody could be put through; "" when somebody could."""
    on_duty = {agent: count for agent, count in row.agents.items() if count}
    if not on_duty:
        return "no agent is on duty; have one log in"
    if on_duty.get("ready"):
        return ""
    words = {"paused": "on break", "wrap_up": "in wrap-up", "unreachable": "without a phone"}
    told = ", ".join(f"{count:,} {words.get(agent, agent)}" for agent, count in on_duty.items())
    return f"no agent is ready ({told})"


def _no_trunk(run: CampaignRun, now: float) -> str:
    trunks = run.selector.trunks
    if trunks and all(trunk.health.state(now) not in (TrunkState.OPEN, TrunkState.PROBING) for trunk in trunks):
        told = "; ".join(f"trunk {trunk.trunk.name} is {in_words(trunk.health, now)}" for trunk in trunks)
        return f"{told}; `dialer trunk ls` tells more"
    if trunks and all(trunk.in_use >= trunk.trunk.channels for trunk in trunks):
        return "every line of its trunks is in use, by other campaigns too; wait, or raise channels in dialer.toml"
    return ""


def _no_leads(row: CampaignRow, run: CampaignRun, leads: Sequence[ZoneLeads], now: float, timezone: str) -> str:
    hopper = run.hopper
    if hopper.ready or hopper.fetching or now - row.state_since < SETTLES_S:
        return ""
    total = row.leads.total
    if not total:
        return "it has no leads; import a list"
    if row.leads.final >= total:
        return f"every one of its {total:,} leads is closed; import more"
    return _waiting(row, hopper.openings(), leads, now, timezone) or _as_the_hopper_says(row, now, timezone)


def _waiting(
    row: CampaignRow,
    openings: Mapping[str, tuple[Refusal, float | None]],
    leads: Sequence[ZoneLeads],
    now: float,
    timezone: str,
) -> str:
    """By how many leads wait for what."""
    total = sum(zone.due + zone.later for zone in leads)
    closed = [(zone, *openings[zone.zone_group]) for zone in leads if zone.due and zone.zone_group in openings]
    opening = [(at, zone) for zone, _, at in closed if at is not None]
    never: Counter[Refusal] = Counter()
    for zone, lacks, at in closed:
        if at is None:
            never[lacks] += zone.due
    later = sum(zone.later for zone in leads)
    windows = sum(zone.due for _, zone in opening)
    most = max(windows, later, never.total())
    if not most:
        return ""
    if most == windows:
        at, first = min(opening, key=lambda one: (one[0], one[1].zone_group))
        return (
            f"{_of(windows, total)} for their windows; the first {first.due:,} ({first.zone_group}) open at"
            f" {_clock(at, now, timezone)}, in {duration(at - now)}"
        )
    if most == later:
        at = min(zone.next_due for zone in leads if zone.later and zone.next_due is not None)
        due = f"the first is due at {_clock(at, now, timezone)}, in {duration(at - now)}"
        # A lead that was refused is looked at again later, and is no retry for that.
        refused = next((reason.text for reason in row.waits_because if reason.code not in _MERE_TIME), "")
        if not refused:
            return f"{_of(later, total)} for a retry or callback; {due}"
        look = f"for a retry, a callback or another look (refused most: {refused})"
        return f"{_of(later, total)} {look}; {due}; `dialer funnel` tells more"
    lacks, count = never.most_common(1)[0]
    told = WHY.get(lacks, lacks)
    return f"{count:,} of {total:,} leads can never be dialed as they are: {told}; `dialer funnel` tells more"


def _of(count: int, total: int) -> str:
    if count == total:
        return f"all {total:,} leads wait" if total > 1 else "its one open lead waits"
    return f"{count:,} of {total:,} leads wait"


def _as_the_hopper_says(row: CampaignRow, now: float, timezone: str) -> str:
    """While the leads are not counted: what was met last, and when the next may be dialed."""
    why = f" ({row.waits_because[0].text})" if row.waits_because else ""
    if row.leads.next_in_s is None:
        return f"no lead may be dialed{why}; `dialer funnel` tells more"
    at = _clock(now + row.leads.next_in_s, now, timezone)
    return f"no lead may be dialed now{why}; the next may at {at}, in {duration(row.leads.next_in_s)}"


def _clock(at: float, now: float, timezone: str) -> str:
    """`14:00`, with the day in front when it is not today."""
    zone = pytz.timezone(timezone) if timezone in pytz.all_timezones_set else UTC
    local, today = datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone)
    return f"{local:%H:%M}" if local.date() == today.date() else f"{local:%d %b %H:%M}"
