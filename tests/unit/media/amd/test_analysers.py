"""The detector as it listens in on a leg."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dialer.media.amd.analysers import ADVICE_S, MachineDetector, NetworkListener
from dialer.media.linear import encode
from dialer.media.tap import Analyser, Verdict
from tests.unit.media.amd.sounds import Sound, joined, silence, tone

FRAME = 160
VACANT = (tone(0.380, 985.2), tone(0.274, 1_370.6), tone(0.380, 1_776.7))
RINGBACK = (tone(2.0, 440.0, 480.0), silence(4.0))


def frames_of(*parts: Sound) -> list[bytes]:
    octets = encode(joined(*parts))
    return [octets[at : at + FRAME] for at in range(0, len(octets), FRAME)]


def hear(analyser: Analyser, frames: Sequence[bytes]) -> list[Verdict]:
    said: list[Verdict] = []
    for frame in frames:
        said += analyser.hear(frame)
        if said and said[-1].last:
            break
    return said


def test_silence_is_unsure_when_the_time_is_over() -> None:
    (said,) = hear(MachineDetector({"hold_s": 1.7}), frames_of(silence(2.0)))
    assert said == Verdict("unsure", 1.7, "silence")


def test_special_information_in_an_answered_call_is_a_machine_and_says_which() -> None:
    said = hear(MachineDetector({"hold_s": 1.7}), frames_of(silence(0.1), *VACANT, silence(0.5)))
    assert [(one.verdict, one.cause) for one in said] == [("sit", "vc"), ("machine", "sit")]


def test_it_stops_by_itself() -> None:
    said = hear(MachineDetector({}), frames_of(silence(ADVICE_S + 1.0)))
    assert [one.verdict for one in said][-1] == "over"
    assert said[-1].last
    assert said[-1].at_s == ADVICE_S
    assert hear(MachineDetector({"until_s": 3.0}), frames_of(silence(3.2)))[-1].at_s == 3.0


@pytest.mark.parametrize("settings", [{"hold_s": 1.0, "advise_s": 2.0}, {"hold": 1.0}, {"hold_s": 2.5}])
def test_settings_that_make_no_sense_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="choose"):
        MachineDetector(settings)


def test_the_networks_tones_are_told_before_the_answer() -> None:
    said = hear(NetworkListener({}), frames_of(silence(0.3), *VACANT, silence(0.5)))
    assert [(one.verdict, one.cause) for one in said] == [("sit", "vc")]
    said = hear(NetworkListener({}), frames_of(*RINGBACK, *RINGBACK, *VACANT, silence(0.5)))
    assert ("sit", "vc") in [(one.verdict, one.cause) for one in said]


def test_ringing_is_no_special_information() -> None:
    assert "sit" not in [one.verdict for one in hear(NetworkListener({}), frames_of(*RINGBACK * 3))]


def test_the_network_has_no_settings() -> None:
    with pytest.raises(ValueError, match="there are none"):
        NetworkListener({"hold_s": 1.0})
