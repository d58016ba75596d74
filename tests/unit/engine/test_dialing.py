from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from campaigns.campaign import AttemptLimits, Mode, Pacing
from campaigns.consent import Consent, ConsentCheck, ConsentKind, ConsentRegime
from campaigns.hours import WeeklyHours
from campaigns.hours_rule import HoursRule
from campaigns.permission.past import PastAttempt
from campaigns.preset_files import load_rule_set
from campaigns.refusal import Refusal
from dialer.engine import events as ev
from dialer.engine.commands import (
    CampaignEnded,
    CancelCall,
    CloseAttempt,
    FetchLeads,
    Notice,
    Originate,
    ReturnLeads,
    SaveAttempt,
)
from tests.unit.engine.world import LONDON, NOON, World, campaign, candidate, phone


def test_asks_only_for_leads_whose_window_is_open() -> None:
    tokyo = "JP:Asia/Tokyo"  # 21:00 there
    world = World(groups=(LONDON, tokyo))
    assert world.last(FetchLeads).zone_groups == (LONDON,)


def test_nothing_leaves_before_the_attempt_is_committed() -> None:
    world = World()
    world.leads(candidate(1))
    intent = world.last(SaveAttempt).intent
    assert not world.all(Originate)
    world.wait(5)
    assert not world.all(Originate)
    world.tell(ev.AttemptSaved(intent.attempt_id))
    order = world.last(Originate)
    assert (order.attempt_id, order.number, order.call_id) == (1, "+442079460001", "call-1@test")


def test_the_permit_goes_with_the_attempt() -> None:
    world = World()
    world.leads(candidate(1))
    intent = world.last(SaveAttempt).intent
    evidence = intent.permitted.evidence
    assert (evidence.number, evidence.trunk, evidence.caller_id) == (intent.number, "sim", "+442079460000")
    assert [zone.zone for zone in evidence.zones] == ["Europe/London"]
    assert intent.permitted.caps, "the inserting transaction must have caps to check"


def test_a_permit_that_ran_out_is_withdrawn_not_dialed() -> None:
    world = World()
    world.leads(candidate(1))
    intent = world.last(SaveAttempt).intent
    late = intent.permitted.valid_until - world.now
    world.tell(ev.AttemptSaved(intent.attempt_id), after=late)
    assert not world.all(Originate)
    assert (world.record.outcome, world.record.counted, world.record.dialed_at) == ("withdrawn", False, None)
    assert world.update.attempts == 0
    assert world.update.state == "ready"


def test_a_window_that_closes_while_the_lead_waits_in_the_hopper() -> None:
    hours = HoursRule(WeeklyHours(days=(((0, 12 * 60 + 30),),) * 7))
    world = World(campaign(hours=hours), agents=0)
    world.leads(candidate(1))
    world.tell(ev.AgentLoggedIn("a1", "spring"), after=29.8 * 60)
    world.tell(ev.AgentReady("a1"))
    world.wait(2)
    assert not world.all(SaveAttempt)
    update = world.last(ReturnLeads).updates[0]
    assert update.reason == Refusal.WINDOW_CLOSING
    assert update.due_at == pytest.approx(NOON + 21 * 3600), "next morning at nine, rules of the preset"


def test_refused_by_the_writer_gives_the_lead_back_and_frees_the_line() -> None:
    world = World()
    world.leads(candidate(1))
    world.tell(ev.SaveRefused(1, Refusal.CAP, "3 of 3 in 24 h"))
    assert not world.all(Originate)
    assert not world.all(CloseAttempt)
    update = world.last(ReturnLeads).updates[0]
    assert (update.state, update.reason) == ("ready", "cap")
    assert update.due_at > world.now
    assert world.engine.state.trunks["sim"].in_use == 0


def test_a_number_blocked_meanwhile_leaves_the_lead_its_other_number() -> None:
    world = World()
    world.leads(candidate(1, phone(1), phone(2)))
    world.tell(ev.SaveRefused(1, Refusal.DNC, "blocked"))
    assert world.last(ReturnLeads).updates[0].phone_position == 1


def test_a_blocked_number_is_passed_over_at_take_up() -> None:
    world = World()
    world.leads(candidate(1, phone(1), phone(2), dnc=(phone(1).e164,)))
    assert world.last(SaveAttempt).intent.number == phone(2).e164


def test_a_lead_with_no_number_left_is_final() -> None:
    world = World()
    world.leads(candidate(1, phone(1), dnc=(phone(1).e164,)))
    update = world.last(ReturnLeads).updates[0]
    assert (update.state, update.reason) == ("final", "dnc")


