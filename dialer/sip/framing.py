"""Messages out of a stream of octets (RFC 3261 § 7.5, § 18.3; keep-alive of RFC 5626 § 4.4.1)."""

from __future__ import annotations

import re
from enum import StrEnum

MAX_HEAD = 32_768
"""Octets of a start line and headers."""

MAX_BODY = 65_535

MESSAGE_WITHIN_S = 10.0
"""So long a message may take from its first octet to its last: who sends one octet a second holds a connection,
and our memory, for nothing."""

_LENGTH = re.compile(rb"(?:\A|\n)(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*(?=\r?\n|\Z)", re.IGNORECASE)
_ANY_LENGTH = re.compile(rb"\n(?:content-length|l)[ \t]*:", re.IGNORECASE)
_START = re.compile(rb"(?:[A-Za-z0-9.!%*_+`'~\-]{1,64} |SIP/2\.0 )")


class Unframed(StrEnum):
    """Why nothing more can be told apart in a stream; the connection is of no use any more."""

    NOT_SIP = "what came does not begin like SIP"
    HEAD_TOO_LARGE = "headers of more than 32,768 octets"
    NO_LENGTH = "no usable Content-Length"  # § 18.3: it "MUST be used" over streams
    BODY_TOO_LARGE = "a body of more than 65,535 octets"
    TOO_SLOW = "a message took longer than ten seconds"


class Framer:
    """`fault`: set once, then nothing is taken any more. `pings`: keep-alives since the last look, each to be
    answered by CRLF."""

    __slots__ = ("_buffer", "_head_end", "_looked", "_since", "fault", "pings")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._looked = 0  # how far the end of the head has been looked for
        self._head_end = 0  # where the body begins, once that is known
        self._since: float | None = None
        self.fault: Unframed | None = None
        self.pings = 0

    @property
    def pending(self) -> int:
        """Octets of a message that is not complete."""
        return len(self._buffer)

    def deadline(self) -> float | None:
        """When `check` finds the message too slow; None while there is none."""
        return None if self._since is None or self.fault else self._since + MESSAGE_WITHIN_S

    def check(self, now: float) -> None:
        """Give up on a message that does not come to its end."""
        deadline = self.deadline()
        if deadline is not None and now >= deadline:
            self._fail(Unframed.TOO_SLOW)

    def feed(self, data: bytes, now: float) -> list[bytes]:
        """The messages that are complete by these octets."""
        if self.fault is not None:
            return []
        buffer = self._buffer
        buffer += data
        found: list[bytes] = []
        while self.fault is None:
            if not self._head_end and not self._find_head():
                break
            length = self._length()
            if length is None or len(buffer) < self._head_end + length:
                break
            end = self._head_end + length
            found.append(bytes(buffer[:end]))
            del buffer[:end]
            self._looked = self._head_end = 0
            self._since = None
        if not buffer.strip(b"\r\n"):
            self._since = None
        elif self._since is None:
            self._since = now
        return found

    def _find_head(self) -> bool:
        buffer = self._buffer
        self._skip_keepalives()
        if not buffer.strip(b"\r\n"):
            return False
        if not _START.match(buffer[:80]) and (len(buffer) > 64 or not _may_begin(buffer)):
            self._fail(Unframed.NOT_SIP)
            return False
        at = buffer.find(b"\r\n\r\n", max(0, self._looked - 3))
        if at < 0:
            self._looked = len(buffer)
            if len(buffer) > MAX_HEAD:
                self._fail(Unframed.HEAD_TOO_LARGE)
            return False
        if at > MAX_HEAD:
            self._fail(Unframed.HEAD_TOO_LARGE)
            return False
        self._head_end = at + 4
        return True

    def _skip_keepalives(self) -> None:
        """§ 7.5: CRLF before a start line is ignored; two in a row are a ping, one is the answer to ours (RFC 5626
        § 3.5.1)."""
        buffer = self._buffer
        end = len(buffer) - len(buffer.lstrip(b"\r\n"))
        if end == len(buffer):
            end -= end % 4  # a ping may be cut in two
        self.pings += buffer[:end].count(b"\r\n") // 2
        del buffer[:end]
        self._looked = 0

    def _length(self) -> int | None:
        head = bytes(self._buffer[: self._head_end])
        match = _LENGTH.search(head)
        if match is None:
            self._fail(Unframed.NO_LENGTH)
            return None
        if len(_ANY_LENGTH.findall(head)) > 1:  # two lengths are two opinions of where the next message begins
            self._fail(Unframed.NO_LENGTH)
            return None
        length = int(match[1])
        if length > MAX_BODY:
            self._fail(Unframed.BODY_TOO_LARGE)
            return None
        return length

    def _fail(self, fault: Unframed) -> None:
        self.fault = fault
        self._buffer.clear()
        self._since = None


def _may_begin(buffer: bytearray) -> bool:
    """What is there so far may become a start line."""
    return re.fullmatch(rb"[A-Za-z0-9.!%*_+`'~\-/]{1,64}", bytes(buffer)) is not None
