"""The SIP core with its socket: INVITE–180–200–ACK–BYE–200 against `sipp -sn uas`."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable

import uvloop

from dialer.operations.collection import rare_collections
from dialer.sip import sdp
from dialer.sip.events import Accepted, Ended, Failed, SipEvent
from dialer.sip.identity import Identity
from dialer.sip.order import InviteOrder
from dialer.sip.user_agent import UserAgent
from dialer.telephony.endpoint import SipEndpoint
from dialer.telephony.udp import Address, bind_udp
from tests.bench import sipp
from tests.bench.measure import Result, Stopwatch

HOST = "127.0.0.1"
TARGET_MS = 0.3
TICK_S = 0.005
WARM_UP = 200
LIMIT_S = 60.0


def bench(count: int = 6_000, rate: float = 1_500.0) -> list[Result]:
    """`rate`: calls started per second. The more come together, the less each costs."""
    with sipp.uas() as callee, rare_collections():
        floor_ms, _ = uvloop.run(_floor(callee, count, rate))
        ms, calibration_us = uvloop.run(_calls(callee, count, rate))
    pace = f"{rate:g} calls/s"
    whole = Result("sip", ms, "ms CPU/call", TARGET_MS, floor_ms, "bare sockets", calibration_us, count, pace)
    rest = "the call less its floor"
    core = Result("sip core", ms - floor_ms, "ms CPU/call", None, None, "", calibration_us, count, rest)
    return [whole, core]


async def _calls(callee: Address, count: int, rate: float) -> tuple[float, float]:
    """(CPU milliseconds a call, calibration)."""
    identity = Identity(os.urandom(16))
    ended = asyncio.get_running_loop().create_future()
    left = [WARM_UP]

    def on_event(event: SipEvent, now: float) -> None:
        if isinstance(event, Accepted):
            endpoint.core.bye(event.key, now)
        elif isinstance(event, Ended):
            left[0] -= 1
            if left[0] == 0:
                ended.set_result(None)
        elif isinstance(event, Failed):
            ended.set_exception(RuntimeError(f"call {event.key} failed: {event}"))

    endpoint = SipEndpoint(HOST, 0, lambda local: UserAgent(local, key=os.urandom(16)), on_event, time.monotonic)
    target = f"sip:service@{callee[0]}:{callee[1]}"

    def place(n: int) -> None:
        order = InviteOrder(
            key=n,
            call_id=identity.call_id(n),
            from_tag=identity.tag(n),
            branch=identity.branch(n),
            request_uri=target,
            from_uri=f"sip:+442079460999@{HOST}",
            to_uri=target,
            destination=callee,
            body=sdp.offer(HOST, 40_000, n),
            credentials=None,
        )
        endpoint.core.invite(order, endpoint.now())

    try:
        await _start(place, endpoint.flush, range(1, WARM_UP + 1), rate)
        await asyncio.wait_for(ended, LIMIT_S)
        ended, left[0] = asyncio.get_running_loop().create_future(), count
        watch = Stopwatch()
        await _start(place, endpoint.flush, range(WARM_UP + 1, WARM_UP + 1 + count), rate)
        await asyncio.wait_for(ended, LIMIT_S)
        cpu_s = watch.stop()
    finally:
        endpoint.close()
    return cpu_s / count * 1e3, watch.calibration_us


async def _start(place: Callable[[int], None], flush: Callable[[], None], keys: range, rate: float) -> None:
    """Place calls evenly, those of a tick together."""
    start = time.monotonic()
    waiting = iter(keys)
    placed = 0
    while placed < len(keys):
        due = min(len(keys), int((time.monotonic() - start) * rate) + 1)
        for _ in range(due - placed):
            place(next(waiting))
        placed = due
        flush()
        await asyncio.sleep(TICK_S)


# --- the floor: the same datagrams at the same pace, and nothing that understands them ------------------------

_HEADERS = (
    b"Via: SIP/2.0/UDP 127.0.0.1:%d;rport;branch=z9hG4bK%020d%b\r\nMax-Forwards: 70\r\n"
    b"From: <sip:+442079460999@127.0.0.1>;tag=%016d\r\nTo: <sip:service@127.0.0.1:%d>%b\r\n"
    b"Call-ID: %b-%032d\r\nCSeq: %d %b\r\n"
)
_CONTACT = b"Contact: <sip:dialer@127.0.0.1:%d>\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n"
_LENGTH = b"User-Agent: rightparty\r\nContent-Length: 0\r\n\r\n"


async def _floor(callee: Address, count: int, rate: float) -> tuple[float, float]:
    loop = asyncio.get_running_loop()
    ended = loop.create_future()
    sock = bind_udp(HOST, 0, receive_buffer=4 * 1024 * 1024)
    port = sock.getsockname()[1]
    run = os.urandom(4).hex().encode()
    body = sdp.offer(HOST, 40_000, 1)
    left = [WARM_UP]
    waiting: list[bytes] = []

    def request(method: bytes, n: int, cseq: int, to_tag: bytes, rest: bytes) -> bytes:
        start = b"%b sip:service@127.0.0.1:%d SIP/2.0\r\n" % (method, callee[1])
        return start + _HEADERS % (port, n, method[:1], n, callee[1], to_tag, run, n, cseq, method) + rest

    def place(n: int) -> None:
        rest = _CONTACT % port + b"User-Agent: rightparty\r\nContent-Type: application/sdp\r\n"
        waiting.append(request(b"INVITE", n, 1, b"", rest + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)))

    def flush() -> None:
        for data in waiting:
            sock.sendto(data, callee)
        waiting.clear()

    def readable() -> None:
        while True:
            try:
                data, _ = sock.recvfrom(65_535)
            except BlockingIOError:
                break
            if not data.startswith(b"SIP/2.0 200"):
                continue
            if b"INVITE" in data:
                at = data.index(b"Call-ID: ") + 18
                n = int(data[at : at + 32])
                waiting.append(request(b"ACK", n, 1, b";tag=1234567890", _LENGTH))
                waiting.append(request(b"BYE", n, 2, b";tag=1234567890", _LENGTH))
            else:
                left[0] -= 1
                if left[0] == 0:
                    ended.set_result(None)
        flush()

    loop.add_reader(sock.fileno(), readable)
    try:
        await _start(place, flush, range(1, WARM_UP + 1), rate)
        await asyncio.wait_for(ended, LIMIT_S)
        ended, left[0] = loop.create_future(), count
        watch = Stopwatch()
        await _start(place, flush, range(WARM_UP + 1, WARM_UP + 1 + count), rate)
        await asyncio.wait_for(ended, LIMIT_S)
        cpu_s = watch.stop()
    finally:
        loop.remove_reader(sock.fileno())
        sock.close()
    return cpu_s / count * 1e3, watch.calibration_us
