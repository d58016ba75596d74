"""Every parser of `dialer.sip` under a coverage-guided fuzzer, by hand; CI has hypothesis for the same
(`tests/properties/test_sip_garbage.py`, `test_sip_framing.py`).

    .venv/bin/python -m pip install atheris          # not among the project's dependencies: it needs clang's
    runtime .venv/bin/python -m tests.fuzz.sip -max_total_time=3600 corpus/

`corpus/` is any folder; `tests/data/rfc4475` and tests/unit/sip/torture.py make a good start. What crashes is left
in `crash-…`; put it into `tests/unit/sip` as a test first. Without atheris the same entries can be fed files:

    .venv/bin/python -m tests.fuzz.sip --replay crash-0123 tests/data/rfc4475/*.dat

Last: 2026-11-30, atheris 3.0.0, a quarter of an hour on a shared machine, about 490,000 runs from RFC 4475's
messages: nothing found."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from dialer.sip.digest import Challenge, digest_params, nextnonce, usable
from dialer.sip.errors import MalformedMessage, MalformedSdp, NoCommonCodec, UnusableChallenge
from dialer.sip.extensions import SessionExpires, parse_rack, parse_rseq, parse_seconds
from dialer.sip.framing import Framer
from dialer.sip.headers import NameAddr, Via, parse_cseq, q850_of, split_list, tag_of
from dialer.sip.message import parse_message
from dialer.sip.registrar import Registrar
from dialer.sip.sdp import answer, answer_again, continued, parse
from dialer.sip.uri import Uri
from dialer.sip.user_agent import UserAgent

KEY = bytes(range(16))
OURS = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
DECLARED = (MalformedMessage, MalformedSdp, NoCommonCodec, UnusableChallenge)
"""What a parser may raise; anything else is a find."""


def whole(data: bytes) -> None:
    """A datagram, to one who takes calls and registrations."""
    agent = UserAgent(
        ("192.0.2.1", 5060), key=KEY, accept_calls=True, registrar=Registrar("us.example", {"a": "b"}, KEY)
    )
    agent.receive_datagram(data, ("192.0.2.9", 5060), 0.0)
    for sent, _ in agent.datagrams_to_send():
        assert parse_message(sent).broken_by is None
    agent.handle_timer(1.0)


def stream(data: bytes) -> None:
    """A connection's octets, cut at every 13th."""
    framer = Framer()
    for at in range(0, len(data), 13):
        for message in framer.feed(data[at : at + 13], 0.0):
            whole(message)


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


ENTRIES = (whole, stream, values, descriptions)


def one(data: bytes) -> None:
    """The first octet chooses the entry."""
    if data:
        ENTRIES[data[0] % len(ENTRIES)](data[1:])


def main() -> None:
    if "--replay" in sys.argv:
        for name in sys.argv[sys.argv.index("--replay") + 1 :]:
            data = Path(name).read_bytes()
            for entry in ENTRIES:
                entry(data)
        return
    atheris = importlib.import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
