"""Two campaigns in one engine, over one trunk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.preset_files import load_rule_set
from dialer.engine import events as ev
from dialer.engine.commands import CampaignEnded, CancelCall, Command, NotifyAgent, SaveAttempt
from dialer.engine.engine import Engine
from dialer.engine.hopper import Hopper
from tests.unit.engine.world import LONDON, NOON, TRUNK, campaign, candidate
from tests.walls import SIMULATED


class Pair:
    """Campaigns "spring" and "summer", one ready agent each, ten leads each, and a single line."""

    def __init__(self) -> None:
        self.now = NOON
        self.engine = Engine(
            [replace(TRUNK, channels=1)], walls=SIMULATED, next_attempt_id=1, call_id_of=lambda n: f"call-{n}@test"
        )
        self.commands: list[Command] = []
        for start, name in ((1, "spring"), (31, "summer")):
            self.tell(ev.CampaignOpened(campaign(name=name), load_rule_set("fictional"), (LONDON,)))
            self.tell(ev.AgentLoggedIn(f"{name}-1", name))
            self.tell(ev.AgentReady(f"{name}-1"))
            self.tell(ev.LeadsFetched(name, tuple(candidate(n) for n in range(start, start + 10)), None))
        self.wait(1)

    def tell(self, event: ev.Event) -> None:
        self.commands += self.engine.handle(event, self.now)

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while (deadline := self.engine.next_deadline()) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self.tell(ev.WakeUp())
        self.now = until

    @property
    def dialed(self) -> list[str]:
        return [c.intent.campaign for c in self.commands if isinstance(c, SaveAttempt)]


def test_a_line_that_comes_free_goes_to_the_campaign_that_has_waited() -> None:
    pair = Pair()
    for attempt_id in range(1, 7):
        pair.tell(ev.AttemptSaved(attempt_id))
        pair.wait(2)
        pair.tell(ev.CallEnded(attempt_id, "callee", 486))
        pair.wait(0.5)
    assert pair.dialed[:6] == ["spring", "summer"] * 3


def test_cutting_one_campaign_leaves_the_other_alone() -> None:
    pair = Pair()
    pair.tell(ev.AttemptSaved(1))
    pair.tell(ev.CutRequested("summer"))
    assert [c.campaign for c in pair.commands if isinstance(c, CampaignEnded)] == ["summer"]
    assert not [c for c in pair.commands if isinstance(c, CancelCall)]
    pair.tell(ev.CallAnswered(1))
    told = [c for c in pair.commands if isinstance(c, NotifyAgent)][-1]
    assert (told.agent_id, told.state) == ("spring-1", "talking")


def test_an_event_of_one_campaign_costs_the_others_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = Pair()
    for n in range(20):
        name = f"idle {n}"
        pair.tell(ev.CampaignOpened(campaign(name=name), load_rule_set("fictional"), (LONDON,)))
        pair.tell(ev.LeadsFetched(name, (), NOON + 86_400))
    pair.wait(2)
    looked: list[Hopper] = []
    for question in ("exhausted", "request"):
        monkeypatch.setattr(Hopper, question, lambda hopper, *_: looked.append(hopper))
    pair.tell(ev.AttemptSaved(1))
    pair.wait(2)
    pair.tell(ev.CallEnded(1, "callee", 486))
    busy = {pair.engine.state.runs[name].hopper for name in ("spring", "summer")}
    assert set(looked) <= busy
    assert looked
