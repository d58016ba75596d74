"""What the engine shows its pacers."""

from __future__ import annotations

import pytest

from dialer.engine import events as ev
from dialer.engine.commands import NotifyAgent
from dialer.engine.state import LaunchLimit
from dialer.pacing import Snapshot
from tests.unit.engine.world import World, candidate


class Watching:
    """A pacer that keeps what it is shown."""

    def __init__(self) -> None:
        self.seen: list[Snapshot] = []

    def decide(self, snapshot: Snapshot) -> int:
        self.seen.append(snapshot)
        return 0

    def observe(self, event: object) -> None:
        pass


@pytest.mark.parametrize(
    ("told", "leaving_s"),
    [
        (ev.AgentReady("a1"), ()),
        (ev.AgentPaused("a1", "lunch"), (0.0,)),
        (ev.AgentLoggedOut("a1"), (0.0,)),
        (ev.AgentLoggedIn("a1", "autumn"), (0.0,)),
        (ev.DeskLost("a1", 15.0), (14.0,)),
    ],
)
def test_who_is_about_to_leave_is_shown_while_the_contact_goes_on(
    told: ev.Event, leaving_s: tuple[float, ...]
) -> None:
    world = World()
    world.dial(candidate(1), candidate(2))
    world.tell(ev.CallAnswered(1))
    assert world.last(NotifyAgent).state == "talking"
    pacer = world.engine.state.runs["spring"].pacer = Watching()
    world.tell(told, after=5.0)
    world.wait(1.0)
    assert pacer.seen[-1].leaving_s == pytest.approx(leaving_s)


def test_what_more_calls_wait_for_is_said_when_nothing_is_decided_too() -> None:
    world = World(agents=2)
    run = world.engine.state.runs["spring"]
    world.leads(candidate(1), candidate(2), candidate(3))
    assert (len(run.hopper.ready), run.launch_limit.value) == (1, "pace")
    for agent in ("a1", "a2"):
        world.tell(ev.AgentLoggedOut(agent))
    run.launch_limit = LaunchLimit.LINES
    world.wait(2)
    assert run.launch_limit.value == "pace", "nobody is there"
    run.hopper.ready.clear()
    world.wait(5)
    assert run.launch_limit.value == "leads"
