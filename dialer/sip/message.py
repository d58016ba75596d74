"""Requests and responses as bytes: one split of start line and headers, values parsed only when asked for, and
kept once parsed (RFC 3261 § 7)."""

from __future__ import annotations

import re

from dialer.sip.errors import MalformedMessage
from dialer.sip.events import DropReason
from dialer.sip.headers import COMPACT, Via, cause_by, parse_cseq, q850_of, split_list, tag_of

MAX_OCTETS = 65_535
MAX_HEADERS = 256
MAX_START_LINE = 4_096

SHORT_BODY = "body shorter than its Content-Length"

_FOLD = re.compile(rb"\r\n[ \t]+")
_BRANCH = re.compile(rb";[ \t]*branch[ \t]*=[ \t]*([^;, \t]+)", re.IGNORECASE)
_BASICS = (b"via", b"from", b"to", b"call-id", b"cseq")
_ONCE = (b"from", b"to", b"call-id", b"cseq", b"max-forwards", b"content-length")
_BARE_LF = re.compile(rb"(?<!\r)\n")
_METHOD = re.compile(rb"[A-Za-z0-9.!%*_+`'~\-]+")
_CANONICAL = {
    name: name.lower()
    for name in (
        b"Via From To Call-ID CSeq Contact Content-Length Content-Type Max-Forwards Record-Route Route Allow "
        b"Supported User-Agent Server Require Reason WWW-Authenticate Proxy-Authenticate Accept Expires"
    ).split()
} | {name.upper(): full for name, full in COMPACT.items()}
_CANONICAL |= COMPACT

_STATUS = {b"%d" % status: status for status in range(100, 700)}

Headers = dict[bytes, list[bytes]]


def _usual_line(group: int, name: bytes, value: bytes = rb"\S[^\r\n\t\v\f]*") -> bytes:
    """A line that sets a group, and makes the whole not match when it comes again."""
    return rb"(?(%d)(?!)|%b: (%b))|" % (group, name, value)


_USUAL = re.compile(
    rb"SIP/2\.0 ([1-6]\d\d) ([^\r\n]{0,4000})(?:\r\n(?:"
    + _usual_line(3, b"Via")
    + _usual_line(4, b"From")
    + _usual_line(5, b"To")
    + _usual_line(6, b"Call-ID")
    + _usual_line(7, b"CSeq")
    + _usual_line(8, b"Content-Length", rb"\d{1,9}")
    + _usual_line(9, b"Contact")
    + rb"(Record-Route|Require|RSeq|Session-Expires):[^\r\n]*|"
    rb"(?!(?i:via|from|to|call-id|cseq|content-length|contact|record-route|require|rseq|session-expires"
    rb"|[vftilmx]):)[!-9;-~]+:[^\r\n]*"
    rb")){5,%d}\r\n\r\n" % MAX_HEADERS
)
"""A response as nearly all are: nothing folded, bare, abbreviated or twice of what is looked at. It is taken apart
in one step; the other headers are split when somebody asks for them."""

_AT = {b"via": 2, b"from": 3, b"to": 4, b"call-id": 5, b"cseq": 6, b"content-length": 7, b"contact": 8}
_AT_RARE = 9
_RARE = frozenset((b"record-route", b"require", b"rseq", b"session-expires"))
Usual = tuple[bytes | None, ...]
"""Groups of `_USUAL`: status, reason, values at `_AT`, whether there is any of `_RARE`."""


