from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.campaign import Campaign, Mode, Pacing, Routing
from campaigns.destinations import Destinations
from campaigns.hours_rule import HoursRule
from campaigns.refusal import Refusal, Refused
from campaigns.walls import Ceiling, OwnedCallerId, TrunkWall, Walls
from dialer.settings.rates import Rate
from dialer.trunks.caller_ids import BLOCKED_BEFORE_REST, REST_S, CallerIdUse
from dialer.trunks.health import CallEnd
from dialer.trunks.limits import TrunkLimits
from dialer.trunks.selection import Route, RouteSelector, Tolls
from dialer.trunks.trunk import Trunk
from lists.lead import NumberKind, PhoneNumber, ZoneSource

LONDON = PhoneNumber("+442079460123", "GB", NumberKind.FIXED, ("Europe/London",), ZoneSource.NUMBER)
CITY = PhoneNumber("+12125550123", "US", NumberKind.FIXED, ("America/New_York",), ZoneSource.NUMBER)
ONE, TWO = "+442079460998", "+442079460999"
CAMPAIGN = Campaign(
    "spring", ("people",), ("fictional",), HoursRule.parse({"daily": "00:00-24:00"}), Pacing(Mode.POWER),
    ("first", "second"), (ONE, TWO),
)  # fmt: skip
OPEN = Walls(
    house=Destinations(("GB", "US")),
    caller_ids=(OwnedCallerId(ONE, "", "2026-11-01"), OwnedCallerId(TWO, "", "2026-11-01")),
)


def limits(name: str, **changes: object) -> TrunkLimits:
    return TrunkLimits(replace(Trunk(name, "192.0.2.1", 5060), **changes))  # type: ignore[arg-type]


def selector(*trunks: TrunkLimits, campaign: Campaign = CAMPAIGN, walls: Walls = OPEN) -> RouteSelector:
    return RouteSelector(trunks, campaign, Tolls(walls))


def taken(chosen: RouteSelector, number: PhoneNumber = LONDON, now: float = 0.0) -> tuple[str, str]:
    route = chosen.propose(number, now)
    assert isinstance(route, Route), route
    chosen.take(route, now)
    return route.trunk, route.caller_id


def refusal(chosen: RouteSelector, number: PhoneNumber = LONDON, now: float = 0.0) -> Refused:
    route = chosen.propose(number, now)
    assert isinstance(route, Refused), route
    return route


def test_a_full_trunk_hands_over_to_the_next_and_caller_ids_take_turns() -> None:
    first = limits("first", channels=1)
    chosen = selector(first, limits("second"))
    assert [taken(chosen) for _ in range(3)] == [("first", ONE), ("second", TWO), ("second", ONE)]
    first.release()
    assert taken(chosen) == ("first", TWO)


def test_all_full_is_no_refusal() -> None:
    chosen = selector(limits("first", channels=1))
    taken(chosen)
    assert chosen.propose(LONDON, 0.0) is None


def test_a_trunk_carries_only_its_destinations() -> None:
    chosen = selector(limits("first", destinations=Destinations(("US",))), limits("second"))
    assert taken(chosen, LONDON)[0] == "second"
    assert taken(chosen, CITY)[0] == "first"
    only = selector(limits("first", destinations=Destinations(("US",))))
    assert refusal(only).reason is Refusal.NO_ROUTE
    assert refusal(only).until is None


CHEAP, DEAR = (Rate("44", 100), Rate("1", 900)), (Rate("4420", 300), Rate("44", 50), Rate("1", 800))


def test_least_cost_goes_by_the_longest_prefix_of_each_table() -> None:
    by_cost = replace(CAMPAIGN, routing=Routing.COST)
    trunks = (limits("first", rates=DEAR), limits("second", rates=CHEAP))
    chosen = selector(*trunks, campaign=by_cost)
    assert taken(chosen, LONDON)[0] == "second"
    assert taken(chosen, CITY)[0] == "first"
    assert taken(selector(*trunks), LONDON)[0] == "first", "as they stand in the file, where cost does not matter"


def test_an_unknown_price_is_taken_for_the_dearest() -> None:
    by_cost = replace(CAMPAIGN, routing=Routing.COST)
    chosen = selector(limits("first"), limits("second", rates=DEAR), campaign=by_cost)
    assert taken(chosen)[0] == "second"


def test_a_route_says_what_a_minute_would_cost() -> None:
    route = selector(limits("first", rates=(Rate("44", 100, 7),))).propose(LONDON, 0.0)
    assert isinstance(route, Route)
    assert route.expected_cost_micro == 107


def test_trunks_that_have_just_failed_on_the_number_come_last() -> None:
    chosen = selector(limits("first"), limits("second"))
    for avoid, trunk in (({"first"}, "second"), ({"first", "second"}, "first")):
        route = chosen.propose(LONDON, 0.0, avoid)
        assert isinstance(route, Route)
        assert route.trunk == trunk
    assert chosen.other_than({"first"}, LONDON, 0.0)
    assert not chosen.other_than({"first", "second"}, LONDON, 0.0)


