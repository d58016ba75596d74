"""Verdicts and what follows them, with a model made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dialer.media.amd import (
    Advise,
    BeepHeard,
    Cause,
    Decided,
    Detector,
    Event,
    FaxHeard,
    GreetingEnded,
    Hold,
    Off,
    Policy,
    ProgressHeard,
    SitHeard,
    Verdict,
)
from dialer.media.amd.model import LongGreeting, Person
from dialer.media.g711 import alaw_encode, ulaw_encode
from tests.unit.media.amd.models import by_hand
from tests.unit.media.amd.sounds import Sound, joined, silence, tone, voice


def hear(sound: Sound, policy: Policy | None = None) -> list[Event]:
    detector = Detector(policy, by_hand())
    return [*detector.feed(sound), *detector.finish()]


def verdicts(events: list[Event]) -> list[tuple[Verdict, Cause]]:
    return [(event.verdict, event.cause) for event in events if isinstance(event, Decided)]


HELLO = joined(silence(0.4), voice(0.5), silence(3.0))
LONG = joined(silence(0.4), voice(4.0), silence(0.5), tone(0.4, 1_000.0), silence(3.0))
SIT = joined(silence(0.3), tone(0.38, 985.2), tone(0.274, 1_370.6), tone(0.38, 1_776.7), silence(0.3), voice(3.0))


def test_a_person_says_something_and_waits() -> None:
    detector = Detector(Hold(), by_hand())
    events = detector.feed(HELLO)
    (decided,) = [event for event in events if isinstance(event, Decided)]
    assert (decided.verdict, decided.cause) == (Verdict.HUMAN, Cause.SHORT_GREETING)
    assert 1.0 <= decided.at_s <= 1.4
    assert decided.machine_p < 0.2
    assert detector.verdict == decided


def test_with_an_agent_joined_a_person_is_told_when_nothing_follows() -> None:
    """Who is held meets silence, and is told at once; to others a machine's pause after a hello is given time."""
    (held,), (joined_,) = (
        [event for event in hear(HELLO, policy) if isinstance(event, Decided)] for policy in (Hold(), Advise())
    )
    assert held.verdict is joined_.verdict is Verdict.HUMAN
    assert held.at_s < 1.4
    assert 1.8 <= joined_.at_s <= 2.2


EARLY = by_hand(early=Person(0.1, 0.9, 0.0, -1.0))


def test_with_an_agent_joined_a_person_is_told_early_and_once() -> None:
    detector = Detector(Advise(), EARLY)
    (told,) = (event for event in detector.feed(HELLO) if isinstance(event, Decided))
    assert told.verdict is Verdict.HUMAN
    assert told.at_s == pytest.approx(1.1, abs=0.15)
    talk = joined(voice(9.0), silence(1.0))
    assert verdicts(detector.feed(talk)) == [], "confirmed by silence: what is said then is said to the agent"


@pytest.mark.parametrize("policy", [Advise(), Hold()])
def test_what_was_told_early_is_corrected(policy: Policy) -> None:
    """Opens like a person, and speaks on."""
    greeting = joined(silence(0.4), voice(0.5), silence(0.4), voice(5.0), silence(0.5))
    told = verdicts(Detector(policy, EARLY).feed(greeting))
    first = Verdict.HUMAN
    if isinstance(policy, Hold):  # acted on: it stays
        assert told == [(first, Cause.SHORT_GREETING)]
    else:
        assert told == [(first, Cause.SHORT_GREETING), (Verdict.MACHINE, Cause.LONG_GREETING)]


def test_no_machine_before_somebody_has_held_the_turn_so_long() -> None:
    """People at work say whole sentences: however sure the network is, it waits; a beep does not."""
    model = by_hand(long_greeting=LongGreeting(6.0, 1.0, 0.0, 1.0))
    at_work = Detector(Advise(), model)
    assert verdicts(at_work.feed(joined(silence(0.4), voice(4.5), silence(1.2)))) == []
    (recorded,) = [
        event
        for event in Detector(Advise(), model).feed(joined(silence(0.4), voice(7.0)))
        if isinstance(event, Decided)
    ]
    assert (recorded.verdict, recorded.cause) == (Verdict.MACHINE, Cause.LONG_GREETING)
    assert 5.8 <= recorded.at_s <= 6.2, "5 s in all weigh as much as a turn of 6"
    assert verdicts(Detector(Advise(), model).feed(LONG)) == [(Verdict.MACHINE, Cause.BEEP)]