class Message:
    """`headers`: lower-case name → values in their order, as written but unfolded and stripped; a value may
    hold several elements separated by commas. `broken_by`: what is wrong with the message, None when nothing
    is (RFC 3261 § 21.4.1 wants a request that is broken to be answered 400 where possible)."""

    __slots__ = ("_cseq", "_headers", "_octets", "_usual", "_via", "body", "broken_by")

    def __init__(self, headers: Headers, body: bytes, broken_by: str | None) -> None:
        self._headers: Headers | None = headers
        self._usual: Usual | None = None
        self._octets = b""
        self.body = body
        self.broken_by = broken_by
        self._via: Via | None = None
        self._cseq: tuple[int, bytes] | None = None

    @property
    def headers(self) -> Headers:
        if self._headers is None:
            self._headers = _split(self._octets.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:])[0]
        return self._headers

    def get(self, name: bytes) -> bytes | None:
        """First value of a header, None when absent. `name` in lower case."""
        usual = self._usual
        if usual is not None:
            if name in _AT:
                return usual[_AT[name]]
            if usual[_AT_RARE] is None and name in _RARE:
                return None
        values = self.headers.get(name)
        return values[0] if values else None

    def need(self, name: bytes) -> bytes:
        """First value of a header. Raises MalformedMessage when absent or empty."""
        value = self.get(name)
        if not value:
            raise MalformedMessage(f"no {name.decode()} header")
        return value

    def elements(self, name: bytes) -> list[bytes]:
        """All elements of a comma-separated header, in order over all its lines (§ 7.3.1)."""
        if self._usual is not None and self._usual[_AT_RARE] is None and name in _RARE:
            return []
        values = self.headers.get(name)
        return [element for value in values for element in split_list(value)] if values else []

    def require_basics(self) -> None:
        """What no message can do without (§ 8.1.1; Max-Forwards is missed often enough). Raises
        MalformedMessage."""
        if self._usual is not None:
            return
        headers = self.headers
        for name in _BASICS:
            values = headers.get(name)
            if not values or not values[0]:
                raise MalformedMessage(f"no {name.decode()} header")

    @property
    def branch(self) -> bytes:
        """Branch of the topmost Via, without parsing the rest of it; empty when it has none."""
        match = _BRANCH.search(self.need(b"via"))
        return match[1] if match else b""

    @property
    def transaction_key(self) -> tuple[bytes, bytes]:
        """(branch, method of the CSeq) of a message that has its basics. Raises MalformedMessage."""
        match = _BRANCH.search(self.need(b"via"))
        self._cseq = cseq = parse_cseq(self.need(b"cseq"))
        return match[1] if match else b"", cseq[1]

    @property
    def via(self) -> Via:
        """The topmost Via. Raises MalformedMessage."""
        if self._via is None:
            value = self.need(b"via")
            self._via = Via.parse(split_list(value)[0] if b"," in value else value)
        return self._via

    @property
    def cseq(self) -> tuple[int, bytes]:
        """(number, method). Raises MalformedMessage."""
        if self._cseq is None:
            self._cseq = parse_cseq(self.need(b"cseq"))
        return self._cseq

    @property
    def call_id(self) -> bytes:
        return self.need(b"call-id")

    @property
    def from_tag(self) -> bytes:
        return tag_of(self.need(b"from"))

    @property
    def to_tag(self) -> bytes:
        return tag_of(self.need(b"to"))

    @property
    def q850(self) -> int | None:
        """Cause of the Reason headers, None when there is none of Q.850."""
        for value in self.headers.get(b"reason", ()):
            if (cause := q850_of(value)) is not None:
                return cause
        return None

    @property
    def cause_by(self) -> str:
        """Who the Reason headers say has set the cause; "" when they do not."""
        return next((by for value in self.headers.get(b"reason", ()) if (by := cause_by(value))), "")


class Request(Message):
    """`uri`: the Request-URI as written."""

    __slots__ = ("method", "uri")

    def __init__(
        self,
        method: bytes,
        uri: bytes,
        headers: dict[bytes, list[bytes]],
        body: bytes,
        broken_by: str | None = None,
    ) -> None:
        super().__init__(headers, body, broken_by)
        self.method = method
        self.uri = uri


class Response(Message):
    """`status`: 100–699."""

    __slots__ = ("reason", "status")

    def __init__(
        self,
        status: int,
        reason: bytes,
        headers: dict[bytes, list[bytes]],
        body: bytes,
        broken_by: str | None = None,
    ) -> None:
        super().__init__(headers, body, broken_by)
        self.status = status
        self.reason = reason

    @classmethod
    def usual(cls, octets: bytes) -> Response | None:
        """A response that has its basics and nothing odd; None when it has to be looked at line by line."""
        match = _USUAL.match(octets)
        if match is None:
            return None
        end = match.end()
        groups = match.groups()
        status, reason, _, _, _, _, _, length, _, _ = groups
        if None in groups[2:7] or octets.find(b" \r\n", 0, end) >= 0:
            return None
        self = cls.__new__(cls)
        self._headers = self._via = self._cseq = self.broken_by = None
        self._usual = groups
        self._octets = octets
        self.status = _STATUS[status]
        self.reason = reason
        if length is None:
            self.body = octets[end:]
        else:
            stop = end + int(length)
            if stop > len(octets):
                self.broken_by = SHORT_BODY
            self.body = octets[end:stop]
        return self

    def decoded_headers(self) -> tuple[tuple[str, str], ...]:
        """All headers as text, names in lower case."""
        return tuple(
            (name.decode("ascii", "replace"), value.decode("utf-8", "replace"))
            for name, values in self.headers.items()
            for value in values
        )


