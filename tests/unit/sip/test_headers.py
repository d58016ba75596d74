from __future__ import annotations

import pytest

from dialer.sip.errors import MalformedMessage
from dialer.sip.headers import NameAddr, Via, parse_cseq, q850_of, quote, split_list, tag_of, uri_of


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        (b"a", [b"a"]),
        (b"a, b ,c", [b"a", b"b", b"c"]),
        (b'"x, y" <sip:a@b>, <sip:c,d@e>', [b'"x, y" <sip:a@b>', b"<sip:c,d@e>"]),
        (rb'"q\", <" <sip:a@b>,<sip:c@d>', [rb'"q\", <" <sip:a@b>', b"<sip:c@d>"]),
        (b",,", []),
    ],
)
def test_split_list(value: bytes, parts: list[bytes]) -> None:
    assert split_list(value) == parts


@pytest.mark.parametrize(
    ("value", "uri", "tag"),
    [
        (b"<sip:a@b>;tag=1", b"sip:a@b", b"1"),
        (b"<sip:a@b;tag=no>", b"sip:a@b;tag=no", b""),
        (b"sip:a@b;tag=1", b"sip:a@b", b"1"),
        (b'"A <x>;tag=no" <sip:a@b> ; TAG = 1;x=2', b"sip:a@b", b"1"),
        (b"A. Bell <sip:a@b>;x=y;tag=q", b"sip:a@b", b"q"),
        (b"<sip:a@b>", b"sip:a@b", b""),
    ],
)
def test_uri_and_tag(value: bytes, uri: bytes, tag: bytes) -> None:
    assert (uri_of(value), tag_of(value)) == (uri, tag)


@pytest.mark.parametrize(
    "value", [b"<sip:a@b", b"<>", b"", b'"open <sip:a@b>', b"Contact: <sip:a@b", b"<sip:a @b>"]
)
def test_addresses_that_do_not_parse(value: bytes) -> None:
    with pytest.raises(MalformedMessage):
        uri_of(value)


def test_name_addr_round_trip() -> None:
    value = NameAddr('An "odd" \\ name', "sip:a@b;x=1", ";tag=7")
    assert NameAddr.parse(str(value).encode()) == value
    assert str(NameAddr("", "sip:a@b")) == "<sip:a@b>"


def test_quote() -> None:
    assert quote('a"b\\c') == r'"a\"b\\c"'


@pytest.mark.parametrize(
    ("value", "via"),
    [
        (b"SIP/2.0/UDP a.b:5060;branch=z9", Via("UDP", "a.b", 5060, b"z9")),
        (b"SIP / 2.0 / tcp 1.2.3.4 ; branch = z9 ;rport", Via("TCP", "1.2.3.4", None, b"z9", None, 0)),
        (
            b"SIP/2.0/UDP [::1]:5061;received=::2;rport=9;branch=x;odd",
            Via("UDP", "[::1]", 5061, b"x", "::2", 9),
        ),
        (b"SIP/2.0/UDP host", Via("UDP", "host", None, b"")),
    ],
)
def test_via(value: bytes, via: Via) -> None:
    assert Via.parse(value) == via
    assert Via.parse(str(via).encode()) == via


@pytest.mark.parametrize(
    "value",
    [b"", b"SIP/2.0/UDP", b"SIP/one/UDP a", b"SIP/2.0/UDP a:0", b"SIP/2.0/UDP a:70000", b"SIP/2.0/UDP a;rport=x"],
)
def test_vias_that_do_not_parse(value: bytes) -> None:
    with pytest.raises(MalformedMessage):
        Via.parse(value)


def test_cseq() -> None:
    assert parse_cseq(b"0009  INVITE") == (9, b"INVITE")
    assert parse_cseq(b"2147483647 X") == (2**31 - 1, b"X")


@pytest.mark.parametrize(
    "value", [b"1", b"INVITE", b"-1 INVITE", b"2147483648 INVITE", b"1 IN VITE", b"99999999999 A"]
)
def test_cseqs_that_do_not_parse(value: bytes) -> None:
    with pytest.raises(MalformedMessage):
        parse_cseq(value)


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        (b"Q.850;cause=16", 16),
        (b'q.850 ; text="a, b" ; cause = 17', 17),
        (b"SIP;cause=200, Q.850;cause=31", 31),
        (b"SIP;cause=200", None),
        (b"Q.850", None),
        (b"Q.850;cause=300", None),
        (b"", None),
    ],
)
def test_q850(value: bytes, cause: int | None) -> None:
    assert q850_of(value) == cause
