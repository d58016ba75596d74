"""Every kind of call over real sockets: what the engine is told, and what the network's own log says."""

from __future__ import annotations

import asyncio
import json

import pytest

from dialer.engine.commands import CancelCall, HangUp, Join, Originate
from dialer.engine.events import AudioFlowing, CallAnswered, CallEnded, CallFault, CallProgress
from dialer.sip.timers import SipTimers
from dialer.telephony.udp import bind_udp
from dialer.trunks.trunk import Trunk
from tests.integration.floor import FIRST_PORT, FOREVER, HOST, Headset, Persona, Quirk, floor, plan

NUMBER = "+4930231250"


async def test_answered_joined_and_hung_up_by_the_person() -> None:
    async with floor() as f:
        headset = Headset()
        try:
            line = f.carrier.audio.lines.open("ann", headset.address)
            f.react = lambda event: (
                f.carrier.carry_out(Join(1, "ann")) if isinstance(event, CallAnswered) else None
            )
            call_id = f.call(1)
            await f.event(CallAnswered, 1)
            flowing = await f.event(AudioFlowing, 1)
            await headset.hears(3)
            headset.say(line)
            ended = await f.event(CallEnded, 1)
            assert ended == CallEnded(1, "callee")
            assert f.of(1) == [CallProgress(1, 180), CallAnswered(1), flowing, ended]
            assert 0.0 < flowing.latency_s < 1.0
            assert set(headset.heard) == {Persona.RIGHT_PARTY}
            entry = await f.entry(call_id)
            assert (entry["number"], entry["caller"], entry["nth_call"]) == (NUMBER, "+4930231259", 1)
            assert (entry["provisional"], entry["final"], entry["ended_by"]) == (180, 200, "callee")
            assert entry["rtp_in"] == 1
            assert entry["rtp_out"] >= 3
            assert entry["invite_at"] < entry["answered_at"] < entry["heard_at"] < entry["ended_at"]
            assert 0.095 < entry["ended_at"] - entry["heard_at"] < 2.0  # talk_s, from hearing the agent
        finally:
            headset.close()


async def test_each_persona_is_heard_as_itself() -> None:
    speaking = [persona for persona in Persona if persona is not Persona.SILENCE]
    async with floor() as f:
        headsets = [Headset() for _ in speaking]
        try:
            for n, (persona, headset) in enumerate(zip(speaking, headsets, strict=True)):
                f.script.plans[f"+1{n}"] = plan(persona=persona, talk_s=3.0)
                f.carrier.audio.lines.open(f"agent {n}", headset.address)
            f.react = lambda event: (
                f.carrier.carry_out(Join(event.attempt_id, f"agent {event.attempt_id}"))
                if isinstance(event, CallAnswered)
                else None
            )
            for n in range(len(speaking)):
                f.call(n, f"+1{n}")
            for persona, headset in zip(speaking, headsets, strict=True):
                await headset.hears(2)
                assert set(headset.heard) == {persona}
        finally:
            for headset in headsets:
                headset.close()


async def test_one_stream_for_the_agent_over_two_contacts() -> None:
    async with floor() as f:
        headset = Headset()
        try:
            f.carrier.audio.lines.open("ann", headset.address)
            f.script.plans["+11"] = plan(persona=Persona.VOICEMAIL, talk_s=3.0)
            f.script.plans["+12"] = plan(persona=Persona.GATEKEEPER)
            f.call(1, "+11")
            f.call(2, "+12")
            await f.event(CallAnswered, 1)
            await f.event(CallAnswered, 2)
            f.carrier.carry_out(Join(1, "ann"))
            await headset.hears(2)
            f.carrier.carry_out(HangUp(1))
            await f.event(CallEnded, 1)
            so_far = len(headset.packets)
            f.carrier.carry_out(Join(2, "ann"))
            await headset.hears(so_far + 2)
            assert headset.heard[0] is Persona.VOICEMAIL
            assert headset.heard[-1] is Persona.GATEKEEPER
            assert len({packet.ssrc for packet in headset.packets}) == 1
            first = headset.packets[0].sequence
            assert [p.sequence for p in headset.packets] == [
                (first + n) & 0xFFFF for n in range(len(headset.packets))
            ]
            assert [p.marker for p in headset.packets].count(True) == 2
        finally:
            headset.close()


