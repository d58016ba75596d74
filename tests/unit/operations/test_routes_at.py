from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.destinations import Destinations
from campaigns.refusal import Refusal, Refused
from campaigns.walls import Ceiling, Walls
from dialer.api.trunks import TrunkDetail
from dialer.operations.routes_at import OutOfUse, RoutesAt, out_of_use
from dialer.operations.why import Explanation, why
from dialer.settings.values import TrunkSettings
from dialer.trunks.selection import Route
from tests.unit.operations.scene import BERLIN, LONDON, MONDAY_10, Scene, phone
from tests.walls import SIMULATED

SIM = TrunkSettings("sim", "127.0.0.1", simulated=True)
CEILING = replace(SIMULATED, ceilings=(Ceiling("trunk", "sim", calls_hour=2),))


def ask(
    scene: Scene,
    at: float = MONDAY_10,
    *,
    walls: Walls = SIMULATED,
    trunk: TrunkSettings = SIM,
    down: dict[str, OutOfUse] | None = None,
    number: str = LONDON[0],
) -> Explanation:
    routes = RoutesAt(scene.reader, walls, [trunk], at, down)
    return why(scene.reader, "spring", number, at, walls=walls, routes=routes)


def test_a_trunk_that_works_changes_nothing(scene: Scene) -> None:
    answer = ask(scene)
    assert answer == why(scene.reader, "spring", LONDON[0], MONDAY_10, walls=SIMULATED)
    assert answer.allowed


def test_a_trunk_out_of_use_is_the_reason_with_its_own_words_and_end(scene: Scene) -> None:
    answer = ask(scene, down={"sim": OutOfUse("held: its carrier asked for 60 s of rest", MONDAY_10 + 60.0)})
    assert (answer.allowed, answer.reason, answer.until) == (False, "route_down", MONDAY_10 + 60.0)
    assert "sim is held: its carrier asked for 60 s of rest" in str(answer.evidence["detail"])
    stopped = ask(scene, down={"sim": OutOfUse("stopped: 401", None)})
    assert (stopped.reason, stopped.until) == ("route_down", None)


def test_a_ceiling_that_is_reached_is_the_reason_until_it_comes_free(scene: Scene) -> None:
    scene.attempt(1, MONDAY_10 - 600)
    scene.attempt(2, MONDAY_10 - 600)
    answer = ask(scene, walls=CEILING)
    assert (answer.allowed, answer.reason) == (False, "calls_ceiling")
    assert "trunk sim: 2 calls within one hour is the ceiling" in str(answer.evidence["detail"])
    assert answer.until is not None
    assert MONDAY_10 < answer.until <= MONDAY_10 + 3_600
    assert ask(scene, answer.until, walls=CEILING).allowed
    assert ask(scene, MONDAY_10 - 700, walls=CEILING).allowed  # before these calls were placed


def test_what_the_number_itself_forbids_comes_first(scene: Scene) -> None:
    answer = ask(scene, MONDAY_10 - 5 * 3_600, down={"sim": OutOfUse("stopped: 401", None)})
    assert answer.reason == "window_closed"


def test_a_trunk_that_carries_nothing_there_and_one_that_is_not_configured(scene: Scene) -> None:
    us_only = replace(SIM, destinations=Destinations.parse(["US"]))
    assert ask(scene, trunk=us_only).reason == "no_route"
    other = ask(scene, trunk=replace(SIM, name="other"))
    assert (other.reason, other.until) == ("no_route", None)
    assert "dialer.toml has none of the campaign's trunks (sim)" in str(other.evidence["detail"])


def test_the_cheaper_trunk_that_is_in_service_is_the_way(scene: Scene) -> None:
    from dialer.operations.open_campaign import read_version

    campaign = replace(read_version(scene.reader, "spring")[0], trunks=("main", "spare"))
    trunks = [replace(SIM, name="main"), replace(SIM, name="spare")]
    routes = RoutesAt(scene.reader, SIMULATED, trunks, MONDAY_10, {"main": OutOfUse("silent", None)})
    chosen = routes.choose(campaign, phone(BERLIN))
    assert isinstance(chosen, Route)
    assert chosen.trunk == "spare"
    both = {"main": OutOfUse("silent", None), "spare": OutOfUse("paused: bad", 7.0)}
    refused = RoutesAt(scene.reader, SIMULATED, trunks, MONDAY_10, both).choose(campaign, phone(BERLIN))
    assert refused == Refused(
        Refusal.ROUTE_DOWN, 7.0, "no trunk for it is in service: main is silent, spare is paused: bad"
    )


@pytest.mark.parametrize(
    ("state", "opens_in_s", "expected"),
    [
        ("open", None, None),
        ("probing", None, None),
        ("held", 60.0, OutOfUse("held: why", 160.0)),
        ("stopped", None, OutOfUse("stopped: why", None)),
    ],
)
def test_what_a_service_says_of_its_trunks(
    state: str, opens_in_s: float | None, expected: OutOfUse | None
) -> None:
    row = TrunkDetail(
        name="t", address="h", state=state, why="why", opens_in_s=opens_in_s, channels=1, in_use=0, cps=1.0
    )
    assert out_of_use([row], 100.0).get("t") == expected
