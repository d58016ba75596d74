"""What is wrong with a campaign or a trunk at this moment, in words that say what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from campaigns.life import CampaignState
from campaigns.outcome import Outcome
from campaigns.refusal import Refusal
from campaigns.rule_choice import Rules, outdated_sets
from dialer.agents.agent import Agent
from dialer.api.schemas import CampaignRow, TrunkRow
from dialer.live.alarms import Condition

NEARLY_DONE = 0.95
"""Share of a campaign's leads that are final."""

FAULTS_IN_A_ROW = 10
"""So many calls over a trunk that came to nothing by the trunk's own fault, none in between that did not."""

PHONE_MISSED_AFTER_S = 15.0
DESK_MISSED_AFTER_S = 1.0

NAMED = 5
"""So many campaigns of a trunk are named; the others are counted."""

OF_THE_TRUNK = frozenset({Outcome.TRUNK_FAULT.value, Outcome.TIMEOUT.value, Outcome.CONGESTION.value})

WHY: dict[str, str] = {
    Refusal.NO_ZONE: "nothing says in which time zone they are",
    Refusal.NO_RULE: "no rule set says anything about calls to their country",
    Refusal.NO_CALENDAR: "nothing is known of the public holidays there, on which the hours depend",
    Refusal.RULE_EXPIRED: "the rule set is past its validity",
    Refusal.WINDOW_CLOSED: "outside their calling hours",
    Refusal.WINDOW_CLOSING: "their calling hours end before a call could",
    Refusal.LIST_EXPIRED: "the last day of their list is over",
    Refusal.LEAD_LIMIT: "all attempts on them are used up",
    Refusal.NUMBER_LIMIT: "all attempts on their number are used up",
    Refusal.CAP: "a cap of the rules is reached",
    Refusal.CONSENT: "no consent is in force",
    Refusal.COOLOFF: "it is too soon after an earlier call",
    Refusal.DNC: "on a do-not-call register",
    Refusal.NOT_DUE: "a retry or callback is scheduled for later",
    Refusal.FINAL: "closed",
    Refusal.IN_CALL: "a call to their number is in progress",
    Refusal.CALLER_ID: "the caller id may not be shown",
    Refusal.NUMBER_KIND: "numbers of a kind that is never dialed",
    Refusal.EMERGENCY: "emergency numbers",
    Refusal.SHORT_CODE: "short codes",
    Refusal.NOT_VALID: "numbers that no numbering plan has",
    Refusal.PREMIUM: "numbers that cost extra",
    Refusal.PRERECORDED: "calls without agents go to the simulated trunk alone",
    Refusal.DESTINATION: "outside the destinations that dialer.toml or the campaign allows",
    Refusal.CALLER_ID_NOT_OURS: "no caller id of the campaign is declared as ours and called back",
    Refusal.CALLER_ID_COUNTRY: "no caller id may be shown there",
    Refusal.CALLER_ID_LIMIT: "every caller id has been shown as often as it may, or rests",
    Refusal.NO_ROUTE: "no trunk of the campaign carries them",
    Refusal.ROUTE_DOWN: "the trunks that carry them are not in service",
    Refusal.CALLS_CEILING: "the ceiling on calls is reached",
    Refusal.SPEND_CEILING: "the ceiling on spending is reached",
}
"""Why leads wait, as a manager reads it (`docs/reference/reasons.md`)."""


@dataclass(slots=True)
class TrunkFaults:
    """Calls of one trunk that failed by its fault, one after the other; `last`: how the last one did."""

    in_a_row: int = 0
    last: str = ""

    def count(self, outcome: str) -> None:
        if outcome in OF_THE_TRUNK:
            self.in_a_row += 1
            self.last = outcome
        elif outcome != Outcome.WITHDRAWN:
            self.in_a_row = 0


def of_rules(name: str, rules: Rules, now: float) -> Iterator[Condition]:
    """What is wrong with the rule sets that a campaign may come under: nobody has checked them for long."""
    outdated = outdated_sets(rules, now)
    if outdated:
        named = ", ".join(one.name for one in outdated[:NAMED])
        more = f" and {len(outdated) - NAMED} more" if len(outdated) > NAMED else ""
        refused = [one for one in outdated if one.validity()[1] <= now]
        then = "calls under them are refused" if refused else "they are still kept to"
        text = f"{name}: rule sets not checked for a year ({named}{more}): {then}. See `dialer rules`."
        yield Condition("rules_outdated", "alarm" if refused else "warning", name, text)