def test_caps_count_attempts_of_other_campaigns() -> None:
    world = World(campaign(limits=AttemptLimits(per_number_day=1)))
    past = PastAttempt(phone(1).e164, "another", NOON - 3600, "busy")
    world.leads(candidate(1, history=(past,)))
    update = world.last(ReturnLeads).updates[0]
    assert update.reason == "cap"
    assert update.due_at >= NOON + 21 * 3600, "an hour earlier it would be free, but the window is closed then"


def test_an_expired_rule_set_stops_the_campaign_and_says_so() -> None:
    rules = replace(load_rule_set("fictional"), valid_to="2026-11-01")
    world = World(rule_set=rules)
    if world.all(FetchLeads):
        world.leads(candidate(1))
    assert not world.all(SaveAttempt)
    assert "past its validity" in world.last(Notice).text
    assert world.last(CampaignEnded).reason == "failed"


def test_progressive_places_one_call_per_idle_agent() -> None:
    world = World(agents=3)
    world.leads(*(candidate(n) for n in range(1, 9)))
    assert len(world.all(SaveAttempt)) == 3


def test_power_places_lines_by_ratio() -> None:
    world = World(campaign(pacing=Pacing(Mode.POWER, ratio=2.5)), agents=2)
    world.leads(*(candidate(n) for n in range(1, 9)))
    assert len(world.all(SaveAttempt)) == 5


def test_a_ring_timeout_cancels_and_the_lead_waits_for_its_retry() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CallProgress(1, 180), after=2)
    world.wait(24.9)
    assert not world.all(CancelCall)
    world.wait(0.2)
    assert world.last(CancelCall).attempt_id == 1
    world.tell(ev.CallEnded(1, "dialer", 487), after=0.01)
    record = world.record
    assert (record.outcome, record.ended_by, record.counted) == ("no_answer", "dialer", True)
    assert world.update.due_at > world.now
    assert world.update.attempts == 1


def test_no_provisional_response_is_given_up_sooner_and_is_not_a_no_answer() -> None:
    world = World()
    world.dial(candidate(1))
    world.wait(13)
    assert world.last(CancelCall).attempt_id == 1
    world.tell(ev.CallEnded(1, "dialer", None), after=1)
    assert world.record.outcome == "timeout"


def test_an_end_never_reported_is_forced() -> None:
    world = World()
    world.dial(candidate(1))
    world.wait(13)
    assert world.all(CancelCall)
    world.wait(60)
    assert "not reported" in world.record.note
    assert not world.engine.state.calls


@pytest.mark.parametrize(
    ("status", "q850", "outcome"),
    [(486, 17, "busy"), (404, 1, "invalid"), (480, 20, "unreachable"), (503, 34, "congestion")],
)
def test_outcomes_of_final_responses(status: int, q850: int, outcome: str) -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CallProgress(1, 180), after=1)
    world.tell(ev.CallEnded(1, "network", status, q850), after=3)
    assert world.record.outcome == outcome
    assert world.record.live is False


def test_a_failed_save_stops_dialing_and_places_nothing() -> None:
    world = World(agents=2)
    world.leads(candidate(1), candidate(2), candidate(3))
    first, second = world.all(SaveAttempt)
    world.tell(ev.AttemptSaved(first.intent.attempt_id))
    world.tell(ev.SaveFailed("spring", second, "database or disk is full"))
    notice = world.last(Notice)
    assert notice.code == "journal_failed"
    assert "database or disk is full" in notice.text
    world.wait(30)
    assert [c.attempt_id for c in world.all(Originate)] == [1]
    assert len(world.all(SaveAttempt)) == 2
    assert not world.all(CampaignEnded), "the call in progress goes on"


def test_a_record_that_failed_to_save_is_tried_again_until_it_is_saved() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CallEnded(1, "callee", 486, 17), after=2)
    failed = world.last(CloseAttempt)
    world.tell(ev.SaveFailed("spring", failed, "disk full"))
    world.wait(5.1)
    assert world.all(CloseAttempt) == [failed, failed]
    world.tell(ev.RecordSaved("spring", 1))
    assert world.last(CampaignEnded).reason == "failed"


def test_records_are_given_up_in_the_end_with_a_notice() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CallEnded(1, "callee", 486, 17), after=2)
    for _ in range(10):
        if world.all(CampaignEnded):
            break
        world.tell(ev.SaveFailed("spring", world.last(CloseAttempt), "disk full"))
        world.wait(5.1)
    assert world.last(CampaignEnded).reason == "failed"
    assert any(n.code == "records_lost" and "1 records" in n.text for n in world.all(Notice))


