"""Values of the headers that extensions bring: option tags (RFC 3261 § 19.2), reliable provisionals (RFC 3262),
session timers (RFC 4028)."""

from __future__ import annotations

import re

from dialer.sip.errors import MalformedMessage
from dialer.sip.message import Message
from lists.value import value

RELIABLE = b"100rel"
TIMER = b"timer"
SUPPORTED = frozenset((RELIABLE, TIMER))
"""Option tags that may be required of us."""

MAX_RSEQ = 2**32 - 1
"""RFC 3262 § 7.1."""

_RSEQ = re.compile(rb"\d{1,10}")
_RACK = re.compile(rb"(\d{1,10})[ \t]+(\d{1,10})[ \t]+([A-Za-z0-9.!%*_+`'~\-]+)")
_SECONDS = re.compile(rb"(\d{1,10})[ \t]*(?:;.*)?", re.DOTALL)
_REFRESHER = re.compile(rb";[ \t]*refresher[ \t]*=[ \t]*(uac|uas)(?![A-Za-z0-9])", re.IGNORECASE)


def option_tags(message: Message, name: bytes) -> frozenset[bytes]:
    """The tags of a Supported, Require or Unsupported header, in lower case."""
    return frozenset(tag.lower() for tag in message.elements(name))


def parse_rseq(text: bytes) -> int:
    """1 to 2**32 - 1 (RFC 3262 § 7.1). Raises MalformedMessage."""
    number = int(text) if _RSEQ.fullmatch(text) else 0
    if not 1 <= number <= MAX_RSEQ:
        raise MalformedMessage(f"not an RSeq: {text[:20]!r}")
    return number


def parse_rack(text: bytes) -> tuple[int, int, bytes]:
    """(RSeq, CSeq number, method) of a PRACK's RAck (RFC 3262 § 7.2). Raises MalformedMessage."""
    match = _RACK.fullmatch(text)
    if match is None:
        raise MalformedMessage(f"not a RAck: {text[:40]!r}")
    return int(match[1]), int(match[2]), match[3]


@value
class SessionExpires:
    """`interval_s`: how long the session lasts without a refresh. `refresher`: `uac`, the sender of the request
    that this stands in or answers, `uas`, its receiver, or empty when that is left open (RFC 4028 § 4)."""

    interval_s: int
    refresher: str = ""

    @classmethod
    def parse(cls, text: bytes) -> SessionExpires:
        """Raises MalformedMessage."""
        match = _REFRESHER.search(text)
        return cls(parse_seconds(text), match[1].decode().lower() if match else "")

    def __str__(self) -> str:
        return f"{self.interval_s};refresher={self.refresher}" if self.refresher else str(self.interval_s)


def parse_seconds(text: bytes) -> int:
    """The delta-seconds that a Session-Expires, Min-SE, Expires or Retry-After value begins with.
    Raises MalformedMessage."""
    match = _SECONDS.fullmatch(text.strip())
    if match is None:
        raise MalformedMessage(f"not a number of seconds: {text[:20]!r}")
    return int(match[1])
