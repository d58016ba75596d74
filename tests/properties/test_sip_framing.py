"""Messages of a stream come out as they went in, however it is cut; garbage ends it and nothing else does."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dialer.sip.framing import MAX_BODY, MAX_HEAD, MESSAGE_WITHIN_S, Framer, Unframed
from tests.unit.sip.peer import ANSWER, request

BODIES = st.one_of(st.just(b""), st.just(ANSWER), st.binary(max_size=60))
MESSAGES = st.builds(
    lambda method, body: request(method, body=body),
    st.sampled_from(["INVITE", "OPTIONS", "BYE"]),
    BODIES,
)
BLANKS = st.sampled_from([b"", b"", b"\r\n", b"\r\n\r\n", b"\r\n\r\n\r\n\r\n"])


def cut(data: bytes, places: list[int]) -> list[bytes]:
    at = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[a:b] for a, b in pairwise(at)]


@given(st.lists(st.tuples(BLANKS, MESSAGES), max_size=5), st.lists(st.integers(0, 10_000), max_size=12))
def test_what_goes_in_comes_out(parts: list[tuple[bytes, bytes]], places: list[int]) -> None:
    framer = Framer()
    stream = b"".join(blank + message for blank, message in parts)
    found = [message for piece in cut(stream, places) for message in framer.feed(piece, 0.0)]
    assert found == [message for _, message in parts]
    assert framer.fault is None
    assert framer.pending < 4
    assert framer.deadline() is None


@given(
    st.lists(st.one_of(st.binary(max_size=200), MESSAGES), max_size=8),
    st.lists(st.integers(0, 10_000), max_size=9),
)
def test_whatever_comes_memory_is_bounded_and_faults_stay(pieces: list[bytes], places: list[int]) -> None:
    framer = Framer()
    for piece in cut(b"".join(pieces), places):
        before = framer.fault
        found = framer.feed(piece, 0.0)
        assert framer.pending <= MAX_HEAD + MAX_BODY + len(piece)
        if before is not None:
            assert (found, framer.fault) == ([], before)


@given(st.lists(st.integers(0, 10_000), max_size=12), st.integers(1, 9))
def test_each_ping_is_counted_once(places: list[int], pings: int) -> None:
    framer = Framer()
    for piece in cut(b"\r\n\r\n" * pings, places):
        assert framer.feed(piece, 0.0) == []
    assert framer.pings == pings


def test_faults() -> None:
    whole = request("OPTIONS")
    for data, fault in (
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", Unframed.NO_LENGTH),
        (b"\x16\x03\x01\x02\x00\x01\x00", Unframed.NOT_SIP),
        (b"x" * 65, Unframed.NOT_SIP),
        (whole.replace(b"Content-Length: 0\r\n", b""), Unframed.NO_LENGTH),
        (whole.replace(b"Length: 0", b"Length: -1"), Unframed.NO_LENGTH),
        (whole.replace(b"Length: 0", b"Length: 0\r\nl: 5"), Unframed.NO_LENGTH),
        (whole.replace(b"Length: 0", b"Length: 65536"), Unframed.BODY_TOO_LARGE),
        (b"OPTIONS sip:a@b SIP/2.0\r\n" + b"X: 1\r\n" * 6_000, Unframed.HEAD_TOO_LARGE),
    ):
        framer = Framer()
        assert framer.feed(data, 0.0) == []
        assert framer.fault is fault, data[:40]


def test_a_slow_message_is_given_up() -> None:
    framer = Framer()
    framer.feed(b"OPT", 5.0)
    assert framer.deadline() == 5.0 + MESSAGE_WITHIN_S
    framer.feed(b"IONS", 9.0)
    framer.check(14.9)
    assert framer.fault is None
    framer.check(15.0)
    assert framer.fault is Unframed.TOO_SLOW
