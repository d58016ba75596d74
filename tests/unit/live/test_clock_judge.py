from __future__ import annotations

import pytest

from dialer.clock import SystemClock
from dialer.live.clock_judge import SETTLES_S, ClockJudge, Verdict

START = 1_800_000_000.0
TRUSTED = Verdict("")


class Host:
    """A machine, its judge, and whether calls ring."""

    def __init__(self, on_record: float = 0.0) -> None:
        self.wall, self.steady, self.ringing = START, 50.0, False
        self.clock = SystemClock(lambda: self.wall, lambda: self.steady)
        self.clock.not_before(on_record)
        self.judge = ClockJudge(self.wall, self.steady)

    def after(self, seconds: float, step_s: float = 0.0) -> Verdict:
        self.wall += seconds + step_s
        self.steady += seconds
        verdict = self.judge.look(self.wall, self.steady, self.clock.now(), lambda: self.ringing)
        if verdict.adopt:
            self.clock.adopt()
        return verdict


def test_a_clock_that_runs_on_is_trusted() -> None:
    host = Host()
    assert host.after(0.0) == host.after(86_400.0) == TRUSTED
    assert host.after(1.0, step_s=0.4) == TRUSTED  # as far as two readings and a kernel that slews may differ


def test_a_clock_that_drifts_by_small_steps_has_stepped_when_they_come_to_one() -> None:
    host = Host()
    assert host.after(60.0, 0.6) == TRUSTED
    assert "put ahead by 1 s" in host.after(60.0, 0.6).doubt


@pytest.mark.parametrize(("step_s", "told"), [(7_200.0, "put ahead by 2 h 0 min"), (-3.0, "put back by 3 s")])
def test_a_step_is_told_with_what_to_do_and_believed_when_it_has_settled(step_s: float, told: str) -> None:
    host = Host()
    doubt = host.after(1.0, step_s)
    assert told in doubt.doubt
    assert "NTP" in doubt.doubt
    assert not doubt.adopt
    assert host.after(SETTLES_S - 0.1) == doubt
    assert host.after(0.2).adopt


def test_a_machine_that_slept_dials_again_once_its_clock_has_run_for_a_while() -> None:
    host = Host()
    host.ringing = True  # nobody rings any more, but nobody has said so yet
    host.after(0.0, 8 * 3600.0)
    assert host.after(SETTLES_S) == Verdict("", adopt=True)
    assert host.after(1.0) == TRUSTED


def test_another_step_begins_it_anew() -> None:
    host = Host()
    host.after(0.0, 3600.0)
    assert "put ahead by 2 h" in host.after(SETTLES_S - 1.0, 3600.0).doubt
    assert host.after(SETTLES_S - 1.0).doubt
    assert host.after(1.0) == Verdict("", adopt=True)


def test_a_clock_that_is_set_back_to_where_it_was_has_not_moved() -> None:
    host = Host()
    host.after(0.0, 3600.0)
    assert "set back again" in host.after(1.0, -3600.0).doubt
    assert host.after(SETTLES_S) == TRUSTED


def test_a_clock_that_was_put_back_has_to_catch_up() -> None:
    host = Host()
    host.after(100.0)
    host.after(0.0, -60.0)
    adopted = host.after(SETTLES_S)
    assert adopted.adopt
    assert "1 min behind the last moment on record" in adopted.doubt or "60 s behind" in adopted.doubt
    assert "in 2 min" in adopted.doubt
    assert host.after(117.0).doubt == adopted.doubt
    assert host.after(2.0) == TRUSTED


def test_time_does_not_crawl_while_phones_ring() -> None:
    host = Host()
    host.ringing = True
    told = host.after(0.0, -3.0)
    assert host.after(SETTLES_S + 20.0) == told
    host.ringing = False
    assert host.after(1.0).adopt
    assert host.after(6.0) == TRUSTED


def test_a_clock_behind_what_is_on_record_is_not_dialed_by() -> None:
    host = Host(on_record=START + 3600.0)
    doubt = host.after(0.0)
    assert "60 min behind the last moment on record, 2027-01-15 09:00:00 UTC" in doubt.doubt
    assert not doubt.adopt
    assert host.after(7_197.0) == doubt
    assert host.after(2.0) == TRUSTED


def test_a_clock_that_is_set_right_after_the_start_is_believed() -> None:
    """A machine whose clock was read in the wrong zone when it started, until its time service found out."""
    host = Host(on_record=START + 3600.0)
    assert host.after(0.0).doubt
    assert "put ahead by 2 h" in host.after(30.0, 7200.0).doubt
    assert host.after(SETTLES_S).adopt
    assert host.after(0.1) == TRUSTED


def test_who_put_back_a_clock_that_was_wrong_need_not_wait_for_what_was_never_dialed() -> None:
    host = Host()
    host.after(1.0, step_s=30 * 86_400.0)
    assert host.after(SETTLES_S + 1.0).adopt
    host.after(1.0, step_s=-30 * 86_400.0)
    assert "start the service again" in host.after(SETTLES_S + 1.0).doubt
