from __future__ import annotations

import pytest

from dialer.media.g711 import ulaw_decode
from dialer.media.tones import tone_frame
from sim_trunk.callee import Persona
from sim_trunk.voices import agent_frame, frame, is_agent, recognise

SPEAKING = [persona for persona in Persona if persona is not Persona.SILENCE]


@pytest.mark.parametrize("persona", SPEAKING)
def test_a_voice_is_recognised_as_its_own(persona: Persona) -> None:
    sound = frame(persona)
    assert sound is not None
    assert len(sound) == 160
    assert max(ulaw_decode(sound)) > 5_000
    assert recognise(sound) is persona
    assert not is_agent(sound)


def test_silence_is_not_heard() -> None:
    assert frame(Persona.SILENCE) is None


def test_agents_and_strangers_are_nobody() -> None:
    assert is_agent(agent_frame())
    for sound in (agent_frame(), tone_frame(2_000), b"\xff" * 160, b""):
        assert recognise(sound) is None