@pytest.mark.parametrize(
    ("status", "q850", "by", "logged"),
    [
        (486, 17, "callee", "callee"),
        (603, 21, "callee", "callee"),
        (404, 1, "network", "network"),
        (410, 22, "network", "network"),
        (480, 20, "network", "network"),
        (503, 34, "network", "network"),
        (608, None, "network", "network"),
        (302, None, "network", "network"),
    ],
)
async def test_not_answered(status: int, q850: int | None, by: str, logged: str) -> None:
    async with floor() as f:
        f.script.plans[NUMBER] = plan(final=status, q850=q850)
        call_id = f.call(1)
        ended = await f.event(CallEnded, 1)
        assert ended == CallEnded(1, by, status, q850)
        assert f.of(1) == [CallProgress(1, 180), ended]
        entry = await f.entry(call_id)
        assert (entry["final"], entry["q850"], entry["ended_by"]) == (status, q850, logged)
        assert entry["answered_at"] is None


async def test_nobody_answers_and_we_give_up() -> None:
    async with floor() as f:
        f.script.plans[NUMBER] = FOREVER
        call_id = f.call(1)
        await f.event(CallProgress, 1)
        f.carrier.carry_out(CancelCall(1))
        assert await f.event(CallEnded, 1) == CallEnded(1, "dialer", 487)
        entry = await f.entry(call_id)
        assert (entry["final"], entry["ended_by"]) == (487, "caller")


async def test_cancel_waits_for_the_first_response_of_the_network() -> None:
    async with floor() as f:
        f.script.plans[NUMBER] = FOREVER
        call_id = f.call(1)
        f.carrier.carry_out(CancelCall(1))
        f.carrier.carry_out(CancelCall(1))
        assert await f.event(CallEnded, 1) == CallEnded(1, "dialer", 487)
        assert (await f.entry(call_id))["ended_by"] == "caller"


async def test_the_answer_crosses_our_cancel() -> None:
    async with floor() as f:
        f.script.plans[NUMBER] = plan(ring_s=60.0, quirk=Quirk.ANSWER_AFTER_CANCEL)
        call_id = f.call(1)
        await f.event(CallProgress, 1)
        f.carrier.carry_out(CancelCall(1))
        await f.event(CallEnded, 1)
        assert f.of(1)[1:] == [CallAnswered(1), CallEnded(1, "dialer")]
        entry = await f.entry(call_id)
        assert (entry["final"], entry["ended_by"]) == (200, "caller")


async def test_answer_without_any_provisional() -> None:
    async with floor() as f:
        f.script.plans[NUMBER] = plan(quirk=Quirk.NO_PROVISIONAL)
        call_id = f.call(1)
        await f.event(CallAnswered, 1)
        f.carrier.carry_out(HangUp(1))
        await f.event(CallEnded, 1)
        assert f.of(1) == [CallAnswered(1), CallEnded(1, "dialer")]
        entry = await f.entry(call_id)
        assert (entry["provisional"], entry["ended_by"]) == (None, "caller")


async def test_early_media_then_unavailable() -> None:
    async with floor() as f:
        f.script.plans[NUMBER] = plan(
            ring_s=0.15, final=480, q850=20, quirk=Quirk.PROGRESS_THEN_UNAVAILABLE, persona=Persona.SILENCE
        )
        call_id = f.call(1)
        await f.event(CallEnded, 1)
        assert f.of(1) == [CallProgress(1, 183), CallEnded(1, "network", 480, 20)]
        entry = await f.entry(call_id)
        assert entry["rtp_out"] > 0  # the announcement was played


async def test_early_media_is_not_taken_for_the_contacts_voice() -> None:
    async with floor() as f:
        headset = Headset()
        try:
            f.carrier.audio.lines.open("ann", headset.address)
            f.script.plans[NUMBER] = plan(ring_s=0.15, quirk=Quirk.PROGRESS_THEN_UNAVAILABLE, talk_s=3.0)
            f.react = lambda event: (
                f.carrier.carry_out(Join(1, "ann")) if isinstance(event, CallAnswered) else None
            )
            f.call(1)
            await headset.hears(3)
            assert set(headset.heard) == {Persona.RIGHT_PARTY}
            assert CallProgress(1, 183) in f.events
        finally:
            headset.close()


async def test_lost_ack_is_sent_again_for_the_repeated_200() -> None:
    async with floor() as f:
        f.script.plans[NUMBER] = plan(quirk=Quirk.LOST_ACK, patience_s=0.2)
        call_id = f.call(1)
        ended = await f.event(CallEnded, 1)
        # Had no ACK come, the network could not have sent its BYE before 64·T1 = 1.28 s.
        assert f.of(1) == [CallProgress(1, 180), CallAnswered(1), ended]
        assert ended == CallEnded(1, "callee")
        entry = await f.entry(call_id)
        assert entry["ended_by"] == "callee"
        assert entry["ended_at"] - entry["answered_at"] < 1.0


