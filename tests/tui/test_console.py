"""The console at work: its keys, a service that goes and comes back, permissions, odd data."""

from __future__ import annotations

import asyncio

import pytest

from campaigns.life import CampaignState
from dialer.api.errors import Conflict, NotAllowed, NotAuthenticated, ServiceLost
from dialer.api.holdings import ListEntry
from dialer.api.roles import Permission, Role
from dialer.api.schemas import Fault, Overview
from dialer.errors import INTERRUPTED, DialerError, EnvironmentFault, InputError, ServiceNotRunning
from dialer.tui.app import ConsoleOptions
from dialer.tui.source import Holdings
from tests.tui import floors
from tests.tui.fake import NEVER_S, Console, FakeSource, console

SIZES = ((80, 24), (120, 30), (200, 50))


def three() -> Overview:
    return floors.overview([floors.campaign(name) for name in ("alpha", "beta", "gamma")])


def paused(name: str = "spring") -> Overview:
    return floors.overview([floors.campaign(name, state=CampaignState.PAUSED, state_reason="paused by anna")])


def cursor_row(tested: Console) -> str:
    return next(row for row in tested.lines if row.startswith("›"))


# --- screens and moving about ---


@pytest.mark.parametrize(
    ("key", "title"),
    [("1", "Floor"), ("2", "Agents"), ("3", "Calls"), ("4", "Alarms"), ("question_mark", "Help: Floor")],
)
async def test_every_screen_has_its_key(key: str, title: str) -> None:
    async with console(FakeSource(three())) as tested:
        await tested.press(key)
        assert tested.lines[0].startswith(f" {title}  ")
        await tested.press("escape")
        assert tested.lines[0].startswith(" Floor  ")


@pytest.mark.parametrize("screen", ["1", "2", "3", "4"])
async def test_every_screen_has_help_and_the_count_of_alarms(screen: str) -> None:
    async with console(FakeSource(three())) as tested:
        await tested.press(screen)
        title = tested.lines[0].split()[0]
        assert "▲ 1 alarm ! 1" in tested.lines[0]
        await tested.press("question_mark")
        assert tested.lines[0].startswith(f" Help: {title}")
        assert f"Keys on {title.lower()}" in tested.text
        await tested.press("question_mark")
        assert tested.lines[0].startswith(f" {title}")


@pytest.mark.parametrize(("key", "title"), [("2", "Agents"), ("3", "Calls"), ("4", "Alarms")])
async def test_a_screen_that_was_left_is_there_again_and_up_to_date(key: str, title: str) -> None:
    async with console(FakeSource(three())) as tested:
        for second in (1, 2, 3):
            await tested.press(key)
            await tested.look(floors.overview(second=second), after_s=1.0)
            assert tested.lines[0].startswith(f" {title}  ")
            assert f"09:05:0{second}" in tested.lines[0]
            await tested.press("1" if second == 1 else "escape")
            assert tested.lines[0].startswith(" Floor  ")


async def test_screens_do_not_pile_up() -> None:
    async with console(FakeSource(three())) as tested:
        await tested.press("enter", "2", "3", "question_mark", "4", "2", "1")
        assert len(tested.app.screen_stack) == 1


async def test_the_cursor_moves_and_the_panel_follows() -> None:
    async with console(FakeSource(three())) as tested:
        assert "alpha" in cursor_row(tested)
        await tested.press("down")
        assert "beta" in cursor_row(tested)
        assert any(row.startswith(" beta  running") for row in tested.lines)
        await tested.press("j")
        assert "gamma" in cursor_row(tested)
        await tested.press("down")
        assert "gamma" in cursor_row(tested)
        await tested.press("home")
        assert "alpha" in cursor_row(tested)
        await tested.press("end", "k")
        assert "beta" in cursor_row(tested)


async def test_the_cursor_stays_on_its_campaign_when_others_come() -> None:
    async with console(FakeSource(three())) as tested:
        await tested.press("down")
        await tested.look(floors.overview([floors.campaign(name) for name in ("aa", "alpha", "beta", "gamma")]))
        assert "beta" in cursor_row(tested)
        await tested.look(floors.overview([floors.campaign(name) for name in ("aa", "alpha", "gamma")]))
        assert "gamma" in cursor_row(tested)


