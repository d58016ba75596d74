"""RTCP: sender and receiver reports, source descriptions, BYE (RFC 3550 § 6), and what we learn from them.

Times of NTP are passed in as its 64 bits; those of the round trip as their middle 32 (1/65536 s, § 4).
"""

from __future__ import annotations

from struct import Struct

from dialer.media.errors import MalformedPacket
from dialer.media.reception import ReportBlock
from lists.value import value

SENDER_REPORT = 200
RECEIVER_REPORT = 201
DESCRIPTION = 202
GOODBYE = 203

INTERVAL_S = 5.0
"""Between two reports of one leg (§ 6.2); each is drawn from half to one and a half of it (§ 6.3.1)."""

NTP_EPOCH_S = 2_208_988_800
"""1900 to 1970."""

_HEAD = Struct("!BBHI")
_SENDER = Struct("!QIII")
_BLOCK = Struct("!IB3sIIII")
_MIDDLE = 0xFFFF_FFFF


@value
class SenderInfo:
    """`ntp`: 64 bits, the moment; `timestamp`: the same on the stream's clock."""

    ntp: int
    timestamp: int
    packets: int
    octets: int


@value
class Report:
    """One sender or receiver report of `ssrc`. `sender`: None in a receiver report."""

    ssrc: int
    sender: SenderInfo | None
    blocks: tuple[ReportBlock, ...]


@value
class Goodbye:
    """The source has left (§ 6.6)."""

    ssrc: int


def ntp_of(at: float) -> int:
    """`at`: seconds since 1970, UTC, as NTP's 64 bits."""
    return round((at + NTP_EPOCH_S) * 4_294_967_296.0) & 0xFFFF_FFFF_FFFF_FFFF


def middle(ntp: int) -> int:
    """The middle 32 bits of an NTP time: 1/65536 s."""
    return ntp >> 16 & _MIDDLE


def is_rtcp(data: bytes) -> bool:
    """Whether a packet on a port shared with RTP is RTCP (RFC 5761 § 4)."""
    return len(data) >= 8 and data[0] >> 6 == 2 and 192 <= data[1] <= 223


def compound(ssrc: int, sender: SenderInfo | None, block: ReportBlock | None, cname: bytes, *, bye: bool) -> bytes:
    """A compound packet: report, CNAME, and BYE when the stream ends (§ 6.1). `cname`: at most 255 octets, with
    nothing in it that says who or where we are (RFC 7022)."""
    blocks = b"" if block is None else _block(block)
    count = int(block is not None)
    if sender is None:
        report = _HEAD.pack(0x80 | count, RECEIVER_REPORT, 1 + len(blocks) // 4, ssrc) + blocks
    else:
        info = _SENDER.pack(sender.ntp, sender.timestamp, sender.packets & _MIDDLE, sender.octets & _MIDDLE)
        report = _HEAD.pack(0x80 | count, SENDER_REPORT, 6 + len(blocks) // 4, ssrc) + info + blocks
    item = bytes((1, len(cname))) + cname
    item += bytes(4 - len(item) % 4)  # at least one octet of zero ends the list
    described = _HEAD.pack(0x81, DESCRIPTION, 1 + len(item) // 4, ssrc) + item
    return report + described + (_HEAD.pack(0x81, GOODBYE, 1, ssrc) if bye else b"")


def _block(block: ReportBlock) -> bytes:
    lost = block.lost.to_bytes(3, "big", signed=True)
    return _BLOCK.pack(
        block.ssrc,
        block.fraction_lost,
        lost,
        block.highest,
        block.jitter & _MIDDLE,
        block.last_report,
        block.delay,
    )


def parse(data: bytes) -> tuple[Report | Goodbye, ...]:
    """What a compound packet says; kinds of packet that are not ours are read over. Raises `MalformedPacket`, for
    a length beyond the datagram as well."""
    found: list[Report | Goodbye] = []
    at = 0
    while at < len(data):
        if len(data) - at < 4 or data[at] >> 6 != 2:
            raise MalformedPacket("no RTCP packet of version 2")
        count, kind = data[at] & 0x1F, data[at + 1]
        end = at + 4 + 4 * int.from_bytes(data[at + 2 : at + 4], "big")
        if end > len(data):
            raise MalformedPacket("RTCP packet cut short")
        if kind in (SENDER_REPORT, RECEIVER_REPORT):
            found.append(_report(data[at:end], kind, count))
        elif kind == GOODBYE:
            if end < at + 4 + 4 * count:
                raise MalformedPacket("RTCP BYE cut short")
            starts = range(at + 4, at + 4 + 4 * count, 4)
            found += [Goodbye(int.from_bytes(data[start : start + 4], "big")) for start in starts]
        at = end
    return tuple(found)


def _report(data: bytes, kind: int, count: int) -> Report:
    start = 28 if kind == SENDER_REPORT else 8
    if len(data) < start + 24 * count:
        raise MalformedPacket("RTCP report cut short")
    ssrc = int.from_bytes(data[4:8], "big")
    sender = SenderInfo(*_SENDER.unpack_from(data, 8)) if kind == SENDER_REPORT else None
    blocks = []
    for n in range(count):
        source, fraction, lost, highest, jitter, last, delay = _BLOCK.unpack_from(data, start + 24 * n)
        lost_signed = int.from_bytes(lost, "big", signed=True)
        blocks.append(ReportBlock(source, fraction, lost_signed, highest, jitter, last, delay))
    return Report(ssrc, sender, tuple(blocks))


def round_trip_s(block: ReportBlock, now_middle: int) -> float | None:
    """Seconds to the far end and back (§ 6.4.1): `now_middle` less the moment of our report and the far end's
    delay. None when the far end has not seen a report of ours, or says what cannot be."""
    if not block.last_report:
        return None
    passed = (now_middle - block.last_report - block.delay) & _MIDDLE
    return passed / 65_536.0 if passed < 0x8000_0000 else None
