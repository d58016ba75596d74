from __future__ import annotations

import pytest

from dialer.media.amd.analysers import NetworkListener
from sim_trunk.callee import PEOPLE, Persona
from sim_trunk.spoken import Greetings
from sim_trunk.utterances import INTERCEPT, SILENCE, Tones, Utterance, announcement, cut
from sim_trunk.voices import frame, mark, recognise

NUMBER = "+442079460000"


def test_a_tone_is_for_ever_and_silence_is_nothing() -> None:
    says = Tones().of(Persona.VOICEMAIL, NUMBER, 1)
    assert says is not None
    assert {says.frame(nth) for nth in (0, 1, 5_000)} == {frame(Persona.VOICEMAIL)}
    assert Tones().of(Persona.SILENCE, NUMBER, 1) is None


def test_what_loops_begins_again_and_what_does_not_ends_in_its_last_frame() -> None:
    frames = (b"a" * 160, b"b" * 160)
    assert [Utterance(frames, loops=True).frame(nth)[:1] for nth in range(5)] == [b"a", b"b", b"a", b"b", b"a"]
    assert [Utterance(frames, loops=False).frame(nth)[:1] for nth in range(4)] == [b"a", b"b", b"b", b"b"]


def test_only_whole_frames_are_cut() -> None:
    assert cut(b"\x01" * 410) == (b"\x01" * 160,) * 2


@pytest.mark.parametrize("persona", Persona)
def test_a_marked_frame_is_recognised_and_sounds_as_before(persona: Persona) -> None:
    for sound in (SILENCE, bytes(range(160))):
        marked = mark(sound, persona)
        assert recognise(marked) is persona
        assert len(marked) == len(sound)
        assert max(abs(a - b) for a, b in zip(sound, marked, strict=True)) <= 1


def heard(says: Utterance) -> list[str]:
    listener = NetworkListener({})
    frames = [says.frame(nth) for nth in range(len(says.frames) + 30)]
    return [said.cause for one in frames for said in listener.hear(one) if said.verdict == "sit"]


def test_the_detector_hears_which_special_information_it_is() -> None:
    assert heard(Tones().vacant()) == ["vc"]
    assert heard(announcement(INTERCEPT, ())) == ["ic"]


@pytest.mark.needs("espeak-ng")
def test_greetings_are_marked_and_the_same_for_the_same_call() -> None:
    greetings = Greetings(1, count=2)
    for persona in Persona:
        says = greetings.of(persona, NUMBER, 1)
        if persona is Persona.SILENCE:
            assert says is None
            continue
        assert says is not None
        assert {recognise(says.frame(nth)) for nth in range(len(says.frames) + 3)} == {persona}
        assert says.loops is (persona in PEOPLE)
        assert says == greetings.of(persona, NUMBER, 1)
    assert len({greetings.of(Persona.RIGHT_PARTY, NUMBER, nth) for nth in range(1, 20)}) == 2
