"""RTCP of a leg: what we report of it, what the far end reports of us, and the figures at its end."""

from __future__ import annotations

from dialer.media.events import LegFigures
from dialer.media.leg import Leg, LegReports
from dialer.media.rtcp import Report, SenderInfo, compound, middle, ntp_of, parse, round_trip_s
from dialer.media.rtp import CLOCK_HZ


def write_report(
    leg: Leg, reports: LegReports, now: float, wall_offset: float, cname: bytes, *, bye: bool = False
) -> bytes:
    """A sender report when something was sent since the one before, else a receiver report (RFC 3550 § 6.4)."""
    splice = leg.splice
    sender = None
    if splice.packets != reports.sent:
        reports.sent = splice.packets
        ntp = ntp_of(now + wall_offset)
        sender = SenderInfo(ntp, splice.timestamp_at(now), splice.packets, splice.octets)
    last, delay = 0, 0
    if reports.seen is not None:
        last, seen_at = reports.seen
        delay = min(0xFFFF_FFFF, round((now - seen_at) * 65_536))
    return compound(splice.ssrc, sender, leg.reception.report(last, delay), cname, bye=bye)


def take_report(leg: Leg, reports: LegReports, data: bytes, now: float, wall_offset: float) -> None:
    """What the far end says. Raises `MalformedPacket`."""
    for packet in parse(data):
        if not isinstance(packet, Report):
            continue
        if packet.sender is not None:
            reports.seen = (middle(packet.sender.ntp), now)
        for block in packet.blocks:
            if block.ssrc != leg.splice.ssrc:
                continue
            reports.far = block
            trip = round_trip_s(block, middle(ntp_of(now + wall_offset)))
            if trip is not None:
                reports.round_trip_s = trip


def figures(leg: Leg, fate: str = "") -> LegFigures:
    """The leg at its end."""
    reception, reports = leg.reception, leg.reports
    far = None if reports is None else reports.far
    trip_s = None if reports is None else reports.round_trip_s
    to_ms = 1000.0 / CLOCK_HZ
    return LegFigures(
        leg.leg,
        reception.received,
        reception.lost,
        leg.splice.packets,
        round(reception.jitter * to_ms, 2),
        round(reception.max_jitter * to_ms, 2),
        None if far is None else max(0, far.lost),
        None if far is None else round(far.jitter * to_ms, 2),
        None if trip_s is None else round(trip_s * 1000.0, 2),
        fate,
    )
