"""Values of the headers that routing and dialogs need, parsed from bytes and only when asked for. Names of the
grammar are RFC 3261 § 25.1's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from dialer.sip.errors import MalformedMessage

COMPACT = {
    b"v": b"via",
    b"f": b"from",
    b"t": b"to",
    b"i": b"call-id",
    b"m": b"contact",
    b"l": b"content-length",
    b"c": b"content-type",
    b"e": b"content-encoding",
    b"k": b"supported",
    b"s": b"subject",
    b"x": b"session-expires",
}
"""Compact forms (§ 7.3.3, § 20; RFC 4028 § 4)."""

_TAG = re.compile(rb";[ \t]*tag[ \t]*=[ \t]*([^;,? \t>\"]+)", re.IGNORECASE)
_VIA = re.compile(
    rb"SIP[ \t]*/[ \t]*\d{1,3}\.\d{1,3}[ \t]*/[ \t]*(?P<transport>[A-Za-z]+)[ \t]+"
    rb"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.\-]+)(?:[ \t]*:[ \t]*(?P<port>\d{1,5}))?[ \t]*(?P<params>;.*)?",
    re.IGNORECASE | re.DOTALL,
)
_CSEQ = re.compile(rb"(\d{1,10})[ \t]+([A-Za-z0-9.!%*_+`'~\-]+)")
_Q850_CAUSE = re.compile(rb";[ \t]*cause[ \t]*=[ \t]*(\d{1,3})(?!\d)", re.IGNORECASE)
_LOCATION = re.compile(rb";[ \t]*location[ \t]*=[ \t]*([A-Z]+)", re.IGNORECASE)
_ANALYTICS = re.compile(rb";[ \t]*text[ \t]*=[ \t]*\"[^\"]*\bv=analytics", re.IGNORECASE)


def split_list(value: bytes) -> list[bytes]:
    """The elements of a comma-separated header; commas in quotes or angle brackets do not separate (§ 7.3.1)."""
    if b"," not in value:
        return [value.strip()]
    parts: list[bytes] = []
    start = 0
    quoted = angled = False
    skip = False
    for index, char in enumerate(value):
        if skip:
            skip = False
        elif quoted:
            if char == 0x5C:  # backslash: the next octet is literal
                skip = True
            elif char == 0x22:
                quoted = False
        elif char == 0x22:
            quoted = True
        elif char == 0x3C:
            angled = True
        elif char == 0x3E:
            angled = False
        elif char == 0x2C and not angled:
            parts.append(value[start:index].strip())
            start = index + 1
    parts.append(value[start:].strip())
    return [part for part in parts if part]


def _split_name_addr(value: bytes) -> tuple[bytes, bytes, bytes]:
    """(display name, URI, parameters with their first semicolon) of a name-addr or addr-spec (§ 20.10)."""
    start = 0
    if value[:1] == b'"':
        start = 1
        while start < len(value) and value[start] != 0x22:
            start += 2 if value[start] == 0x5C else 1
        start += 1
        if start > len(value):
            raise MalformedMessage("a quoted display name does not end")
    opening = value.find(b"<", start)
    if opening < 0:
        # Without brackets every parameter is the header's, not the URI's (§ 20).
        uri, semicolon, params = value.partition(b";")
        return b"", uri.strip(), semicolon + params
    closing = value.find(b">", opening)
    if closing < 0:
        raise MalformedMessage("'<' without '>' in an address")
    return value[:opening].strip(), value[opening + 1 : closing].strip(), value[closing + 1 :].strip()


_NOT_IN_URI = re.compile(rb"[\s<>]")
"""RFC 3261 § 25.1. What one is taken from may become a Request-URI of ours."""


def uri_of(value: bytes) -> bytes:
    """The URI of a From, To, Contact, Route or Record-Route element. Raises MalformedMessage."""
    uri = _split_name_addr(value)[1]
    if not uri:
        raise MalformedMessage("an address without a URI")
    if _NOT_IN_URI.search(uri):
        raise MalformedMessage(f"an address with a broken URI: {uri[:80]!r}")
    return uri


def tag_of(value: bytes) -> bytes:
    """The tag of a From or To value, empty when it has none."""
    match = _TAG.search(value, value.rfind(b">") + 1)
    return match[1] if match else b""


@dataclass(frozen=True, slots=True)
class NameAddr:
    """An element of From, To, Contact, Route or Record-Route. `display`: unquoted. `params`: as written, with
    the first semicolon."""

    display: str
    uri: str
    params: str = ""

    @classmethod
    def parse(cls, value: bytes) -> NameAddr:
        """Raises MalformedMessage."""
        display, uri, params = _split_name_addr(value.strip())
        if not uri:
            raise MalformedMessage("an address without a URI")
        text = display.decode("utf-8", "replace")
        if text[:1] == '"' and text[-1:] == '"' and len(text) > 1:
            text = re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
        return cls(text, uri.decode("utf-8", "replace"), params.decode("utf-8", "replace"))

    def __str__(self) -> str:
        name = f"{quote(self.display)} " if self.display else ""
        return f"{name}<{self.uri}>{self.params}"


def quote(text: str) -> str:
    """A quoted-string (§ 25.1)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@dataclass(frozen=True, slots=True)