def parse_message(data: bytes) -> Request | Response:
    """One datagram. Raises MalformedMessage when it is not SIP at all or exceeds a limit; a request or
    response that can still be told from others comes back with `broken_by` set."""
    if len(data) > MAX_OCTETS:
        raise MalformedMessage("larger than a datagram", DropReason.TOO_LARGE)
    if (usual := Response.usual(data)) is not None:
        return usual
    if data[:1] in b"\r\n":
        data = data.lstrip(b"\r\n")  # § 7.5: ignore CRLF before the start line
    head, separator, body = data.partition(b"\r\n\r\n")
    broken_by: str | None = None if separator else "no empty line after the headers"
    lines = head.split(b"\r\n")
    if head.count(b"\n") != len(lines) - 1:  # § 25 wants CRLF; a bare LF is read as one all the same
        if not separator and b"\n\n" in head:
            head, _, body = head.partition(b"\n\n")
            broken_by = None
        head = _BARE_LF.sub(b"\r\n", head)
        lines = head.split(b"\r\n")
    if head.count(b"\r") != len(lines) - 1:
        broken_by = broken_by or "a carriage return inside a header"
        # Its 400 repeats the headers, and must not carry on what may end a line for somebody.
        head = b"\r\n".join([line.replace(b"\r", b" ") for line in lines])
        lines = head.split(b"\r\n")
    if b"\n " in head or b"\n\t" in head:
        lines = _FOLD.sub(b" ", head).split(b"\r\n")
    if len(lines) > MAX_HEADERS + 1:
        raise MalformedMessage(f"more than {MAX_HEADERS} headers", DropReason.TOO_MANY_HEADERS)
    start = lines[0]
    first, _, rest = start.partition(b" ")
    second, _, third = rest.partition(b" ")
    if len(start) > MAX_START_LINE or not rest:
        raise MalformedMessage("no start line", DropReason.NOT_SIP)
    headers, no_colon = _split(lines[1:])
    if no_colon:
        broken_by = broken_by or "a header without a colon"
    if first == b"SIP/2.0":
        status = _STATUS.get(second)
        if status is None:
            raise MalformedMessage(f"not a status code: {second[:20]!r}", DropReason.MALFORMED)
        response = Response(status, third, headers, body, broken_by)
        _cut_body(response)
        return response
    if rest[-1:] in b" \t":
        broken_by = broken_by or "white space after the version"
        rest = rest.rstrip(b" \t")
    uri, _, version = rest.rpartition(b" ")
    if not version[:4].upper() == b"SIP/" or not uri or not _METHOD.fullmatch(first):
        raise MalformedMessage("neither a request nor a response", DropReason.NOT_SIP)
    if b" " in uri or b"\t" in uri:
        broken_by = broken_by or "white space in the Request-URI"
    elif version.upper() != b"SIP/2.0":
        broken_by = broken_by or "version"
    elif uri[:1] == b"<":
        broken_by = broken_by or "brackets around the Request-URI"
    for name in _ONCE:
        if len(headers.get(name, ())) > 1:  # RFC 4475 § 3.3.8, § 3.3.9: which of them is meant?
            broken_by = broken_by or f"{name.decode()} stands more than once"
    request = Request(first, uri, headers, body, broken_by)
    _cut_body(request)
    return request


def _split(lines: list[bytes]) -> tuple[Headers, bool]:
    """The headers, and whether a line was none."""
    headers: Headers = {}
    no_colon = False
    canonical = _CANONICAL.get
    for line in lines:
        name, colon, value = line.partition(b":")
        key = canonical(name)
        if key is None:
            if not colon:
                no_colon = no_colon or bool(line.strip())
                continue
            key = name.strip().lower()
            key = COMPACT.get(key, key)
        if key in headers:
            headers[key].append(value.strip())
        else:
            headers[key] = [value.strip()]
    return headers, no_colon


def _cut_body(message: Message) -> None:
    """§ 18.3: over UDP, octets beyond Content-Length are dropped, and fewer are an error."""
    values = message.headers.get(b"content-length")
    if values is None:
        return
    value = values[0]
    if not value.isdigit() or len(value) > 9:
        message.broken_by = message.broken_by or "Content-Length is not a number"
        return
    length = int(value)
    if length < len(message.body):
        message.body = message.body[:length]
    elif length > len(message.body):
        message.broken_by = message.broken_by or SHORT_BODY
