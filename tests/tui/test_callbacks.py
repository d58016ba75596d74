"""Promised calls on the console: what is said of each, and what the keys do."""

from __future__ import annotations

import pytest

from dialer.api.callbacks import DueCallback, DueCallbacks
from dialer.api.errors import NotAllowed
from dialer.api.schemas import Fault, Overview
from dialer.tui.callbacks import shown
from tests.tui import floors
from tests.tui.fake import Console, FakeSource, console
from tests.tui.test_snapshots import busy

NOW = floors.NINE_OH_FIVE


def why(row: DueCallback, overview: Overview | None = None, now: float = NOW) -> str:
    return shown(row, overview or floors.overview([floors.campaign("charity")]), now).why[0]


def rows_of(tested: Console) -> list[str]:
    return [row[16:].split("  ")[0] for row in tested.lines[4:] if row[:2] in ("›▲", " ▲", "›!", " !", "  ", "› ")]


async def opened(tested: Console) -> None:
    await tested.press("5")
    await tested.until(lambda: "callbacks by" in tested.text)


def test_what_a_promised_call_waits_for() -> None:
    at_hand = {"at_hand": True}
    ana = {"agent_id": "agent-001", "agent_until": NOW + 600, **at_hand}
    assert why(floors.callback(1, 900.0)) == "not due yet"
    assert why(floors.callback(1, -60.0, reason="window_closed", due_at=NOW + 300)) == "till 09:10: window closed"
    assert why(floors.callback(1, -60.0)) == "about to be taken up"
    assert why(floors.callback(1, -60.0, **at_hand)) == "next in line"
    assert why(floors.callback(1, -60.0, **ana)) == "agent talking, anyone in 10:00"
    assert why(floors.callback(1, -60.0, **ana | {"agent_id": "zoe"})) == "agent off duty, anyone in 10:00"
    assert why(floors.callback(1, -60.0, campaign="bank")) == "campaign is not among those shown"
    elsewhere = floors.overview([floors.campaign("charity")], agents=floors.agents(3, "energy"))
    assert why(floors.callback(1, -60.0, **ana), elsewhere) == "agent talking in energy, anyone in 10:00"
    calls = [floors.calls(1, "charity")[0].model_copy(update={"lead_id": 101, "state": "alerting"})]
    calling = floors.overview([floors.campaign("charity")], calls=calls)
    assert why(floors.callback(1, -60.0, **ana), calling) == "being called: ringing"


def test_after_the_patience_anyone_makes_it() -> None:
    row = floors.callback(1, -60.0, agent_id="ana", agent_until=NOW + 60)
    overview = floors.overview([floors.campaign("charity")])
    assert shown(row, overview, NOW + 59).by == "ana"
    assert shown(row, overview, NOW + 60).by == "anyone (was ana)"


async def test_overdue_ones_first_and_by_agent_and_reason() -> None:
    async with console(FakeSource(busy())) as tested:
        await opened(tested)
        assert "8 callbacks by time · ! 5 overdue" in tested.lines[2]
        assert ["late" in row or "now" in row for row in tested.lines[4:12]] == [True] * 5 + [False] * 3
        await tested.press("n")
        by = [row.split("  ")[-1] and row for row in tested.lines[4:12]]
        assert "by agent" in tested.lines[2]
        assert ["agent-0" in row for row in by] == [False] * 6 + [True] * 2
        await tested.press("e")
        assert "by reason" in tested.lines[2]


async def test_those_of_one_campaign() -> None:
    async with console(FakeSource(busy())) as tested:
        await opened(tested)
        await tested.press("f")
        assert "1 callback of bank" in tested.lines[2]
        assert "campaign is paused" in tested.text
        await tested.press("f")
        assert "7 callbacks of charity" in tested.lines[2]
        await tested.press("a")
        assert "8 callbacks by" in tested.lines[2]


async def test_enter_asks_why() -> None:
    async with console(FakeSource(busy())) as tested:
        await opened(tested)
        await tested.press("down", "enter")
        await tested.until(lambda: "In the way" in tested.text)
        assert ("why", "charity 102 None") in tested.source.orders
        await tested.press("escape")
        assert tested.lines[0].startswith(" Callbacks")


async def test_they_are_asked_for_again_every_five_seconds_and_only_while_looked_at() -> None:
    async with console(FakeSource(busy())) as tested:
        await opened(tested)
        for _ in range(4):
            await tested.look(after_s=2.0)
        assert tested.source.orders.count(("callbacks", "")) == 2
        await tested.press("1")
        await tested.look(after_s=60.0)
        assert tested.source.orders.count(("callbacks", "")) == 2


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (DueCallbacks(at=NOW, total=0, overdue=0, callbacks=[]), "No promised call is still to be made."),
        (NotAllowed(403, Fault(code="forbidden", text="campaigns.read is missing")), "campaigns.read is missing"),
    ],
)
async def test_none_and_why_they_cannot_be_shown(answer: DueCallbacks | NotAllowed, told: str) -> None:
    source = FakeSource(busy())
    source.promised = answer
    async with console(source) as tested:
        await tested.press("5")
        await tested.until(lambda: told in tested.text)
