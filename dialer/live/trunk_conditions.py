"""What is wrong with trunks, their registrations, ceilings and caller ids now, in words that say what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from campaigns.caller_id_watch import CallerIdWatch
from campaigns.refusal import Refusal
from dialer.engine.state import EngineState
from dialer.live.alarms import Condition, Level
from dialer.live.trunk_standing import advice_on_registration, is_registered, of_registration
from dialer.telephony.registrations import Standing
from dialer.trunks.advice import is_taken, what_to_change
from dialer.trunks.health import TrunkHealth, TrunkState

SHOWN_AS_LASTING = frozenset({"trunk_stopped", "trunk_held", "trunk_paused", "trunk_silent", "trunk_unresolved"})
"""Codes of notices about what lasts: shown as conditions for as long as it does."""

_CEILINGS = frozenset({Refusal.CALLS_CEILING, Refusal.SPEND_CEILING})
_LEVELS: dict[TrunkState, Level] = {
    TrunkState.STOPPED: "alarm",
    TrunkState.SILENT: "alarm",
    TrunkState.UNRESOLVED: "alarm",
    TrunkState.HELD: "warning",
    TrunkState.PAUSED: "warning",
    TrunkState.PROBING: "warning",
}


def of_health(state: EngineState, now: float) -> Iterator[Condition]:
    """Trunks that are not used, or with care."""
    for name, limits in state.trunks.items():
        health = limits.health
        is_in = health.state(now)
        if is_in is TrunkState.OPEN or limits.removed:
            continue
        text = f"Trunk {name} is {in_words(health, now)}."
        if is_in is TrunkState.STOPPED:
            status = health.stopped.partition(":")[0]
            advice = what_to_change(int(status)) if status.isdigit() else ""
            text += f" {advice} Then `dialer reload`, or `dialer trunk release {name}`."
        elif is_in is TrunkState.SILENT:
            text += f" {what_to_change(None)}"
        elif is_in is TrunkState.UNRESOLVED:
            text += " It is looked up again every few seconds. Do this machine's name servers answer?"
        yield Condition(f"trunk_{is_in}", _LEVELS[is_in], "", text, name)


def in_words(health: TrunkHealth, now: float) -> str:
    """How a trunk is, for how long, and why: "held for 57 s more: its carrier asked …"."""
    opens_at = health.opens_at(now)
    until = "" if opens_at is None else f" for {opens_at - now:.0f} s more"
    return f"{health.state(now)}{until}: {health.why}"


def of_registrations(standings: Iterable[Standing], now: float) -> Iterator[Condition]:
    """Trunks that do not register us, by refusal or by silence. `now`: of the same clock as the standings."""
    for standing in standings:
        if standing.status is None:
            continue
        holds = is_registered(standing, now)
        what = "does not renew our registration" if holds else "has not registered us, and may refuse our calls"
        text = (
            f"Trunk {standing.trunk} {what}: {of_registration(standing, now)}. {advice_on_registration(standing)}"
        )
        yield Condition("trunk_unregistered", "warning" if holds else "alarm", "", text.rstrip(), standing.trunk)


def of_options(answers: Mapping[str, int | None]) -> Iterator[Condition]:
    """Trunks that refuse our OPTIONS, by the status of the last one; one that answers none is silent
    (`of_health`)."""
    for name, status in answers.items():
        if status is not None and not is_taken(status):
            text = f"Trunk {name} answers OPTIONS with {status}; it is used all the same. {what_to_change(status)}"
            yield Condition("trunk_refuses", "warning", "", text, name)


def of_hold_ups(state: EngineState) -> Iterator[Condition]:
    """Campaigns none of whose calls may leave for now."""
    for name, run in state.runs.items():
        refused = run.held_up
        if refused is None:
            continue
        level: Level = "alarm" if refused.reason in _CEILINGS else "warning"
        advice = " Raise it in dialer.toml, if that is meant." if refused.reason in _CEILINGS else ""
        yield Condition(refused.reason.value, level, name, f"{name} waits: {refused.detail}.{advice}")


def of_caller_ids(watch: CallerIdWatch) -> Iterator[Condition]:
    """Caller ids that are answered less than the others of their campaign."""
    for worse in watch.worse():
        text = (
            f"{worse.caller_id} is answered on {worse.rate:.1%} of {worse.calls:,} calls of {worse.campaign}"
            f" today, the other caller ids on {worse.others:.1%} (p = {worse.p:.1g}): it may be labelled as spam."
            " Call it from phones of several networks, register it, or show another."
        )
        yield Condition("caller_id_answered_less", "warning", worse.campaign, text, worse.caller_id)