async def test_forty_campaigns_are_scrolled_and_the_place_is_kept() -> None:
    rows = [floors.campaign(f"campaign-{n:02d}") for n in range(40)]
    async with console(FakeSource(floors.overview(rows))) as tested:
        assert "1–7 of 40" in tested.text
        await tested.press("pagedown")
        at = cursor_row(tested)
        before = [row for row in tested.lines if "2/10" in row]
        await tested.look(floors.overview(rows, second=1))
        assert cursor_row(tested) == at
        assert [row for row in tested.lines if "2/10" in row] == before
        await tested.press("end")
        assert "campaign-39" in cursor_row(tested)


async def test_an_agent_without_a_desk_is_seen_in_any_state() -> None:
    talking = floors.agents(1)[0].model_copy(update={"state": "talking", "desk_lost": True})
    paused = floors.agents(2)[1].model_copy(
        update={"state": "paused", "desk_lost": True, "pause_code": "desk_lost", "for_s": 1.0}
    )
    async with console(FakeSource(floors.overview(agents=[talking, paused]))) as tested:
        await tested.press("2")
        assert " talk, no desk " in tested.text
        assert " no desk " in tested.text


async def test_a_campaign_in_detail() -> None:
    async with console(FakeSource(three())) as tested:
        await tested.press("down", "enter")
        assert tested.lines[2].startswith(" beta  running")
        await tested.press("end")
        assert "+120......" in tested.text or "Calls in progress" in tested.text
        await tested.press("p")
        assert tested.source.orders == [("pause", "beta")]
        await tested.look(floors.overview([floors.campaign("alpha")]))
        assert "beta is not among the campaigns any more" in tested.text
        await tested.press("escape")
        assert tested.lines[0].startswith(" Floor")


async def test_the_longest_stay_in_sight_until_one_moves_to_another() -> None:
    people = floors.agents(60, "alpha")
    before, after = (
        [row.model_copy(update={"for_s": float(at)}) for row, at in zip(people, times, strict=True)]
        for times in (range(60, 0, -1), range(1, 61))
    )
    async with console(FakeSource(floors.overview([floors.campaign("alpha")], agents=before))) as tested:
        await tested.press("2")
        assert "1–19 of 60" in tested.lines[2]
        await tested.look(floors.overview([floors.campaign("alpha")], agents=after))
        assert "1–19 of 60" in tested.lines[2]
        await tested.press("down")
        second = cursor_row(tested).split()[0]
        await tested.look(floors.overview([floors.campaign("alpha")], agents=before))
        assert cursor_row(tested).split()[0] == second
        assert "of 60" in tested.lines[2]
        assert "1–19" not in tested.lines[2]


async def test_agents_are_sorted_and_filtered() -> None:
    rows = [floors.campaign("alpha"), floors.campaign("beta")]
    people = [
        *floors.agents(4, "alpha"),
        *(row.model_copy(update={"agent_id": "zoe", "name": "Zoe"}) for row in floors.agents(1, "beta")),
    ]
    async with console(FakeSource(floors.overview(rows, agents=people))) as tested:
        await tested.press("2")
        times = [row for row in tested.lines if " alpha" in row or " beta" in row]
        assert "Jean-Luc" not in times[0]
        await tested.press("n")
        names = [row[1:8].strip() for row in tested.lines if " alpha" in row or " beta" in row]
        assert names == sorted(names, key=str.casefold)
        assert "by name" in tested.lines[2]
        await tested.press("e")
        assert "idle" in next(row for row in tested.lines if row.startswith("›") or " alpha" in row)
        await tested.press("f", "f")
        assert " 1 agent of beta by state" in tested.lines[2]
        assert "Zoe" in tested.text
        assert "alpha" not in tested.text
        await tested.press("a")
        assert " 5 agents by state" in tested.lines[2]
        await tested.press("f", "f", "f")
        assert " 5 agents by state" in tested.lines[2]
        await tested.press("t")
        assert "by time" in tested.lines[2]


