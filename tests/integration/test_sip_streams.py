"""SIP over TCP and TLS on loopback: two user agents, and far ends that misbehave."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from dialer.sip.events import Accepted, Ended, Failed, Incoming, SipEvent, TargetFailed
from dialer.sip.hop import StreamHop
from dialer.telephony.errors import AddressUnavailable, CertificateUnusable
from dialer.telephony.sip_side import SipSide
from dialer.telephony.streams import StreamLimits
from dialer.telephony.tls import TlsFiles
from tests.certificates import Certificates, make
from tests.integration.sip_sides import HOST, Side, answer, side
from tests.unit.sip.peer import OFFER, order, request

PATIENCE_S = 5.0


def streams_of(it: Side) -> int:
    streams = it.endpoint._streams
    assert streams is not None
    return streams.open


async def test_a_call_over_tcp_uses_one_connection_and_sends_nothing_twice() -> None:
    async with side(SipSide(tcp=True), react=answer) as callee, side(SipSide()) as caller:
        caller.call(1, StreamHop(HOST, callee.port, "tcp"))
        await caller.until(Accepted)
        caller.endpoint.core.bye(1, caller.endpoint.now())
        caller.endpoint.flush()
        await caller.until(Ended)
        await callee.until(Ended)
        assert (streams_of(caller), streams_of(callee)) == (1, 1)
        for it in (caller, callee):
            assert "retransmissions_received" not in it.endpoint.core.counters
        incoming = await callee.until(Incoming)
        assert isinstance(incoming, Incoming)
        assert isinstance(incoming.source, StreamHop)


async def test_the_callee_hangs_up_over_the_connection_it_was_called_by() -> None:
    async with side(SipSide(tcp=True), react=answer) as callee, side(SipSide()) as caller:  # the caller takes none
        caller.call(1, StreamHop(HOST, callee.port, "tcp"))
        await caller.until(Accepted)
        callee.endpoint.core.bye(-1, callee.endpoint.now())
        callee.endpoint.flush()
        assert await caller.until(Ended) == Ended(1, by_remote=True)


async def test_nobody_there_fails_the_call_at_once_and_the_next_is_not_tried_too_soon() -> None:
    async with side(SipSide()) as caller, side(SipSide()) as nobody:  # UDP only
        hop = StreamHop(HOST, nobody.port, "tcp")
        with capture_logs() as logs:
            caller.call(1, hop)
            assert await caller.until(Failed) == Failed(1, 503, unsent=True)
            caller.call(2, hop)
            async with asyncio.timeout(PATIENCE_S):
                while Failed(2, 503, unsent=True) not in caller.told:
                    await asyncio.sleep(0.001)
        (line,) = [entry for entry in logs if entry["event"] == "cannot connect"]
        assert "refuses connections" in line["cause"]


async def test_the_next_server_takes_the_call() -> None:
    async with side(SipSide(), react=answer) as callee, side(SipSide()) as caller:
        dead = StreamHop(HOST, callee.port, "tcp")
        caller.call(1, dead, (HOST, callee.port))
        await caller.until(Accepted)
        assert [event for event in caller.told if isinstance(event, TargetFailed)] == [TargetFailed(1, dead, 408)]


LARGE = OFFER + b"a=x-padding:" + b"x" * 1_200 + b"\r\n"


@pytest.mark.parametrize("tcp", [True, False])
async def test_what_is_too_large_for_a_packet_goes_over_tcp_where_that_is_spoken(tcp: bool) -> None:
    async with side(SipSide(tcp=tcp), react=answer) as callee, side(SipSide()) as caller:
        caller.call(1, (HOST, callee.port), body=LARGE, tcp_when_large=True)
        await caller.until(Accepted)
        incoming = await callee.until(Incoming)
        assert isinstance(incoming, Incoming)
        assert isinstance(incoming.source, StreamHop) == tcp
        assert incoming.body == LARGE


async def test_a_lost_connection_does_not_end_a_call() -> None:
    async with side(SipSide(tcp=True), react=answer) as callee, side(SipSide()) as caller:
        caller.call(1, StreamHop(HOST, callee.port, "tcp"))
        await caller.until(Accepted)
        streams = caller.endpoint._streams
        assert streams is not None
        for link in tuple(streams._by_flow.values()):
            link.abort()
        async with asyncio.timeout(PATIENCE_S):
            while streams_of(callee):
                await asyncio.sleep(0.001)
        assert caller.endpoint.core.open_calls() == 1
        caller.endpoint.core.bye(1, caller.endpoint.now())  # over a new one
        caller.endpoint.flush()
        assert await callee.until(Ended) == Ended(-1, by_remote=True)


async def test_a_taken_port_is_said(tmp_path: Path) -> None:
    async with side(SipSide(tcp=True)) as first:
        with pytest.raises(AddressUnavailable, match=r"\(TLS\)"):
            async with side(SipSide(tls_listen=(HOST, first.port), tls=certificates(tmp_path)[1])):
                pass


# -- TLS --


def certificates(folder: Path, names: str = "DNS:sip.example,IP:127.0.0.1") -> tuple[Certificates, TlsFiles]:
    made = make(folder, names)
    return made, TlsFiles(made.ca, made.certificate, made.key)


async def call_over_tls(
    tmp_path: Path, name: str, *, names: str = "DNS:sip.example,IP:127.0.0.1", trusted: bool = True
) -> tuple[list[SipEvent], list[str]]:
    """What the caller was told first, and why it could not connect."""
    made, files = certificates(tmp_path, names)
    async with side(SipSide(tls_listen=(HOST, 0), tls=files), react=answer) as callee:
        streams = callee.endpoint._streams
        assert streams is not None
        port = streams._servers[0].sockets[0].getsockname()[1]
        async with side(SipSide(tls=TlsFiles(made.ca) if trusted else TlsFiles())) as caller:
            with capture_logs() as logs:
                caller.call(1, StreamHop(HOST, port, "tls", name))
                async with asyncio.timeout(PATIENCE_S):
                    while not caller.told:
                        await asyncio.sleep(0.001)
                if isinstance(caller.told[0], Accepted):
                    caller.endpoint.core.bye(1, caller.endpoint.now())
                    caller.endpoint.flush()
                    await caller.until(Ended)
    return caller.told, [entry["cause"] for entry in logs if entry["event"] == "cannot connect"]


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("name", ["sip.example", ""])
async def test_a_call_over_tls(tmp_path: Path, name: str) -> None:
    told, causes = await call_over_tls(tmp_path, name)
    assert [type(event) for event in told] == [Accepted, Ended]
    assert causes == []


@pytest.mark.needs("openssl")
async def test_a_certificate_of_another_name_is_not_accepted(tmp_path: Path) -> None:
    told, (cause,) = await call_over_tls(tmp_path, "other.example")
    assert told == [Failed(1, 503, unsent=True)]
    assert "other.example" in cause
    assert "name the host as in the certificate" in cause


@pytest.mark.needs("openssl")
async def test_a_certificate_of_an_unknown_authority_is_not_accepted(tmp_path: Path) -> None:
    told, (cause,) = await call_over_tls(tmp_path, "sip.example", trusted=False)
    assert told == [Failed(1, 503, unsent=True)]
    assert "sip.tls_ca" in cause


@pytest.mark.needs("openssl")
async def test_files_that_do_not_belong_together_are_said_before_anything_is_opened(tmp_path: Path) -> None:
    made = make(tmp_path)
    with pytest.raises(CertificateUnusable, match=r"ca\.pem"):
        async with side(SipSide(tls_listen=(HOST, 0), tls=TlsFiles(made.ca, made.ca, made.key))):
            pass


# -- who misbehaves --


async def test_a_scanner_a_slow_one_and_a_crowd() -> None:
    limits = StreamLimits(sweep_s=0.01, incoming_of_one=2, idle_s=0.5)
    async with side(SipSide(tcp=True, limits=limits)) as it:
        reader, writer = await asyncio.open_connection(HOST, it.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(PATIENCE_S):
            assert await read_all(reader) == b""  # the connection is ended without a word
        writer.close()
        held = [await asyncio.open_connection(HOST, it.port) for _ in range(3)]
        async with asyncio.timeout(PATIENCE_S):
            assert await read_all(held[2][0]) == b""  # one too many
            started = time.monotonic()
            assert await read_all(held[0][0]) == b""  # idle
            assert time.monotonic() - started < 4.0
        for _, open_writer in held:
            open_writer.close()


async def test_pings_are_answered_and_requests_come_in_pieces_and_together() -> None:
    async with side(SipSide(tcp=True)) as it:
        reader, writer = await asyncio.open_connection(HOST, it.port)
        writer.write(b"\r\n\r\n")
        async with asyncio.timeout(PATIENCE_S):
            assert await reader.readexactly(2) == b"\r\n"
            both = request("OPTIONS", branch="z9hG4bK1") + request("OPTIONS", branch="z9hG4bK2", cseq=2)
            both = both.replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP")
            for at in range(0, len(both), 100):
                writer.write(both[at : at + 100])
                await writer.drain()
            answers = b""
            while answers.count(b"SIP/2.0 200") < 2:
                answers += await reader.read(10_000)
        writer.close()


async def read_all(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


async def test_over_ipv6() -> None:
    async with side(SipSide(tcp=True), host="::1", react=answer) as callee, side(SipSide(), host="::1") as caller:
        for key, hop in ((1, ("::1", callee.port)), (2, StreamHop("::1", callee.port, "tcp"))):
            caller.told.clear()
            caller.call(key, hop)
            await caller.until(Accepted)
            caller.endpoint.core.bye(key, caller.endpoint.now())
            caller.endpoint.flush()
            await caller.until(Ended)


async def test_a_public_address_is_what_the_far_end_sees() -> None:
    async with side(SipSide(public_host="198.51.100.4")) as it:
        it.endpoint.core.invite(order(), 0.0)
        ((data, _),) = it.endpoint.core.datagrams_to_send()
        assert b"Via: SIP/2.0/UDP 198.51.100.4:" in data
        assert b"Contact: <sip:dialer@198.51.100.4:" in data
