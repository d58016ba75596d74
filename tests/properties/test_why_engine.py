"""`dialer why` and the funnel say what the engine does: an engine of its own is given the same store."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import event, given, settings
from hypothesis import strategies as st

from dialer.engine import events as ev
from dialer.engine.commands import FetchLeads, ReturnLeads, SaveAttempt
from dialer.engine.engine import Engine
from dialer.operations.funnel import funnel
from dialer.operations.open_campaign import OpenedCampaign, open_campaign
from dialer.operations.why import why
from dialer.ports.store import LEASED, LeadsLeased, LeadUpdate
from dialer.storage.memory import MemoryStore
from dialer.trunks.trunk import Trunk
from tests.unit.operations.random_store import NOW, RULES, fill
from tests.walls import SIMULATED

TURNS = 40
RULE_SETS = st.sampled_from((*RULES, *RULES[:1] * 3))  # of the first one who agreed is called outside the hours
MOMENTS = (0.0, 0.25, 900.0, 1_760.0, 1_799.0, 1_800.0)


class Asked:
    """What an engine does at one moment with all leads of the campaign: `dialed`, the number of each lead that it
    calls; `refused`, the new place of each that it takes up and does not call; `waiting`, those that it
    would call, once another call to the same number or person is over, or their agent is free."""

    def __init__(self, store: MemoryStore, opened: OpenedCampaign, now: float) -> None:
        trunk = Trunk("sim", "127.0.0.1", 5060, channels=500, cps=5_000.0)
        self._engine = Engine([trunk], walls=SIMULATED, next_attempt_id=9_000_000, call_id_of=str)
        self._store = store
        self._now = now
        self.dialed: dict[int, str] = {}
        self.by_consent: set[int] = set()
        self.refused: dict[int, LeadUpdate] = {}
        self.waiting: set[int] = set()
        self._tell(ev.CampaignOpened(opened.campaign, opened.rules, opened.zone_groups))
        for agent_id in ("ana", *(f"agent-{n}" for n in range(80))):
            self._tell(ev.AgentLoggedIn(agent_id, opened.campaign.name))
            self._tell(ev.AgentReady(agent_id))
        runs = self._engine.state.runs
        for _ in range(TURNS):
            for run in runs.values():  # until it has ended
                run.decided_at = float("-inf")  # as if there had been time enough since it was paced last
                self._engine.state.pace_soon(run.name)
            self._tell(ev.WakeUp())
        for run in runs.values():
            parked = [one for waiting in run.parked.values() for one in waiting]
            self.waiting.update(one.lead.lead_id for one in (*parked, *run.promised.values()))

    def _tell(self, event: ev.Event) -> None:
        for command in self._engine.handle(event, self._now):
            if isinstance(command, FetchLeads):
                leased = self._store.write(command)
                assert isinstance(leased, LeadsLeased)
                self._tell(
                    ev.LeadsFetched(
                        command.campaign, leased.candidates, leased.next_due_at,
                        more_ready=leased.more_ready, next_callback_at=leased.next_callback_at,
                    )
                )  # fmt: skip
            elif isinstance(command, SaveAttempt):
                intent = command.intent
                self.dialed[intent.lead_id] = intent.number
                if intent.permitted.evidence.callback_consent is not None:
                    self.by_consent.add(intent.lead_id)
            elif isinstance(command, ReturnLeads):
                self._store.write(command)
                self.refused |= {update.lead_id: update for update in command.updates}


def moment(store: MemoryStore, later: int, near: float) -> float:
    """Mostly beside a promised one: when it is due, and when the consent that came with it ends."""
    due = [one.callback.due_at for one in store.callbacks("spring", ended=False)]
    due = [at for at in due if at >= NOW]
    return due[later % len(due)] + near if due and later % 4 else NOW + later


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), RULE_SETS, st.integers(0, 200_000), st.sampled_from(MOMENTS))
def test_why_and_the_funnel_say_what_the_engine_does(seed: int, rules: str, later: int, near: float) -> None:
    for told in compare(seed, rules, later, near):
        event(told)


def compare(seed: int, rules: str, later: int, near: float) -> Iterator[str]:
    """What came of each lead, in words for the statistics."""
    store = MemoryStore()
    fill(store.write, store, seed, rules)
    at = moment(store, later, near)
    opened = open_campaign(store, "spring")
    lead_phones = {lead.lead_id: lead.phones for name in opened.campaign.lists for lead in store.leads(name)}
    places = {
        place.lead_id: place
        for place in store.places("spring")
        if place.state != LEASED and place.lead_id in lead_phones
    }
    answers = {lead_id: why(store, "spring", str(lead_id), at, walls=SIMULATED) for lead_id in places}
    counted = funnel(store, "spring", at, at, walls=SIMULATED, trunks=())
    promised = {one.callback.lead_id for one in store.callbacks("spring", ended=False)}
    asked = Asked(store, opened, at)
    for lead_id, answer in answers.items():
        called = lead_id in asked.dialed or lead_id in asked.waiting
        update = asked.refused.get(lead_id)
        assert answer.allowed == called, (places[lead_id], answer, update)
        if lead_id in asked.dialed:
            assert answer.evidence["number"] == asked.dialed[lead_id]
        elif update is not None:
            if len(lead_phones[lead_id]) == 1 and lead_id not in promised:
                assert update.reason not in {"window_closed", "window_closing"}, "leased in vain"
            # Of several numbers that may not be dialed the engine names the last one's reason, `why` the first's.
            told = answer.evidence.get("numbers", [])
            assert isinstance(told, list)
            # What goes back to a number whose retry is scheduled keeps the result that it is scheduled for.
            scheduled = answer.reason == "not_due" and update.due_at > at
            assert scheduled or update.reason in {answer.reason, *(one["reason"] for one in told)}, (
                answer,
                update,
            )
            if answer.until is not None:
                assert update.due_at <= answer.until
                assert told or update.due_at == answer.until
        kind = "by consent" if lead_id in asked.by_consent else "promised" if lead_id in promised else "usual"
        yield f"{kind}: {answer.reason or 'called'}"
    assert counted.dialable == sum(answer.allowed for answer in answers.values())