def test_who_says_much_after_a_long_pause_is_a_machine_too() -> None:
    """An announcement that is repeated: no turn of it is long."""
    twice = joined(silence(0.4), voice(3.5), silence(1.2), voice(3.5), silence(0.3))
    patient, other = (by_hand(long_greeting=LongGreeting(from_s, 1.0, 0.0, 1.0)) for from_s in (7.0, 9.0))
    assert verdicts(Detector(Advise(), patient).feed(twice)) == [(Verdict.MACHINE, Cause.LONG_GREETING)]
    assert verdicts(Detector(Advise(), other).feed(twice)) == []


def test_a_machine_speaks_on_and_beeps() -> None:
    events = hear(LONG)
    assert verdicts(events) == [(Verdict.MACHINE, Cause.LONG_GREETING)]
    beep = next(event for event in events if isinstance(event, BeepHeard))
    assert beep.start_s == pytest.approx(4.9, abs=0.05)
    assert beep.end_s == pytest.approx(5.3, abs=0.05)
    ended = [event for event in events if isinstance(event, GreetingEnded)]
    assert ended[-1].ended_s == pytest.approx(5.3, abs=0.15)  # with this model a tone is loud, and so it is speech


def test_the_end_of_a_greeting_is_told_once_it_has_been_silent() -> None:
    events = hear(joined(silence(0.4), voice(4.0), silence(2.0)))
    (ended,) = [event for event in events if isinstance(event, GreetingEnded)]
    assert ended.ended_s == pytest.approx(4.4, abs=0.15)
    assert ended.at_s - ended.ended_s == pytest.approx(0.85, abs=0.1)


def test_who_is_held_is_unsure_when_time_is_over_and_advised_about_later() -> None:
    events = hear(LONG, Hold())
    first, second = (event for event in events if isinstance(event, Decided))
    assert (first.verdict, first.cause, first.at_s) == (Verdict.UNSURE, Cause.TIME, 1.8)
    assert (second.verdict, second.cause) == (Verdict.MACHINE, Cause.LONG_GREETING)


def test_who_says_nothing_is_unsure() -> None:
    assert verdicts(hear(silence(3.0), Hold())) == [(Verdict.UNSURE, Cause.SILENCE)]
    assert verdicts(hear(silence(12.0), Advise(10.0))) == [(Verdict.UNSURE, Cause.SILENCE)]


def test_sound_that_ends_before_it_can_be_told() -> None:
    assert verdicts(hear(joined(silence(0.3), voice(0.4)))) == [(Verdict.UNSURE, Cause.ENDED)]
    assert verdicts(hear(silence(0.0))) == [(Verdict.UNSURE, Cause.ENDED)]


def test_off_is_unsure_at_once_and_hears_beeps_all_the_same() -> None:
    detector = Detector(Off(), by_hand())
    assert verdicts(detector.feed(b"")) == [(Verdict.UNSURE, Cause.OFF)]
    events = [*detector.feed(LONG), *detector.finish()]
    assert verdicts(events) == []
    assert any(isinstance(event, BeepHeard) for event in events)


def test_the_callers_clock_may_end_it() -> None:
    detector = Detector(Hold(), by_hand())
    detector.feed(joined(silence(0.3), voice(0.5)))
    assert verdicts(detector.expire()) == [(Verdict.UNSURE, Cause.TIME)]
    assert detector.expire() == []
    assert Detector(Hold(), by_hand()).expire()[0] == Decided(0.0, Verdict.UNSURE, Cause.SILENCE, 0.5)


def test_a_beep_after_words_is_a_machine() -> None:
    events = hear(joined(silence(0.3), voice(1.2), silence(0.15), tone(0.3, 900.0), silence(1.0)))
    assert verdicts(events) == [(Verdict.MACHINE, Cause.BEEP)]


def test_a_machine_taken_for_a_person_is_told_by_its_beep() -> None:
    slow = joined(silence(0.3), voice(0.5), silence(1.2), voice(2.0), silence(0.3), tone(0.3, 900.0), silence(1.0))
    assert verdicts(hear(slow, Hold())) == [
        (Verdict.HUMAN, Cause.SHORT_GREETING),
        (Verdict.MACHINE, Cause.BEEP),
    ]