class Via:
    """One Via element (§ 20.42). `branch` may be empty (RFC 2543). `rport`: None absent, 0 asked for, else
    the port filled in (RFC 3581)."""

    transport: str
    host: str
    port: int | None
    branch: bytes
    received: str | None = None
    rport: int | None = None

    @classmethod
    def parse(cls, value: bytes) -> Via:
        """Raises MalformedMessage."""
        match = _VIA.fullmatch(value)
        if match is None:
            raise MalformedMessage(f"not a Via: {value[:80]!r}")
        branch = b""
        received: str | None = None
        rport: int | None = None
        for item in (match["params"] or b"").split(b";"):
            name, _, text = item.partition(b"=")
            name, text = name.strip().lower(), text.strip()
            if name == b"branch":
                branch = text
            elif name == b"received":
                received = text.decode("ascii", "replace")
            elif name == b"rport":
                if text and not (text.isdigit() and int(text) <= 65535):
                    raise MalformedMessage(f"not a port in rport: {text[:20]!r}")
                rport = int(text or b"0")
        port = int(match["port"]) if match["port"] else None
        if port is not None and not 0 < port <= 65535:
            raise MalformedMessage(f"port out of range in Via: {port}")
        return cls(match["transport"].decode().upper(), match["host"].decode(), port, branch, received, rport)

    def __str__(self) -> str:
        port = f":{self.port}" if self.port is not None else ""
        branch = f";branch={self.branch.decode('ascii', 'replace')}" if self.branch else ""
        received = f";received={self.received}" if self.received else ""
        rport = "" if self.rport is None else f";rport={self.rport}" if self.rport else ";rport"
        return f"SIP/2.0/{self.transport} {self.host}{port}{branch}{received}{rport}"


@lru_cache(maxsize=256)  # nearly all are 1 INVITE, 1 ACK, 2 BYE
def parse_cseq(value: bytes) -> tuple[int, bytes]:
    """(number, method) of a CSeq; the number is below 2**31 (§ 8.1.1.5). Raises MalformedMessage."""
    match = _CSEQ.fullmatch(value)
    if match is None:
        raise MalformedMessage(f"not a CSeq: {value[:40]!r}")
    number = int(match[1])
    if number >= 2**31:
        raise MalformedMessage(f"CSeq number out of range: {number}")
    return number, match[2]


def q850_of(value: bytes) -> int | None:
    """The Q.850 cause, 0–127, of a Reason header (RFC 3326 § 2), None when it names no such cause."""
    for reason in split_list(value):
        protocol, _, _ = reason.partition(b";")
        if protocol.strip().upper() == b"Q.850" and (match := _Q850_CAUSE.search(reason)):
            cause = int(match[1])
            return cause if cause <= 127 else None
    return None


def cause_by(value: bytes) -> str:
    """Who a Reason header says has set its cause: "user" or "network" (RFC 8606 § 4), "analytics" (ATIS-1000099,
    "603+"); "" when it does not say."""
    for reason in split_list(value):
        if _ANALYTICS.search(reason):
            return "analytics"
        if match := _LOCATION.search(reason):
            return "user" if match[1].upper() == b"U" else "network"
    return ""
