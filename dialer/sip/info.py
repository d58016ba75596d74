"""What an INFO within a call brings: digits, for phones that send them no other way (RFC 6086; the two body types
are older than it and described nowhere but in the products that use them)."""

from __future__ import annotations

import re

from dialer.sip.message import Request

RELAY = b"application/dtmf-relay"
PLAIN = b"application/dtmf"

_SIGNAL = re.compile(rb"^\s*signal\s*=\s*([0-9A-Da-d*#]|1[0-5])\s*$", re.IGNORECASE | re.MULTILINE)
_PLAIN = re.compile(rb"\s*([0-9A-Da-d*#])\s*")
_BY_EVENT = b"0123456789*#ABCD"
_ACCEPT_LINE = b"Accept: %b, %b\r\n" % (RELAY, PLAIN)


def judge(request: Request) -> tuple[int, bytes, str]:
    """(status, further lines, the digit or empty) for an INFO within a dialog.

    One without a body is taken, as RFC 2976 had it; packages are refused, for we said `Recv-Info` of none
    (RFC 6086 § 4.2.2), and so are bodies of another type (RFC 3261 § 8.2.3)."""
    if request.get(b"info-package") is not None:
        return 469, b"Recv-Info:\r\n", ""
    if not request.body:
        return 200, b"", ""
    kind = (request.get(b"content-type") or b"").partition(b";")[0].strip().lower()
    if kind == RELAY:
        match = _SIGNAL.search(request.body)
    elif kind == PLAIN:
        match = _PLAIN.fullmatch(request.body)
    else:
        return 415, _ACCEPT_LINE, ""
    if match is None:
        return 400, b"", ""
    signal = match[1].upper()
    if len(signal) == 2:  # 10 to 15: the event's number (RFC 4733 § 3.2)
        signal = _BY_EVENT[int(signal) : int(signal) + 1]
    return 200, b"", signal.decode()
