"""One pair of credentials towards one server: which challenges it has set, and requests that answer them before
they are set again (RFC 3261 § 22, RFC 7616 § 3.6, RFC 8760)."""

from __future__ import annotations

from dialer.sip.digest import Challenge, Credentials, authorization, nextnonce, usable
from dialer.sip.identity import keyed_token
from dialer.sip.message import Response

MAX_REALMS = 8
"""A request that has to satisfy more proxies than this is going in circles."""

MAX_KEPT = 4
"""Realms that are answered before they ask; those that asked last."""

Answered = dict[tuple[bytes, str], int]
"""How often a request has answered each realm."""


class _Asked:
    """`uses`: how many requests have answered this challenge (the nonce count)."""

    __slots__ = ("challenge", "uses")

    def __init__(self, challenge: Challenge) -> None:
        self.challenge = challenge
        self.uses = 0


class Login:
    """`key`: the installation's secret, for cnonces that nobody can guess."""

    __slots__ = ("_asked", "_credentials", "_key")

    def __init__(self, credentials: Credentials, key: bytes) -> None:
        self._credentials = credentials
        self._key = key
        self._asked: dict[tuple[bytes, str], _Asked] = {}

    def take(self, response: Response, answered: Answered) -> bool:
        """Keep what a 401 or 407 asks for. Whether to try again with `lines`: not when nothing can be answered,
        nor when a realm refuses credentials that it got, unless it says once that only their nonce was stale (RFC
        7616 § 3.3). `answered`: kept for one request and its repetitions."""
        status = response.status
        header = b"Proxy-Authorization" if status == 407 else b"Authorization"
        values = response.headers.get(b"proxy-authenticate" if status == 407 else b"www-authenticate", [])
        fresh = False
        for challenge in usable(values):
            place = (header, challenge.realm)
            times = answered.get(place, 0)
            if times > (1 if challenge.stale else 0) or len(answered) >= MAX_REALMS:
                return False
            answered[place] = times + 1
            self._asked.pop(place, None)
            self._asked[place] = _Asked(challenge)
            fresh = True
        while len(self._asked) > MAX_KEPT:  # a server with a new realm for each call must not swell our requests
            del self._asked[next(iter(self._asked))]
        return fresh

    def lines(self, method: bytes, uri: bytes) -> bytes:
        """The headers for a request, each ended by CRLF; empty while nobody has asked. Each call counts as a use
        of the nonces (`nc`)."""
        out = b""
        for (header, _), asked in self._asked.items():
            asked.uses += 1
            challenge = asked.challenge
            cnonce = keyed_token(self._key, b"cnonce", challenge.nonce.encode(), b"%d" % asked.uses).decode()
            text = authorization(
                challenge,
                self._credentials,
                method.decode(),
                uri.decode("utf-8", "replace"),
                cnonce=cnonce,
                nc=asked.uses,
            )
            out += b"%b: %b\r\n" % (header, text.encode())
            if not challenge.qops:
                asked.uses = 0  # RFC 2069's digest counts nothing
        return out

    def accepted(self, response: Response) -> None:
        """A 2xx may name the nonce to use from now on (Authentication-Info, RFC 7616 § 3.5)."""
        for name, header in (
            (b"authentication-info", b"Authorization"),
            (b"proxy-authentication-info", b"Proxy-Authorization"),
        ):
            value = response.get(name)
            following = nextnonce(value) if value else ""
            if following:
                for (kind, _), asked in self._asked.items():
                    if kind == header:
                        asked.challenge = asked.challenge.with_nonce(following)
                        asked.uses = 0
