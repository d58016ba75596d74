"""A response taken apart in one step says what it says when it is read line by line."""

from __future__ import annotations

from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from dialer.sip.errors import MalformedMessage
from dialer.sip.message import Request, Response, parse_message

BASICS = [
    b"Via: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bK1",
    b"From: <sip:a@h>;tag=1",
    b"To: <sip:b@h>;tag=2",
    b"Call-ID: c",
    b"CSeq: 1 INVITE",
    b"Contact: <sip:c@h>, <sip:d@h>",
    b"Content-Length: 3",
]
ODD = [
    b"v: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK2", b"VIA: x", b"Via: SIP/2.0/UDP h2;branch=z", b"To:  <sip:e@h>",
    b"To:<sip:e@h>", b"t: x", b"From: ", b"From: <sip:f@h> ", b"CSeq : 2 BYE", b"cseq: 2 BYE",
    b"Content-Length: 3 ",
    b"Content-Length: x", b"l: 1", b"Content-Length: 99", b"m: <sip:m@h>", b"contact: <sip:m@h>", b"Contact: *\t",
    b"Record-Route: <sip:p@h;lr>", b"record-route: <sip:q@h;lr>", b"Reason: Q.850;cause=16", b"X", b"", b" folded",
    b"\tfolded", b"X: a\nVia: y", b"X: a\rTo: y", b"X : spaced", b"X-\xff: \xfe", b": no name",
    b"To: \x0b<sip:v@h>",
]  # fmt: skip
NAMES = (
    b"via",
    b"from",
    b"to",
    b"call-id",
    b"cseq",
    b"contact",
    b"content-length",
    b"record-route",
    b"reason",
    b"x",
)


def seen(data: bytes) -> object:
    try:
        message: Request | Response = parse_message(data)
    except MalformedMessage as error:
        return error.reason
    assert isinstance(message, Response)
    first = [(message.get(name), message.elements(name)) for name in NAMES]
    try:
        message.require_basics()
        key: object = message.transaction_key, message.to_tag, message.from_tag, message.call_id
    except MalformedMessage as error:
        key = str(error)
    start = message.status, message.reason, message.body, message.broken_by
    return start, first, key, list(message.headers.items()), message.decoded_headers()


@given(
    st.permutations(BASICS),
    st.lists(st.tuples(st.integers(0, 7), st.sampled_from(ODD + BASICS)), max_size=3),
    st.sampled_from([None, *range(7)]),
    st.sampled_from(
        [b"SIP/2.0 200 OK", b"SIP/2.0 180", b"SIP/2.0 180 ", b"SIP/2.0 700 No", b"\r\nSIP/2.0 200 OK"]
    ),
    st.sampled_from([b"", b"ab", b"abc", b"abcd", b"a \r\n\r\n"]),
)
def test_the_same_as_line_by_line(
    basics: list[bytes], odd: list[tuple[int, bytes]], left_out: int | None, start: bytes, body: bytes
) -> None:
    lines = [line for line in basics if left_out is None or line != BASICS[left_out]]
    for at, line in odd:
        lines.insert(at, line)
    data = b"\r\n".join([start, *lines, b"", body])
    with mock.patch.object(Response, "usual", return_value=None):
        expected = seen(data)
    assert seen(data) == expected


def test_the_plain_one_is_taken_apart_in_one_step() -> None:
    data = b"\r\n".join([b"SIP/2.0 200 OK", *BASICS, b"", b"abc"])
    assert Response.usual(data) is not None
    assert Response.usual(data.replace(b"Via:", b"v:")) is None