async def test_byes_cross() -> None:
    async with floor() as f:
        f.script.plans[NUMBER] = plan(quirk=Quirk.BYE_CROSSING, talk_s=60.0, patience_s=60.0)
        call_id = f.call(1)
        await f.event(CallAnswered, 1)
        f.carrier.carry_out(HangUp(1))
        assert await f.event(CallEnded, 1) == CallEnded(1, "dialer")
        assert (await f.entry(call_id))["ended_by"] == "both"


async def test_false_answer_sends_no_sound() -> None:
    async with floor() as f:
        headset = Headset()
        try:
            f.carrier.audio.lines.open("ann", headset.address)
            f.script.plans[NUMBER] = plan(persona=Persona.SILENCE, talk_s=0.15)
            f.react = lambda event: (
                f.carrier.carry_out(Join(1, "ann")) if isinstance(event, CallAnswered) else None
            )
            call_id = f.call(1)
            assert await f.event(CallEnded, 1) == CallEnded(1, "callee")
            assert headset.packets == []
            assert not any(isinstance(event, AudioFlowing) for event in f.events)
            assert (await f.entry(call_id))["rtp_out"] == 0
        finally:
            headset.close()


async def test_a_contact_of_whom_nothing_is_heard_any_more_is_hung_up_by_the_network() -> None:
    async with floor() as f:
        f.carrier.audio.contact_silent_s = 0.2
        f.script.plans[NUMBER] = plan(persona=Persona.SILENCE, talk_s=60.0, patience_s=60.0)
        call_id = f.call(1)
        end = await f.event(CallEnded, 1)
        assert end.by == "network"
        assert end.note.startswith("no audio from the contact for ")
        assert (await f.entry(call_id))["ended_by"] == "caller", "somebody else's line is not kept busy"
        assert f.carrier.counters["rtp_hung_up_silent"] == 1


async def test_a_person_who_hears_nobody_hangs_up() -> None:
    async with floor() as f:
        f.script.plans[NUMBER] = plan(patience_s=0.08, talk_s=60.0)
        call_id = f.call(1)
        assert await f.event(CallEnded, 1) == CallEnded(1, "callee")
        entry = await f.entry(call_id)
        assert (entry["heard_at"], entry["rtp_in"]) == (None, 0)


async def test_a_machine_does_not_listen() -> None:
    async with floor() as f:
        headset = Headset()
        try:
            line = f.carrier.audio.lines.open("ann", headset.address)
            f.script.plans[NUMBER] = plan(persona=Persona.VOICEMAIL, talk_s=0.6)
            f.react = lambda event: (
                f.carrier.carry_out(Join(1, "ann")) if isinstance(event, CallAnswered) else None
            )
            call_id = f.call(1)
            await headset.hears(15)
            headset.say(line, 3)
            assert await f.event(CallEnded, 1) == CallEnded(1, "callee")
            entry = await f.entry(call_id)
            assert entry["rtp_in"] == 3
            assert entry["ended_at"] - entry["answered_at"] > 0.59
            assert entry["ended_at"] - entry["heard_at"] < 0.6  # it did not begin again when it was spoken to
        finally:
            headset.close()


async def test_a_network_that_never_answers() -> None:
    async with floor(timers=SipTimers(t1_s=0.003, t2_s=0.01, t4_s=0.01)) as f:
        f.script.plans[NUMBER] = plan(quirk=Quirk.NO_RESPONSE)
        call_id = f.call(1)
        assert await f.event(CallEnded, 1) == CallEnded(1, "network", None)
        assert f.script.asked == [(NUMBER, 1)]  # seven INVITEs, one call
        entry = await f.entry(call_id)
        assert (entry["final"], entry["ended_by"]) == (None, "nobody")


async def test_given_up_before_the_network_ever_answered() -> None:
    async with floor(timers=SipTimers(t1_s=0.003, t2_s=0.01, t4_s=0.01)) as f:
        f.script.plans[NUMBER] = plan(quirk=Quirk.NO_RESPONSE)
        f.call(1)
        f.carrier.carry_out(CancelCall(1))
        assert await f.event(CallEnded, 1) == CallEnded(1, "dialer", None)


async def test_beyond_the_networks_channels() -> None:
    async with floor(max_calls=2) as f:
        f.script.plans[NUMBER] = FOREVER
        for attempt_id in (1, 2):
            f.call(attempt_id)
            await f.event(CallProgress, attempt_id)
        f.call(3)
        assert await f.event(CallEnded, 3) == CallEnded(3, "network", 503, 34)


