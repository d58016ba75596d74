"""One call's way through a call flow."""

from __future__ import annotations

import pytest

from campaigns.flow import (
    Flow,
    GatherStep,
    HangUpStep,
    OptOutStep,
    PlayStep,
    RecordStep,
    ToAgentsStep,
)
from campaigns.prompt import Prompt
from dialer.calls.walk import MOST_TURNS, Enqueue, Finish, FlowWalk, OptOut, Turn, TurnEnd, WalkEnd

HELLO, SORRY = Prompt(text="Hello"), Prompt(file="sorry.wav")
MENU = GatherStep(
    prompt=HELLO,
    digits=1,
    finish="",
    timeout_s=5.0,
    between_s=3.0,
    barge_in=True,
    repeat=1,
    branches=(("1", "agent"), ("2", "say"), ("9", "stop")),
    any="",
    invalid="say",
    timeout="bye",
)
FLOW = Flow(
    "menu",
    (
        ("menu", MENU),
        ("agent", ToAgentsStep()),
        ("say", RecordStep(SORRY, 20.0, "thanks")),
        ("thanks", PlayStep(SORRY, "bye")),
        ("stop", OptOutStep(SORRY)),
        ("bye", HangUpStep("sale")),
    ),
    longest_s=60.0,
)


def begun() -> FlowWalk:
    walk = FlowWalk(FLOW, 100.0)
    assert walk.begin(100.0) == Turn(HELLO, 1, 1, "", 5.0, 3.0, True)
    return walk


def test_a_key_leads_to_its_step() -> None:
    walk = begun()
    assert walk.over(TurnEnd.COMPLETE, "1", 103.0) == Enqueue()
    assert (walk.end, walk.pressed, walk.answers_json) == (WalkEnd.TO_AGENTS, True, '{"menu":"1"}')


def test_silence_is_asked_once_more_and_then_led_on() -> None:
    walk = begun()
    assert walk.over(TurnEnd.NOTHING, "", 106.0) == Turn(HELLO, 2, 1, "", 5.0, 3.0, True)
    assert walk.over(TurnEnd.NOTHING, "", 112.0) == Finish("sale")
    assert (walk.end, walk.pressed, walk.answers) == (WalkEnd.FINISHED, False, {})


def test_a_wrong_key_is_a_person_and_leads_to_the_step_for_it() -> None:
    walk = begun()
    assert isinstance(walk.over(TurnEnd.COMPLETE, "5", 101.0), Turn)
    assert walk.over(TurnEnd.COMPLETE, "5", 102.0) == Turn(SORRY, 3, record_s=20.0)
    assert walk.pressed
    assert walk.over(TurnEnd.RECORDED, "day/one.wav", 103.0) == Turn(SORRY, 4)
    assert walk.over(TurnEnd.PLAYED, "", 104.0) == Finish("sale")
    assert walk.answers_json == '{"say":"day/one.wav"}'


def test_what_was_said_before_hanging_up_is_an_answer() -> None:
    walk = begun()
    walk.over(TurnEnd.COMPLETE, "2", 101.0)
    assert walk.over(TurnEnd.LEFT, "day/one.wav", 103.0) == Finish()
    assert (walk.end, walk.answers_json) == (WalkEnd.LEFT, '{"menu":"2","say":"day/one.wav"}')


def test_an_opt_out_is_confirmed_once_it_is_on_the_register() -> None:
    walk = begun()
    assert walk.over(TurnEnd.COMPLETE, "9", 101.0) == OptOut()
    assert walk.end is None
    assert walk.opted_out(101.5) == Turn(SORRY, 2)
    assert walk.over(TurnEnd.PLAYED, "", 104.0) == Finish()
    assert walk.end is WalkEnd.OPTED_OUT


def test_an_opt_out_without_a_word_ends_the_call() -> None:
    walk = FlowWalk(Flow("stop", (("stop", OptOutStep(None)),)), 0.0)
    assert walk.begin(0.0) == OptOut()
    assert walk.opted_out(0.1) == Finish()


def test_a_prompt_that_cannot_be_played_ends_the_call() -> None:
    walk = begun()
    assert walk.over(TurnEnd.FAILED, "", 100.1) == Finish()
    assert walk.end is WalkEnd.FAILED


def test_whoever_presses_keys_for_ever_is_let_go() -> None:
    endless = GatherStep(HELLO, 1, "", 5.0, 3.0, True, 0, (("1", "menu"),), "", "bye", "bye")
    walk = FlowWalk(Flow("menu", (("menu", endless), ("bye", HangUpStep())), longest_s=1e9), 0.0)
    walk.begin(0.0)
    for n in range(MOST_TURNS - 1):
        assert isinstance(walk.over(TurnEnd.COMPLETE, "1", float(n)), Turn)
    assert walk.over(TurnEnd.COMPLETE, "1", 1e3) == Finish()
    assert walk.end is WalkEnd.TOO_LONG


def test_a_flow_ends_when_its_time_is_over() -> None:
    walk = begun()
    assert walk.over(TurnEnd.NOTHING, "", 160.0) == Finish()
    assert walk.end is WalkEnd.TOO_LONG


def test_a_call_that_is_over_leaves_the_flow_where_it_is() -> None:
    walk = begun()
    walk.leave()
    assert walk.end is WalkEnd.LEFT
    with pytest.raises(ValueError, match="menu"):
        walk.over(TurnEnd.NOTHING, "", 106.0)


def test_nobody_opts_out_by_a_faulty_shell() -> None:
    with pytest.raises(ValueError, match="nobody opted out"):
        begun().opted_out(101.0)
    with pytest.raises(ValueError, match="no turn is open"):
        FlowWalk(FLOW, 0.0).over(TurnEnd.PLAYED, "", 1.0)