def test_a_call_that_could_not_be_placed_is_our_fault() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CallFault(1, "no RTP port is free"))
    assert (world.record.outcome, world.record.note) == ("withdrawn", "no RTP port is free")
    assert world.update.state == "ready"


def test_the_list_is_done_when_every_lead_is_final() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CallEnded(1, "network", 410, 22), after=2)
    world.tell(ev.RecordSaved("spring", 1))
    while not world.all(CampaignEnded) and isinstance(world.commands[-1], FetchLeads):
        world.tell(ev.LeadsFetched("spring", (), None))
    assert world.update.state == "final"
    assert world.last(CampaignEnded).reason == "list_done"


def test_a_number_called_unallocated_once_is_asked_again_a_day_later_and_its_leads_others_at_once() -> None:
    world = World()
    world.dial(candidate(1, phone(1), phone(2)))
    world.tell(ev.CallEnded(1, "network", 404, 1), after=2)
    assert (world.record.outcome, world.update.state, world.update.phone_position) == ("invalid", "ready", 1)
    assert world.update.due_at == world.now
    alone = World()
    alone.dial(candidate(1))
    alone.tell(ev.CallEnded(1, "network", 404, 1), after=2)
    assert (alone.update.state, alone.update.due_at) == ("ready", alone.now + 86_400)


@pytest.mark.parametrize("trunk", ["other", "sim"])
def test_a_number_called_unallocated_again_is_given_up(trunk: str) -> None:
    before = PastAttempt(phone(1).e164, "spring", NOON - 86_400, "invalid", None, trunk, "placed")
    world = World()
    world.dial(candidate(1, history=(before,), tries=(("invalid", 1),), attempts=1))
    world.tell(ev.CallEnded(1, "network", 404, 1), after=2)
    assert (world.update.state, world.update.reason) == ("final", "invalid")


def test_a_tone_that_says_vacant_is_believed_at_once() -> None:
    world = World()
    world.dial(candidate(1))
    world.tell(ev.CallProgress(1, 183), after=1)
    world.tell(ev.CallEnded(1, "network", 404, None, heard="sit_vacant"), after=2)
    assert (world.record.outcome, world.record.heard, world.update.state) == ("not_in_use", "sit_vacant", "final")


@pytest.mark.parametrize(
    ("events", "stage", "charged"),
    [
        ([ev.CallEnded(1, "network", 503, 34)], "placed", False),
        ([ev.CallEnded(1, "callee", 486, 17)], "placed", True),
        ([ev.CallProgress(1, 180), ev.CallEnded(1, "callee", 486, 17)], "alerted", True),
        ([ev.CallProgress(1, 180), ev.CallEnded(1, "network", 503, 41)], "alerted", False),
        ([ev.CallAnswered(1), ev.CallEnded(1, "callee")], "answered", True),
    ],
)
def test_the_record_says_how_far_the_call_got_and_whether_it_is_charged(
    events: list[ev.Event], stage: str, charged: bool
) -> None:
    world = World()
    world.dial(candidate(1))
    for event in events:
        world.tell(event, after=1)
    if world.engine.state.calls:
        world.tell(ev.Dispositioned("a1", 1, "not_interested"))
    assert (world.record.stage, world.record.charged) == (stage, charged)


def test_faults_of_the_route_never_close_a_lead_by_its_limit() -> None:
    world = World(campaign(limits=AttemptLimits(per_lead=2)))
    world.dial(candidate(1, attempts=9, tries=(("congestion", 5), ("timeout", 3), ("busy", 1))))
    world.tell(ev.CallEnded(1, "network", 503, 34), after=2)
    assert (world.update.state, world.update.attempts) == ("ready", 10)
    world = World(campaign(limits=AttemptLimits(per_lead=2)))
    world.dial(candidate(1, attempts=9, tries=(("congestion", 5), ("timeout", 3), ("busy", 1))))
    world.tell(ev.CallEnded(1, "callee", 486, 17), after=2)
    assert (world.update.state, world.update.reason) == ("final", "lead_limit")


@pytest.mark.parametrize(("more_ready", "ended"), [(False, ["list_done"]), (True, [])])
def test_closed_zones_are_waited_for_only_while_leads_are_in_them(more_ready: bool, ended: list[str]) -> None:
    world = World(groups=(LONDON, "JP:Asia/Tokyo"))
    world.tell(ev.LeadsFetched("spring", (), None, more_ready))
    assert [end.reason for end in world.all(CampaignEnded)] == ended


