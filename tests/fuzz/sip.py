"""Every parser of `dialer.sip`; CI has hypothesis for the same (`tests/properties/test_sip_garbage.py`)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from dialer.sip.digest import Challenge, digest_params, nextnonce, usable
from dialer.sip.errors import MalformedMessage, MalformedSdp, NoCommonCodec, UnusableChallenge
from dialer.sip.extensions import SessionExpires, parse_rack, parse_rseq, parse_seconds
from dialer.sip.framing import Framer
from dialer.sip.headers import NameAddr, Via, parse_cseq, q850_of, split_list, tag_of
from dialer.sip.sdes import Crypto
from dialer.sip.sdp import answer, answer_again, continued, parse
from dialer.sip.uri import Uri
from tests.properties.test_sip_garbage import STANDINGS, real_messages, receive

FOLDER = Path(__file__).parents[1] / "data" / "rfc4475"
OURS = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
DECLARED = (MalformedMessage, MalformedSdp, NoCommonCodec, UnusableChallenge)
"""What a parser may raise; anything else is a find."""


def during_calls(data: bytes) -> None:
    """A datagram, to one with a call in the standing that its first octet says."""
    receive(STANDINGS[data[0] % len(STANDINGS)], data[1:])


def stream(data: bytes) -> None:
    """A connection's octets, cut at every 13th."""
    framer = Framer()
    for at in range(0, len(data), 13):
        for message in framer.feed(data[at : at + 13], 0.0):
            receive("idle", message)


def values(data: bytes) -> None:
    """A header's value, as each header there is."""
    entries: tuple[Callable[[bytes], object], ...] = (
        tag_of,
        split_list,
        q850_of,
        NameAddr.parse,
        Via.parse,
        parse_cseq,
        Uri.parse,
        parse_rack,
        parse_rseq,
        parse_seconds,
        SessionExpires.parse,
        Challenge.parse,
        nextnonce,
        lambda value: usable([value]),
        lambda value: digest_params(value.decode("utf-8", "replace")),
        lambda value: Crypto.parse(value.decode("utf-8", "replace")),
    )
    for entry in entries:
        with contextlib.suppress(*DECLARED):
            entry(data)


def descriptions(data: bytes) -> None:
    """A session description, offered at first and later."""
    for entry in (parse, lambda body: answer(body, "192.0.2.1", 4000, 1), lambda body: answer_again(OURS, body)):
        with contextlib.suppress(*DECLARED):
            entry(data)
    with contextlib.suppress(*DECLARED):
        continued(OURS, data)


ENTRIES = (during_calls, stream, values, descriptions)


def seeds() -> Iterator[tuple[Callable[[bytes], None], bytes]]:
    """Messages that belong to the calls, RFC 4475's, and what stands in them."""
    for message in (*real_messages(), *(path.read_bytes() for path in sorted(FOLDER.glob("*.dat")))):
        for octet in range(len(STANDINGS)):
            yield during_calls, bytes([octet]) + message
        yield stream, message
        head, _, body = message.partition(b"\r\n\r\n")
        for line in head.split(b"\r\n")[1:]:
            yield values, line.partition(b":")[2].strip()
        if body:
            yield descriptions, body
