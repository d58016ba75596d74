"""People who hear a recording, over real SIP and RTP: the message of the abandoned, and a whole call flow."""

from __future__ import annotations

import json
import math
import wave
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from campaigns.abandoned import LEAD_S
from campaigns.record import AttemptRecord
from dialer.engine import event_log
from dialer.media.g711 import ulaw_encode
from dialer.operations.run_audit import run_audit
from lists.dnc import blocked_since
from sim_trunk.call_log import CallLog
from sim_trunk.callee import CallPlan, Persona
from sim_trunk.utterances import SILENCE, Utterance, cut
from tests.integration.books import carrier_log
from tests.integration.live_world import CAMPAIGN, live_world, simulated_network

PERSON = CallPlan(0.05, 0.15, 200, None, Persona.RIGHT_PARTY, talk_s=4.0, patience_s=20.0)


class Pressing:
    """Everybody picks up at once; what they press goes by the last digit of their number."""

    def __init__(self, keys: Mapping[str, str], after_s: float = 0.3) -> None:
        self._keys = keys
        self._after_s = after_s

    def plan(self, number: str, nth_call: int, at: float) -> CallPlan:
        keys = self._keys.get(number[-1], self._keys.get("", ""))
        presses = tuple((self._after_s, key) for key in keys)
        return CallPlan(
            PERSON.pdd_s,
            PERSON.ring_s,
            200,
            None,
            PERSON.persona,
            PERSON.talk_s,
            PERSON.patience_s,
            presses=presses,
        )


