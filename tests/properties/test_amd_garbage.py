"""Any sound whatever: the detector answers, once, and the same each time."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dialer.media.amd import Advise, Decided, Detector, Event, Hold, Off, Policy, Verdict

Sound = NDArray[np.int16]


def _part(kind: str, size: int, level: int, seed: int) -> Sound:
    random = np.random.default_rng(seed)
    match kind:
        case "silence":
            return np.zeros(size, np.int16)
        case "offset":
            return np.full(size, level, np.int16)
        case "noise":
            return (random.standard_normal(size) * level / 4).clip(-32_768, 32_767).astype(np.int16)
        case "clipped":
            return np.where(random.standard_normal(size) > 0, 32_767, -32_768).astype(np.int16)
        case _:
            hz = random.uniform(50, 3_900)
            return (np.sin(2 * np.pi * hz * np.arange(size) / 8_000) * level).astype(np.int16)


PARTS = st.builds(
    _part,
    st.sampled_from(["silence", "offset", "noise", "clipped", "tone"]),
    st.integers(0, 9_000),
    st.integers(-32_768, 32_767),
    st.integers(0, 1_000),
)
SOUNDS = st.lists(PARTS, max_size=8).map(lambda parts: np.concatenate([np.zeros(0, np.int16), *parts]))
POLICIES = st.one_of(st.just(Off()), st.builds(Hold, st.floats(0.1, 1.8)), st.builds(Advise, st.floats(0.1, 12.0)))


def _hear(sound: Sound, policy: Policy, portions: list[int]) -> list[Event]:
    detector = Detector(policy)
    events: list[Event] = []
    start = 0
    for portion in portions:
        events += detector.feed(sound[start : start + portion])
        start += portion
    return [*events, *detector.feed(sound[start:]), *detector.finish()]


@settings(max_examples=40, deadline=None)
@given(SOUNDS, POLICIES, st.lists(st.integers(0, 3_000), max_size=20))
def test_any_sound_in_any_portions(sound: Sound, policy: Policy, portions: list[int]) -> None:
    events = _hear(sound, policy, portions)
    assert events == _hear(sound, policy, [])
    times = [event.at_s for event in events]
    assert times == sorted(times)
    assert all(0.0 <= at_s <= sound.size / 8_000 for at_s in times)
    verdicts = [event for event in events if isinstance(event, Decided)]
    assert 1 <= len(verdicts) <= 3
    assert all(0.0 <= event.machine_p <= 1.0 for event in verdicts)
    first = verdicts[0]
    if isinstance(policy, Off):
        assert first.verdict is Verdict.UNSURE
    if isinstance(policy, Hold):
        assert first.at_s <= policy.decide_by_s + 0.1


@settings(max_examples=15, deadline=None)
@given(st.binary(max_size=20_000))
def test_any_octets_as_either_law(octets: bytes) -> None:
    for feed in (Detector.feed_ulaw, Detector.feed_alaw):
        detector = Detector(Hold())
        feed(detector, octets)
        assert detector.heard_s == len(octets) // 800 / 10
        detector.finish()
        assert detector.verdict is not None
