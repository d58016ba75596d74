"""The media process as a process: killed, orphaned, out of disk."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dialer.engine.commands import Join
from dialer.engine.events import AudioFlowing, CallAnswered, CallEnded, CallFault
from dialer.media.events import Played, Recorded
from dialer.media.orders import Bridge, Connect, Load, Play, Record
from dialer.ports.media import Media, MediaBack, MediaEvent, MediaLost, MediaRoom, NoMediaRoom
from dialer.telephony.errors import MediaUnavailable
from dialer.telephony.media_process import MediaProcess, start_media_process
from tests.far_end import FarEnd, channels_of, share_of, talk, until
from tests.integration.floor import FIRST_PORT, HOST, Headset, floor, plan

PORTS = (FIRST_PORT, FIRST_PORT + 398)
SPEAKS = plan(talk_s=30.0, patience_s=30.0)


async def opened(events: list[MediaEvent], ports: tuple[int, int] = PORTS) -> MediaProcess:
    rng = random.Random(1)
    media = start_media_process((HOST,), events.append, ports=ports, rng=rng, monotonic=time.monotonic)
    await media.ready()
    return media


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that nobody has waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_it_ends_when_it_is_closed() -> None:
    media = await opened([])
    pid = media.pid
    assert pid is not None
    assert is_alive(pid)
    await media.close()
    assert not is_alive(pid)
    with pytest.raises(NoMediaRoom):
        media.reserve()


async def test_what_a_service_manager_sends_to_the_whole_group_ends_no_call() -> None:
    events: list[MediaEvent] = []
    media = await opened(events)
    try:
        pid, leg = media.pid, media.reserve().leg
        assert pid is not None
        for asks_to_end in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            os.kill(pid, asks_to_end)
        media.tell(Play(leg, 1, "nothing"))
        await until(lambda: Played(leg, 1, "failed") in events)
        assert media.pid == pid
    finally:
        await media.close()


async def test_killed_it_is_told_and_another_takes_its_place() -> None:
    events: list[MediaEvent] = []
    media = await opened(events)
    agent = FarEnd(700)
    try:
        line, lost = media.reserve(), media.reserve()
        assert media.pid is not None
        os.kill(media.pid, signal.SIGKILL)
        await until(lambda: any(isinstance(event, MediaLost) for event in events))
        assert (media.open_legs, media.room) == (0, 0)
        with pytest.raises(NoMediaRoom, match="being started"):
            media.reserve()
        await until(lambda: MediaBack() in events)
        rooms = [event.legs for event in events if isinstance(event, MediaRoom)]
        assert rooms == [200, 0, 200]
        again = media.reserve(line.port)  # its far end still sends there
        fresh = media.reserve()
        assert len({line.leg, lost.leg, again.leg, fresh.leg}) == 4
        assert again.port == line.port
        contact = FarEnd(400)
        media.tell(Connect(fresh.leg, *contact.address))
        media.tell(Connect(again.leg, *agent.address))
        media.tell(Bridge(1, ((again.leg, (fresh.leg,)),)))
        contact.port = (HOST, fresh.port)
        async with asyncio.timeout(5.0):
            while not agent.take():
                contact.say()
                await asyncio.sleep(0.01)
        contact.close()
    finally:
        agent.close()
        await media.close()


async def test_lines_get_their_ports_again_whether_in_stock_or_not() -> None:
    events: list[MediaEvent] = []
    media = MediaProcess((HOST,), PORTS, random.Random(1), time.monotonic, events.append, stock=1)
    media.start()
    await media.ready()
    try:
        ports = [media.reserve().port]
        await until(lambda: len(media._stock[HOST]) == 1)
        ports.append(media.reserve().port)
        assert media.pid is not None
        os.kill(media.pid, signal.SIGKILL)
        await until(lambda: MediaBack() in events)
        media.tell(Load("nothing", "/dev/null"))
        legs = [media.reserve(port).leg for port in ports]
        for leg in legs:
            media.tell(Play(leg, 1, "nothing"))
        await until(lambda: all(Played(leg, 1, "finished") in events for leg in legs))
    finally:
        await media.close()


async def test_what_keeps_it_from_starting_is_said() -> None:
    media = MediaProcess(("203.0.113.1",), PORTS, random.Random(1), time.monotonic, lambda event: None)
    media.start()
    try:
        with pytest.raises(MediaUnavailable, match=r"cannot listen on 203\.0\.113\.1:\d+ .*: this machine has no"):
            await media.ready()
    finally:
        await media.close()


async def test_closed_before_it_was_ready() -> None:
    media = MediaProcess((HOST,), PORTS, random.Random(1), time.monotonic, lambda event: None)
    media.start()
    pid = media.pid
    assert pid is not None
    await media.close()
    assert not is_alive(pid)


async def test_a_recording_can_be_played_after_a_kill(tmp_path: Path) -> None:
    media = await opened([])
    contact, agent = FarEnd(400), FarEnd(700)
    path = tmp_path / "a.wav"
    try:
        for far in (contact, agent):
            reserved = media.reserve()
            far.port, far.ssrc = (HOST, reserved.port), reserved.leg
            media.tell(Connect(reserved.leg, *far.address))
        one, other = contact.ssrc, agent.ssrc
        media.tell(Bridge(1, ((one, (other,)), (other, (one,)))))
        media.tell(Record(one, 1, str(path)))
        async with asyncio.timeout(5.0):
            while not path.exists() or len(channels_of(path)[0]) < 3_200:
                await talk((contact, agent), 0.1)
        assert media.pid is not None
        os.kill(media.pid, signal.SIGKILL)
        left, right = channels_of(path)
        assert share_of(400, left[1_600:]) > 0.9
        assert share_of(700, right[1_600:]) > 0.9
    finally:
        contact.close()
        agent.close()
        await media.close()


async def test_a_full_disk_ends_the_recording_and_not_the_call(tmp_path: Path) -> None:
    events: list[MediaEvent] = []
    media = await opened(events)
    contact, agent = FarEnd(400), FarEnd(700)
    path = tmp_path / "a.wav"
    try:
        reserved = [media.reserve(), media.reserve()]
        for far, leg in zip((contact, agent), reserved, strict=True):
            far.port = (HOST, leg.port)
            media.tell(Connect(leg.leg, *far.address))
        one, other = (leg.leg for leg in reserved)
        media.tell(Bridge(1, ((one, (other,)), (other, (one,)))))
        assert media.pid is not None
        # What a full disk refuses, this limit does: files beyond 4,000 octets.
        resource.prlimit(media.pid, resource.RLIMIT_FSIZE, (4_000, 4_000))
        media.tell(Record(one, 1, str(path)))
        async with asyncio.timeout(5.0):
            while not any(isinstance(event, Recorded) for event in events):
                await talk((contact, agent), 0.1)
        [recorded] = [event for event in events if isinstance(event, Recorded)]
        assert recorded.failed == "File too large"
        assert len(channels_of(path)[0]) == recorded.seconds * 8_000  # what was written can be played
        agent.take()
        contact.say(b"\x11" * 160)
        assert [packet.payload for packet in await agent.hears()][-1:] == [b"\x11" * 160]
    finally:
        contact.close()
        agent.close()
        await media.close()


ORPHAN = """
import asyncio, random, sys, time
from dialer.telephony.media_process import MediaProcess

