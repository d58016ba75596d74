"""The screens as text, compared with what was looked at and found right (`snapshots/`). After a change that is
meant: `CONSOLE_SNAPSHOTS=update`, and look at the difference."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from campaigns.life import CampaignState
from dialer.api.holdings import CampaignEntry, ListEntry
from dialer.api.roles import Role
from dialer.api.schemas import Overview, WaitReason
from dialer.errors import ServiceNotRunning
from dialer.tui.source import Holdings
from tests.tui import floors
from tests.tui.fake import FakeSource, console

SNAPSHOTS = Path(__file__).parent / "snapshots"
SIZES = ((80, 24), (120, 30), (200, 50))


def busy() -> Overview:
    """Three campaigns: one that works, one that keeps agents waiting, one over its cap."""
    rows = [
        floors.campaign("acme/spring-renewals-2026-north", title="Spring renewals, north"),
        floors.campaign(
            "bank",
            state=CampaignState.PAUSED,
            state_reason="paused by anna",
            agents={"ready": 40, "paused": 3},
            dialing=0,
            talking=0,
            lines_in_use=0,
        ),
        floors.campaign("charity", figures={"abandoned": 130, "abandonment_rate": 0.0405, "attempts": 1_234_567}),
        floors.campaign("energy", figures={"abandoned": 90, "abandonment_rate": 0.028}),
    ]
    return floors.overview(rows, agent_count=30, call_count=40)


def five_past_nine() -> Overview:
    """Forty agents wait, and the hours of the first zone open at ten past."""
    row = floors.campaign(
        agents={"ready": 40},
        dialing=0,
        talking=0,
        lines_in_use=0,
        leads={"at_hand": 0, "next_in_s": 300.0},
        no_call=(
            "all 17,990 leads wait for their windows; the first 12,400 (DE:Europe/Berlin) open at 09:10, in 5 min"
        ),
        waits_because=[WaitReason(code="window_closed", text="outside the calling hours", count=20_000)],
    )
    return floors.overview([row], agent_count=0, call_count=0, alarms=[])


def check(name: str, text: str) -> None:
    file = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("CONSOLE_SNAPSHOTS") == "update":
        file.write_text(text, "utf-8")
    assert file.exists(), f"{file} is missing; make it with CONSOLE_SNAPSHOTS=update, and look at it"
    assert text.splitlines() == file.read_text("utf-8").splitlines()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(
    ("screen", "keys"),
    [
        ("floor", ()),
        ("campaign", ("enter",)),
        ("funnel", ("u",)),
        ("agents", ("2",)),
        ("calls", ("3",)),
        ("alarms", ("4",)),
        ("callbacks", ("5",)),
        ("why", ("5", "enter")),
        ("why-question", ("w", *"+12125550101")),
        ("why-everywhere", ("w", "1", "tab", "enter")),
        ("help", ("question_mark",)),
        ("drain", ("d",)),
    ],
)
async def test_screens(screen: str, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    async with console(FakeSource(busy()), size) as tested:
        await tested.press(*keys)
        await tested.until(lambda: bool(tested.lines[0]))
        check(f"{screen}-{size[0]}x{size[1]}", tested.text)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_agents_wait_at_five_past_nine(size: tuple[int, int]) -> None:
    async with console(FakeSource(five_past_nine()), size) as tested:
        check(f"waiting-agents-{size[0]}x{size[1]}", tested.text)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_a_lost_service(size: tuple[int, int]) -> None:
    async with console(FakeSource(busy()), size) as tested:
        await tested.look(ServiceNotRunning("no service"), after_s=4.0)
        check(f"lost-{size[0]}x{size[1]}", tested.text)


async def test_no_service() -> None:
    away = ServiceNotRunning(
        "/srv/calls/dialer-home: no service is running on this home; start it with `dialer run`"
    )
    async with console(FakeSource(away)) as tested:
        check("no-service-80x24", tested.text)


def stored_home() -> Holdings:
    """What `floors` has, while nobody runs it: one campaign in each state, two lists."""
    campaigns = [
        CampaignEntry(
            name=f"acme/spring-renewals-{state}" if state is CampaignState.RUNNING else f"bank-{state}",
            client="acme" if state is CampaignState.RUNNING else "",
            title="",
            mode="progressive",
            lists=["spring", "autumn"],
            state=state,
            state_reason="no trunk of its own is configured" if state is CampaignState.DRAFT else "",
            state_since=floors.NINE_OH_FIVE - 3_600.0,
            added_at=floors.NINE_OH_FIVE - 86_400.0,
            leads=20_000,
            attempted=4_321,
            final=1_234,
        )
        for state in CampaignState
    ]
    lists = [
        ListEntry(name=name, client="", leads=20_000, numbers=24_310, source=source, as_of=as_of, created_at=at)
        for name, source, as_of, at in (
            ("acme/spring-2026", "CRM export", "2026-05-01", floors.NINE_OH_FIVE - 600.0),
            ("autumn", "", "", floors.NINE_OH_FIVE - 40 * 86_400.0),
        )
    ]
    return Holdings(floors.NINE_OH_FIVE, "Europe/London", tuple(campaigns), tuple(lists))


AWAY = ServiceNotRunning("no service")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_a_home_without_its_service(size: tuple[int, int]) -> None:
    async def stored() -> Holdings:
        return stored_home()

    async with console(FakeSource(AWAY), size, stored=stored) as tested:
        await tested.until(lambda: "As stored" in tested.text)
        check(f"home-{size[0]}x{size[1]}", tested.text)


async def test_a_new_home_without_its_service() -> None:
    async def stored() -> Holdings:
        return Holdings(floors.NINE_OH_FIVE, "UTC")

    async with console(FakeSource(AWAY), stored=stored) as tested:
        await tested.until(lambda: "As stored" in tested.text)
        check("new-home-80x24", tested.text)


async def test_an_empty_home() -> None:
    async with console(
        FakeSource(floors.overview([], agent_count=0, call_count=0, trunks=[], alarms=[]))
    ) as tested:
        check("empty-80x24", tested.text)


async def test_a_supervisor() -> None:
    async with console(FakeSource(busy(), floors.me(Role.SUPERVISOR))) as tested:
        check("supervisor-80x24", tested.text)
