"""The twin around scripted engines; `tests/simulation` runs it around the real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from campaigns.callback import Promise
from campaigns.preset_files import load_rule_set
from dialer.agents.agent import AgentState
from dialer.engine.commands import CampaignEnded, Command, FetchLeads, Notice, NotifyAgent
from dialer.engine.events import (
    AgentHungUp,
    AgentLoggedIn,
    AgentLoggedOut,
    AgentReady,
    CampaignOpened,
    CutRequested,
    Dispositioned,
    DrainRequested,
    Event,
    LeadsFetched,
    SaveFailed,
    WakeUp,
)
from dialer.ports.store import Answer, LeadsLeased, Write
from sim_trunk.callee import Persona
from sim_trunk.errors import TwinError
from sim_trunk.sim_agents import SimAgents
from sim_trunk.timeline import Timeline
from sim_trunk.twin import Crew, Driven, Twin
from sim_trunk.twin_agents import TwinAgents
from tests.unit.engine.world import campaign
from tests.unit.sim_trunk.people import population_with, spec_with

START, END = 1_000.0, 2_000.0
FETCH = FetchLeads("spring", 5, START, ("GB:Europe/London",))


class Scripted:
    """An engine that answers each kind of event with the same commands, and asks for given wake-ups."""

    def __init__(self, answers: dict[type[Event], list[Command]], deadlines: list[float] | None = None) -> None:
        self.answers = answers
        self.deadlines = deadlines or []
        self.seen: list[tuple[float, Event]] = []

    def handle(self, event: Event, now: float) -> list[Command]:
        self.seen.append((round(now, 6), event))
        if isinstance(event, WakeUp) and self.deadlines:
            self.deadlines.pop(0)
        return self.answers.get(type(event), [])

    def next_deadline(self) -> float | None:
        return self.deadlines[0] if self.deadlines else None


class Answering:
    """A journal that answers everything alike."""

    def __init__(self, answer: Answer | Exception) -> None:
        self.answer = answer

    def submit(self, _write: Write, done: Callable[[Answer | Exception], None]) -> None:
        done(self.answer)


def twin(engine: Driven, answer: Answer | Exception | None = None, agents: int = 0, **options: Any) -> Twin:
    population = population_with()
    opened = CampaignOpened(campaign(), load_rule_set("fictional"), ("GB:Europe/London",))
    ids = tuple(f"a{n}" for n in range(1, agents + 1))
    crew = Crew(opened, ids, SimAgents(population.spec, campaign(), 1))
    journal = Answering(answer or LeadsLeased((), None))
    return Twin(engine, journal, population, [crew], START, **options)


ENDS: dict[type[Event], list[Command]] = {DrainRequested: [CampaignEnded("spring", "drained")]}


def test_a_run_opens_logs_in_drains_and_logs_out() -> None:
    engine = Scripted(ENDS)
    result = twin(engine, agents=2).run(END)
    assert [(at, type(event)) for at, event in engine.seen] == [
        (START, CampaignOpened),
        (START, AgentLoggedIn),
        (START, AgentReady),
        (START + 2.0, AgentLoggedIn),
        (START + 2.0, AgentReady),
        (END, DrainRequested),
        (END, AgentLoggedOut),
        (END, AgentLoggedOut),
    ]
    assert result.ended == (("spring", "drained"),)
    assert (result.finished_at, result.events) == (END, len(engine.seen))


def test_a_campaign_that_ends_by_itself_is_not_drained() -> None:
    engine = Scripted({CampaignOpened: [CampaignEnded("spring", "list_done")]})
    result = twin(engine).run(END)
    assert result.ended == (("spring", "list_done"),)
    assert result.finished_at == START
    assert not any(isinstance(event, DrainRequested) for _, event in engine.seen)


def test_what_does_not_drain_in_time_is_cut() -> None:
    engine = Scripted({CutRequested: [CampaignEnded("spring", "cut")]})
    result = twin(engine, drain_s=60.0).run(END)
    assert (result.ended, result.finished_at) == ((("spring", "cut"),), END + 60.0)


def test_an_engine_that_never_ends_is_an_error() -> None:
    with pytest.raises(TwinError, match="has not ended spring"):
        twin(Scripted({})).run(END)


def test_an_engine_may_end_by_its_own_timers_after_the_cut() -> None:
    late = END + 1_800.0 + 40.0
    engine = Scripted({WakeUp: [CampaignEnded("spring", "cut")]}, [late])
    result = twin(engine).run(END)
    assert (result.ended, result.finished_at) == ((("spring", "cut"),), late)


def test_an_engine_that_wakes_for_ever_is_given_up() -> None:
    engine = Scripted({}, [END + 60.0 * n for n in range(1, 10_000)])
    with pytest.raises(TwinError, match="has not ended spring"):
        twin(engine).run(END)


def test_the_engine_is_woken_when_it_asked() -> None:
    engine = Scripted(ENDS, [START + 0.5, START + 7.25])
    twin(engine).run(END)
    assert [at for at, event in engine.seen if isinstance(event, WakeUp)] == [START + 0.5, START + 7.25]


def test_a_deadline_that_never_passes_is_an_error() -> None:
    with pytest.raises(TwinError, match="again and again"):
        twin(Scripted({}, [START + 1.0] * 2_000)).run(END)


def test_many_wake_ups_at_different_moments_are_no_error() -> None:
    deadlines = [START + 0.5 * n for n in range(1, 1_900)]
    engine = Scripted(ENDS, list(deadlines))
    twin(engine, agents=3).run(END)
    assert [at for at, event in engine.seen if isinstance(event, WakeUp)] == deadlines


def test_answers_of_the_journal_come_after_its_latency() -> None:
    engine = Scripted({CampaignOpened: [FETCH], **ENDS})
    twin(engine, LeadsLeased((), 1_234.0), save_latency_s=0.5).run(END)
    assert (START + 0.5, LeadsFetched("spring", (), 1_234.0)) in engine.seen


def test_the_journals_failures_reach_the_engine() -> None:
    engine = Scripted({CampaignOpened: [FETCH], **ENDS})
    twin(engine, OSError("no space left")).run(END)
    assert (START + 0.002, SaveFailed("spring", FETCH, "no space left")) in engine.seen


def test_notices_are_collected() -> None:
    notice = Notice("spring", "test", "something happened")
    assert twin(Scripted({CampaignOpened: [notice], **ENDS})).run(END).notices == (notice,)


def test_the_log_has_every_event_with_its_commands() -> None:
    engine = Scripted({CampaignOpened: [FETCH], **ENDS})
    log: list[tuple[float, Event]] = []
    run = twin(engine, agents=1, log_event=lambda event, now, _commands: log.append((now, event)))
    result = run.run(END)
    assert [event for _, event in log] == [event for _, event in engine.seen]
    assert len(log) == result.events


class Desk:
    """One simulated agent, and what it did, as (moment, event)."""

    def __init__(self, **values: Any) -> None:
        self.timeline = Timeline(0.0)
        self.did: list[tuple[float, Event]] = []
        values.setdefault("agents__wrap", "{ mean_s = 10, cv = 0 }")
        habits = SimAgents(spec_with(**values), campaign(), 1)
        self.agents = TwinAgents(
            self.timeline, "spring", ("a1",), habits, lambda event: self.did.append((self.timeline.now, event))
        )

    def shows(self, state: AgentState, attempt_id: int | None = None) -> None:
        self.agents.changed(NotifyAgent("a1", state.value, "spring", attempt_id))

    def hears(self, persona: Persona, attempt_id: int = 7) -> None:
        self.agents.heard("a1", attempt_id, persona)
        self.shows(AgentState.TALKING, attempt_id)

    def finish(self) -> list[tuple[float, Event]]:
        while self.timeline.next_at is not None:
            self.timeline.step()
        return self.did


def test_an_agent_wraps_up_and_says_what_it_came_to() -> None:
    desk = Desk()
    desk.hears(Persona.GATEKEEPER)
    desk.shows(AgentState.WRAP_UP, 7)
    assert desk.finish() == [(10.0, Dispositioned("a1", 7, "third_party", None))]


def test_an_agent_hangs_up_on_a_machine() -> None:
    desk = Desk(agents__recognises_machine="{ mean_s = 4, cv = 0 }")
    desk.hears(Persona.VOICEMAIL)
    assert desk.finish() == [(4.0, AgentHungUp("a1"))]


def test_an_agent_does_not_hang_up_on_the_next_contact() -> None:
    desk = Desk(agents__recognises_machine="{ mean_s = 4, cv = 0 }")
    desk.hears(Persona.VOICEMAIL, 7)
    desk.hears(Persona.RIGHT_PARTY, 8)
    assert desk.finish() == []


def test_a_promise_is_a_moment() -> None:
    only_callbacks = {
        f"agents__dispositions__right_party__{code}": value
        for code, value in (("sale", 0), ("not_interested", 0), ("callback", 1), ("dnc", 0))
    }
    for in_person, agent_id in ((0.0, ""), (1.0, "a1")):
        desk = Desk(**only_callbacks, agents__callback_after_s=[600, 600], agents__callback_in_person=in_person)
        desk.hears(Persona.RIGHT_PARTY)
        desk.shows(AgentState.WRAP_UP, 7)
        promise = Promise(610.0, agent_id=agent_id)
        assert desk.finish() == [(10.0, Dispositioned("a1", 7, "callback", promise))]


def test_a_wrap_up_that_ended_otherwise_needs_no_disposition() -> None:
    desk = Desk()
    desk.hears(Persona.GATEKEEPER)
    desk.shows(AgentState.WRAP_UP, 7)
    desk.shows(AgentState.READY)
    assert desk.finish() == []


def test_an_agent_without_a_word_lets_wrap_up_run_out() -> None:
    desk = Desk(agents__dispositions__gatekeeper__third_party=0)
    desk.hears(Persona.GATEKEEPER)
    desk.shows(AgentState.WRAP_UP, 7)
    assert desk.finish() == []