async def main():
    media = MediaProcess(("127.0.0.1",), ({first}, {last}), random.Random(1), time.monotonic, lambda event: None)
    media.start()
    await media.ready()
    print(media.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_it_ends_when_its_parent_is_killed() -> None:
    program = ORPHAN.format(first=PORTS[0], last=PORTS[1])
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    assert is_alive(pid)
    parent.kill()
    await parent.wait()
    await until(lambda: not is_alive(pid))
    bound = await opened([])  # its ports are free again
    await bound.close()


async def test_calls_whose_audio_is_lost_are_hung_up_and_the_next_ones_heard() -> None:
    media: list[MediaProcess] = []

    def open_media(hosts: tuple[str, ...], post: Callable[[MediaEvent], None]) -> Media:
        rng = random.Random(1)
        media.append(start_media_process(hosts, post, ports=PORTS, rng=rng, monotonic=time.monotonic))
        return media[0]

    async with floor(media=open_media) as f:
        headset = Headset()
        try:
            f.script.plans["+1"] = SPEAKS
            f.script.plans["+2"] = plan(ring_s=60.0, patience_s=60.0)
            line = f.carrier.audio.lines.open("ann", headset.address)
            call_id = f.call(1, "+1")
            f.call(2, "+2")
            await f.event(CallAnswered, 1)
            f.carrier.carry_out(Join(1, "ann"))
            await f.event(AudioFlowing, 1)
            assert media[0].pid is not None
            os.kill(media[0].pid, signal.SIGKILL)
            assert (await f.event(CallEnded, 1)).by == "dialer"
            assert (await f.event(CallEnded, 2)).by == "dialer"
            f.call(3, "+1")
            assert "being started" in (await f.event(CallFault, 3)).cause
            assert (await f.entry(call_id))["ended_by"] == "caller"
            await until(lambda: media[0].room > 0)
            f.call(4, "+1")
            await f.event(CallAnswered, 4)
            f.carrier.carry_out(Join(4, "ann"))
            await f.event(AudioFlowing, 4)
            before = len(headset.packets)
            headset.say(line)  # to the port that it was told before
            await headset.hears(before + 3)
        finally:
            headset.close()
