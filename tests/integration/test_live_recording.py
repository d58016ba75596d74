"""Conversations recorded in live calls: real RTP of the simulated carrier and of agents' phones, and the files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from campaigns.record import AttemptRecord
from dialer.media.linear import decode
from dialer.media.wav import HEADER_OCTETS
from sim_trunk.call_log import CallLog
from sim_trunk.callee import CallPlan, Persona
from sim_trunk.voices import AGENT_HZ, TONE_HZ
from tests.integration.live_world import live_world, simulated_network

PERSON = CallPlan(0.1, 0.2, 200, None, Persona.RIGHT_PARTY, talk_s=2.0, patience_s=6.0)
RATE_HZ = 8_000


class Plans:
    def plan(self, number: str, nth_call: int, at: float) -> CallPlan:
        return PERSON


async def run(tmp_path: Path, recording: str) -> list[AttemptRecord]:
    """A few people called; their records."""
    with (tmp_path / "carrier.jsonl").open("w") as stream:
        async with (
            simulated_network(Plans(), CallLog(stream)) as trunk,
            live_world(tmp_path, trunk, leads=3, agents=3, ratio=1.0, more=f"[recording]\n{recording}\n") as world,
        ):
            await world.recorded(3)
            assert await world.service.finish(20.0)
        return [record for record in world.records() if record.outcome == "connected"]


def sides(path: Path) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    sound = path.read_bytes()[HEADER_OCTETS:]
    return decode(sound[0::2]), decode(sound[1::2])


def loudest_hz(samples: NDArray[np.int16]) -> float:
    spectrum = np.abs(np.fft.rfft(samples))
    spectrum[0] = 0.0
    return float(spectrum.argmax() * RATE_HZ / samples.size)


async def test_both_sides_are_in_the_file_that_the_record_names(tmp_path: Path) -> None:
    records = await run(tmp_path, 'policy = "allowed"')
    assert len(records) == 3
    for record in records:
        assert record.recording_rule == "allowed"
        assert record.recording is not None
        said, heard = sides(tmp_path / "recordings" / record.recording)
        assert said.size / RATE_HZ == pytest.approx(record.talk_s, abs=0.6)
        middle = slice(said.size // 4, said.size // 4 * 3)
        assert loudest_hz(said[middle]) == pytest.approx(TONE_HZ[Persona.RIGHT_PARTY], abs=5)
        assert loudest_hz(heard[middle]) == pytest.approx(AGENT_HZ, abs=5)


@pytest.mark.needs("espeak-ng")
async def test_the_announcement_comes_first_and_is_not_in_it(tmp_path: Path) -> None:
    words = 'policy = "announce"\nannouncement_text = "Recorded."\nannouncement_speed = 300'
    for record in await run(tmp_path, words):
        assert (record.recording_rule, record.recording is None) == ("announce", False)
        said, heard = sides(tmp_path / "recordings" / str(record.recording))
        assert 0.3 < said.size / RATE_HZ < record.talk_s - 0.2
        assert loudest_hz(heard[: heard.size // 2]) == pytest.approx(AGENT_HZ, abs=5)


async def test_without_consent_nothing_is_on_disk(tmp_path: Path) -> None:
    records = await run(tmp_path, 'policy = "ask"')
    assert {(record.recording, record.recording_rule) for record in records} == {(None, "ask")}
    assert list((tmp_path / "recordings").rglob("*.wav")) == []
