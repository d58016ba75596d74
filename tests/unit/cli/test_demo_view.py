"""The demo's screen, drawn at both ends of the sizes that terminals have: what decides must be whole."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from campaigns.kpi import Summary
from campaigns.record import AgentActivity, AgentTime, AttemptRecord
from dialer.cli.demo_view import advice, screen
from dialer.engine.commands import Notice
from dialer.live.floor_view import AgentView, FloorView

SIZES = [(80, 24), (200, 50)]


def record(attempt_id: int, outcome: str, disposition: str | None = None, **changes: object) -> AttemptRecord:
    made = AttemptRecord(
        attempt_id=attempt_id, campaign="demo", list_name="demo", lead_id=attempt_id, number="+12025550123",
        region="US", zones="America/New_York", local_hour=15, attempt_no=1, mode="power", trunk="sim",
        caller_id="+12025550100", call_id=f"call-{attempt_id}", created_at=0.0, dialed_at=0.1, progress_at=None,
        answered_at=None, assigned_at=None, connected_at=None, ended_at=9.0, closed_at=9.0, outcome=outcome,
        sip_status=486, q850=None, ended_by="callee", agent_id=None, disposition=disposition, live=False,
        machine=False, rpc=False, abandoned=False, hung_up_waiting=False, queued=False, counted=True, talk_s=0.0,
        hold_s=0.0, wrapup_s=0.0, answer_to_agent_s=None, final=False, next_attempt_at=None, rule_set="fictional",
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def worked() -> Summary:
    """Of a long day: figures as wide as they get in a demo."""
    summary = Summary(attempts=12_345, connects=6_789, live=4_321, machine=2_468, rpc=3_210, abandoned=543)
    summary.add_time(
        AgentTime(agent_id="a", campaign="demo", activity=AgentActivity.TALKING, since=0.0, until=720_000)
    )
    summary.answer_to_agent_ms.add(123.0)
    return summary


RECENT = (
    record(1, "busy"),
    record(2, "connected", "not_interested", agent_id="agent-03", talk_s=12.0, rpc=True),
    record(3, "abandoned", abandoned=True),
)
VIEW = FloorView(
    campaign="demo",
    status="running",
    summary=worked(),
    ringing=1_234,
    waiting=12,
    talking=150,
    lines_used=1_396,
    lines=2_000,
    leads_ready=567,
    agents=tuple(AgentView(f"agent-{n:02d}", "talking", 12.0, "Grace Hopper") for n in range(1, 21)),
    recent=RECENT,
    notices=(),
    waits_because=(("window_closing", 7),),
    abandon_cap=0.025,
)


def drawn(view: FloorView, width: int, height: int) -> str:
    console = Console(file=io.StringIO(), width=width, height=height, color_system=None, legacy_windows=False)
    with console.capture() as capture:
        console.print(screen(view, elapsed_s=3_599, remaining_s=3_600, height=height), end="")
    lines = capture.get().splitlines()
    assert len(lines) == height
    assert all(len(line) <= width for line in lines)
    return "\n".join(" ".join(line.replace("│", " ").split()) for line in lines)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_what_decides_is_whole_at_every_size(width: int, height: int) -> None:
    text = drawn(VIEW, width, height)
    for whole in (
        "nobody real is called",
        "demo: running, 3599 s in, 3600 s left",
        "Too many abandoned: lower pacing.ratio, or put more agents on.",
        "calls over 12345",
        "answered 6789 55%",
        "abandoned 12.6% cap 2.5% (543)",
        "right party 3210 74% of people",
        "RPC/agent hour 16.1 in 200.00 h",
        "talking 150 of 20 agents",
        "ringing 1234",
        "waiting 12 for an agent",
        "lines in use 1396 of 2000",
        "busy so far 100% of agent time",
        "to agent, p99 122 ms after answer",
        "leads at hand 567 ready to dial",
        "agent-01 talking 12 s Grace Hopper",
        "US 15h not interested agent-03 12 s",
        "US 15h abandoned",
        "Ctrl-C: no new calls, those in progress finish. Twice: hang up now.",
    ):
        assert whole in text
    assert "…" not in text


@pytest.mark.parametrize(("size", "shown"), [(SIZES[0], 7), (SIZES[1], 20)])
def test_agents_that_find_no_room_are_counted(size: tuple[int, int], shown: int) -> None:
    text = drawn(VIEW, *size)
    assert f"agent-{shown:02d} " in text
    assert f"agent-{shown + 1:02d} " not in text
    assert (f"{20 - shown} more" in text) == (shown < 20)


def test_a_floor_on_which_nothing_happened_yet_has_no_figures_to_divide() -> None:
    text = drawn(replace(VIEW, summary=Summary(), recent=(), waits_because=()), 80, 24)
    assert "abandoned 0.0% cap 2.5% (0)" in text
    assert "to agent, p99 - after answer" in text


def test_the_latest_notice_takes_the_last_line() -> None:
    text = drawn(replace(VIEW, notices=(Notice("demo", "journal_failed", "no space left on /data"),)), 80, 24)
    assert text.splitlines()[-1] == "no space left on /data"


FINE = replace(VIEW, summary=Summary())


@pytest.mark.parametrize(
    ("view", "says"),
    [
        (FINE, ""),
        (replace(FINE, agents=()), "No agent is on duty: nothing is dialed until one logs in."),
        (
            replace(FINE, agents=(AgentView("ana", "paused", 60.0, ""),)),
            "Every agent is paused: nothing is dialed until one is back.",
        ),
        (
            replace(FINE, leads_ready=0, leads_in_s=42_420.0),
            "No lead may be dialed now (window_closing); the next one may in 11 h 47 min.",
        ),
        (
            replace(FINE, leads_ready=0, leads_in_s=300.0),
            "No lead may be dialed now (window_closing); the next one may in 5 min.",
        ),
        (
            replace(FINE, leads_ready=0, leads_in_s=45.0),
            "No lead may be dialed now (window_closing); the next one may in 45 s.",
        ),
        (
            replace(FINE, leads_ready=0, leads_in_s=60.0, waits_because=()),
            "No lead may be dialed now; the next one may in 60 s.",
        ),
        (replace(FINE, lines_used=2_000), "Every line is in use: dialing waits for a free one."),
        (replace(FINE, status="draining", lines_used=7), "No new calls. Calls in progress, finishing: 7."),
        (replace(FINE, status="ended"), "All calls are over and on record."),
        (replace(FINE, status="no space left"), "Dialing has stopped: no space left"),
    ],
)
def test_it_says_what_keeps_the_floor_from_dialing_and_what_changes_it(view: FloorView, says: str) -> None:
    assert advice(view) == says
    assert says in drawn(view, 80, 24)


def test_the_first_abandoned_call_of_a_day_is_no_alarm() -> None:
    one = replace(FINE, summary=Summary(live=8, abandoned=1))
    two = replace(FINE, summary=Summary(live=8, abandoned=2))
    assert "abandoned" not in advice(one)
    assert "abandoned" in advice(two)