def test_a_held_trunk_is_passed_over_and_said_when_it_is_the_only_one() -> None:
    first = limits("first")
    first.health.ended(CallEnd(False, 503, retry_after_s=30.0), 0.0)
    assert taken(selector(first, limits("second")))[0] == "second"
    refused = refusal(selector(first))
    assert (refused.reason, refused.until) == (Refusal.ROUTE_DOWN, 30.0)
    assert selector(first).holds_for_all(0.0)
    assert not selector(first, limits("second")).other_than({"second"}, LONDON, 0.0)


def test_a_trunk_at_its_ceiling_is_passed_over() -> None:
    walls = replace(OPEN, ceilings=(Ceiling("trunk", "first", calls_hour=1),))
    tolls = Tolls(walls)
    chosen = RouteSelector((limits("first"), limits("second")), CAMPAIGN, tolls)
    tolls.ceilings.reserve("", "first", 0)
    assert taken(chosen)[0] == "second"
    only = RouteSelector((limits("first"),), CAMPAIGN, tolls)
    assert refusal(only).reason is Refusal.CALLS_CEILING


def test_where_spending_has_a_ceiling_a_call_of_unknown_price_is_not_placed() -> None:
    walls = replace(OPEN, ceilings=(Ceiling("house", "", spend_day_micro=10**9),), currency="EUR")
    assert refusal(selector(limits("first"), walls=walls)).reason is Refusal.NO_ROUTE
    assert taken(selector(limits("first", rates=CHEAP), walls=walls))[0] == "first"


def test_local_caller_ids_first_where_the_campaign_wants_that() -> None:
    local = OwnedCallerId(TWO, "", "2026-11-01", local_to=Destinations(("+4420",)))
    walls = replace(OPEN, caller_ids=(OPEN.caller_ids[0], local))
    chosen = selector(limits("first"), campaign=replace(CAMPAIGN, local_presence=True), walls=walls)
    assert [taken(chosen)[1] for _ in range(3)] == [TWO, TWO, TWO]
    assert taken(chosen, CITY)[1] == ONE
    assert [taken(selector(limits("first"), walls=walls))[1] for _ in range(1)] == [ONE]


def test_a_caller_id_is_not_shown_more_often_than_it_may() -> None:
    walls = replace(
        OPEN, caller_ids=(replace(OPEN.caller_ids[0], per_hour=1), replace(OPEN.caller_ids[1], per_day=2))
    )
    tolls = Tolls(walls)
    chosen = RouteSelector((limits("first"),), CAMPAIGN, tolls)
    shown = []
    for _ in range(3):
        _, caller_id = taken(chosen)
        tolls.caller_ids.shown(caller_id, 0.0)
        shown.append(caller_id)
    assert shown == [ONE, TWO, TWO]
    refused = refusal(chosen)
    assert refused.reason is Refusal.CALLER_ID_LIMIT
    assert refused.until is not None
    assert 3_600 <= refused.until <= 3_661
    assert chosen.holds_for_all(0.0)
    assert taken(chosen, now=refused.until)[1] == ONE


@pytest.mark.parametrize(
    ("owned", "expected"),
    [
        ((), Refusal.CALLER_ID_NOT_OURS),
        ((OwnedCallerId(ONE), OwnedCallerId(TWO)), Refusal.CALLER_ID_NOT_OURS),
        (
            (OwnedCallerId(ONE, "", "2026-11-01", Destinations(("US",))), OwnedCallerId(TWO)),
            Refusal.CALLER_ID_COUNTRY,
        ),
    ],
)
def test_no_caller_id_that_may_be_shown(owned: tuple[OwnedCallerId, ...], expected: Refusal) -> None:
    assert refusal(selector(limits("first"), walls=replace(OPEN, caller_ids=owned))).reason is expected


def test_while_trunks_are_full_a_lead_is_judged_with_a_caller_id_that_may_be_shown() -> None:
    walls = replace(OPEN, caller_ids=(OwnedCallerId(ONE), OPEN.caller_ids[1]))
    assert selector(limits("first"), walls=walls).usual(LONDON).caller_id == TWO


def test_over_a_simulated_trunk_any_caller_id_will_do() -> None:
    walls = Walls(trunks=(TrunkWall("first", None, simulated=True),))
    assert taken(selector(limits("first", simulated=True), walls=walls)) == ("first", ONE)


def test_a_caller_id_that_networks_reject_rests() -> None:
    use = CallerIdUse()
    assert [use.blocked(ONE, 1.0) for _ in range(BLOCKED_BEFORE_REST + 1)] == [False, False, True, False]
    assert use.free_at(ONE, None, 2.0) == 1.0 + REST_S
    assert use.rests_until(TWO, 2.0) is None


def test_a_call_that_gets_through_between_them_clears_its_name() -> None:
    use = CallerIdUse()
    use.blocked(ONE, 1.0)
    use.blocked(ONE, 1.0)
    use.went_through(ONE)
    assert not use.blocked(ONE, 1.0)
