"""Supervisors and third parties, over real SIP and RTP: who hears whom is told by their tones."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest

from dialer.agents.agent import AgentState
from dialer.engine import event_log
from dialer.engine.events import AgentLoggedIn, AgentReady, Dispositioned
from dialer.errors import InputError
from dialer.live.exchange import LEDGER_NAME
from dialer.log import mask
from dialer.media.orders import Record
from dialer.ports.access import Actor
from dialer.settings import AgentSettings
from dialer.sip.sdes import Keys
from dialer.telephony.call_ledger import left_behind
from dialer.telephony.errors import GuestRefused
from dialer.telephony.parties import Mode
from dialer.telephony.udp import Address
from sim_trunk.call_log import CallLog
from sim_trunk.callee import CallPlan, Persona
from sim_trunk.sip_phones import SipPhones
from sim_trunk.voices import TONE_HZ
from tests.far_end import FarEnd, channels_of, tones_in
from tests.integration.floor import FOREVER, plan
from tests.integration.live_world import MANAGER, PASSWORD, LiveWorld, Talkers, live_world, simulated_network

CONTACT = TONE_HZ[Persona.RIGHT_PARTY] or 0
OUTSIDE = TONE_HZ[Persona.WRONG_PERSON] or 0
AGENT, BOSS, EXPERT = 300, 700, 850
BANK, BUSY, RINGS = "+442079461001", "+442079461002", "+442079461003"
"""Numbers outside: one who talks, one who is busy, one who never answers."""

PHONES = {"ana": AGENT, "boss": BOSS, "expert": EXPERT}
ALL = (CONTACT, OUTSIDE, AGENT, BOSS, EXPERT)
ANA = Actor("user:ana", "agent", "", "api")
BEFORE_S, LONG_ENOUGH_S = 0.2, 0.3
"""Until whatever was under way before is over, and then to hear everybody's tone."""

WINDOW = 640
"""Samples of the recording that are looked at together."""


class Outside(Talkers):
    """Contacts, and whom agents call outside."""

    def plan(self, number: str, nth_call: int, at: float) -> CallPlan:
        if number == BANK:
            return plan(talk_s=60.0, patience_s=60.0, persona=Persona.WRONG_PERSON, ring_s=0.3)
        if number == BUSY:
            return plan(final=486)
        return FOREVER if number == RINGS else super().plan(number, nth_call, at)


class Room:
    """Phones that speak SIP, each saying its tone all the time. `recording`: of what the contact hears."""

    def __init__(self, world: LiveWorld, folder: Path) -> None:
        self.world = world
        self.recording = folder / "call.wav"
        self.ends = {name: FarEnd(hz) for name, hz in PHONES.items()}
        self.wires = SipPhones(dict.fromkeys(PHONES, PASSWORD), key=bytes(16))
        for name, end in self.ends.items():
            self.wires.have_audio(name, end.address)
        self.up: set[str] = set()
        self.wires.register(world.service.carrier.address, self._opened, self.up.discard)
        self._talking = asyncio.create_task(self._talk())

    def _opened(self, name: str, line: Address, keys: Keys | None) -> None:
        assert keys is None
        self.ends[name].port = line
        self.up.add(name)

    async def _talk(self) -> None:
        while True:
            for name in self.up:
                self.ends[name].say()
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        self._talking.cancel()
        await asyncio.gather(self._talking, return_exceptions=True)
        self.wires.close()
        for end in self.ends.values():
            end.close()

    async def heard(self, *names: str) -> dict[str, set[int]]:
        """Which tones these hear from now on. For what the contact hears see `contact_heard`."""
        await asyncio.sleep(BEFORE_S)
        for end in self.ends.values():
            end.take()
            end.packets.clear()
        await asyncio.sleep(LONG_ENOUGH_S)
        return {name: tones_in(self.ends[name].heard, ALL) for name in names}

    def contact_heard(self) -> list[set[int]]:
        """Which tones, one after the other, by the recording; what lasts for less than a stage's half is between
        two."""
        _, told = channels_of(self.recording)
        windows = [frozenset(tones_in(told[at : at + WINDOW], ALL)) for at in range(0, len(told) - WINDOW, WINDOW)]
        lasting = [
            set(tones) for tones, run in groupby(windows) if len(list(run)) * WINDOW > LONG_ENOUGH_S * 4_000
        ]
        return [tones for at, tones in enumerate(lasting) if at == 0 or tones != lasting[at - 1]]

    async def at_work(self) -> int:
        """Ana talks to somebody: the attempt."""
        service = self.world.service
        service.post(AgentLoggedIn("ana", "live"))
        service.call_phone("ana")
        service.post(AgentReady("ana"))
        await self.world.until(lambda: self.world.agent("ana").state == "talking", 15.0)
        await service.pause_campaign("live", MANAGER)
        attempt_id = self.world.agent("ana").attempt_id or 0
        audio = service.carrier.audio
        audio.media.tell(Record(audio.leg_of_contact(attempt_id), 1, str(self.recording)))
        return attempt_id

    async def are_up(self, names: Iterable[str]) -> None:
        await self.world.until(lambda: self.up == set(names), 5.0)


