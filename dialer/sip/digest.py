"""Digest authentication of the caller (RFC 3261 § 22, RFC 7616, RFC 8760)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import md5, sha256

from dialer.sip.errors import MalformedMessage, UnusableChallenge
from dialer.sip.headers import quote

_PARAM = re.compile(r'\s*([A-Za-z0-9_\-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)', re.DOTALL)
_HASHES: dict[str, Callable[[bytes], str]] = {
    # MD5 is what carriers' switches still ask for; nothing else rests on it.
    "md5": lambda data: md5(data, usedforsecurity=False).hexdigest(),
    "sha-256": lambda data: sha256(data).hexdigest(),
}


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
        params: dict[str, str] = {}
        position = 0
        rest = rest.strip()
        while position < len(rest):
            match = _PARAM.match(rest, position)
            if match is None:
                raise MalformedMessage(f"challenge does not parse at {rest[position : position + 20]!r}")
            quoted = match[2]
            text = match[3] if quoted is None else re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)
            params.setdefault(match[1].lower(), text)
            position = match.end()
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

    @property
    def is_usable(self) -> bool:
        """An algorithm of ours, and `auth` or no quality of protection at all."""
        return self.algorithm.removesuffix("-sess") in _HASHES and (not self.qops or "auth" in self.qops)


def choose(values: Iterable[bytes]) -> Challenge:
    """The first challenge that can be answered: servers put the one they like best on top (RFC 8760 § 2.4).
    Raises UnusableChallenge when there is none."""
    seen: list[str] = []
    for value in values:
        try:
            challenge = Challenge.parse(value)
        except (MalformedMessage, UnusableChallenge) as error:
            seen.append(str(error))
            continue
        if challenge.is_usable:
            return challenge
        seen.append(f"algorithm {challenge.algorithm!r} with qop {challenge.qops!r}")
    raise UnusableChallenge("; ".join(seen) or "no challenge")


def authorization(
    challenge: Challenge, credentials: Credentials, method: str, uri: str, *, cnonce: str, nc: int = 1
) -> str:
    """The Authorization or Proxy-Authorization value (RFC 7616 § 3.4). `nc`: how many times this nonce has been
    used, this time included. Raises UnusableChallenge."""
    if not challenge.is_usable:
        raise UnusableChallenge(f"algorithm {challenge.algorithm!r} with qop {challenge.qops!r}")
    digest = _HASHES[challenge.algorithm.removesuffix("-sess")]

    def hashed(*parts: str) -> str:
        return digest(":".join(parts).encode())

    secret = hashed(credentials.username, challenge.realm, credentials.password)
    if challenge.algorithm.endswith("-sess"):
        secret = hashed(secret, challenge.nonce, cnonce)
    target = hashed(method, uri)
    count = f"{nc:08x}"
    if challenge.qops:
        response = hashed(secret, challenge.nonce, count, cnonce, "auth", target)
    else:
        response = hashed(secret, challenge.nonce, target)
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