def test_a_beep_tells_who_was_unsure_however_late() -> None:
    """A long greeting may be unsure until its beep: whoever waits for it, to leave a message, is told."""
    late = joined(silence(0.3), voice(0.5), silence(2.2), voice(2.0), silence(0.5), tone(0.4, 900.0), silence(1.0))
    never_sure = by_hand(long_greeting=LongGreeting(99.0, 1.0, 0.0, 1.0))
    never_sure = replace(never_sure, joined=replace(never_sure.joined, below=-99.0, below_long=-99.0))
    assert verdicts(Detector(Advise(2.0), never_sure).feed(late)) == [
        (Verdict.UNSURE, Cause.TIME),
        (Verdict.MACHINE, Cause.BEEP),
    ]


def test_a_mere_beep_is_a_machine_only_if_nobody_speaks_after_it() -> None:
    quiet = by_hand()
    detector = Detector(Advise(), quiet)
    events = detector.feed(joined(silence(0.3), tone(0.3, 900.0, level=0.02), silence(3.0)))
    assert verdicts([*events, *detector.finish()])[0] == (Verdict.MACHINE, Cause.BEEP)
    key_and_hello = joined(silence(0.3), tone(0.1, 900.0, level=0.02), silence(0.3), voice(0.5), silence(2.0))
    assert verdicts(hear(key_and_hello))[0][0] is Verdict.HUMAN
    key_and_nobody_yet = joined(silence(0.3), tone(0.15, 900.0, level=0.02), silence(3.0))
    assert verdicts(hear(key_and_nobody_yet)) == [(Verdict.UNSURE, Cause.ENDED)]


@pytest.mark.parametrize("hz", [440.0, 1_000.0, 1_400.0])
def test_a_tone_after_a_hello_is_somebodys_oven(hz: float) -> None:
    heard = joined(silence(0.3), voice(0.5), silence(0.7), tone(0.4, hz), silence(2.0))
    for policy in (Advise(), Hold()):
        assert {verdict for verdict, _ in verdicts(hear(heard, policy))} == {Verdict.HUMAN}


def test_special_information_fax_and_busy_are_machines() -> None:
    events = hear(SIT)
    assert verdicts(events)[0] == (Verdict.MACHINE, Cause.SIT)
    assert any(isinstance(event, SitHeard) for event in events)
    events = hear(joined(silence(0.3), tone(2.5, 2_100.0), silence(0.5)))
    assert verdicts(events)[0] == (Verdict.MACHINE, Cause.FAX)
    assert any(isinstance(event, FaxHeard) for event in events)
    events = hear(joined(silence(0.2), *(tone(0.25, 480.0, 620.0, level=0.003), silence(0.25)) * 5))
    assert verdicts(events)[0] == (Verdict.MACHINE, Cause.PROGRESS_TONE)
    assert any(isinstance(event, ProgressHeard) for event in events)


def test_a_machine_that_waits_without_a_beep_is_an_assistant() -> None:
    events = hear(joined(silence(0.4), voice(5.0), silence(4.0)))
    assert verdicts(events) == [
        (Verdict.MACHINE, Cause.LONG_GREETING),
        (Verdict.SCREENING, Cause.NO_BEEP),
    ]


@pytest.mark.parametrize("portion", [1, 7, 160, 333, 800, 4_000])
def test_portions_do_not_matter(portion: int) -> None:
    detector = Detector(Hold(), by_hand())
    events: list[Event] = []
    for start in range(0, LONG.size, portion):
        events += detector.feed(LONG[start : start + portion])
    assert [*events, *detector.finish()] == hear(LONG, Hold())


def test_a_tone_is_the_same_verdict_held_or_joined() -> None:
    (free, *_), (held, *_) = (
        [event for event in hear(SIT, policy) if isinstance(event, Decided)] for policy in (Advise(), Hold())
    )
    assert held == free
    assert held.cause is Cause.SIT


def test_bytes_arrays_and_both_laws() -> None:
    samples = LONG.tolist()
    wanted = verdicts(hear(LONG))
    for feed, octets in (
        (Detector.feed, LONG.tobytes()),
        (Detector.feed_ulaw, ulaw_encode(samples)),
        (Detector.feed_alaw, alaw_encode(samples)),
    ):
        detector = Detector(Advise(), by_hand())
        assert verdicts([*feed(detector, octets), *detector.finish()]) == wanted


def test_two_calls_do_not_touch_each_other() -> None:
    one, other = Detector(Hold(), by_hand()), Detector(Hold(), by_hand())
    events: list[Event] = []
    for start in range(0, LONG.size, 800):
        events += one.feed(LONG[start : start + 800])
        other.feed(np.roll(HELLO, start)[:800])
    assert [*events, *one.finish()] == hear(LONG, Hold())
