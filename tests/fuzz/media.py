"""Every parser of `dialer.media`: RTP, RTCP, telephone events, jitter, protected packets, orders and events."""

from __future__ import annotations

import contextlib
import json
import random
from base64 import b64encode
from collections.abc import Callable, Iterator

from dialer.media import events, orders
from dialer.media.errors import MalformedMessage, MalformedPacket
from dialer.media.leg import Leg
from dialer.media.rtcp import SenderInfo, compound, ntp_of, parse
from dialer.media.rtp import RtpPacket
from dialer.media.splice import RtpSplice
from dialer.media.switchboard import Switchboard
from dialer.media.telephone_event import DigitReader
from dialer.media.wire import Codec
from dialer.telephony.media_messages import EVENTS, ORDERS
from dialer.telephony.media_server.srtp import Srtp

FAR = ("192.0.2.1", 4_000)
WALL = 1.79e9
KEY = b64encode(bytes(range(30))).decode()
TO_MEDIA: Codec[orders.Order | orders.StockOrder] = Codec(ORDERS)
FROM_MEDIA: Codec[events.Event | events.Notice] = Codec(EVENTS)
SUITE = "AES_CM_128_HMAC_SHA1_80"


def packets(data: bytes) -> None:
    """One datagram, to each parser."""
    for entry in (RtpPacket.parse, parse):
        with contextlib.suppress(MalformedPacket):
            entry(data)
    DigitReader().read(1, 0, data)


def legs(data: bytes) -> None:
    """A talk's datagrams, each with its length (two octets) before it and how late it comes; heard by a leg that
    gets them as they come, by one that hears a mix, and by a recording."""
    board = Switchboard(random.Random(1), WALL)
    for number in (1, 2, 3):
        board.add(Leg(number, RtpSplice(number, 0, 0)))
        board.order(orders.Connect(number, *FAR, telephone_event=101, rtcp_port=4_001, rtcp_mux=True), 0.0)
    board.order(orders.Bridge(1, ((1, (2, 3)), (2, (1,)), (3, (1, 2)))), 0.0)
    board.order(orders.Record(1, 1, "nowhere"), 0.0)
    board.order(orders.Collect(1, 1, most=3), 0.0)
    now = 0.0
    while len(data) > 3:
        size = data[0] << 8 | data[1]
        leg = board.legs[1 + data[2] % 3]
        now += data[2] / 1_000
        board.receive(leg, data[3 : 3 + size], FAR, now)
        board.receive_report(leg, data[3 : 3 + size], FAR, now)
        board.tick(now)
        data = data[3 + size :]
    for _, packet in board.out:
        RtpPacket.parse(packet)
    for _, packet in board.reports:
        parse(packet)
    for leg in tuple(board.legs.values()):
        board.order(orders.Close(leg.leg), now)


def protected(data: bytes) -> None:
    """A datagram on a leg that is protected."""
    Srtp(orders.Protect(1, SUITE, KEY, KEY)).unprotect(data)


def messages(data: bytes) -> None:
    """Between the processes."""
    with contextlib.suppress(MalformedMessage):
        TO_MEDIA.decode(data)
    with contextlib.suppress(MalformedMessage):
        FROM_MEDIA.decode(data)


ENTRIES = (packets, legs, protected, messages)


def seeds() -> Iterator[tuple[Callable[[bytes], None], bytes]]:
    """What a call sends."""
    speech = [RtpPacket(codec, n, 160 * n, 7, bytes([n]) * 160).pack() for codec in (0, 8, 13) for n in range(3)]
    digit = [RtpPacket(101, n, 0, 7, bytes([5, 10, 0, 160 * n])).pack() for n in range(1, 2)]
    sender = SenderInfo(ntp_of(WALL), 160, 1, 160)
    reports = [compound(7, sender, None, b"a", bye=True), compound(7, None, None, b"abcd", bye=False)]
    every = [*speech, *digit, *reports]
    for data in every:
        yield packets, data
        yield legs, b"".join(len(one).to_bytes(2, "big") + b"\x14" + one for one in (data, *speech[:3], data))
    outgoing = Srtp(orders.Protect(1, SUITE, KEY, KEY))
    for data in speech[:3]:  # one number is never protected twice
        yield protected, outgoing.protect(data)
    for data in reports:
        yield protected, outgoing.protect_report(data)
    yield messages, TO_MEDIA.encode(orders.Bridge(1, ((1, (2,)), (2, (1,)))))
    yield messages, FROM_MEDIA.encode(events.Silent(1, 2.0))
    yield messages, json.dumps(["Connect", 1, "192.0.2.1", 4_000]).encode()
