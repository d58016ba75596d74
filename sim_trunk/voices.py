"""What each persona sounds like: a tone of its own, or speech with a mark in it, so that a simulated agent hears
who answered."""

from __future__ import annotations

from hashlib import blake2b

from dialer.media.tones import tone_frame
from sim_trunk.callee import Persona

TONE_HZ: dict[Persona, int | None] = {
    Persona.RIGHT_PARTY: 400,
    Persona.WRONG_PERSON: 550,
    Persona.GATEKEEPER: 700,
    Persona.VOICEMAIL: 1000,
    Persona.SCREENING: 1250,
    Persona.ANNOUNCEMENT: 1400,  # as in the tone before a special information announcement
    Persona.SILENCE: None,
}
"""Multiples of 50 Hz, so that one frame of 20 ms can be repeated for ever. Silence sends nothing."""

AGENT_HZ = 300

_FRAMES = {persona: None if hz is None else tone_frame(hz) for persona, hz in TONE_HZ.items()}
_PERSONAS = {frame: persona for persona, frame in _FRAMES.items() if frame is not None}
_AGENT_FRAME = tone_frame(AGENT_HZ)

_MARK_BITS = 40


def _mark(persona: Persona) -> tuple[int, ...]:
    drawn = int.from_bytes(blake2b(persona.value.encode(), digest_size=_MARK_BITS // 8).digest())
    return tuple(drawn >> at & 1 for at in range(_MARK_BITS))


_MARKS = {persona: _mark(persona) for persona in Persona}
_MARKED = {bits: persona for persona, bits in _MARKS.items()}


def frame(persona: Persona) -> bytes | None:
    """20 ms of the persona's voice as µ-law; None for one that is not heard at all."""
    return _FRAMES[persona]


def agent_frame() -> bytes:
    """20 ms of an agent's voice as µ-law."""
    return _AGENT_FRAME


def mark(payload: bytes, persona: Persona) -> bytes:
    """A µ-law frame with a mark in the lowest bits of its first octets, which nobody hears."""
    marked = bytearray(payload)
    for at, bit in enumerate(_MARKS[persona]):
        marked[at] = marked[at] & 0xFE | bit
    return bytes(marked)


def recognise(payload: bytes) -> Persona | None:
    """Whose voice a µ-law frame is; None for one nobody has. By the exact octets: G.711 is carried, never
    coded again, on the way from the simulated carrier."""
    found = _PERSONAS.get(payload)
    return found if found is not None else _MARKED.get(tuple(octet & 1 for octet in payload[:_MARK_BITS]))


def is_agent(payload: bytes) -> bool:
    """Whether a µ-law frame is an agent's voice."""
    return payload == _AGENT_FRAME
