"""Answering machines in live calls: the simulated carrier speaks greetings and tones over real RTP, the media
process hears them, and the engine acts on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.record import AttemptRecord
from dialer.engine import event_log
from sim_trunk.call_log import CallLog
from sim_trunk.callee import CallPlan, Persona, Quirk
from sim_trunk.spoken import Greetings
from tests.integration.books import assert_books_agree, carrier_log
from tests.integration.live_world import live_world, people, simulated_network

PERSON = CallPlan(0.1, 0.3, 200, None, Persona.RIGHT_PARTY, talk_s=2.0, patience_s=6.0)
VOICEMAIL = CallPlan(0.1, 0.3, 200, None, Persona.VOICEMAIL, talk_s=4.0, patience_s=6.0)
OUT_OF_SERVICE = CallPlan(0.1, 0.3, 200, None, Persona.ANNOUNCEMENT, talk_s=5.0, patience_s=6.0)
VACANT = CallPlan(0.1, 2.2, 480, None, Persona.RIGHT_PARTY, 2.0, 6.0, Quirk.SPECIAL_INFORMATION)
PLANS = {
    lead.phones[0].e164: plan
    for lead, plan in zip(
        people(9), (*[PERSON] * 3, VOICEMAIL, *[OUT_OF_SERVICE] * 3, VACANT, VACANT), strict=True
    )
}
"""Several of each: on a machine that stands still for a moment the detector hears gaps, and is unsure."""


SEED = 2
"""Whose greetings are short for all people."""


class Plans:
    def plan(self, number: str, nth_call: int, at: float) -> CallPlan:
        return PLANS[number]


@pytest.fixture(scope="module")
def voices() -> Greetings:
    return Greetings(SEED, count=3)


async def run(tmp_path: Path, voices: Greetings, policy: str) -> dict[CallPlan, list[AttemptRecord]]:
    """Everybody called once or more; the records by what was called."""
    log_path = tmp_path / "carrier.jsonl"
    with log_path.open("w") as stream:
        async with (
            simulated_network(Plans(), CallLog(stream), voices=voices) as trunk,
            live_world(tmp_path, trunk, leads=len(PLANS), agents=len(PLANS), ratio=1.0, more=policy) as world,
        ):
            await world.recorded(len(PLANS))
            assert await world.service.finish(20.0)
        records = world.records()
    assert_books_agree(records, carrier_log(log_path))
    assert event_log.replay(world.log, world.fresh_engine()) == len(world.log)
    found: dict[CallPlan, list[AttemptRecord]] = {}
    for record in records:
        if record.counted:
            found.setdefault(PLANS[record.number], []).append(record)
    return found


@pytest.mark.needs("espeak-ng")
async def test_who_is_held_goes_to_an_agent_unless_it_is_a_machine(tmp_path: Path, voices: Greetings) -> None:
    found = await run(tmp_path, voices, '[amd]\npolicy = "hold"\nchecked = 0\n')
    for record in (*found[PERSON], *found[VOICEMAIL]):  # of a greeting hardly more than a second has been heard
        assert (record.outcome, record.amd_policy) == ("connected", "hold")
        assert record.amd_verdict in {"human", "unsure"}
        assert record.answered_at is not None
        assert record.assigned_at is not None
        assert 0.4 < record.assigned_at - record.answered_at < 1.95
        assert record.answer_to_agent_s is not None
    hung_up = [record for record in found[OUT_OF_SERVICE] if record.amd_verdict == "machine"]
    for record in hung_up:
        dead = record.heard in {"sit_intercept", "sit_vacant"}
        assert record.outcome == ("not_in_use" if dead else "answering_machine")
        assert (record.agent_id, record.ended_by) == (None, "dialer")
        assert (record.machine, record.live, record.abandoned) == (True, False, False)
    # Nobody answered: the network said so in early media, and then only 480.
    told = [record for record in found[VACANT] if record.heard == "sit_vacant"]
    for record in told:
        assert (record.outcome, record.sip_status, record.final) == ("not_in_use", 480, True)
        assert record.amd_verdict is None
    assert hung_up
    assert told


@pytest.mark.needs("espeak-ng")
async def test_with_the_agent_joined_nobody_waits_and_audio_is_measured(tmp_path: Path, voices: Greetings) -> None:
    found = await run(tmp_path, voices, '[amd]\npolicy = "joined"\n')
    for record in (*found[PERSON], *found[VOICEMAIL], *found[OUT_OF_SERVICE]):
        assert (record.outcome, record.amd_policy) == ("connected", "joined")
        if not record.queued:
            assert record.answer_to_agent_s is not None
            assert record.answer_to_agent_s < 0.4
        assert record.rtp_received is not None
        assert record.rtp_received > 10
        assert record.rtp_sent is not None
        assert record.rtp_sent > 10
        assert record.rtp_lost == 0
        assert record.rtp_jitter_ms is not None
        assert record.rtp_jitter_ms >= 0.0
    # Agents of tests hang up on machines after half a second: hardly any verdict comes so soon.
    assert {record.amd_cause for record in found[OUT_OF_SERVICE]} <= {"sit", None}
    for record in found[VACANT]:  # early media is measured as well
        assert record.rtp_received is not None
        assert record.rtp_received > 50
        assert record.rtp_sent == 0
