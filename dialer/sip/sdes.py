"""Keys for protected audio in session descriptions: a=crypto (RFC 4568), of the two suites that every peer has
(§ 6.2)."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass, field

from dialer.sip.errors import NoAgreedKeys

SUITES = ("AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32")
"""Best first."""

KEY_OCTETS = 30
"""A master key of 128 bits and a master salt of 112 (§ 6.1)."""

OFFER_OCTETS = KEY_OCTETS * len(SUITES)
"""What an offer needs of randomness: a key for each suite, so that none is ever used for two (§ 6.1)."""


@dataclass(frozen=True, slots=True)
class Crypto:
    """One a=crypto line. `tag`: 1 to 9 digits, by which an answer names what it takes (§ 4.1). `key`: what its
    writer sends with: master key and salt."""

    tag: int
    suite: str
    key: bytes = field(repr=False)

    def __str__(self) -> str:
        return f"{self.tag} {self.suite} inline:{b64encode(self.key).decode()}"

    @classmethod
    def parse(cls, value: str) -> Crypto | None:
        """What stands behind `crypto:`. None for what we cannot do or read: an offerer has other lines for that
        case, or none that we can take (§ 7.1.2)."""
        words = value.split()
        if len(words) < 3 or not (words[0].isascii() and words[0].isdigit() and len(words[0]) <= 9):
            return None
        tag, suite, inline, *session = words
        # § 6.3: whatever weakens the protection is refused, and what nobody knows when it has no "-" before it.
        if suite not in SUITES or any(word[0] != "-" and not word.startswith("WSH=") for word in session):
            return None
        method, _, key_info = inline.partition(":")
        key_text, *lifetime_and_mki = key_info.split("|")
        # § 6.1: a second key, or an MKI in each packet. A key's lifetime is its sender's to keep.
        if method.lower() != "inline" or ";" in key_info or any(":" in part for part in lifetime_and_mki):
            return None
        try:
            key = b64decode(key_text, validate=True)
        except (binascii.Error, ValueError):
            return None
        return cls(int(tag), suite, key) if len(key) == KEY_OCTETS else None


@dataclass(frozen=True, slots=True)
class Keys:
    """With what a leg is protected. `sending`, `receiving`: as of `Crypto.key`, one for each direction (§ 1)."""

    suite: str
    sending: bytes = field(repr=False)
    receiving: bytes = field(repr=False)


def offered(random: bytes) -> tuple[Crypto, ...]:
    """What an offer of ours says. `random`: `OFFER_OCTETS` that nobody can guess and that are used once."""
    return tuple(
        Crypto(number, suite, random[(number - 1) * KEY_OCTETS : number * KEY_OCTETS])
        for number, suite in enumerate(SUITES, 1)
    )


def agreed(ours: tuple[Crypto, ...], theirs: tuple[Crypto, ...], *, required: bool) -> Keys | None:
    """What both sides' descriptions come to: of what they want, best first, the first of a suite of ours, with our
    key for it. Not by its tag: a suite stands once in ours, so that there is no doubt. None: unprotected, when it
    is not `required`. Raises NoAgreedKeys."""
    for crypto in theirs:
        for mine in ours:
            if mine.suite == crypto.suite:
                return Keys(crypto.suite, mine.key, crypto.key)
    if not required:
        return None
    if theirs:
        raise NoAgreedKeys(f"SRTP with {', '.join(crypto.suite for crypto in theirs)}, which was not offered")
    raise NoAgreedKeys("no a=crypto line that we can take, so the audio would not be protected")


def taken(ours: tuple[Crypto, ...], theirs: tuple[Crypto, ...]) -> Crypto | None:
    """What our answer to an offer of theirs says, with our key of the same suite under their tag (§ 7.1.2)."""
    for crypto in theirs:
        for mine in ours:
            if mine.suite == crypto.suite:
                return Crypto(crypto.tag, mine.suite, mine.key)
    return None
