"""Small random stores: leads with one to three numbers, some shared, attempts of two campaigns on them, refusals,
registers, lists taken out. The same seed writes the same into any store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from campaigns.callback import Callback, wall_of
from campaigns.consent import Consent, ConsentKind
from campaigns.grouping import grouping_of
from campaigns.outcome import TECHNICAL, Outcome
from campaigns.zone_group import finest_of
from campaigns.zone_offsets import unknown_zones
from dialer.operations.open_campaign import read_version
from dialer.operations.place_leads import place_leads
from dialer.ports.store import (
    FINAL,
    READY,
    Answer,
    AttemptAccepted,
    BlockNumbers,
    Candidate,
    CloseAttempt,
    FetchLeads,
    LeadsLeased,
    LeadUpdate,
    NewLead,
    Reader,
    ReturnLeads,
    SaveAttempt,
    SaveCampaign,
    SaveConsents,
    SaveLeads,
    UnblockNumbers,
    Write,
)
from lists.lead import NumberKind, PhoneNumber, ZoneSource
from tests.contract.storage_values import record_for, save_attempt
from tests.unit.operations.scene import BODY, MONDAY_10

NOW = MONDAY_10
NIGHT = NOW + 11 * 3_600.0
"""Nine in the evening in London: only who agreed to it is called."""
RULES = ("fictional", "us-federal-telemarketing", "us-debt", "de-marketing")
_ZONES = {
    "US": (("America/New_York",), ("America/Los_Angeles",), ("America/Chicago", "America/New_York"), ()),
    "GB": (("Europe/London",), ("Europe/Nowhere",)),
    "DE": (("Europe/Berlin",),),
}
_PREFIX = {"US": "+1202555", "GB": "+44207946", "DE": "+4930231250"}
_OUTCOMES = (
    "no_answer",
    "busy",
    "not_in_use",
    "rejected",
    "congestion",
    "unwanted",
    "connected",
    "connected",
    "connected",
)


_NARROWER = """
[hours.region.US-FL]
daily = "12:00-18:00"
[hours.list.more]
weekdays = "10:00-12:30, 14:00-20:00"
"""


def body(rules: str, name: str = "spring", lists: str = '"people", "more"') -> str:
    text = BODY.replace('"people"', lists)
    text = text.replace('"spring"', f'"{name}"').replace('"fictional"', f'"{rules}"')
    text = text.replace("per_lead = 6", "per_lead = 3").replace("per_number = 5", "per_number = 2")
    return text + (_NARROWER if "more" in lists else "")


def _give_places(write: Callable[[Write], Answer], reader: Reader, name: str) -> None:
    place_leads(name, write=write, grouping=grouping_of(*read_version(reader, name)))


def fill(write: Callable[[Write], Answer], reader: Reader, seed: int, rules: str = "fictional") -> None:
    """Everything happens in the hours before `NOW`, and some of it is due after it."""
    draw = Random(seed)
    pool = [_phone(draw, n) for n in range(24)]
    leads = [
        NewLead(
            tuple(draw.sample(pool, draw.choice((1, 1, 2, 3)))),
            person_key=draw.choice(("", "", "p1", "p2", "p3")),
            debt_id=draw.choice(("", "", "d1")),
            country=draw.choice(("", "", "", "US")),
            region=draw.choice(("", "", "", "US-FL", "US-NY")),
        )
        for _ in range(30)
    ]
    write(SaveLeads("people", tuple(leads[:24]), "", "", NOW - 86_400))
    write(SaveLeads("more", tuple(leads[24:]), "", "", NOW - 86_400))
    for name in ("spring", "other"):
        write(SaveCampaign(name, body(rules, name), ("people", "more"), "random", NOW - 86_400, seed))
        _give_places(write, reader, name)
    numbers = [phone.e164 for phone in pool]
    write(BlockNumbers(tuple(draw.sample(numbers, 4)), "a register", NOW - 50_000))
    agreed = [
        Consent(
            number,
            ConsentKind.CALL,
            draw.choice(("", "debt", "sales")),
            NOW - 60_000,
            draw.choice((None, NOW + 9_000)),
        )
        for number in draw.sample(numbers, 12)
    ]
    write(SaveConsents(tuple(agreed), NOW - 60_000))
    for step in range(draw.randrange(40)):
        _something(write, reader, draw, NOW - 40_000.0 + step * 600.0)
    if draw.random() < 0.3:
        write(SaveCampaign("spring", body(rules, lists='"people"'), ("people",), "oldest", NOW - 60))
        _give_places(write, reader, "spring")
    write(UnblockNumbers(tuple(draw.sample(numbers, 2)), NOW - 50))


def _phone(draw: Random, n: int) -> PhoneNumber:
    region = draw.choice(("US", "US", "GB", "DE"))
    zones = draw.choice(_ZONES[region])
    kind = draw.choice((NumberKind.FIXED, NumberKind.FIXED, NumberKind.MOBILE, NumberKind.PAGER))
    source = ZoneSource.NUMBER if zones else ZoneSource.UNKNOWN
    return PhoneNumber(f"{_PREFIX[region]}{n + 1000 if region != 'DE' else n:03d}", region, kind, zones, source)


def _something(write: Callable[[Write], Answer], reader: Reader, draw: Random, at: float) -> None:
    """One lead is leased: it stays so, is given back, or is called."""
    name = draw.choice(("spring", "spring", "other"))
    groups = [group for group, _ in reader.zone_groups(name)]
    leased = write(FetchLeads(name, 1, at, tuple(draw.sample(groups, max(1, len(groups) - 1)))))
    if not isinstance(leased, LeadsLeased) or not leased.candidates or draw.random() < 0.05:
        return
    (candidate,) = leased.candidates
    lead = candidate.lead
    position = draw.randrange(len(lead.phones))
    due_at = draw.choice((at, at + 900.0, NOW + draw.randrange(1, 200_000)))
    state = draw.choice((READY, READY, READY, FINAL))
    if draw.random() < 0.3:
        reason = draw.choice(("window_closed", "dnc", "cap", "returned", "number_limit"))
        write(ReturnLeads((_place(name, candidate, state, due_at, position, reason, 0, ()),)))
        return
    number = lead.phones[candidate.phone_position].e164
    attempt_id = reader.next_attempt_id()
    save = save_attempt(attempt_id, lead.lead_id, number, campaign=name, at=at)
    save = SaveAttempt(replace(save.intent, person=lead.person, debt=lead.debt, purpose="debt"))
    if not isinstance(write(save), AttemptAccepted):
        write(ReturnLeads((_place(name, candidate, READY, at, candidate.phone_position, "dnc", 0, ()),)))
        return
    outcome = draw.choice((*_OUTCOMES, *("connected",) * 3))
    said = (
        draw.choice(("sale", "wrong_number", "callback", "callback", "callback"))
        if outcome == "connected"
        else None
    )
    final = state == FINAL
    zones = lead.phones[position].zones
    in_zone = zones[0] if said == "callback" and not final and zones and not unknown_zones(zones) else ""
    if in_zone:
        due_at = draw.choice((max(due_at, at), NIGHT + draw.randrange(7_200)))
    record = record_for(
        save,
        outcome,
        disposition=said,
        final=final,
        next_attempt_at=None if final else due_at,
        charged=Outcome(outcome) not in TECHNICAL,
        stage="answered" if outcome == "connected" else "alerted",
        contact="conversation" if outcome == "connected" else "none",
    )
    tries = dict(candidate.tries)
    tries[said or outcome] = tries.get(said or outcome, 0) + 1
    update = _place(name, candidate, state, due_at, position, said or outcome, 1, tuple(tries.items()))
    promised = None
    if in_zone:
        promised = Callback(
            attempt_id, name, lead.lead_id, draw.choice((number, lead.phones[position].e164)),
            wall_of(due_at, in_zone), in_zone, due_at, at, "ana", draw.choice(("", "ana")),
            draw.choice(("", "yes, at nine in the evening", "any time")),
        )  # fmt: skip
    write(CloseAttempt(record, replace(update, callback=promised), promised=promised))


def _place(
    name: str, candidate: Candidate, state: str, due_at: float, position: int, reason: str, more: int,
    tries: tuple[tuple[str, int], ...],
) -> LeadUpdate:  # fmt: skip
    group = finest_of(candidate.lead, candidate.lead.phones[position])
    return LeadUpdate(
        name, candidate.lead.lead_id, state, due_at, position, group, candidate.attempts + more,
        tries or candidate.tries, reason,
    )  # fmt: skip
