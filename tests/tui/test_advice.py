"""Why agents wait: for each cause, the words a manager reads first."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.life import CampaignState
from dialer.api.schemas import CallRow, CampaignRow, Overview, TrunkRow
from dialer.tui.advice import abandoning, advise, advise_floor
from dialer.tui.pace import Pace
from dialer.tui.steps import not_now, what_draining_does
from tests.tui import floors

IDLE: dict[str, Any] = {"agents": {"ready": 40}, "dialing": 0, "waiting": 0, "talking": 0, "lines_in_use": 0}


def told(row: CampaignRow, **service: Any) -> str:
    advice = advise(row, floors.overview([row], service=floors.service(**service)), Pace())
    return "" if advice is None else f"{advice.level}: {advice.text}"


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (
            {"state": "draft", "state_reason": "trunk sim is not configured"},
            "a draft, not complete (trunk sim is not configured)",
        ),
        ({"state": "ready", "state_reason": ""}, "not started; s starts it"),
        ({"state": "paused", "state_reason": "paused by anna"}, "paused; s goes on (paused by anna)"),
        ({"state": "draining"}, "draining; no new calls"),
        ({"state": "done", "state_reason": "every lead is final"}, "done (every lead is final)"),
        ({"no_call": "all 20,000 leads wait for a retry"}, "all 20,000 leads wait for a retry"),
        ({"lines": 0}, "its trunks have no lines; see dialer.toml"),
        ({"lines": 60, "lines_in_use": 60}, "all 60 lines are in use"),
    ],
)
def test_why_no_calls_go_out(changed: dict[str, Any], text: str) -> None:
    assert told(floors.campaign(**(IDLE | changed))) == f"alarm: 40 agents wait: {text}"


def test_calls_that_fail_on_the_way() -> None:
    failed = {"attempts": 19, "connects": 0, "outcomes": {"timeout": 7, "congestion": 3, "no_answer": 9}}
    said = "10 of 19 calls failed on the way (timeout); is its trunk up? 4 shows alarms"
    assert told(floors.campaign(figures=failed)) == f"alarm: 2 agents wait: {said}"
    assert told(floors.campaign(figures=failed, agents={"talking": 2})) == f"alarm: {said}"
    assert told(floors.campaign(figures=failed | {"attempts": 21})) == ""
    assert told(floors.campaign(figures=failed | {"outcomes": {"timeout": 9}, "attempts": 9})) == ""
    assert "failed" not in told(floors.campaign(figures=failed, state=CampaignState.PAUSED))


@pytest.mark.parametrize(
    ("state", "text"), [("starting", "the service is starting"), ("draining", "the service is stopping")]
)
def test_a_service_that_does_not_dial(state: str, text: str) -> None:
    assert told(floors.campaign(**IDLE), state=state) == f"alarm: 40 agents wait: {text}"


def test_one_agent_waits() -> None:
    row = floors.campaign(**(IDLE | {"agents": {"ready": 1}, "state": "paused", "state_reason": ""}))
    assert told(row) == "alarm: 1 agent waits: paused; s goes on"


def test_nobody_to_take_calls() -> None:
    row = floors.campaign(agents={"paused": 3}, no_call="no agent is ready (3 on break)")
    assert told(row) == "note: no agent is ready (3 on break)"
    assert told(floors.campaign(agents={"talking": 3})) == ""


def test_all_is_well() -> None:
    assert told(floors.campaign()) == ""
    assert told(floors.campaign(state="ready", agents={})) == ""
    assert advise_floor(floors.overview(), Pace()) == ""


@pytest.mark.parametrize(
    ("abandoned", "live", "limit", "sign"),
    [
        (0, 100, 0.03, ""),
        (2, 100, 0.03, ""),
        (24, 1_000, 0.03, "!"),
        (30, 1_000, 0.03, "▲"),
        (0, 100, 0.0, ""),
        (1, 100, 0.0, "▲"),
    ],
)
def test_abandonment_against_its_cap(abandoned: int, live: int, limit: float, sign: str) -> None:
    figures = {"abandoned": abandoned, "live": live, "abandonment_rate": abandoned / live, "abandon_cap": limit}
    assert abandoning(floors.campaign(figures=figures)) == sign


def test_the_first_abandoned_call_of_a_day_is_no_alarm() -> None:
    figures = {"abandoned": 1, "live": 2, "abandonment_rate": 0.5, "abandon_cap": 0.03}
    assert told(floors.campaign(figures=figures)) == ""
    many = {"abandoned": 40, "live": 1_000, "abandonment_rate": 0.04, "abandon_cap": 0.03}
    assert told(floors.campaign(figures=many)).startswith("alarm: 4.0 % abandoned, cap 3 %")


def test_the_most_urgent_campaign_comes_first() -> None:
    rows = [
        floors.campaign("few", state="paused", state_reason="", agents={"ready": 2}),
        floors.campaign("many", state="paused", state_reason="", agents={"ready": 40}),
        floors.campaign("well"),
    ]
    assert advise_floor(floors.overview(rows), Pace()) == "many (+1 more): 40 agents wait: paused; s goes on"


# --- the pace of trunks ---


def dialed(second: int, per_s: int, cps: float = 10.0) -> Overview:
    """A floor on which `per_s` calls start each second, and last three."""
    newest = 1_000 + second * per_s
    calls = [
        CallRow(attempt_id=n, campaign="spring", trunk="a", number="+1", contact="", state="placed", for_s=0.0)
        for n in range(newest - 3 * per_s + 1, newest + 1)
    ]
    trunk = TrunkRow(name="a", address="", channels=90, in_use=len(calls), cps=cps)
    row = floors.campaign(agents={"ready": 80}, lines=90, lines_in_use=len(calls))
    return floors.overview([row], second=second, calls=calls, trunks=[trunk])


@pytest.mark.parametrize(("per_s", "at_limit"), [(10, True), (9, True), (8, False), (1, False)])
def test_a_trunk_at_its_calls_a_second(per_s: int, at_limit: bool) -> None:
    pace = Pace()
    for second in range(8):
        picture = dialed(second, per_s)
        pace.add(picture)
    assert pace.per_s("a") == pytest.approx(per_s)
    assert pace.per_s() == pytest.approx(per_s)
    advice = advise(picture.campaigns[0], picture, pace)
    words = "80 agents wait: a is at its 10 calls a second (cps)"
    assert (advice is not None and advice.text == words) is at_limit


def test_no_pace_from_one_picture_nor_across_a_gap_back_in_time() -> None:
    pace = Pace()
    pace.add(dialed(9, 10))
    assert pace.per_s() == 0.0
    pace.add(dialed(10, 10))
    assert pace.per_s() == pytest.approx(10.0)
    pace.add(dialed(0, 10))
    assert pace.per_s() == 0.0


# --- orders ---


@pytest.mark.parametrize("state", list(CampaignState))
def test_steps_are_those_of_the_life_of_a_campaign(state: CampaignState) -> None:
    from campaigns.life import BY_PEOPLE, NEXT

    row = floors.campaign(state=state)
    for step in BY_PEOPLE:
        assert (not_now(row, step) == "") is ((state, step) in NEXT)


def test_what_draining_does() -> None:
    row = floors.campaign(leads={"total": 10, "final": 10})
    assert what_draining_does(row, 0)[:2] == ["No new calls go out. It is done at once.", "Every lead is final."]
    assert "1 call in progress will finish" in what_draining_does(row, 1)[0]


def test_a_campaign_whose_trunks_are_all_down_says_so() -> None:
    row = floors.campaign("spring", agents={"ready": 4}, dialing=0)
    down = TrunkRow(
        name="main",
        address="",
        channels=9,
        in_use=0,
        cps=1.0,
        state="stopped",
        why="401: it wants another password",
        campaigns=["spring"],
    )
    overview = floors.overview([row], agent_count=0, call_count=0, alarms=[], trunks=[down])
    advice = advise(row, overview, Pace())
    assert advice is not None
    assert advice.text == "4 agents wait: trunk main is stopped (401: it wants another password)"
    either = overview.model_copy(update={"trunks": [down, down.model_copy(update={"state": "open"})]})
    assert advise(row, either, Pace()) is None
