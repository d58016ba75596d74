"""Two trunks: what the end of a call does to its trunk, to its lead and to what may still be spent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from campaigns.campaign import Campaign
from campaigns.destinations import Destinations
from campaigns.permission.past import PastAttempt
from campaigns.walls import Ceiling, OwnedCallerId, TrunkWall, Walls
from dialer.engine import events as ev
from dialer.engine.commands import CampaignEnded, CloseAttempt, Notice, Originate, ReturnLeads, SaveAttempt
from dialer.ports.store import Candidate, Usage
from dialer.settings.rates import Rate
from dialer.trunks.health import HealthRules, TrunkState
from dialer.trunks.trunk import Trunk
from tests.unit.engine.world import NOON, World, campaign, candidate, phone

CALLER_ID = "+442079460000"
OPEN = Walls(
    house=Destinations(("GB",)),
    caller_ids=(OwnedCallerId(CALLER_ID, "", "2026-11-01"),),
    currency="EUR",
)
A = Trunk("a", "192.0.2.1", 5060, channels=50, cps=50.0, rates=(Rate("44", 60_000, 100, 60, 60, "EUR"),))
B = replace(A, name="b", rates=())


class TwoTrunks(World):
    """Real trunks `a` and `b`, so that the walls hold."""

    def __init__(
        self, walls: Walls = OPEN, of: Campaign | None = None, trunks: Sequence[Trunk] = (A, B), agents: int = 1
    ) -> None:
        names = tuple(trunk.name for trunk in trunks)
        super().__init__(of or campaign(trunks=names), agents=agents, trunks=trunks, walls=walls)

    def end(self, status: int | None, q850: int | None = None, *, after: float = 1.0, **more: object) -> None:
        attempt_id = self.last(Originate).attempt_id
        self.tell(ev.CallEnded(attempt_id, "network", status, q850, **more), after=after)  # type: ignore[arg-type]

    def again(self, lead: Candidate) -> None:
        """The store gives the lead out once more, with what it knows of it by now."""
        record, update = self.record, self.update
        past = PastAttempt(
            record.number, record.campaign, record.dialed_at or 0.0, record.outcome, None, record.trunk,
            record.stage, record.charged,
        )  # fmt: skip
        self.dial(
            replace(
                lead, history=(*lead.history, past), attempts=update.attempts, tries=update.tries,
                phone_position=update.phone_position,
            )
        )  # fmt: skip

    @property
    def notices(self) -> list[str]:
        return [notice.code for notice in self.all(Notice)]


def test_a_call_that_the_route_failed_is_tried_at_once_over_another_as_an_attempt_of_its_own() -> None:
    world = TwoTrunks()
    lead = candidate(1, dnc_version=1)
    world.dial(lead)
    assert world.last(Originate).trunk == "a"
    world.end(503, 34)
    assert (world.update.state, world.update.due_at, world.record.charged) == ("ready", world.now, False)
    world.again(lead)
    assert world.last(Originate).trunk == "b"
    first, second = (save.intent for save in world.all(SaveAttempt))
    assert first.attempt_id != second.attempt_id
    assert second.permitted.evidence.trunk == "b"
    assert second.permitted.evidence.at > first.permitted.evidence.at
    assert second.attempt_no == 2


def test_when_every_trunk_has_failed_on_it_the_number_waits() -> None:
    world = TwoTrunks()
    lead = candidate(1)
    world.dial(lead)
    world.end(503, 34)
    before = PastAttempt(phone(1).e164, "spring", world.now, "congestion", None, "a", "placed", False)
    world.again(replace(lead, history=(before,)))
    world.end(500)
    assert world.update.due_at == world.now + 300, "five minutes: the second fault of its kind"


@pytest.mark.parametrize(
    "ended",
    [
        {"status": 486, "q850": 17},  # no fault of the route
        {"status": 404, "q850": 1},
        {"status": 608},
    ],
)
def test_what_is_not_the_routes_fault_is_not_tried_elsewhere(ended: dict[str, int]) -> None:
    world = TwoTrunks()
    world.dial(candidate(1))
    world.end(**ended)
    assert world.update.due_at > world.now


def test_a_phone_that_rang_is_not_rung_again_at_once() -> None:
    world = TwoTrunks()
    world.dial(candidate(1))
    world.tell(ev.CallProgress(1, 180), after=1)
    world.end(503, 41)
    assert world.update.due_at == world.now + 60


def test_no_route_without_another_trunk() -> None:
    world = TwoTrunks(trunks=(A,))
    world.dial(candidate(1))
    world.end(503, 34)
    assert world.update.due_at == world.now + 60


def test_retry_after_holds_the_trunk_and_calls_go_over_the_other() -> None:
    world = TwoTrunks(agents=2)
    world.dial(candidate(1))
    world.end(503, retry_after_s=120.0)
    assert world.engine.state.trunks["a"].health.state(world.now) is TrunkState.HELD
    assert world.notices == ["trunk_held"]
    world.leads(candidate(2))
    assert world.last(SaveAttempt).intent.trunk == "b"


def test_wrong_credentials_stop_the_trunk_with_what_to_change_until_the_settings_are_read_again() -> None:
    world = TwoTrunks(trunks=(A,))
    world.dial(candidate(1))
    world.end(407)
    assert "username" in world.last(Notice).text
    world.leads(candidate(2))
    assert len(world.all(SaveAttempt)) == 1
    run = world.engine.state.runs["spring"]
    assert [one.lead.lead_id for one in run.hopper.ready] == [2], "the lead waits in the hopper"
    world.tell(ev.TrunksChanged((A,)))
    world.wait(1)
    assert len(world.all(SaveAttempt)) == 2


def test_a_stopped_trunk_is_released_by_hand() -> None:
    world = TwoTrunks(trunks=(A,))
    world.dial(candidate(1))
    world.end(401)
    world.tell(ev.TrunkReleased("a"))
    world.leads(candidate(2))
    assert len(world.all(SaveAttempt)) == 2


def test_options_unanswered_keep_calls_off_the_trunk() -> None:
    world = TwoTrunks(trunks=(replace(A, health=HealthRules(options_missed=2)), B))
    for _ in range(2):
        world.tell(ev.TrunkAsked("a", answered=False))
    assert world.notices == ["trunk_silent"]
    world.dial(candidate(1))
    assert world.last(Originate).trunk == "b"
    world.tell(ev.TrunkAsked("a", answered=True))
    assert world.notices[-1] == "trunk_answers"


def test_a_trunk_whose_host_has_no_address_is_not_used_until_it_has() -> None:
    world = TwoTrunks()
    world.tell(ev.TrunkFound("a", "host 'a.example' has no address"))
    assert world.notices == ["trunk_unresolved"]
    world.dial(candidate(1))
    assert world.last(Originate).trunk == "b"
    world.tell(ev.TrunkReleased("a"))
    health = world.engine.state.trunks["a"].health
    assert (health.state(world.now), health.why) == ("unresolved", "host 'a.example' has no address")
    world.tell(ev.TrunkFound("a", ""))
    assert (health.state(world.now), world.notices[-1]) == ("open", "trunk_found")


def test_a_trunk_stopped_between_commit_and_originate_places_nothing() -> None:
    world = TwoTrunks(trunks=(A,), agents=2)
    world.leads(candidate(1), candidate(2))
    world.tell(ev.AttemptSaved(1))
    world.end(401)
    world.tell(ev.AttemptSaved(2))
    assert len(world.all(Originate)) == 1
    assert world.record.outcome == "withdrawn"
    assert "stopped before the call left" in world.record.note


def test_walls_that_came_up_meanwhile_are_asked_in_the_last_look() -> None:
    world = TwoTrunks()
    world.leads(candidate(1))
    world.tell(ev.WallsChanged(replace(OPEN, house=Destinations(("US",)))))
    world.tell(ev.AttemptSaved(1))
    assert not world.all(Originate)
    assert world.record.outcome == "withdrawn"
    assert world.record.note.startswith("destination: GB")


def test_without_any_destination_the_campaign_stops_and_closes_no_lead() -> None:
    world = TwoTrunks(replace(OPEN, house=None))
    world.leads(candidate(1))
    assert not world.all(SaveAttempt)
    assert "name countries in dialer.toml" in world.last(Notice).text
    assert {update.state for back in world.all(ReturnLeads) for update in back.updates} == {"ready"}
    assert world.last(CampaignEnded).reason == "failed"


def test_a_number_outside_the_destinations_leaves_the_lead_its_other_one() -> None:
    paris = replace(phone(1, "Europe/Paris", "FR"), e164="+33123456789")
    world = TwoTrunks()
    world.leads(candidate(1, paris, phone(2)))
    assert world.last(SaveAttempt).intent.number == phone(2).e164
    world.leads(candidate(2, paris))
    update = world.last(ReturnLeads).updates[0]
    assert (update.state, update.reason) == ("ready", "destination")
    assert update.due_at == world.now - 0.25 + 86_400


def test_an_emergency_number_on_a_list_is_closed_even_over_a_simulated_trunk() -> None:
    walls = Walls(trunks=(TrunkWall("a", None, simulated=True),))
    world = TwoTrunks(walls, trunks=(A,))
    world.leads(candidate(1, replace(phone(1), e164="+44999")))
    assert not world.all(SaveAttempt)
    assert (world.last(ReturnLeads).updates[0].state, world.last(ReturnLeads).updates[0].reason) == (
        "final", "emergency",
    )  # fmt: skip


def test_a_caller_id_that_is_not_ours_stops_the_campaign() -> None:
    world = TwoTrunks(replace(OPEN, caller_ids=()))
    world.leads(candidate(1))
    assert "is not declared as ours" in world.last(Notice).text


def test_a_ceiling_on_calls_holds_up_the_campaign_and_its_leads_wait_in_the_hopper() -> None:
    world = TwoTrunks(replace(OPEN, ceilings=(Ceiling("house", "", calls_hour=1),)), agents=3)
    world.leads(*(candidate(n) for n in range(1, 4)))
    assert len(world.all(SaveAttempt)) == 1
    run = world.engine.state.runs["spring"]
    assert [one.lead.lead_id for one in run.hopper.ready] == [2, 3]
    assert run.held_up is not None
    assert run.refused["calls_ceiling"] == 1, "not counted again at every look"
    world.tell(ev.AttemptSaved(1))
    world.wait(3_700)
    assert len(world.all(SaveAttempt)) == 2


def test_what_was_used_before_the_start_counts_against_the_ceiling() -> None:
    world = TwoTrunks(replace(OPEN, ceilings=(Ceiling("house", "", calls_day=5),)))
    world.tell(ev.UsageKnown((Usage(NOON - 600, "", "a", 5, 0),)))
    world.leads(candidate(1))
    assert not world.all(SaveAttempt)


def test_a_withdrawn_call_is_neither_counted_nor_paid_for() -> None:
    world = TwoTrunks(replace(OPEN, ceilings=(Ceiling("house", "", calls_hour=1),)))
    world.leads(candidate(1))
    world.tell(ev.PauseRequested("spring"))
    world.tell(ev.AttemptSaved(1))
    assert world.record.outcome == "withdrawn"
    assert world.engine.state.tolls.ceilings.refusal("", "a", 0, world.now) is None


@pytest.mark.parametrize(("talk_s", "cost"), [(None, 0), (30.0, 60_100), (61.0, 120_100)])
def test_the_record_says_what_was_expected_and_what_it_cost(talk_s: float | None, cost: int) -> None:
    world = TwoTrunks(trunks=(A,))
    world.dial(candidate(1))
    if talk_s is None:
        world.end(486, 17)
    else:
        world.tell(ev.CallAnswered(1), after=3)
        world.tell(ev.CallEnded(1, "callee"), after=talk_s)
        world.tell(ev.Dispositioned("a1", 1, "not_interested"), after=20)
    record = world.record
    assert (record.expected_cost_micro, record.cost_micro, record.currency) == (60_100, cost, "EUR")
    assert world.engine.state.tolls.ceilings.used("trunk", "a", world.now) == (1, cost)


def test_a_trunk_without_rates_has_no_cost() -> None:
    world = TwoTrunks(trunks=(B,))
    world.dial(candidate(1))
    world.end(486, 17)
    assert (world.record.expected_cost_micro, world.record.cost_micro, world.record.currency) == (None, None, "")


def test_a_caller_id_that_networks_reject_rests_with_a_word_to_the_manager() -> None:
    world = TwoTrunks(trunks=(A,))
    for n in range(1, 4):
        world.dial(candidate(n))
        world.end(608)
    assert world.notices == ["caller_id_blocked"]
    assert not [close for close in world.all(CloseAttempt) if close.block]
    world.leads(candidate(4))
    assert len(world.all(SaveAttempt)) == 3
    assert world.engine.state.runs["spring"].held_up is not None


def test_607_puts_the_number_on_the_register() -> None:
    world = TwoTrunks()
    world.dial(candidate(1))
    world.end(607)
    block = world.last(CloseAttempt).block
    assert block is not None
    assert block.numbers == (phone(1).e164,)
