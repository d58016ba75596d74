"""SIP and SIPS URIs (RFC 3261 § 19.1), and the tel URIs that stand beside them (RFC 3966)."""

from __future__ import annotations

import re

from dialer.sip.errors import MalformedMessage
from dialer.sip.hop import DEFAULT_PORT as DEFAULT_PORT
from dialer.sip.hop import DEFAULT_TLS_PORT, TLS, Address
from lists.value import value

_SIP_URI = re.compile(
    rb"(?P<scheme>sips?):"
    rb"(?:(?P<userinfo>[^@<>\s\"]*)@)?"
    rb"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.\-]+)"
    rb"(?::(?P<port>\d{1,5}))?"
    rb"(?P<params>;[^?<>\s\"]*)?"
    rb"(?:\?(?P<headers>[^<>\s\"]*))?",
    re.IGNORECASE,
)
_TEL_URI = re.compile(rb"tel:(?P<number>[+0-9A-Fa-f*#().\-]+)(?P<params>;[^<>\s\"]*)?", re.IGNORECASE)
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = re.compile(rf"(?:{_OCTET}\.){{3}}{_OCTET}", re.ASCII)


@value
class Uri:
    """`scheme` in lower case: sip, sips or tel. `user`: as written, escapes included, a password after a colon
    with it; the number of a tel URI. `host`: as written, an IPv6 reference in brackets; empty for tel.
    `params` and `headers`: as written, without their first `;` or `?`."""

    scheme: str
    user: str
    host: str
    port: int | None = None
    params: str = ""
    headers: str = ""

    @classmethod
    def parse(cls, text: bytes | str) -> Uri:
        """Raises MalformedMessage."""
        raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
        if match := _SIP_URI.fullmatch(raw):
            port = int(match["port"]) if match["port"] else None
            if port is not None and port > 65535:
                raise MalformedMessage(f"port out of range in URI {raw[:80]!r}")
            return cls(
                scheme=match["scheme"].decode().lower(),
                user=(match["userinfo"] or b"").decode("utf-8", "surrogateescape"),
                host=match["host"].decode(),
                port=port,
                params=(match["params"] or b"")[1:].decode("utf-8", "surrogateescape"),
                headers=(match["headers"] or b"").decode("utf-8", "surrogateescape"),
            )
        if match := _TEL_URI.fullmatch(raw):
            params = (match["params"] or b"")[1:].decode("utf-8", "surrogateescape")
            return cls("tel", match["number"].decode(), "", None, params)
        raise MalformedMessage(f"not a SIP, SIPS or tel URI: {raw[:80]!r}")

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user and self.host else self.user
        port = f":{self.port}" if self.port is not None else ""
        params = f";{self.params}" if self.params else ""
        headers = f"?{self.headers}" if self.headers else ""
        return f"{self.scheme}:{user}{self.host}{port}{params}{headers}"

    def param(self, name: str) -> str | None:
        """Value of a parameter, empty for a flag, None when absent. Names compare without case."""
        for item in self.params.split(";"):
            found, _, value = item.partition("=")
            if found.lower() == name:
                return value
        return None

    @property
    def is_loose_router(self) -> bool:
        """Has the `lr` parameter (§ 19.1.1)."""
        return self.param("lr") is not None

    @property
    def address(self) -> Address | None:
        """Where to send, when the host is an IP address; names are not resolved here."""
        port = self.port or (DEFAULT_TLS_PORT if self.transport == TLS else DEFAULT_PORT)
        if self.host.startswith("["):
            return self.host[1:-1], port
        if is_ipv4(self.host):
            return self.host, port
        return None

    @property
    def transport(self) -> str:
        """That of its parameter in lower case, `tls` for a SIPS URI whatever that says (§ 26.2.2: `tcp` there
        means TLS over it), empty when it is left open."""
        return TLS if self.scheme == "sips" else (self.param("transport") or "").lower()


def is_ipv4(host: str) -> bool:
    """Four octets in decimal. Whatever else looks like it, a socket would ask a name server about, and wait."""
    return _IPV4.fullmatch(host) is not None