async def test_agents_who_pause_or_wrap_up_for_long_stand_out() -> None:
    rows = floors.agents(10)
    people = [
        rows[0].model_copy(update={"state": "paused", "for_s": 899.0}),
        rows[1].model_copy(update={"state": "paused", "for_s": 900.0}),
        rows[2].model_copy(update={"state": "wrap_up", "for_s": 119.0}),
        rows[3].model_copy(update={"state": "wrap_up", "for_s": 120.0}),
        rows[4].model_copy(update={"state": "talking", "for_s": 9_000.0}),
    ]
    async with console(FakeSource(floors.overview(agents=people))) as tested:
        await tested.press("2")
        assert [row.split("! ")[1].split()[0] for row in tested.lines if "! " in row and "spring" in row] == [
            "15:00",
            "2:00",
        ]
        assert "! 2 long" in tested.text


async def test_the_whole_text_of_an_alarm_stands_below() -> None:
    async with console(FakeSource(three())) as tested:
        await tested.press("4")
        assert "below the cap again" in " ".join(tested.text.split())
        await tested.press("down")
        assert "ask the carrier" in tested.text


async def test_the_newest_alarm_is_told_when_nothing_is_more_urgent() -> None:
    async with console(FakeSource(three())) as tested:
        assert tested.lines[1].startswith(" ▲ Abandonment is 3.4 % and the cap is 3 %: put more agents on")
        await tested.look(floors.overview(alarms=floors.alarms()[1:]))
        assert tested.lines[1] == ""
        assert "! 1 warning " in tested.lines[0]


async def test_agents_off_duty_are_told_apart() -> None:
    people = [
        row.model_copy(update={"state": "logged_out", "for_s": 0.0, "campaign": ""}) for row in floors.agents(2)
    ]
    async with console(FakeSource(floors.overview(agents=people))) as tested:
        await tested.press("2")
        assert "2 agents by time: 2 off" in tested.lines[2]
        assert "0:00" not in "".join(tested.lines[3:])


# --- orders ---


@pytest.mark.parametrize(("key", "order", "state"), [("s", "start", "paused"), ("p", "pause", "running")])
async def test_start_and_pause(key: str, order: str, state: str) -> None:
    row = floors.campaign(state=CampaignState(state))
    async with console(FakeSource(floors.overview([row]))) as tested:
        await tested.press(key)
        await tested.until(lambda: tested.lines[1].startswith(" ✔ spring is"))
        assert tested.source.orders == [(order, "spring")]
        await tested.look(after_s=7.0)
        assert "✔" not in tested.lines[1]


async def test_draining_is_asked_about_first() -> None:
    async with console(FakeSource(three())) as tested:
        await tested.press("d")
        assert "Drain alpha?" in tested.text
        assert "15 calls in progress will finish" in tested.text
        assert "17,990 leads not yet final" in tested.text
        await tested.press("enter", "n")
        assert tested.source.orders == []
        await tested.press("d", "escape")
        assert tested.source.orders == []
        await tested.press("d", "y")
        await tested.until(lambda: tested.source.orders == [("stop", "alpha")])


async def test_what_cannot_be_done_now_is_greyed_and_says_why() -> None:
    async with console(FakeSource(paused())) as tested:
        assert "(p pause)" in tested.lines[-1]
        assert " s start" in tested.lines[-1]
        await tested.press("p")
        assert tested.lines[1] == " pause: spring is paused"
        assert tested.source.orders == []


async def test_the_service_refuses_an_order() -> None:
    source = FakeSource(three())
    source.refusal = Conflict(409, Fault(code="step_refused", text='campaign "alpha" is done\nand cannot pause'))
    async with console(source) as tested:
        await tested.press("p")
        await tested.until(lambda: 'pause alpha: campaign "alpha" is done and cannot pause' in tested.text)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AUDITOR])
async def test_orders_that_are_not_permitted(role: Role) -> None:
    async with console(FakeSource(three(), floors.me(role, "bo"))) as tested:
        assert "(s p d need campaigns.run)" in tested.lines[-1]
        for key in "spd":
            await tested.press(key)
            assert f"not permitted: campaigns.run is missing (bo, {role})" in tested.lines[1]
        assert tested.source.orders == []