@contextlib.asynccontextmanager
async def room(folder: Path, srtp: str = "off") -> AsyncIterator[Room]:
    people = tuple(AgentSettings(name, name, password=PASSWORD) for name in PHONES)
    with (folder / "carrier.jsonl").open("w") as stream:
        async with (
            simulated_network(Outside(), CallLog(stream)) as trunk,
            live_world(folder, replace(trunk, srtp=srtp), agents=0, people_at=people) as world,
        ):
            made = Room(world, folder)
            try:
                yield made
            finally:
                await world.service.finish(0.0)
                await made.close()


async def test_listening_whispering_and_barging_in(tmp_path: Path) -> None:
    async with room(tmp_path) as r:
        await r.at_work()
        conversations = r.world.service.conversations
        conversations.supervise("ana", "boss", Mode.LISTEN)
        await r.are_up(["ana", "boss"])
        assert await r.heard("ana", "boss") == {"ana": {CONTACT}, "boss": {CONTACT, AGENT}}
        conversations.supervise("ana", "boss", Mode.WHISPER)
        assert await r.heard("ana", "boss") == {"ana": {CONTACT, BOSS}, "boss": {CONTACT, AGENT}}
        conversations.supervise("ana", "boss", Mode.BARGE)
        assert await r.heard("ana", "boss") == {"ana": {CONTACT, BOSS}, "boss": {CONTACT, AGENT}}
        conversations.leave("ana", "boss")
        await r.are_up(["ana"])
        assert await r.heard("ana") == {"ana": {CONTACT}}
        conversations.supervise("ana", "boss", Mode.LISTEN)
        await r.are_up(["ana", "boss"])
        r.world.service.close_line("ana")
        await r.are_up([])  # who listens to somebody who has gone home is hung up
    assert r.contact_heard()[:3] == [{AGENT}, {AGENT, BOSS}, {AGENT}]


async def test_a_warm_transfer(tmp_path: Path) -> None:
    async with room(tmp_path) as r:
        attempt_id = await r.at_work()
        conversations = r.world.service.conversations
        conversations.consult(attempt_id, "expert")
        await r.are_up(["ana", "expert"])
        assert await r.heard("ana", "expert") == {"ana": {EXPERT}, "expert": {AGENT}}
        (row,) = [row for row in r.world.service.overview().calls if row.attempt_id == attempt_id]
        assert (row.third, row.third_stage) == ("expert", "consulting")
        assert r.world.agent("ana").state == AgentState.HOLDING
        conversations.join(attempt_id)
        await r.world.until(lambda: r.world.agent("ana").state == AgentState.TALKING, 2.0)
        assert await r.heard("ana", "expert") == {"ana": {CONTACT, EXPERT}, "expert": {CONTACT, AGENT}}
        conversations.complete(attempt_id)
        assert r.world.agent("ana").state == AgentState.WRAP_UP
        assert await r.heard("ana", "expert") == {"ana": set(), "expert": {CONTACT}}
        r.world.service.post(Dispositioned("ana", attempt_id, "callback"))
        r.wires.hang_up("expert")
        await r.world.until(lambda: attempt_id not in r.world.service.engine.calls, 5.0)
    assert [tones for tones in r.contact_heard() if tones != {AGENT}] == [set(), {AGENT, EXPERT}, {EXPERT}]
    (record,) = [record for record in r.world.records() if record.attempt_id == attempt_id]
    assert (record.agent_id, record.disposition, record.note) == ("ana", "callback", "handed over to expert")
    assert record.ended_at is not None
    assert record.assigned_at is not None
    assert record.hold_s > BEFORE_S + LONG_ENOUGH_S
    assert record.talk_s + record.hold_s < record.ended_at - record.assigned_at


async def consult_outside(r: Room, attempt_id: int, number: str) -> None:
    await r.world.service.conversations.consult_outside(attempt_id, number, ANA)


