from __future__ import annotations

import pytest

from dialer.sip.digest import Challenge, Credentials, authorization, usable
from dialer.sip.errors import MalformedMessage, UnusableChallenge

MUFASA = Credentials("Mufasa", "Circle of Life")
REALM = 'realm="http-auth@example.org"'
NONCE = 'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"'
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_examples_of_rfc_7616(algorithm: str, expected: str) -> None:
    """RFC 7616 § 3.9.1."""
    challenge = Challenge.parse(
        f'Digest {REALM}, qop="auth, auth-int", algorithm={algorithm}, {NONCE}, opaque="FQhe/qaU"'.encode()
    )
    value = authorization(
        challenge, Credentials("Mufasa", "Circle of Life"), "GET", "/dir/index.html", cnonce=CNONCE
    )
    assert f'response="{expected}"' in value
    assert "qop=auth, nc=00000001" in value
    assert 'opaque="FQhe/qaU"' in value
    assert f"algorithm={algorithm}" in value


def test_example_of_rfc_2617() -> None:
    """RFC 2617 § 3.5."""
    challenge = Challenge("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", qops=("auth",))
    who = Credentials("Mufasa", "Circle Of Life")
    value = authorization(challenge, who, "GET", "/dir/index.html", cnonce="0a4f113b")
    assert 'response="6629fae49393a05397450978507c4ef1"' in value


def test_without_qop_as_rfc_2069_has_it() -> None:
    """RFC 2069 § 2.4, as corrected by its erratum 749."""
    challenge = Challenge("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093")
    value = authorization(challenge, Credentials("Mufasa", "CircleOfLife"), "GET", "/dir/index.html", cnonce="x")
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in value
    assert "qop" not in value
    assert "nc=" not in value


def test_nc_counts_in_eight_hexadecimal_digits() -> None:
    challenge = Challenge("r", "n", qops=("auth",))
    value = authorization(challenge, MUFASA, "BYE", "sip:a@b", cnonce="x", nc=255)
    assert "nc=000000ff" in value


def test_session_algorithms_hash_the_nonces_in() -> None:
    plain, session = (
        authorization(Challenge("r", "n", algorithm, ("auth",)), MUFASA, "BYE", "sip:a@b", cnonce="x")
        for algorithm in ("md5", "md5-sess")
    )
    assert "algorithm=MD5-sess" in session
    assert plain.partition("response=")[2][:34] != session.partition("response=")[2][:34]


def test_challenge_with_everything() -> None:
    value = (
        rb'Digest realm="a \"b\", c", nonce="n", stale=TRUE, algorithm=SHA-256, qop="auth,auth-int", domain="x"'
    )
    assert Challenge.parse(value) == Challenge('a "b", c', "n", "sha-256", ("auth", "auth-int"), None, True)


@pytest.mark.parametrize(
    "value", [b"Digest", b'Digest realm="x"', b'Digest nonce="x"', b'Digest realm="x, nonce=1']
)
def test_challenges_that_do_not_parse(value: bytes) -> None:
    with pytest.raises(MalformedMessage):
        Challenge.parse(value)


def test_the_strongest_that_we_speak_is_answered_in_each_realm() -> None:
    values = [
        b'Basic realm="x"',
        b'Digest realm="x", nonce="1", algorithm=SHA-512-256, qop="auth"',
        b'Digest realm="x", nonce="2", qop="auth-int"',
        b"Digest broken",
        b'Digest realm="x", nonce="3", algorithm=MD5',
        b'Digest realm="x", nonce="4", algorithm=SHA-256, qop="auth"',
        b'Digest realm="x", nonce="5", algorithm=SHA-256, qop="auth"',
        b'Digest realm="y", nonce="6"',
    ]
    assert [(challenge.realm, challenge.nonce) for challenge in usable(values)] == [("x", "4"), ("y", "6")]
    assert usable(values[:4]) == []
    assert usable([]) == []


def test_an_unusable_challenge_is_not_answered() -> None:
    with pytest.raises(UnusableChallenge):
        authorization(Challenge("r", "n", "sha3"), MUFASA, "BYE", "sip:a@b", cnonce="x")


def test_the_password_is_never_printed() -> None:
    assert "Circle" not in repr(MUFASA) + str(MUFASA)
