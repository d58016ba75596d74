"""Any flow that the loader would take, walked by anybody in any way, comes to an end."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from campaigns.flow import (
    Flow,
    GatherStep,
    HangUpStep,
    OptOutStep,
    PlayStep,
    RecordStep,
    Step,
    ToAgentsStep,
    circle,
    unreached,
)
from campaigns.prompt import Prompt
from dialer.calls.walk import MOST_TURNS, Act, Enqueue, Finish, FlowWalk, OptOut, Turn, TurnEnd

NAMES = tuple("abcdef")
PROMPTS = st.sampled_from([Prompt(text="Hello"), Prompt(file="a.wav")])
names = st.sampled_from(NAMES)
digits = st.text("0123456789*#", min_size=1, max_size=2)
steps: st.SearchStrategy[Step] = st.one_of(
    st.builds(PlayStep, PROMPTS, names),
    st.builds(RecordStep, st.none() | PROMPTS, st.just(20.0), names),
    st.builds(
        GatherStep,
        prompt=st.none() | PROMPTS,
        digits=st.integers(1, 2),
        finish=st.sampled_from(["", "#"]),
        timeout_s=st.just(5.0),
        between_s=st.just(3.0),
        barge_in=st.booleans(),
        repeat=st.integers(0, 2),
        branches=st.dictionaries(digits, names, max_size=3).map(lambda found: tuple(found.items())),
        any=st.just("") | names,
        invalid=names,
        timeout=names,
    ),
    st.just(ToAgentsStep()),
    st.builds(OptOutStep, st.none() | PROMPTS),
    st.builds(HangUpStep, st.sampled_from(["", "sale"])),
)


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    found = tuple((name, draw(steps)) for name in NAMES)
    flow = Flow("a", found, longest_s=draw(st.sampled_from([30.0, 600.0])))
    reached = set(NAMES) - set(unreached(flow))
    flow = Flow("a", tuple((name, step) for name, step in found if name in reached), flow.longest_s)
    assume(not circle(flow))
    return flow


def ends_of(turn: Turn) -> list[tuple[TurnEnd, bool]]:
    """How a turn may end, and whether something is heard then."""
    ends = [(TurnEnd.FAILED, False)]
    if turn.digits:
        return [*ends, (TurnEnd.NOTHING, False), (TurnEnd.PAUSE, True), (TurnEnd.COMPLETE, True)]
    if turn.record_s:
        return [*ends, (TurnEnd.RECORDED, True), (TurnEnd.LEFT, True)]
    return [*ends, (TurnEnd.PLAYED, False)]


@given(flow=flows(), data=st.data())
def test_every_way_through_a_flow_ends(flow: Flow, data: st.DataObject) -> None:
    now = 0.0
    walk = FlowWalk(flow, now)
    act: Act = walk.begin(now)
    known = {name for name, _ in flow.steps}
    for _ in range(MOST_TURNS + 2):
        assert walk.step in known
        assert set(walk.answers) <= known
        match act:
            case Turn():
                assert act.turn == walk.turn <= MOST_TURNS
                assert walk.end is None
                end, heard = data.draw(st.sampled_from(ends_of(act)))
                now += data.draw(st.sampled_from([0.0, 1.0, 5.0]))
                act = walk.over(end, data.draw(digits) if heard else "", now)
            case OptOut():
                assert walk.end is None
                act = walk.opted_out(now)
            case Enqueue() | Finish():
                assert walk.end is not None
                return
    raise AssertionError("it goes on for ever")


@given(flow=flows())
def test_whoever_presses_nothing_is_let_go_within_the_flow_s_steps(flow: Flow) -> None:
    walk = FlowWalk(flow, 0.0)
    act: Act = walk.begin(0.0)
    most = sum(step.repeat + 1 if isinstance(step, GatherStep) else 1 for _, step in flow.steps) + 1
    for _ in range(most):
        if not isinstance(act, Turn):
            break
        if act.record_s:
            act = walk.over(TurnEnd.RECORDED, "file.wav", 0.0)
        else:
            act = walk.over(TurnEnd.NOTHING if act.digits else TurnEnd.PLAYED, "", 0.0)
    assert not isinstance(act, Turn)