async def test_no_campaign_no_order() -> None:
    async with console(FakeSource(floors.overview([]))) as tested:
        await tested.press("s", "d", "enter")
        assert tested.source.orders == []
        assert "No campaign yet" in tested.text
        assert len(tested.app.screen_stack) == 1


# --- a service that is away ---


async def test_a_service_that_is_not_there_yet() -> None:
    async with console(FakeSource(ServiceNotRunning("no service is running on this home"))) as tested:
        assert "dialer run --home /srv/calls/dialer-home" in tested.text
        assert "no service" in tested.lines[0]
        for key in ("2", "3", "4", "question_mark", "1", "s", "enter"):
            await tested.press(key)
        await tested.look(three())
        assert "alpha" in tested.text
        assert tested.lines[0].endswith(" live")
        assert "back" not in tested.lines[1]


async def test_without_a_service_the_home_is_shown_until_one_is_there() -> None:
    looks: list[Holdings | DialerError] = [
        EnvironmentFault("dialer.db: its schema is at revision '9999', which this version does not know"),
        Holdings(floors.NINE_OH_FIVE, "UTC", lists=(stored_list("spring"),)),
        Holdings(floors.NINE_OH_FIVE, "UTC", lists=tuple(stored_list(f"list-{n}") for n in range(40))),
    ]

    async def stored() -> Holdings:
        found = looks.pop(0)
        if isinstance(found, DialerError):
            raise found
        return found

    async with console(FakeSource(ServiceNotRunning("no service")), stored=stored) as tested:
        await tested.until(lambda: "its schema is at revision '9999'" in tested.text)
        assert "dialer run --home /srv/calls/dialer-home" in tested.text
        await tested.look(after_s=1.0)
        assert len(looks) == 2  # too soon to look again
        await tested.look(after_s=5.0)
        await tested.until(lambda: "As stored: 0 campaigns · 1 list" in tested.text)
        await tested.press("s")
        assert "start: the service is away" in tested.lines[1]
        await tested.look(after_s=10.0)
        await tested.until(lambda: "40 lists" in tested.text)
        assert "list-39" not in tested.text
        await tested.press("end")
        assert "list-39" in tested.text
        await tested.press("2", "question_mark", "1")
        await tested.look(three(), after_s=100.0)
        assert "As stored" not in tested.text
        await tested.press("down")
        assert "beta" in cursor_row(tested)
        await tested.look(ServiceNotRunning("gone"), after_s=1.0)
        assert "beta" in cursor_row(tested)  # the last picture, and no look into the home
        assert looks == []


def stored_list(name: str) -> ListEntry:
    return ListEntry(name=name, client="", leads=3, numbers=3, source="", as_of="", created_at=0.0)


@pytest.mark.parametrize(
    ("error", "words"),
    [(ServiceNotRunning("gone"), "it is not running"), (ServiceLost("broke"), "it does not answer")],
)
async def test_a_lost_service_is_told_greyed_and_found_again(error: DialerError, words: str) -> None:
    async with console(FakeSource(three())) as tested:
        assert not greyed(tested)
        await tested.look(error)
        assert f"Lost the service 0:00 ago: {words}" in tested.lines[1]
        assert "✖ lost" in tested.lines[0]
        assert "alpha" in tested.text
        assert greyed(tested)
        await tested.press("p")
        assert tested.source.orders == []
        assert "(p pause)" in tested.lines[-1]
        await tested.look(after_s=60.0)
        assert "1:01 old" in tested.lines[0]
        assert "Lost the service 1:00 ago" in tested.lines[1]
        await tested.look(three())
        assert not greyed(tested)
        assert tested.lines[1].startswith(" ✔ The service is back, after 1:01")
        await tested.look(after_s=11.0)
        assert "back" not in tested.lines[1]


async def test_a_restarted_service_is_told() -> None:
    async with console(FakeSource(three())) as tested:
        await tested.look(ServiceNotRunning("gone"))
        other = floors.service(started_at=floors.NINE_OH_FIVE)
        await tested.look(floors.overview(service=other))
        assert "was restarted and is back" in tested.lines[1]


