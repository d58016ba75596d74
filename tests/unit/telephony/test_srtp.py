"""Protected packets: by RFC 3711's key derivation, and by the reference packets of the RFC's authors' library."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode

import pytest

from dialer.media.orders import Protect
from dialer.media.rtp import RtpPacket
from dialer.sip.sdes import SUITES
from dialer.telephony.media_server.srtp import Srtp

MASTER = bytes.fromhex("E1F97A0D3E018BE0D64FA32C06DE41390EC675AD498AFEEBB6960B3AABE6")  # RFC 3711 § B.3
AUTH_KEY = bytes.fromhex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4")  # § B.3: derived from it for the tags
TAG_OCTETS = dict(zip(SUITES, (10, 4), strict=True))

PLAIN = bytes.fromhex("800f1234decafbadcafebabe" + "ab" * 16)
PROTECTED = bytes.fromhex("800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb")
REPORT = bytes.fromhex("81c8000bcafebabe" + "ab" * 16)
PROTECTED_REPORT = bytes.fromhex("81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798")
"""libsrtp's srtp_driver.c, of the same master key; by authors of the RFC."""

OTHER = bytes(30)


def text(key: bytes) -> str:
    return b64encode(key).decode()


def srtp(suite: str = SUITES[0], sending: bytes = MASTER, receiving: bytes = OTHER) -> Srtp:
    return Srtp(Protect(1, suite, text(sending), text(receiving)))


def packet(sequence: int, ssrc: int = 7) -> bytes:
    return RtpPacket(0, sequence, 160 * sequence, ssrc, bytes(160)).pack()


@pytest.mark.parametrize("suite", SUITES)
def test_the_tag_is_by_the_key_that_the_rfc_derives(suite: str) -> None:
    """§ 4.2: HMAC-SHA1 over the packet and the rollover counter, which is zero."""
    octets = TAG_OCTETS[suite]
    wire = srtp(suite).protect(PLAIN)
    assert len(wire) == len(PLAIN) + octets
    tag = hmac.digest(AUTH_KEY, wire[:-octets] + bytes(4), hashlib.sha1)[:octets]
    assert wire[-octets:] == tag


def test_the_reference_packets() -> None:
    ours, theirs = srtp(), srtp(sending=OTHER, receiving=MASTER)
    assert ours.protect(PLAIN) == PROTECTED
    assert ours.protect_report(REPORT) == PROTECTED_REPORT
    assert theirs.unprotect(PROTECTED) == PLAIN
    assert theirs.unprotect(PROTECTED_REPORT) == REPORT


def test_what_is_not_by_the_key_is_nothing() -> None:
    theirs = srtp(receiving=MASTER)
    assert theirs.unprotect(srtp(sending=OTHER).protect(packet(1))) is None
    assert theirs.unprotect(packet(1)) is None
    assert theirs.unprotect(b"") is None
    assert theirs.unprotect(bytes([0x80]) + bytes(2_000)) is None
    changed = bytearray(PROTECTED)
    changed[20] ^= 1
    assert theirs.unprotect(bytes(changed)) is None
    assert theirs.unprotect(PROTECTED) == PLAIN
    assert theirs.unprotect(PROTECTED) is None  # § 3.3.2: a replay


def test_no_number_is_used_twice_under_one_key() -> None:
    """§ 9.1; also after an order that changes the other key alone."""
    ours = srtp()
    ours.protect(packet(1))
    ours.change(Protect(1, SUITES[0], text(MASTER), text(MASTER)))
    with pytest.raises(OSError, match="replay"):
        ours.protect(packet(1))
    ours.change(Protect(1, SUITES[0], text(OTHER), text(MASTER)))
    ours.protect(packet(1))


def test_the_far_end_may_change_its_key() -> None:
    theirs = srtp(receiving=OTHER)
    theirs.change(Protect(1, SUITES[0], text(MASTER), text(MASTER)))
    assert theirs.unprotect(PROTECTED) == PLAIN


def test_numbers_begin_anew_after_65535() -> None:
    ours, theirs = srtp(), srtp(receiving=MASTER)
    for sequence in (65_534, 65_535, 0, 1):
        assert theirs.unprotect(ours.protect(packet(sequence))) == packet(sequence)


@pytest.mark.parametrize(("suite", "key"), [("AES_256", text(MASTER)), (SUITES[0], "short"), (SUITES[0], "")])
def test_what_is_no_key_is_said(suite: str, key: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        Srtp(Protect(1, suite, key, key))


def test_an_order_shows_no_key() -> None:
    assert text(MASTER) not in repr(Protect(1, SUITES[0], text(MASTER), text(OTHER)))