async def test_calls_of_one_number_are_counted() -> None:
    async with floor() as f:
        f.script.plans[NUMBER] = plan(final=486)
        for attempt_id in (1, 2, 3):
            call_id = f.call(attempt_id)
            await f.event(CallEnded, attempt_id)
            assert (await f.entry(call_id))["nth_call"] == attempt_id
        assert f.script.asked == [(NUMBER, 1), (NUMBER, 2), (NUMBER, 3)]


async def test_many_at_once_each_ends_once_and_agrees_with_the_network() -> None:
    kinds = [
        plan(),
        plan(final=486, q850=17),
        plan(final=503, q850=34),
        plan(quirk=Quirk.NO_PROVISIONAL, patience_s=0.1),
        plan(quirk=Quirk.LOST_ACK, patience_s=0.15),
        plan(quirk=Quirk.PROGRESS_THEN_UNAVAILABLE, final=480),
        plan(persona=Persona.VOICEMAIL),
    ]
    async with floor() as f:
        for n in range(70):
            f.script.plans[f"+1{n}"] = plan(patience_s=0.1) if n % 7 == 0 else kinds[n % 7]
        call_ids = {n: f.call(n, f"+1{n}") for n in range(70)}
        await f.until(lambda: sum(isinstance(e, CallEnded) for e in f.events) == 70)
        for n, call_id in call_ids.items():
            ends = [event for event in f.of(n) if isinstance(event, CallEnded)]
            entry = await f.entry(call_id)
            assert len(ends) == 1
            assert (CallAnswered(n) in f.of(n)) == (entry["answered_at"] is not None)
            if ends[0].status is not None:
                assert (ends[0].status, ends[0].q850) == (entry["final"], entry["q850"])
            assert entry["number"] == f"+1{n}"
        assert f.media.open_legs == 0


# --- our own faults -------------------------------------------------------------------------------------------


async def test_no_rtp_port_left_is_our_fault() -> None:
    async with floor(first=FIRST_PORT + 450, last=FIRST_PORT + 452) as f:
        f.script.plans[NUMBER] = FOREVER
        for attempt_id in (1, 2, 3):
            f.call(attempt_id)
        fault = await f.event(CallFault, 3)
        assert fault.cause == "no RTP port is free: 2 of 2 are in use"
        f.carrier.carry_out(CancelCall(1))
        await f.event(CallEnded, 1)
        f.call(4)  # the port is free again
        await f.event(CallProgress, 4)
        assert f.of(3) == [fault]


@pytest.mark.parametrize("number", ["", "+49 30\r\nX-Evil: 1", "+49<30>", "+49@elsewhere"])
async def test_a_number_that_cannot_be_dialed_is_a_fault(number: str) -> None:
    async with floor() as f:
        f.call(1, number)
        await f.event(CallFault, 1)
        assert len(f.events) == 1
        assert f.script.asked == []


async def test_commands_for_calls_that_are_over_are_ignored() -> None:
    async with floor() as f:
        f.script.plans[NUMBER] = plan(final=486)
        f.call(1)
        await f.event(CallEnded, 1)
        before = list(f.events)
        for command in (CancelCall(1), HangUp(1), Join(1, "ann"), CancelCall(99)):
            f.carrier.carry_out(command)
        assert f.events == before


async def test_joining_with_an_agent_without_a_line_ends_the_call() -> None:
    async with floor() as f:
        f.script.plans[NUMBER] = plan(patience_s=60.0)
        f.call(1)
        await f.event(CallAnswered, 1)
        f.carrier.carry_out(Join(1, "nobody"))
        assert await f.event(CallEnded, 1) == CallEnded(1, "dialer")


async def test_the_same_attempt_twice_is_one_call() -> None:
    async with floor() as f:
        f.script.plans[NUMBER] = plan(final=486)
        f.call(1)
        f.call(1)
        await f.event(CallEnded, 1)
        assert len(f.script.asked) == 1
        assert [type(event) for event in f.events] == [CallProgress, CallEnded]


# --- the end --------------------------------------------------------------------------------------------------


async def test_hang_up_all_ends_ringing_and_answered_calls() -> None:
    async with floor() as f:
        f.script.plans["+11"] = FOREVER
        f.script.plans["+12"] = plan(patience_s=60.0)
        ids = [f.call(1, "+11"), f.call(2, "+12")]
        await f.event(CallProgress, 1)
        await f.event(CallAnswered, 2)
        assert await f.carrier.hang_up_all(5.0) == 0
        assert f.of(1)[-1] == CallEnded(1, "dialer", 487)
        assert f.of(2)[-1] == CallEnded(2, "dialer")
        assert [(await f.entry(call_id))["ended_by"] for call_id in ids] == ["caller", "caller"]


