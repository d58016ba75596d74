"""Promised calls: before others, by whom they were promised, and never forgotten without a word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.amd import Amd, AmdPolicy
from campaigns.callback import Callback, Promise
from campaigns.callback_rule import CallbackRule
from campaigns.campaign import AttemptLimits
from campaigns.cap import After, Cooloff, Scope
from campaigns.consent import AgreedTo, Consent
from campaigns.hours import WeeklyHours
from campaigns.hours_rule import HoursRule
from campaigns.permission.past import PastAttempt
from campaigns.refusal import Refusal
from dialer.agents.agent import AgentState
from dialer.engine import events as ev
from dialer.engine.commands import CloseAttempt, FetchLeads, Join, Notice, Originate, ReturnLeads, SaveAttempt
from dialer.pacing import PacingEvent
from dialer.ports.store import DROPPED, KEPT, Candidate
from tests.unit.engine.world import NOON, RULES, TRUNK, World, campaign, candidate, phone

LONDON = "Europe/London"


def promised(lead_id: int, agent_id: str = "", due_at: float = NOON, **changes: object) -> Candidate:
    """A lead that was promised a call at noon in attempt 900 + its id."""
    callback = Callback(
        900 + lead_id, "spring", lead_id, phone(lead_id).e164, "2026-11-23T12:00:00", LONDON, due_at,
        NOON - 86_400, "a1", agent_id,
    )  # fmt: skip
    return candidate(lead_id, due_at=due_at, callback=replace(callback, **changes), attempts=1)  # type: ignore[arg-type]


def talk_and_say(
    world: World, attempt_id: int, code: str, promise: Promise | None = None, *agreed: AgreedTo
) -> None:
    world.tell(ev.CallAnswered(attempt_id), after=2)
    world.tell(ev.CallEnded(attempt_id, "callee"), after=10)
    world.tell(ev.Dispositioned("a1", attempt_id, code, promise, agreed), after=1)


def state_of(world: World, agent_id: str = "a1") -> AgentState:
    agent = world.engine.state.pool.get(agent_id)
    assert agent is not None
    return agent.state


# --- promised ---------------------------------------------------------------------------------------------


def test_a_promise_is_put_down_as_wall_time_and_zone() -> None:
    world = World()
    world.dial(candidate(1))
    talk_and_say(world, 1, "callback", Promise(wall="2026-11-24T18:30", agent_id="a1", consent="any time"))
    update, callback = world.update, world.last(CloseAttempt).promised
    assert callback is not None
    assert (callback.wall, callback.zone, callback.number) == ("2026-11-24T18:30:00", LONDON, phone(1).e164)
    assert callback.due_at == NOON + 86_400 + 6.5 * 3_600
    assert (callback.promised_in, callback.made_by, callback.made_at) == (1, "a1", world.now)
    assert (callback.agent_id, callback.consent) == ("a1", "any time")
    assert (update.state, update.due_at, update.callback, update.ended) == ("ready", callback.due_at, callback, ())


def test_a_promised_moment_is_put_down_as_the_clock_will_show_it() -> None:
    world = World()
    world.dial(candidate(1))
    talk_and_say(world, 1, "callback", Promise(at=NOON + 7_200.5, zone="America/New_York"))
    callback = world.last(CloseAttempt).promised
    assert callback is not None
    assert (callback.wall, callback.due_at) == ("2026-11-23T09:00:00", NOON + 7_200.5)


@pytest.mark.parametrize(
    "promise",
    [
        Promise(),
        Promise(wall="soon"),
        Promise(wall="2026-11-24T18:30", zone="X/Y"),
        Promise(at=NOON * 100),
        Promise(at=253_402_300_799.0, zone="Pacific/Kiritimati"),
    ],
)
def test_a_promise_for_no_time_is_said_and_the_schedule_holds(promise: Promise) -> None:
    world = World()
    world.dial(candidate(1))
    talk_and_say(world, 1, "callback", promise)
    assert world.last(CloseAttempt).promised is None
    assert world.update.state == "ready"
    assert "bad_callback" in [notice.code for notice in world.all(Notice)]


def test_who_is_final_is_promised_nothing() -> None:
    world = World()
    world.dial(candidate(1))
    talk_and_say(world, 1, "sale", Promise(at=NOON + 7_200))
    assert (world.last(CloseAttempt).promised, world.update.state) == (None, "final")


def test_a_promise_in_the_last_attempt_that_the_limits_allow_is_kept() -> None:
    world = World(campaign(limits=AttemptLimits(per_lead=1)))
    world.dial(candidate(1))
    talk_and_say(world, 1, "callback", Promise(at=NOON + 7_200))
    callback = world.last(CloseAttempt).promised
    assert callback is not None
    assert (world.update.state, world.update.callback, world.update.ended) == ("ready", callback, ())
    assert [notice.code for notice in world.all(Notice)] == []
    talked = PastAttempt(phone(1).e164, "spring", NOON, "connected", "callback", "t1")
    due = candidate(1, history=(talked,), attempts=1, tries=(("callback", 1),))
    world.wait(7_200)
    world.tell(ev.AgentReady("a1"))
    world.leads(replace(due, callback=callback, due_at=callback.due_at))
    assert world.last(SaveAttempt).intent.permitted.evidence.callback == 1
    attempt_id = world.last(SaveAttempt).intent.attempt_id
    world.tell(ev.AttemptSaved(attempt_id))
    world.tell(ev.CallEnded(attempt_id, "callee", 486), after=2)
    (end,) = world.update.ended
    assert (end.promised_in, end.state, end.reason, world.update.state) == (1, KEPT, "busy", "final")


def test_a_route_at_fault_does_not_end_the_promise_of_a_lead_whose_attempts_are_used_up() -> None:
    world = World(campaign(limits=AttemptLimits(per_lead=1)))
    talked = PastAttempt(phone(1).e164, "spring", NOON - 3_600, "connected", "callback", "t1")
    world.dial(replace(promised(1), history=(talked,), attempts=1, tries=(("callback", 1),)))
    world.tell(ev.CallEnded(1, "network", 503), after=2)
    assert (world.update.state, world.update.callback) == ("ready", promised(1).callback)


def test_a_promise_that_may_not_be_kept_in_time_is_told_of_when_it_is_made() -> None:
    cooling = Cooloff("regf_conversation", After.CONVERSATION, 7 * 86_400.0, Scope.NUMBER)
    for consent, told in (("", True), ("yes, on Tuesday", False)):
        rules = replace(RULES, cooloffs=(replace(cooling, unless_asked_s=6 * 86_400.0),))
        world = World(rule_set=rules)
        world.dial(candidate(1))
        talk_and_say(world, 1, "callback", Promise(at=NOON + 86_400, consent=consent))
        notices = [one for one in world.all(Notice) if one.code == "callback_waits"]
        assert bool(notices) == told
        if told:
            assert "the law's cool-off" in notices[0].text
            assert "regf_conversation" in notices[0].text
            assert "until 2026-12-0" in notices[0].text or "until 2026-11-" in notices[0].text


def test_a_promise_for_the_night_is_told_of_when_it_is_made() -> None:
    world = World()
    world.dial(candidate(1))
    talk_and_say(world, 1, "callback", Promise(at=NOON + 14 * 3_600))
    (notice,) = [one for one in world.all(Notice) if one.code == "callback_waits"]
    assert "outside the calling window" in notice.text


def test_a_promise_at_the_end_of_all_clocks_is_told_of_and_stops_nothing() -> None:
    world = World()
    world.dial(candidate(1))
    talk_and_say(world, 1, "callback", Promise(wall="2036-12-31T23:30"))
    (notice,) = [one for one in world.all(Notice) if one.code == "callback_waits"]
    assert "until later than clocks are reckoned here" in notice.text
    assert world.last(CloseAttempt).promised is not None


def test_what_the_person_agreed_to_is_for_the_register() -> None:
    world = World()
    world.dial(candidate(1))
    talk_and_say(
        world, 1, "callback", Promise(wall="2026-11-24T18:30", consent="any time"), AgreedTo("call", "do call")
    )
    source, purpose, number = "agent a1, attempt 1", "sales", phone(1).e164
    at = world.now
    assert world.last(CloseAttempt).consents == (
        Consent(number, "call", purpose, at, source=source, evidence="do call"),
        Consent(
            number, "callback", purpose, at, source=source, evidence="2026-11-24T18:30:00 Europe/London: any time"
        ),
    )


def test_who_refuses_has_agreed_to_nothing() -> None:
    world = World()
    world.dial(candidate(1))
    talk_and_say(world, 1, "dnc", None, AgreedTo("call", "do call"))
    assert world.last(CloseAttempt).block is not None
    assert world.last(CloseAttempt).consents == ()


def test_no_words_are_no_consent() -> None:
    world = World()
    world.dial(candidate(1))
    talk_and_say(world, 1, "callback", Promise(at=NOON + 7_200, consent=" \n"))
    closing = world.last(CloseAttempt)
    assert closing.promised is not None
    assert (closing.promised.consent, closing.consents) == ("", ())


def test_who_is_not_the_person_agrees_to_nothing_and_is_promised_nothing() -> None:
    world = World()
    world.dial(candidate(1, phone(1), phone(51)))
    talk_and_say(world, 1, "wrong_number", Promise(at=NOON + 7_200, consent="at two"), AgreedTo("call", "do call"))
    closing = world.last(CloseAttempt)
    assert (closing.promised, closing.consents, closing.update.callback) == (None, (), None)
    assert closing.update.phone_position == 1


def test_a_consent_that_was_withdrawn_before_the_attempt_was_saved_has_the_promise_judged_again() -> None:
    """Not another number called, on which nothing was promised, nor a day waited for a consent."""
    cooling = Cooloff("regf", After.CONVERSATION, 7 * 86_400.0, Scope.NUMBER, unless_asked_s=6 * 86_400.0)
    world = World(rule_set=replace(RULES, cooloffs=(cooling,)))
    talked = PastAttempt(
        phone(1).e164, "spring", NOON - 86_500, "connected", "callback", "t1", contact="conversation"
    )
    due = replace(promised(1, consent="at noon"), lead=candidate(1, phone(1), phone(51)).lead, history=(talked,))
    given = Consent(phone(1).e164, "callback", "sales", NOON - 86_400)
    world.leads(replace(due, consents=(given,)))
    assert world.last(SaveAttempt).intent.permitted.asked is not None
    world.tell(ev.SaveRefused(1, Refusal.CONSENT, "withdrawn"))
    (update,) = world.last(ReturnLeads).updates
    assert (update.state, update.phone_position, update.reason) == ("ready", 0, "consent")
    assert (update.due_at - world.now, update.callback) == (60.0, due.callback)


# --- by anyone --------------------------------------------------------------------------------------------


def test_callbacks_come_before_other_leads_in_the_order_promised() -> None:
    world = World(agents=0)
    world.tell(ev.LeadsFetched("spring", (candidate(1), candidate(2)), NOON + 9_999))
    world.tell(ev.LeadsFetched("spring", (promised(3), promised(4), candidate(5)), NOON + 9_999))
    ready = world.engine.state.runs["spring"].hopper.ready
    assert [one.lead.lead_id for one in ready] == [3, 4, 1, 2, 5]


def test_the_store_is_asked_for_a_callback_when_it_is_due_whatever_the_window() -> None:
    world = World(groups=("JP:Asia/Tokyo",))
    world.tell(ev.LeadsFetched("spring", (), None, next_callback_at=NOON + 1_800))
    world.wait(1_799)
    assert len(world.all(FetchLeads)) == 1
    world.wait(1)
    assert (world.last(FetchLeads).now, world.last(FetchLeads).zone_groups) == (NOON + 1_800, ())


def test_a_kept_promise_is_over_with_what_the_call_came_to() -> None:
    world = World()
    world.dial(promised(1, due_at=NOON - 60))
    world.tell(ev.CallEnded(1, "callee", 486), after=2)
    (end,) = world.update.ended
    assert (end.promised_in, end.state, end.reason, end.attempt_id) == (901, KEPT, "busy", 1)
    assert end.dialed_at == world.record.dialed_at
    assert world.record.callback_at == NOON - 60
    assert (world.update.state, world.update.callback) == ("ready", None), "by the schedule from now on"


def test_a_kept_promise_may_lead_to_another() -> None:
    world = World()
    world.dial(promised(1))
    talk_and_say(world, 1, "callback", Promise(at=NOON + 7_200))
    assert [(end.promised_in, end.state, end.reason) for end in world.update.ended] == [(901, KEPT, "callback")]
    assert world.update.callback is world.last(CloseAttempt).promised


def test_a_fault_of_the_route_leaves_the_promise_open() -> None:
    world = World()
    world.dial(promised(1))
    world.tell(ev.CallEnded(1, "network", 503), after=2)
    assert world.update.callback == promised(1).callback
    assert world.update.ended == ()


@pytest.mark.parametrize("agent_id", ["", "a9"])
def test_a_pause_gives_callbacks_back_as_they_were(agent_id: str) -> None:
    world = World(agents=0)
    world.tell(ev.LeadsFetched("spring", (promised(1, agent_id),), None))
    world.tell(ev.PauseRequested("spring"))
    (update,) = world.last(ReturnLeads).updates
    assert (update.state, update.due_at, update.callback) == ("ready", NOON, promised(1, agent_id).callback)


def test_a_number_on_the_register_ends_the_promise_with_its_reason() -> None:
    world = World(agents=0)
    world.tell(ev.LeadsFetched("spring", (replace(promised(1), dnc=(phone(1).e164,)),), None))
    (update,) = world.last(ReturnLeads).updates
    assert update.state == "final"
    assert [(end.promised_in, end.state, end.reason) for end in update.ended] == [(901, DROPPED, "dnc")]


def test_outside_the_window_it_waits_for_the_opening_and_stays_a_promise() -> None:
    world = World(campaign(hours=HoursRule(WeeklyHours.parse({"daily": "13:00-20:00"}))))
    world.tell(ev.LeadsFetched("spring", (promised(1),), None))
    (update,) = world.last(ReturnLeads).updates
    assert (update.due_at, update.reason, update.callback) == (NOON + 3_600, "window_closed", promised(1).callback)


# --- by one agent -----------------------------------------------------------------------------------------


def test_the_agent_is_kept_free_before_the_number_is_dialed() -> None:
    world = World(agents=2)
    world.leads(promised(1, "a2"), candidate(3))
    saved = {save.intent.lead_id: save.intent.attempt_id for save in world.all(SaveAttempt)}
    assert state_of(world, "a2") is AgentState.RESERVED
    world.tell(ev.AttemptSaved(saved[3]))
    world.tell(ev.CallAnswered(saved[3]), after=1)
    assert world.last(Join).agent_id == "a1", "another call does not get the agent"
    world.tell(ev.AttemptSaved(saved[1]))
    world.tell(ev.CallAnswered(saved[1]), after=1)
    assert (world.last(Join).attempt_id, world.last(Join).agent_id) == (saved[1], "a2")


def test_an_agent_whose_callback_nobody_answers_is_ready_for_others() -> None:
    world = World()
    world.leads(promised(1, "a1"))
    world.tell(ev.AttemptSaved(1))
    assert state_of(world) is AgentState.RESERVED
    world.tell(ev.CallEnded(1, "callee", 486), after=2)
    assert state_of(world) is AgentState.READY
    assert [end.state for end in world.update.ended] == [KEPT]


def test_a_callback_waits_for_its_agent_who_is_talking() -> None:
    world = World(agents=2)
    world.tell(ev.AgentPaused("a2"))
    world.dial(candidate(5))
    world.tell(ev.CallAnswered(1), after=1)
    world.tell(ev.AgentReady("a2"))
    world.tell(ev.LeadsFetched("spring", (promised(1, "a1"),), NOON + 9_999), after=1)
    world.wait(60)
    assert len(world.all(SaveAttempt)) == 1, "a2 is free, but it was promised by a1"
    world.tell(ev.CallEnded(1, "callee"))
    world.tell(ev.Dispositioned("a1", 1, "sale"), after=5)
    world.wait(1)
    assert (world.last(SaveAttempt).intent.lead_id, state_of(world, "a1")) == (1, AgentState.RESERVED)


def test_after_the_patience_anyone_makes_the_call() -> None:
    world = World(campaign(callbacks=CallbackRule(patience_s=600.0)))
    world.tell(ev.LeadsFetched("spring", (promised(1, "a9"),), NOON + 9_999))
    world.wait(599)
    assert not world.all(SaveAttempt)
    world.wait(2)
    world.tell(ev.AttemptSaved(1))
    world.tell(ev.CallAnswered(1), after=1)
    assert world.last(Join).agent_id == "a1"


def test_the_agent_who_comes_on_duty_in_time_makes_the_call() -> None:
    world = World()
    world.tell(ev.LeadsFetched("spring", (promised(1, "a9"),), NOON + 9_999))
    world.wait(300)
    world.tell(ev.AgentLoggedIn("a9", "spring"))
    world.tell(ev.AgentReady("a9"))
    world.wait(1)
    assert (world.last(SaveAttempt).intent.lead_id, state_of(world, "a9")) == (1, AgentState.RESERVED)


@pytest.mark.parametrize(
    "leaves",
    [ev.AgentPaused("a1"), ev.AgentLoggedOut("a1"), ev.DeskLost("a1", 5.0), ev.PhoneLost("a1", 5.0)],
)
def test_an_agent_who_leaves_while_it_rings_is_kept_free_no_longer(leaves: ev.Event) -> None:
    world = World(agents=2)
    world.tell(ev.AgentPaused("a2"))
    world.leads(promised(1, "a1"))
    world.tell(ev.AttemptSaved(1))
    world.tell(leaves, after=1)
    agent = world.engine.state.pool.get("a1")
    assert agent is None or agent.state not in (AgentState.RESERVED, AgentState.READY)
    world.tell(ev.AgentReady("a2"))
    world.tell(ev.CallAnswered(1), after=1)
    assert world.last(Join).agent_id == "a2", "somebody answers who was promised a call"


def test_a_refused_attempt_frees_the_agent_and_the_promise_stays() -> None:
    world = World()
    world.leads(promised(1, "a1"))
    world.tell(ev.SaveRefused(1, Refusal.CAP, "another campaign was quicker"))
    assert state_of(world) is AgentState.READY
    (update,) = world.last(ReturnLeads).updates
    assert (update.state, update.reason, update.callback) == ("ready", "cap", promised(1, "a1").callback)


def test_a_campaign_with_a_promise_open_is_not_over() -> None:
    world = World()
    world.tell(ev.LeadsFetched("spring", (), None, next_callback_at=NOON + 86_400))
    world.wait(3_600)
    assert "spring" in world.engine.state.runs
    world.wait(86_400 - 3_600)
    world.tell(ev.LeadsFetched("spring", (promised(1, "a9", NOON + 86_400),), None))
    world.wait(60)
    assert "spring" in world.engine.state.runs


def test_the_pacer_hears_nothing_of_a_call_that_an_agent_is_kept_free_for() -> None:
    """Neither that it was answered nor that by a machine: else the next person to answer passes for one."""
    told: list[PacingEvent] = []
    world = World(campaign(amd=Amd(AmdPolicy.HOLD)))
    world.engine.state.runs["spring"].pacer.observe = told.append  # type: ignore[method-assign,assignment]
    world.leads(promised(1, "a1"))
    world.tell(ev.AttemptSaved(1))
    world.tell(ev.CallAnswered(1), after=2)
    world.tell(ev.Detected(1, "machine", "speech", 1.0), after=1)
    world.tell(ev.CallEnded(1, "dialer"))
    assert told == []


def test_a_callback_of_an_agent_goes_out_when_a_line_is_free_again() -> None:
    world = World(agents=2, trunks=(replace(TRUNK, channels=1),))
    world.leads(candidate(5))
    world.tell(ev.AttemptSaved(1))
    world.tell(ev.LeadsFetched("spring", (promised(1, "a2"),), NOON + 9_999))
    world.wait(5)
    assert (len(world.all(SaveAttempt)), state_of(world, "a2")) == (1, AgentState.READY)
    world.tell(ev.CallEnded(1, "callee", 486))
    world.wait(1)
    assert world.last(SaveAttempt).intent.lead_id == 1
    world.tell(ev.AttemptSaved(2))
    assert world.last(Originate).attempt_id == 2
