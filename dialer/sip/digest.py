"""Digest authentication of the caller (RFC 3261 § 22, RFC 7616, RFC 8760)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from hashlib import md5, sha256

from dialer.sip.errors import MalformedMessage, UnusableChallenge
from dialer.sip.headers import quote

_PARAM = re.compile(r'\s*([A-Za-z0-9_\-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)', re.DOTALL)
_HASHES: dict[str, Callable[[bytes], str]] = {
    # MD5 is what carriers' switches still ask for; nothing else rests on it.
    "md5": lambda data: md5(data, usedforsecurity=False).hexdigest(),
    "sha-256": lambda data: sha256(data).hexdigest(),
}
_STRENGTH = {"md5": 0, "md5-sess": 0, "sha-256": 1, "sha-256-sess": 1}


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """Name and password at the carrier; the password is never printed."""

    username: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials(username={self.username!r}, password=…)"


@dataclass(frozen=True, slots=True)
class Challenge:
    """A WWW-Authenticate or Proxy-Authenticate value. `algorithm` in lower case, `md5` when not named; `qops`:
    the qualities of protection offered, in lower case, empty for RFC 2069's digest; `stale`: the credentials
    were right and only the nonce has expired."""

    realm: str
    nonce: str
    algorithm: str = "md5"
    qops: tuple[str, ...] = ()
    opaque: str | None = None
    stale: bool = False

    @classmethod
    def parse(cls, value: bytes) -> Challenge:
        """Raises MalformedMessage, or UnusableChallenge for a scheme other than Digest."""
        scheme, _, rest = value.decode("utf-8", "replace").strip().partition(" ")
        if scheme.lower() != "digest":
            raise UnusableChallenge(f"authentication scheme {scheme[:20]!r}")
        params = digest_params(rest)
        if "realm" not in params or not params.get("nonce"):
            raise MalformedMessage("challenge without realm or nonce")
        return cls(
            realm=params["realm"],
            nonce=params["nonce"],
            algorithm=params.get("algorithm", "md5").lower(),
            qops=tuple(qop.strip().lower() for qop in params.get("qop", "").split(",") if qop.strip()),
            opaque=params.get("opaque"),
            stale=params.get("stale", "").lower() == "true",
        )

    def with_nonce(self, nonce: str) -> Challenge:
        return replace(self, nonce=nonce, stale=False)

    @property
    def is_usable(self) -> bool:
        """An algorithm of ours, and `auth` or no quality of protection at all."""
        return self.algorithm.removesuffix("-sess") in _HASHES and (not self.qops or "auth" in self.qops)


def digest_params(text: str) -> dict[str, str]:
    """The parameters of a Digest challenge, credentials or Authentication-Info, names in lower case; of one that
    stands twice the first. Raises MalformedMessage."""
    params: dict[str, str] = {}
    position = 0
    text = text.strip()
    while position < len(text):
        match = _PARAM.match(text, position)
        if match is None:
            raise MalformedMessage(f"digest does not parse at {text[position : position + 20]!r}")
        quoted = match[2]
        found = match[3] if quoted is None else re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)
        params.setdefault(match[1].lower(), found)
        position = match.end()
    return params


def usable(values: Iterable[bytes]) -> list[Challenge]:
    """Of the challenges that can be answered, the strongest of each realm; of equals the first, for servers put
    the one they like best on top. RFC 8760 § 2.4 leaves to local policy whether the topmost is taken all the same:
    a weaker one on top is not, so that nobody on the way can choose MD5 for us."""
    best: dict[str, Challenge] = {}
    for value in values:
        try:
            challenge = Challenge.parse(value)
        except (MalformedMessage, UnusableChallenge):
            continue
        if not challenge.is_usable:
            continue
        known = best.get(challenge.realm)
        if known is None or _STRENGTH[challenge.algorithm] > _STRENGTH[known.algorithm]:
            best[challenge.realm] = challenge
    return list(best.values())


def nextnonce(value: bytes) -> str:
    """The nonce that an Authentication-Info names for the next request, empty when it names none (RFC 7616 §
    3.5)."""
    try:
        return digest_params(value.decode("utf-8", "replace")).get("nextnonce", "")
    except MalformedMessage:
        return ""


def authorization(
    challenge: Challenge, credentials: Credentials, method: str, uri: str, *, cnonce: str, nc: int = 1
) -> str:
    """The Authorization or Proxy-Authorization value (RFC 7616 § 3.4). `nc`: how many times this nonce has been
    used, this time included. Raises UnusableChallenge."""
    if not challenge.is_usable:
        raise UnusableChallenge(f"algorithm {challenge.algorithm!r} with qop {challenge.qops!r}")
    count = f"{nc:08x}"
    response = expected_response(
        challenge, credentials, method, uri, cnonce=cnonce, count=count if challenge.qops else ""
    )
    fields = [
        f"username={quote(credentials.username)}",
        f"realm={quote(challenge.realm)}",
        f"nonce={quote(challenge.nonce)}",
        f"uri={quote(uri)}",
        f'response="{response}"',
        f"algorithm={challenge.algorithm.upper().replace('-SESS', '-sess')}",
    ]
    if challenge.qops:
        fields += [f'cnonce="{cnonce}"', "qop=auth", f"nc={count}"]
    elif challenge.algorithm.endswith("-sess"):
        fields.append(f'cnonce="{cnonce}"')
    if challenge.opaque is not None:
        fields.append(f"opaque={quote(challenge.opaque)}")
    return "Digest " + ", ".join(fields)


def expected_response(
    challenge: Challenge, credentials: Credentials, method: str, uri: str, *, cnonce: str, count: str
) -> str:
    """The `response` of RFC 7616 § 3.4.1. `count`: the nonce count as it stands in `nc`; empty: RFC 2069's digest
    without a quality of protection. The algorithm must be usable."""
    digest = _HASHES[challenge.algorithm.removesuffix("-sess")]

    def hashed(*parts: str) -> str:
        return digest(":".join(parts).encode())

    secret = hashed(credentials.username, challenge.realm, credentials.password)
    if challenge.algorithm.endswith("-sess"):
        secret = hashed(secret, challenge.nonce, cnonce)
    target = hashed(method, uri)
    if not count:
        return hashed(secret, challenge.nonce, target)
    return hashed(secret, challenge.nonce, count, cnonce, "auth", target)