def stage(r: Room, attempt_id: int) -> str:
    return r.world.service.conversations.third_of(attempt_id)[1]


async def test_a_warm_transfer_to_a_number_outside(tmp_path: Path) -> None:
    async with room(tmp_path) as r:
        attempt_id = await r.at_work()
        conversations = r.world.service.conversations
        await consult_outside(r, attempt_id, BANK)
        with pytest.raises(GuestRefused):
            await consult_outside(r, attempt_id, BUSY)
        await r.world.until(lambda: stage(r, attempt_id) == "consulting", 5.0)
        assert await r.heard("ana") == {"ana": {OUTSIDE}}
        (row,) = [row for row in r.world.service.overview().calls if row.attempt_id == attempt_id]
        assert row.third == mask(BANK)
        left, _ = left_behind(r.world.home / LEDGER_NAME)
        (third,) = r.world.service.engine.thirds.values()
        (known,) = [call for call in left if call.call_id == third.call_id.encode()]
        assert known.ack, "whoever comes after a kill can hang up the third party as well"
        conversations.join(attempt_id)
        assert await r.heard("ana") == {"ana": {CONTACT, OUTSIDE}}
        conversations.complete(attempt_id)
        await r.heard()
        assert r.world.agent("ana").state == AgentState.WRAP_UP
        r.world.service.post(Dispositioned("ana", attempt_id, "callback"))
        assert attempt_id in r.world.service.engine.calls, "contact and third party talk on"
        r.world.service.hang_up(attempt_id)
        await r.world.until(lambda: not r.world.service.engine.thirds, 5.0)
        await r.world.until(lambda: attempt_id not in r.world.service.engine.calls, 5.0)
        assert not any(limits.in_use for limits in r.world.service.engine.trunks.values())
    assert [tones for tones in r.contact_heard() if tones != {AGENT}] == [set(), {AGENT, OUTSIDE}, {OUTSIDE}]
    assert event_log.replay(r.world.log, r.world.fresh_engine()) == len(r.world.log)
    (saved,) = r.world.database.reader.third_calls(0.0)
    assert (saved.attempt_id, saved.agent_id, saved.number, saved.trunk) == (attempt_id, "ana", BANK, "sim")
    assert None not in (saved.placed_at, saved.answered_at, saved.ended_at)
    (record,) = [record for record in r.world.records() if record.attempt_id == attempt_id]
    assert record.note == f"handed over to {BANK}"
    calls = [json.loads(line) for line in (tmp_path / "carrier.jsonl").read_text("utf-8").splitlines()]
    (his,) = [call for call in calls if call["number"] == BANK]
    assert (his["call_id"], his["ended_by"]) == (saved.call_id, "caller")
    changes = r.world.database.reader.changes(limit=50)
    (change,) = [one.change for one in changes if one.change.action == "agent.transfer.call"]
    assert dict(change.detail) == {"campaign": "live", "attempt": str(attempt_id), "number": BANK}


async def test_a_third_party_outside_that_does_not_come(tmp_path: Path) -> None:
    async with room(tmp_path) as r:
        attempt_id = await r.at_work()
        conversations = r.world.service.conversations
        thirds = r.world.service.engine.thirds
        await consult_outside(r, attempt_id, BUSY)
        await r.world.until(lambda: not thirds and not stage(r, attempt_id), 5.0)
        assert await r.heard("ana") == {"ana": {CONTACT}}
        await consult_outside(r, attempt_id, RINGS)
        await r.world.until(lambda: stage(r, attempt_id) == "calling", 5.0)
        assert await r.heard("ana") == {"ana": set()}
        conversations.drop(attempt_id)
        await r.world.until(lambda: not thirds, 5.0)
        assert await r.heard("ana") == {"ana": {CONTACT}}
        await consult_outside(r, attempt_id, BANK)
        await r.world.until(lambda: stage(r, attempt_id) == "consulting", 5.0)
        r.world.service.hang_up(attempt_id)  # the conversation is over, and the third party goes with it
        await r.world.until(lambda: not thirds, 5.0)
        with pytest.raises(InputError, match="premium"):
            await consult_outside(r, attempt_id, "+449098790000")
    calls = r.world.database.reader.third_calls(0.0)
    assert [(one.number, one.status, one.answered_at is not None) for one in calls] == [
        (BUSY, 486, False), (RINGS, 487, False), (BANK, None, True),
    ]  # fmt: skip
    assert all(one.ended_at is not None for one in calls)