async def test_the_clock_and_the_age_go_on_without_pictures() -> None:
    async with console(FakeSource(three())) as tested:
        assert "09:05:00" in tested.lines[0]
        tested.clock += 5.0
        tested.app.show()
        await tested.pilot.pause()
        assert "09:05:05" in tested.lines[0]
        assert tested.lines[0].endswith("0:05 old")


async def test_a_token_that_is_not_accepted() -> None:
    source = FakeSource(three(), None)
    source.who = NotAuthenticated(401, Fault(code="token", text="the token is expired"))
    async with console(source) as tested:
        assert "it does not accept the token" in tested.lines[1]
        assert "the token is expired" in tested.text
        assert "--token-file" in tested.text


async def test_a_floor_that_may_not_be_seen() -> None:
    refusal = NotAllowed(403, Fault(code="role", text="role agent lacks floor.read"))
    async with console(FakeSource(refusal, floors.me(Role.AGENT))) as tested:
        assert "it does not permit you to see the floor" in tested.lines[1]
        assert "Missing permission: floor.read" in tested.text


@pytest.mark.parametrize("state", ["starting", "draining"])
async def test_a_service_that_does_not_dial_says_so(state: str) -> None:
    async with console(FakeSource(floors.overview(service=floors.service(state=state)))) as tested:
        assert state in tested.lines[0]
        assert tested.lines[1]


def greyed(tested: Console) -> bool:
    """Whether the campaigns are drawn in grey."""
    strip = next(s for s in tested.app.screen._compositor.render_strips() if "beta" in s.text)
    colours = {
        segment.style.color.name
        for segment in strip
        if segment.style and segment.style.color and segment.text.strip()
    }
    return colours == {"#7a7a7a"}


# --- ends ---


@pytest.mark.parametrize(("key", "status"), [("q", 0), ("ctrl+q", 0), ("ctrl+c", INTERRUPTED)])
async def test_keys_that_end_it(key: str, status: int) -> None:
    source = FakeSource(three())
    async with console(source) as tested:
        await tested.press("2", key)
        await tested.until(lambda: tested.app.return_code is not None)
        assert tested.app.return_code == status
    assert source.closed


async def test_ctrl_c_ends_it_also_in_a_question() -> None:
    async with console(FakeSource(three())) as tested:
        await tested.press("d", "q")
        assert tested.app.return_code is None
        await tested.press("d", "ctrl+c")
        await tested.until(lambda: tested.app.return_code is not None)
        assert tested.source.orders == []


async def test_a_demo_that_ends() -> None:
    options = ConsoleOptions(until_service_ends=True, ends_at=floors.NINE_OH_FIVE + 45.0, every_s=NEVER_S)
    async with console(FakeSource(three()), options=options) as tested:
        assert "ends in 0:45" in tested.lines[0]
        assert "q end demo" in tested.lines[-1]
        await tested.look(ServiceLost("broke"))
        await tested.look(ServiceLost("broke"), after_s=60.0)
        assert tested.app.return_code is None
        await tested.look(floors.overview(service=floors.service(state="draining")))
        await tested.look(ServiceNotRunning("gone"))
        assert tested.app.return_code == 0


async def test_a_demo_whose_service_ended_before_it_was_seen_is_not_waited_for() -> None:
    options = ConsoleOptions(until_service_ends=True, every_s=NEVER_S)
    async with console(FakeSource(ServiceNotRunning("gone")), options=options) as tested:
        await tested.look(after_s=2.0)
        assert tested.app.return_code is None
        await tested.look(after_s=1.0)
        assert tested.app.return_code == 0


async def test_what_has_something_to_draw_while_the_screens_go_draws_nothing() -> None:
    drawn = []
    async with console(FakeSource(three())) as tested:
        app = tested.app

        async def draw_late() -> None:
            while app.screen_stack:
                await asyncio.sleep(0)
            app.show()
            drawn.append(not app.screen_stack)

        app._spawn(draw_late())
    assert drawn == [True]


