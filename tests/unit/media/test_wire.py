from __future__ import annotations

import contextlib
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.media.errors import MalformedMessage
from dialer.media.events import LegFigures
from dialer.media.orders import Bridge, Close, Play
from dialer.media.wire import Codec
from dialer.telephony.media_messages import EVENTS, ORDERS

ALL: Codec[Any] = Codec((*ORDERS, *EVENTS))
PAIRS = st.lists(st.tuples(st.text(max_size=5), st.integers()), max_size=3).map(tuple)
MATRIX = st.lists(st.tuples(st.integers(), st.lists(st.integers(), max_size=3).map(tuple)), max_size=3).map(tuple)
BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "int": st.integers(),
    "int | None": st.none() | st.integers(),
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "float | None": st.none() | st.floats(allow_nan=False, allow_infinity=False),
    "str": st.text(),
    "bool": st.booleans(),
    "tuple[tuple[int, tuple[int, ...]], ...]": MATRIX,
    "tuple[tuple[str, float], ...]": PAIRS,
    "tuple[tuple[str, int], ...]": PAIRS,
}


def messages(kind: type[Any]) -> st.SearchStrategy[Any]:
    return st.builds(kind, *(BY_TYPE[str(field.type)] for field in fields(kind)))


@given(st.one_of([messages(kind) for kind in (*ORDERS, *EVENTS)]))
def test_every_message_arrives_as_it_was_sent(message: Any) -> None:
    data = ALL.encode(message)
    assert b"\n" not in data
    assert ALL.decode(data) == message


def test_as_on_the_wire() -> None:
    assert ALL.encode(Close(7)) == b'["Close",7]'
    assert ALL.encode(Bridge(1, ((2, (3,)),))) == b'["Bridge",1,[[2,[3]]]]'
    assert ALL.decode(b'["Play",1,2,"x"]') == Play(1, 2, "x")


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b'["Nothing"]', b'["Close"]', b'["Close",1,2]', b'["Close",{}]', b"\xff", b"[" * 9_999],
)
def test_what_is_no_message(data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        ALL.decode(data)


@given(st.binary(max_size=60))
def test_garbage_is_malformed(data: bytes) -> None:
    with contextlib.suppress(MalformedMessage):
        ALL.decode(data)


def test_a_codec_knows_its_own_kinds_only() -> None:
    with pytest.raises(MalformedMessage):
        Codec(ORDERS).decode(ALL.encode(LegFigures(1, 0, 0, 0, 0.0, 0.0)))