def of_campaign(row: CampaignRow, *, failed: bool, needs_agents: bool = True) -> Iterator[Condition]:
    """What holds of the campaign. `failed`: it was paused because it could not go on. `needs_agents`: it dials for
    agents alone."""
    name, figures = row.name, row.figures
    if failed and row.state is CampaignState.PAUSED:
        text = f"{name} is paused: {row.state_reason}. Mend that, then start it again."
        yield Condition("campaign_failed", "alarm", name, text)
    # Early on a single person is a high rate: it is too many when one fewer would be as well.
    if figures.abandoned + figures.people_lost - 1 > figures.abandon_cap * (figures.live + figures.people_lost):
        rate, cap = figures.abandonment_rate, figures.abandon_cap
        text = (
            f"{name}: {rate:.1%} of live answers abandoned today, its rules allow {cap:.1%}. "
            "Put more agents on, or lower pacing.abandon_target (predictive) or pacing.ratio (power)."
        )
        yield Condition("abandon_cap", "alarm", name, text)
    if row.state is not CampaignState.RUNNING:
        return
    agents = sum(row.agents.values())
    if not needs_agents:
        pass
    elif not agents:
        yield Condition(
            "no_agents", "warning", name, f"{name} has no agent on duty: nothing is dialed until one is."
        )
    elif row.agents.get("paused", 0) == agents:
        text = f"Every agent of {name} is paused: nothing is dialed until one is back."
        yield Condition("agents_paused", "warning", name, text)
    leads = row.leads
    if leads.total and leads.final < leads.total and leads.final >= NEARLY_DONE * leads.total:
        text = (
            f"{name} has {leads.total - leads.final:,} of {leads.total:,} leads left: import more, or let it end."
        )
        yield Condition("list_nearly_done", "info", name, text)
    if (
        (agents or not needs_agents)
        and not leads.at_hand
        and leads.next_in_s is not None
        and leads.next_in_s > 0.0
    ):
        why = f" ({row.waits_because[0].text})" if row.waits_because else ""
        text = f"No lead of {name} may be dialed now{why}; the next one may in {duration(leads.next_in_s)}."
        yield Condition("leads_wait", "info", name, text)


def of_desks(agents: Iterable[Agent], now: float) -> Iterator[Condition]:
    """Agents on duty whose desk is lost; a page that is only loaded anew is none."""
    for agent in agents:
        if agent.desk_lost_at is not None and now - agent.desk_lost_at >= DESK_MISSED_AFTER_S:
            text = (
                f"Agent {agent.agent_id}'s desk is gone: nobody is put through, and the agent is logged out "
                "unless it comes back soon. Does the agent's screen still run, and reach this service?"
            )
            yield Condition("desk_lost", "warning", agent.campaign, text, agent.agent_id)


def of_phones(agents: Iterable[Agent], lines: Mapping[str, str], now: float) -> Iterator[Condition]:
    """Agents on duty whose phone is lost; one that is called at log-in has a moment to answer."""
    for agent in agents:
        if agent.phone_lost_at is not None and now - agent.phone_lost_at >= PHONE_MISSED_AFTER_S:
            line = lines.get(agent.agent_id, "none")
            text = (
                f"Agent {agent.agent_id}'s phone cannot be had (line: {line}): nobody is put through, and it is "
                "called again. Is it switched on, registered, and does it answer by itself?"
            )
            yield Condition("phone_lost", "warning", agent.campaign, text, agent.agent_id)


def of_trunks(trunks: list[TrunkRow], faults: Mapping[str, TrunkFaults]) -> Iterator[Condition]:
    """What holds of the trunks."""
    for trunk in trunks:
        if trunk.in_use >= trunk.channels and not trunk.removed:
            text = f"Trunk {trunk.name} is full ({trunk.channels} channels): dialing waits for a free one."
            yield Condition("trunk_full", "warning", "", text, trunk.name)
        fault = faults.get(trunk.name)
        if fault is not None and fault.in_a_row >= FAULTS_IN_A_ROW:
            text = (
                f"Trunk {trunk.name}: the last {fault.in_a_row} calls came to nothing ({fault.last}); "
                f"{_dialed_by(trunk.campaigns)}. Is {trunk.address} right, and is the carrier up?"
            )
            yield Condition("trunk_faulty", "alarm", "", text, trunk.name)


def of_clock(doubt: str) -> Iterator[Condition]:
    """What is wrong with the machine's clock. `doubt`: see `ClockDoubted`."""
    if doubt:
        yield Condition("clock_doubted", "alarm", "", doubt)


NO_ROOM = (
    "No call's audio can be carried: the machine is too busy for it, or agents' lines take every RTP port. "
    "Nothing is dialed until that eases: see what else the machine does, or widen media.ports."
)


def of_media(room: int | None, calls: int, *, lost: bool) -> Iterator[Condition]:
    """What holds of whoever carries the audio. `room`: for how many calls, None when nobody said; `calls`: up;
    `lost`: nobody does."""
    if lost:
        text = "Nothing carries the audio of calls: nothing is dialed until it is back. The log says why."
        yield Condition("media_lost", "alarm", "", text)
    elif room == 0:
        yield Condition("media_full", "warning", "", NO_ROOM)
    elif room is not None and calls >= room:
        text = (
            f"The audio of {calls} calls is as much as can be carried: dialing waits. Widen media.ports, "
            "or lower the channels."
        )
        yield Condition("media_full", "warning", "", text)


def _dialed_by(campaigns: list[str]) -> str:
    if not campaigns:
        return "no running campaign dials over it"
    if len(campaigns) > NAMED:
        campaigns = [*campaigns[:NAMED], f"{len(campaigns) - NAMED:,} more"]
    *first, last = campaigns
    return f"{', '.join(first)} and {last} dial over it" if first else f"{last} dials over it"


def duration(seconds: float) -> str:
    """`45 s`, `12 min`, `2 h 10 min`."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
