"""The line of an agent's phone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dialer.agents.line import (
    REDIAL_MOST_S,
    RING_S,
    TABLE,
    TURNS_WITHIN_S,
    AgentLine,
    CallPhone,
    DropPhone,
    HangUpPhone,
    Input,
    LineCommand,
    LineDown,
    LineUp,
    State,
)

CALL, HANG_UP, UP = CallPhone("ana", 1), HangUpPhone("ana"), LineUp("ana")
LOST, DOWN = LineDown("ana", lost=True), LineDown("ana", lost=False)


def up() -> AgentLine:
    line = AgentLine("ana")
    assert line.want(0.0) == [CALL]
    assert line.answered(1.0) == [UP]
    return line


def test_called_at_login_and_hung_up_at_logout() -> None:
    line = up()
    assert line.release(50.0) == [DOWN, HANG_UP]
    assert line.ended(51.0) == []
    assert (line.state, line.next_deadline()) == (State.IDLE, None)


def test_silence_is_a_loss_and_the_phone_is_called_again() -> None:
    line = up()
    assert line.next_deadline() is None
    assert line.silent(16.0) == [LOST, DropPhone("ana")]
    assert line.silent(16.5) == []
    deadline = line.next_deadline()
    assert deadline == 18.0
    assert line.on_time(17.9) == []
    assert line.on_time(deadline) == [CALL]
    assert line.answered(20.0) == [UP]


def test_a_phone_that_registers_is_called_at_once() -> None:
    line = up()
    assert line.registered(2.0) == []  # it is there already
    line.ended(3.0)
    assert line.registered(3.5) == [CALL]


def test_its_own_time_to_ring() -> None:
    line = AgentLine("ana", ring_s=4.0)
    line.want(0.0)
    assert line.on_time(4.0) == [HANG_UP]


def test_who_hangs_up_is_called_again() -> None:
    line = up()
    assert line.ended(9.0) == [LOST]
    assert line.next_deadline() == 11.0


def test_each_failure_waits_longer() -> None:
    line = AgentLine("ana")
    now, waits = 0.0, []
    line.want(now)
    for attempt in range(2, 9):
        line.failed(now)
        deadline = line.next_deadline()
        assert deadline is not None
        waits.append(deadline - now)
        now = deadline
        assert line.on_time(now) == [CallPhone("ana", attempt)]
    assert waits == [2.0, 4.0, 8.0, 16.0, 32.0, REDIAL_MOST_S, REDIAL_MOST_S]


def test_what_rings_for_too_long_is_given_up() -> None:
    line = AgentLine("ana")
    line.want(0.0)
    assert line.on_time(RING_S - 0.1) == []
    assert line.on_time(RING_S) == [HANG_UP]
    assert line.answered(RING_S + 0.1) == [HANG_UP]
    line.ended(RING_S + 0.2)
    assert line.state is State.WAITING


def test_back_before_the_old_call_is_over() -> None:
    line = up()
    line.release(2.0)
    assert line.want(2.1) == []
    assert line.ended(2.2) == [CALL]
    assert line.answered(2.3) == [UP]


def test_the_end_of_the_call_before_is_not_waited_for_long() -> None:
    line = up()
    line.release(2.0)
    line.want(3.0)
    assert line.next_deadline() == 3.0 + TURNS_WITHIN_S
    assert line.on_time(3.0 + TURNS_WITHIN_S) == [DropPhone("ana"), CALL]
    assert line.answered(6.0) == [UP]


TOLD = [
    what.name.lower() for what in Input if what not in (Input.WANTED, Input.UNWANTED, Input.RANG_OUT, Input.TURN)
]
INPUTS = st.lists(
    st.tuples(st.sampled_from([*TOLD, "want", "release", "on_time"]), st.floats(0.0, 40.0)), max_size=40
)


@given(INPUTS)
def test_ups_and_downs_alternate_and_one_call_is_open_at_most(
    steps: list[tuple[str, float]],
) -> None:
    line, now = AgentLine("ana"), 0.0
    calling = is_up = False
    for name, after_s in steps:
        now += after_s
        if name in ("failed", "ended", "answered") and not calling:
            continue  # a phone that was not called says nothing
        done: list[LineCommand] = getattr(line, name)(now)
        if name in ("failed", "ended"):
            calling = False
        for command in done:
            match command:
                case CallPhone():
                    assert not calling
                    calling = True
                case HangUpPhone():
                    assert calling
                case DropPhone():
                    assert calling
                    calling = False
                case LineUp():
                    assert not is_up
                    is_up = True
                case LineDown():
                    assert is_up or line.state is State.IDLE
                    is_up = False
        if line.state is State.WAITING or (line.state is State.CALLING):
            assert line.next_deadline() is not None
    assert is_up == (line.state is State.UP)


def test_the_table_names_every_state() -> None:
    assert {state for state, _ in TABLE} == set(State)
    assert {row[0] for row in TABLE.values()} == set(State)
