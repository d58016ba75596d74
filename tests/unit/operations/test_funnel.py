from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.campaign import Campaign
from campaigns.destinations import Destinations
from campaigns.refusal import Refusal
from campaigns.walls import Ceiling, Walls
from dialer.errors import InputError, UnknownName
from dialer.operations.funnel import STAGE_OF, Funnel, Stage, digits_that_matter, funnel
from dialer.operations.open_campaign import read_version
from dialer.operations.routes_at import OutOfUse, RoutesAt
from dialer.ports.store import BlockNumbers, FetchLeads
from dialer.settings.rates import Rate
from dialer.settings.values import TrunkSettings
from tests.unit.operations.scene import BERLIN, LONDON, MONDAY_10, Scene, utc
from tests.walls import SIMULATED

SIM = TrunkSettings("sim", "127.0.0.1", simulated=True)


def ask(
    scene: Scene, at: float = MONDAY_10, *, walls: Walls = SIMULATED, routes: RoutesAt | None = None
) -> Funnel:
    return funnel(scene.reader, "spring", at, MONDAY_10, walls=walls, trunks=[SIM], routes=routes)


def lost(found: Funnel) -> dict[tuple[str, str], int]:
    return {(stage.value, code): leads for (stage, code), leads in found.lost.items()}


def test_every_reason_has_its_stage() -> None:
    assert set(STAGE_OF) == set(Refusal)


def test_leads_are_lost_by_what_keeps_them_and_the_sum_balances(scene: Scene) -> None:
    scene.attempt(0, MONDAY_10 - 900, "connected", disposition="sale", final=True)
    scene.attempt(1, MONDAY_10 - 600, "busy", next_at=MONDAY_10 + 900)
    found = ask(scene)
    assert lost(found) == {("status", "sale"): 1, ("waiting", "not_due"): 1, ("leased", "leased"): 1}
    assert (found.total, found.dialable) == (3, 0)
    assert found.hours[0] == 1
    assert found.as_dict()["next"] == "2026-11-23T10:15:00Z"


def test_leads_outside_their_hours_are_told_by_zone_and_hour(scene: Scene) -> None:
    found = ask(scene, utc("2026-11-23T20:30:00"))
    assert lost(found) == {("window", "window_closed"): 3}
    assert found.hours[12] == 3
    zone = found.zones["GB:Europe/London"]
    assert (zone.closed, zone.opens_at) == (3, utc("2026-11-24T09:00:00"))


def test_of_leads_alike_those_with_other_numbers_are_looked_at_apart(scene: Scene) -> None:
    """The third's London number is blocked, and it goes on with Berlin; the first has no other."""
    scene.write(BlockNumbers((LONDON[0], LONDON[2]), "a test", MONDAY_10))
    found = ask(scene)
    assert lost(found) == {("dnc", "dnc"): 1}
    assert found.dialable == 2
    assert found.zones["DE:Europe/Berlin"].dialable == 1
    assert found.never == {"dnc": 1}
    scene.write(BlockNumbers((BERLIN,), "a test", MONDAY_10))
    assert lost(ask(scene)) == {("dnc", "dnc"): 2}


def test_what_a_service_holds_is_lost_as_leased(scene: Scene) -> None:
    scene.write(FetchLeads("spring", 2, MONDAY_10, ("GB:Europe/London",)))
    found = ask(scene)
    assert lost(found) == {("leased", "leased"): 2}
    assert found.dialable == 1


def test_trunks_out_of_use_hold_up_what_might_be_dialed(scene: Scene) -> None:
    down = {"sim": OutOfUse("held: its carrier asked for 60 s of rest", MONDAY_10 + 60.0)}
    found = ask(scene, routes=RoutesAt(scene.reader, SIMULATED, [SIM], MONDAY_10, down))
    assert lost(found) == {("routes", "route_down"): 3}
    assert found.hours[0] == 3


def test_only_prefixes_that_a_decision_may_read_split_the_groups(scene: Scene) -> None:
    version = read_version(scene.reader, "spring")
    assert digits_that_matter(version, SIMULATED, [SIM]) == 4
    walls = replace(SIMULATED, house=Destinations(("GB", "-+44794", "+1")))
    assert digits_that_matter(version, walls, [SIM]) == 5
    campaign: Campaign = replace(version[0], destinations=Destinations(("GB", "+44207946")))
    assert digits_that_matter((campaign, version[1]), walls, [SIM]) == 8
    priced = replace(SIM, rates=(Rate("442079", 1),))
    assert digits_that_matter(version, SIMULATED, [priced]) == 4
    ceiling = replace(SIMULATED, ceilings=(Ceiling("trunk", "sim", spend_day_micro=1),))
    assert digits_that_matter(version, ceiling, [priced]) == 6


def test_destinations_are_asked_of_each_prefix(scene: Scene) -> None:
    walls = Walls(house=Destinations(("GB", "-+442079460002", "DE")))
    found = ask(scene, walls=walls)
    assert lost(found) == {("routes", "caller_id_not_ours"): 2, ("routes", "destination"): 1}


def test_the_past_and_unknown_campaigns_are_refused(scene: Scene) -> None:
    with pytest.raises(InputError, match="is not kept"):
        ask(scene, MONDAY_10 - 1)
    with pytest.raises(UnknownName, match='did you mean "spring"'):
        funnel(scene.reader, "sprong", MONDAY_10, MONDAY_10, walls=SIMULATED, trunks=())


def test_the_document_counts_down_from_all_to_what_may_be_dialed(scene: Scene) -> None:
    scene.attempt(0, MONDAY_10 - 900, "connected", disposition="sale", final=True)
    document = ask(scene).as_dict()
    stages = document["stages"]
    assert isinstance(stages, list)
    assert [stage["stage"] for stage in stages] == [stage.value for stage in Stage]
    assert [stage["left"] for stage in stages] == [2] * (len(Stage) - 2) + [0, 0]  # the scene leases the others
    assert document["dialable"] == stages[-1]["left"]