def test_leads_that_can_never_be_dialed_are_not_waited_for() -> None:
    world = World(groups=("GB:",))
    world.tell(ev.LeadsFetched("spring", (), None))
    assert world.last(CampaignEnded).reason == "list_done"


def test_a_campaign_waits_for_windows_that_open_later() -> None:
    world = World(groups=("JP:Asia/Tokyo",))
    assert world.last(FetchLeads).zone_groups == (), "there may be callbacks"
    world.tell(ev.LeadsFetched("spring", (), None))
    world.wait(3600)
    assert not world.all(CampaignEnded)
    assert len(world.all(FetchLeads)) == 1
    world.wait(12 * 3600)
    assert world.last(FetchLeads).zone_groups == ("JP:Asia/Tokyo",)


def test_drain_lets_calls_finish_and_places_no_more() -> None:
    world = World(agents=2)
    world.leads(candidate(1), candidate(2), candidate(3))
    world.tell(ev.AttemptSaved(1))
    world.tell(ev.DrainRequested("spring"))
    world.tell(ev.AttemptSaved(2))
    assert [c.attempt_id for c in world.all(Originate)] == [1]
    assert world.record.outcome == "withdrawn"
    returned = [u.lead_id for r in world.all(ReturnLeads) for u in r.updates]
    assert returned == [3]
    world.tell(ev.RecordSaved("spring", 2))
    world.tell(ev.CallEnded(1, "callee", 486, 17), after=3)
    assert not world.all(CampaignEnded)
    world.tell(ev.RecordSaved("spring", 1))
    assert world.last(CampaignEnded).reason == "drained"


def test_strays_are_counted_not_raised() -> None:
    world = World()
    world.tell(ev.CallAnswered(99))
    world.tell(ev.AgentReady("nobody"))
    assert world.engine.state.strays == 2


def test_a_lead_without_the_consent_that_rules_want_waits_for_one() -> None:
    opt_in = replace(load_rule_set("fictional"), consent=ConsentRegime.OPT_IN)
    world = World(rule_set=opt_in)
    world.leads(candidate(1))
    update = world.last(ReturnLeads).updates[0]
    assert (update.state, update.reason, update.due_at) == ("ready", "consent", world.now - 0.25 + 86_400)
    agreed = Consent(phone(1).e164, "call", "sales", NOON)
    world.tell(ev.LeadsAdded("spring", ()))
    world.leads(replace(candidate(1), consents=(agreed,)))
    assert world.last(SaveAttempt).intent.permitted.consent == ConsentCheck(ConsentKind.CALL, "sales")


@pytest.mark.parametrize("turn", [0, 1])
@pytest.mark.parametrize("other", [{"dnc": (phone(2).e164,)}, {}])
def test_a_lead_waits_for_a_consent_to_any_of_its_numbers(turn: int, other: dict[str, Any]) -> None:
    opt_in = replace(load_rule_set("fictional"), consent=ConsentRegime.OPT_IN)
    world = World(rule_set=opt_in)
    phones = phone(1), phone(2) if other else replace(phone(2), zones=())
    world.leads(candidate(1, *phones, phone_position=turn, **other))
    update = world.last(ReturnLeads).updates[0]
    assert (update.state, update.reason, update.due_at) == ("ready", "consent", world.now - 0.25 + 86_400)


def test_a_number_that_is_wrong_waits_for_no_consent() -> None:
    opt_in = replace(load_rule_set("fictional"), consent=ConsentRegime.OPT_IN)
    world = World(rule_set=opt_in)
    vacant = PastAttempt(phone(1).e164, "spring", NOON - 86_400, "not_in_use", None, "t1", "placed")
    world.leads(candidate(1, phone(1), phone(2), phone_position=1, dnc=(phone(2).e164,), history=(vacant,)))
    update = world.last(ReturnLeads).updates[0]
    assert (update.state, update.reason) == ("final", "dnc")


def test_a_consent_to_another_number_does_not_bring_a_retry_forward() -> None:
    opt_in = replace(load_rule_set("fictional"), consent=ConsentRegime.OPT_IN)
    world = World(rule_set=opt_in)
    busy = PastAttempt(phone(1).e164, "spring", NOON - 60, "busy", None, "t1", "alerted")
    agreed = Consent(phone(1).e164, "call", "sales", NOON - 86_400)
    lead = candidate(1, phone(1), phone(2), phone_position=1, history=(busy,), tries=(("busy", 1),))
    world.leads(replace(lead, consents=(agreed,)))
    update = world.last(ReturnLeads).updates[0]
    assert (update.phone_position, update.reason) == (0, "busy")
    assert update.due_at > world.now