async def test_a_fault_of_its_own_is_shown_whole(capsys: pytest.CaptureFixture[str]) -> None:
    async def fail() -> None:
        raise LookupError("a fault of ours")

    async def console_that_fails() -> None:
        async with console(FakeSource(three())) as tested:
            tested.app._spawn(fail())
            await tested.until(lambda: tested.app.return_code == 1)

    with pytest.raises(LookupError):
        await console_that_fails()
    assert "LookupError: a fault of ours" in capsys.readouterr().err


# --- odd data ---


ODD = (
    "[red]x[/red]",
    "客户/春季活动很长很长的名字",
    "عميل/حملة",
    "e\u0301" * 60,
    "a\x1b[2Jb\nc\t\u202ed",
    "👩‍👩‍👧" * 20,
)


@pytest.mark.parametrize(
    "size",
    [
        (80, 24),
        (20, 3),
        *(pytest.param(size, marks=pytest.mark.long) for size in ((120, 30), (200, 50), (40, 10))),
    ],
)
async def test_names_of_any_kind_leave_the_screen_whole(size: tuple[int, int]) -> None:
    rows = [floors.campaign(name, title=name, state_reason=name) for name in ODD]
    person, call, alarm = floors.agents(1)[0], floors.calls(1)[0], floors.alarms()[0]
    people = [person.model_copy(update={"agent_id": n, "name": n, "contact": n, "campaign": n}) for n in ODD]
    calls = [
        call.model_copy(update={"attempt_id": 7 + i, "contact": n, "trunk": n, "campaign": n, "agent_id": n})
        for i, n in enumerate(ODD)
    ]
    alarms = [alarm.model_copy(update={"text": n * 9, "campaign": n}) for n in ODD]
    async with console(
        FakeSource(floors.overview(rows, agents=people, calls=calls, alarms=alarms)), size
    ) as tested:
        for keys in (*(("home", *["down"] * n, "enter") for n in range(len(ODD))), ("2",), ("3",), ("4",), ("d",)):
            await tested.press("escape", "1", *keys)
            strips = tested.app.screen._compositor.render_strips()
            assert {strip.cell_length for strip in strips} == {size[0]}
            letters = {letter for strip in strips for letter in strip.text}
            assert not any(ord(letter) < 32 or letter in "\u202e\x7f" for letter in letters)


async def test_markup_is_text() -> None:
    async with console(FakeSource(floors.overview([floors.campaign("[red]x[/red]")])), (120, 30)) as tested:
        assert "[red]x[/red]" in tested.text


@pytest.mark.parametrize("size", SIZES)
async def test_huge_numbers_keep_their_columns(size: tuple[int, int]) -> None:
    huge = 987_654_321_098
    figures = {
        "attempts": huge,
        "connects": huge,
        "live": huge,
        "rpc": huge,
        "rpc_per_agent_hour": 123_456.7,
        "abandoned": huge,
    }
    row = floors.campaign(figures=figures, leads={"total": huge}, lines=huge, lines_in_use=huge)
    async with console(FakeSource(floors.overview([row])), size) as tested:
        assert "988G" in cursor_row(tested)
        assert len(cursor_row(tested)) <= size[0]
        assert "…" not in cursor_row(tested).split("running")[0]


async def test_a_funnel_is_counted_when_it_is_looked_at_and_again_after_a_while() -> None:
    source = FakeSource(three())
    async with console(source) as tested:
        await tested.press("u")
        await tested.until(lambda: "310 of 20,000 leads may be dialed" in tested.text)
        assert source.orders == [("funnel", "alpha")]
        await tested.look(after_s=5.0)
        assert len(source.orders) == 1
        source.counted = InputError("dialer.toml:3: walls: no")
        await tested.look(after_s=20.0)
        await tested.until(lambda: "It cannot be counted: dialer.toml:3" in tested.text)
        await tested.press("escape")
        assert "Floor" in tested.lines[0]


async def test_a_funnel_needs_its_permission() -> None:
    who = floors.me()
    source = FakeSource(three(), who.model_copy(update={"permissions": [Permission.FLOOR_READ]}))
    async with console(source) as tested:
        await tested.press("u")
        assert source.orders == []
        assert "Floor" in tested.lines[0]