def prompt(home: Path, name: str, seconds: float) -> None:
    """A prompt as people have them: 44.1 kHz, two channels."""
    (home / "prompts").mkdir(exist_ok=True)
    with wave.open(str(home / "prompts" / name), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(b"\x00\x10\x00\x10" * int(44_100 * seconds))


MESSAGE = """
[abandoned]
file = "nobody.wav"
wait = "1s"
confirmation_file = "gone.wav"
"""


async def test_whom_no_agent_takes_hears_the_message_in_time_and_opts_out_by_a_key(tmp_path: Path) -> None:
    prompt(tmp_path, "nobody.wav", 3.0)
    prompt(tmp_path, "gone.wav", 0.2)
    log_path = tmp_path / "carrier.jsonl"
    with log_path.open("w") as stream:
        async with (
            simulated_network(Pressing({"": "9", "1": ""}), CallLog(stream)) as trunk,
            live_world(tmp_path, trunk, leads=4, agents=1, ratio=4.0, text=CAMPAIGN + MESSAGE) as world,
        ):
            await world.recorded(4)
            assert await world.service.finish(10.0)
            records, reader = world.records(), world.database.reader
            blocked = blocked_since(reader.dnc_entries(record.number for record in records))
            report = run_audit(reader, "live")
    abandoned = [record for record in records if record.outcome == "abandoned"]
    assert len(abandoned) >= 2
    grace_s = 2.0 - LEAD_S
    for record in abandoned:
        assert record.message == "abandoned"
        assert record.message_after_s is not None
        assert grace_s <= record.message_after_s < 2.0
        assert record.final is (record.opted_out_at is not None)
    asked = [record for record in abandoned if record.opted_out_at is not None]
    assert [record.message_end for record in asked] == ["opted_out"] * len(asked)
    assert blocked == {record.number: record.opted_out_at for record in asked}
    assert len(asked) >= 2
    pressed = {call_id: line["pressed"] for call_id, line in carrier_log(log_path).items()}
    assert {pressed[record.call_id] for record in asked} == {"9"}
    assert report.findings == ()
    assert event_log.replay(world.log, world.fresh_engine()) == len(world.log)


FLOW = """
delivery = "prerecorded"
name = "live"
lists = ["people"]
rules = "fictional"
trunks = ["sim"]
caller_ids = ["+442079460999"]
ring_timeout = "4s"
wrapup_limit = "2s"
[pacing]
lines = 10
[hours]
daily = "09:00-20:00"
[flow.menu]
do = "gather"
file = "menu.wav"
timeout = "0.5s"
on = { 1 = "agent", 2 = "say", 9 = "stop", timeout = "bye" }
[flow.agent]
do = "to_agents"
[flow.say]
do = "record"
file = "short.wav"
longest = "1s"
next = "bye"
[flow.stop]
do = "opt_out"
file = "short.wav"
[flow.bye]
do = "hang_up"
"""


@pytest.mark.long
async def test_a_call_flow_over_real_audio(tmp_path: Path) -> None:
    prompt(tmp_path, "menu.wav", 1.0)
    prompt(tmp_path, "short.wav", 0.2)
    keys = {"1": "1", "2": "2", "3": "3", "4": "9"}
    with (tmp_path / "carrier.jsonl").open("w") as stream:
        async with (
            simulated_network(Pressing(keys), CallLog(stream)) as trunk,
            live_world(tmp_path, trunk, leads=5, agents=1, text=FLOW) as world,
        ):
            await world.recorded(5)
            assert await world.service.finish(10.0)
            records, reader = {record.number[-1]: record for record in world.records()}, world.database.reader
            assert run_audit(reader, "live").findings == ()
            assert set(blocked_since(reader.dnc_entries([records["4"].number]))) == {records["4"].number}
    assert ends(records) == {
        "0": ("delivered", "bye", "finished", ""),
        "1": ("connected", "agent", "to_agents", '{"menu":"1"}'),
        "2": ("delivered", "bye", "finished", records["2"].answers),
        "3": ("delivered", "bye", "finished", ""),
        "4": ("delivered", "stop", "opted_out", '{"menu":"9"}'),
    }
    assert [records[n].live for n in "0234"] == [False, True, True, True]
    said = json.loads(records["2"].answers)
    assert said["menu"] == "2"
    sound = (tmp_path / "recordings" / said["say"]).read_bytes()
    assert len(sound) > 8_000, "half a second in stereo at least"
    assert event_log.replay(world.log, world.fresh_engine()) == len(world.log)


def ends(records: Mapping[str, AttemptRecord]) -> dict[str, tuple[str, str, str, str]]:
    return {
        digit: (record.outcome, record.flow_step, record.flow_end, record.answers)
        for digit, record in sorted(records.items())
    }


class Mailbox:
    """Everybody's voicemail: a beep, and then it listens."""

    def of(self, persona: Persona, number: str, nth_call: int) -> Utterance:
        beep = cut(ulaw_encode([round(8_000 * math.sin(math.tau * n / 8)) for n in range(2_400)]))
        return Utterance((SILENCE, SILENCE, *beep, SILENCE), loops=False)

    def vacant(self) -> Utterance:
        raise AssertionError("every number is in use")


class Machines:
    def plan(self, number: str, nth_call: int, at: float) -> CallPlan:
        return replace(PERSON, persona=Persona.VOICEMAIL, talk_s=20.0)


LEAVES = """
[amd]
policy = "joined"
machine = "message"
message_file = "short.wav"
"""


async def test_a_flow_that_meets_a_mailbox_leaves_its_message_after_the_beep(tmp_path: Path) -> None:
    prompt(tmp_path, "menu.wav", 8.0)
    prompt(tmp_path, "short.wav", 0.4)
    with (tmp_path / "carrier.jsonl").open("w") as stream:
        async with (
            simulated_network(Machines(), CallLog(stream), voices=Mailbox()) as trunk,
            live_world(tmp_path, trunk, leads=2, agents=1, text=FLOW + LEAVES) as world,
        ):
            await world.recorded(2)
            assert await world.service.finish(10.0)
            records = world.records()
            assert run_audit(world.database.reader, "live").findings == ()
    for record in records:
        assert (record.outcome, record.amd_verdict, record.machine) == ("message_left", "machine", True)
        assert (record.flow_end, record.message, record.message_end) == ("machine", "machine", "finished")
        assert record.message_after_s is not None
        assert record.message_after_beep_s is not None
        # The beep ends 0.34 s after the answer; after 1.2 s without a word it is believed to be one.
        assert 1.1 < record.message_after_beep_s < 2.0
        assert abs(record.message_after_s - record.message_after_beep_s - 0.34) < 0.15
    assert event_log.replay(world.log, world.fresh_engine()) == len(world.log)
