from __future__ import annotations

import pytest

from dialer.media.errors import MalformedMessage
from dialer.media.events import Event, Notice, Played
from dialer.media.orders import Close, Order, StockOrder
from dialer.media.wire import Codec
from dialer.telephony.media_channel import MAX_OCTETS, Channel, socket_pair
from dialer.telephony.media_messages import EVENTS, ORDERS

Parent = Channel[Order | StockOrder, Event | Notice]
Child = Channel[Event | Notice, Order | StockOrder]


def ends() -> tuple[Parent, Child]:
    ours, theirs = socket_pair()
    return Channel(ours, Codec(ORDERS), Codec(EVENTS)), Channel(theirs, Codec(EVENTS), Codec(ORDERS))


def test_messages_arrive_in_order_both_ways() -> None:
    parent, child = ends()
    for leg in range(5):
        parent.put(Close(leg))
    assert parent.flush()
    child.put(Played(1, 2, "finished"))
    assert child.flush()
    assert list(child.receive()) == [Close(leg) for leg in range(5)]
    assert list(parent.receive()) == [Played(1, 2, "finished")]
    assert list(parent.receive()) == []
    parent.close()
    child.close()


def test_what_the_other_end_is_too_slow_to_take_waits_in_order() -> None:
    parent, child = ends()
    count = 60_000
    for leg in range(count):
        parent.put(Close(leg))
    assert not parent.flush()
    assert bool(parent.is_clear) is False
    came: list[Order | StockOrder] = []
    while len(came) < count:
        came += child.receive()
        parent.flush()
    assert came == [Close(leg) for leg in range(count)]
    assert parent.is_clear
    parent.close()
    child.close()


def test_a_datagram_is_no_longer_than_it_may_be() -> None:
    parent, child = ends()
    for _ in range(40):
        child.put(Played(1, 2, "x" * 2_000))
    child._pack()
    assert len(child._waiting) > 1
    assert all(len(data) <= MAX_OCTETS for data in child._waiting)
    parent.close()
    child.close()


def test_each_end_sees_that_the_other_has_gone() -> None:
    parent, child = ends()
    parent.put(Close(1))
    parent.flush()
    parent.close()
    came = child.receive()
    assert next(came) == Close(1)
    with pytest.raises(EOFError):
        next(came)
    child.put(Played(1, 1, "finished"))
    with pytest.raises(OSError):  # noqa: PT011 -- whichever it is
        child.flush()
    child.close()


def test_what_nobody_understands() -> None:
    parent, child = ends()
    child.socket.send(b'["Close",1]')
    with pytest.raises(MalformedMessage):
        list(parent.receive())
    parent.close()
    child.close()