async def test_hang_up_all_does_not_wait_for_ever() -> None:
    async with floor() as f:
        f.script.plans[NUMBER] = plan(quirk=Quirk.NO_RESPONSE)
        f.call(1)
        assert await f.carrier.hang_up_all(0.05) == 1
        assert f.events == [CallEnded(1, "dialer", None)]


async def test_close_ends_what_is_open_and_may_be_called_twice() -> None:
    async with floor() as f:
        f.script.plans[NUMBER] = plan(patience_s=60.0)
        f.call(1)
        await f.event(CallAnswered, 1)
        await f.carrier.close()
        await f.carrier.close()
        assert f.of(1)[-1] == CallEnded(1, "dialer")
        f.call(2)
        assert [type(event) for event in f.of(2)] == [CallFault]


async def test_calls_open_at_the_networks_end_are_in_its_log() -> None:
    async with floor() as f:
        f.script.plans[NUMBER] = plan(patience_s=60.0)
        call_id = f.call(1)
        await f.event(CallAnswered, 1)
        assert f.network is not None
        f.network.close()
        entry = await f.entry(call_id)
        assert (entry["ended_by"], entry["ended_at"], entry["final"]) == ("nobody", None, 200)


async def test_garbage_troubles_neither_side() -> None:
    async with floor() as f:
        assert f.network is not None
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=(HOST, 0))
        try:
            for target in (f.network.address, f.carrier.address):
                for data in (
                    b"",
                    b"\0" * 40,
                    b"hello\r\n\r\n",
                    b"INVITE sip:x@y SIP/2.0\r\nVia: broken",
                    b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 1.2.3.4;branch=z9hG4bKx\r\nCall-ID: 1\r\n"
                    b"CSeq: 1 INVITE\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n\r\n",
                    bytes(range(256)) * 20,
                ):
                    transport.sendto(data, target)
            f.script.plans[NUMBER] = plan(final=486)
            f.call(1)
            assert await f.event(CallEnded, 1) == CallEnded(1, "callee", 486)
        finally:
            transport.abort()
            await asyncio.sleep(0)


async def test_the_network_counts_how_often_a_call_was_placed_also_after_its_end() -> None:
    async with floor() as f:
        assert f.network is not None
        f.script.plans[NUMBER] = plan(final=486, q850=17)
        with bind_udp(HOST, 0) as caller:
            for branch in ("one", "one", "two", "one"):
                text = (
                    f"INVITE sip:{NUMBER}@{HOST} SIP/2.0\r\n"
                    f"Via: SIP/2.0/UDP {HOST};rport;branch=z9hG4bK{branch}\r\n"
                    f"From: <sip:+4930231259@{HOST}>;tag=1\r\nTo: <sip:{NUMBER}@{HOST}>\r\nCall-ID: twice\r\n"
                    f"CSeq: 1 INVITE\r\nContact: <sip:a@{HOST}>\r\nMax-Forwards: 70\r\n\r\n"
                )
                caller.sendto(text.encode(), f.network.address)
                if branch == "one":
                    await f.until_logged(1)
        await f.until_logged(2)
        first, second = [json.loads(line) for line in f.log.getvalue().splitlines()]
        assert (first["invites"], first["final"], first["ended_with"]) == (1, 486, "final")
        assert (second["call_id"], second["invites"]) == ("twice", 2)
        assert second["retransmissions"] >= 1


async def test_a_trunk_is_taken_away_and_another_added_while_calls_go_on() -> None:
    async with floor() as f:
        f.script.plans[NUMBER] = plan(talk_s=30.0, patience_s=30.0)
        talking = f.call(1)
        await f.event(CallAnswered, 1)
        assert f.network is not None
        await f.carrier.set_trunks([Trunk("new", *f.network.address)])
        f.call(2)  # over "sim", which is no more
        assert isinstance(await f.event(CallFault, 2), CallFault)
        f.carrier.carry_out(Originate(3, "call-3", "+4930231257", "new", "+4930231259"))
        await f.event(CallAnswered, 3)
        f.carrier.carry_out(HangUp(1))
        await f.event(CallEnded, 1)
        entry = await f.entry(talking)
        assert (entry["ended_by"], entry["ended_with"], entry["invites"]) == ("caller", "bye", 1)
