from __future__ import annotations

import io
import json

import pytest

from dialer.sip.errors import MalformedMessage
from dialer.sip.message import Request, parse_message
from sim_trunk import reception
from sim_trunk.call_log import CallLog
from sim_trunk.callee import CallPlan, Persona, Quirk
from sim_trunk.population import load_population
from sim_trunk.reception import Call, Reception


class Desk:
    """Plans, a clock and a log for one reception."""

    def __init__(self, quirk: Quirk = Quirk.NONE) -> None:
        self.asked: list[tuple[str, int, float]] = []
        self.stream = io.StringIO()
        self.open: list[Call] = []
        self.quirk = quirk
        self.reception = Reception(self, CallLog(self.stream), self, 32.0, lambda call: call in self.open)

    def meet(self, request: Request, call_id: str, now: float) -> Call:
        call = self.reception.meet(request, call_id, now)
        assert call is not None
        return call

    def plan(self, number: str, nth_call: int, at: float) -> CallPlan:
        self.asked.append((number, nth_call, at))
        return CallPlan(0.1, 0.2, 200, None, Persona.RIGHT_PARTY, 1.0, 1.0, self.quirk)

    def now(self) -> float:
        return 1_800_000_000.0


def invite(uri: str = "sip:+4930231250@127.0.0.1", caller: str = "<sip:+4930231259@x>;tag=1") -> Request:
    message = parse_message(f"INVITE {uri} SIP/2.0\r\nFrom: {caller}\r\n\r\n".encode())
    assert isinstance(message, Request)
    return message


def test_calls_of_a_number_are_counted_for_each_number() -> None:
    desk = Desk()
    for n, uri in enumerate(("sip:+1@h", "sip:+2@h", "sip:+1@h:5080;user=phone")):
        desk.meet(invite(uri), f"c{n}", 0.0)
    assert [asked[:2] for asked in desk.asked] == [("+1", 1), ("+2", 1), ("+1", 2)]


@pytest.mark.parametrize(
    ("uri", "number"),
    [
        ("sip:+4930231250@127.0.0.1:5080", "+4930231250"),
        ("sip:%2B4930231250:secret@h", "+4930231250"),
        ("tel:+4930231250", "+4930231250"),
        ("sip:h", ""),
        ("nonsense", ""),
        (f"sip:+{'1' * 4000}@h", "+" + "1" * 63),
    ],
)
def test_the_number_is_the_user_of_the_request_uri(uri: str, number: str) -> None:
    call = Desk().meet(invite(uri), "c", 0.0)
    assert (call.entry.number, call.entry.caller) == (number, "+4930231259")


def test_octets_that_are_no_utf_8_are_a_number_like_any_other() -> None:
    message = parse_message(b"INVITE sip:+1\xff\xc3@h SIP/2.0\r\nFrom: <sip:\x80@h>;tag=1\r\n\r\n")
    assert isinstance(message, Request)
    call = Desk().meet(message, "c", 0.0)
    assert (call.entry.number, call.entry.caller) == ("+1\ufffd\ufffd", "\ufffd")
    assert load_population(None, 1).plan(call.entry.number, 1, 1_800_000_000.0).final >= 200


def test_calls_and_numbers_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reception, "MOST_CALLS", 3)
    monkeypatch.setattr(reception, "MOST_NUMBERS", 2)
    desk = Desk()
    for n, number in enumerate("121"):
        desk.meet(invite(f"sip:{number}@h"), f"a{n}", 0.0)
    assert desk.reception.meet(invite("sip:1@h"), "a3", 1.0) is None
    assert Desk().reception.meet(invite("sip:1@h"), "a" * 257, 1.0) is None
    for n, number in enumerate("133"):
        desk.meet(invite(f"sip:{number}@h"), f"b{n}", 40.0)
    assert [asked[:2] for asked in desk.asked] == [("1", 1), ("2", 1), ("1", 2), ("1", 3), ("3", 1), ("3", 1)]


def test_an_invite_without_a_caller_is_not_a_call() -> None:
    desk = Desk()
    message = parse_message(b"INVITE sip:a@b SIP/2.0\r\nTo: <sip:a@b>\r\n\r\n")
    assert isinstance(message, Request)
    with pytest.raises(MalformedMessage):
        desk.reception.meet(message, "c", 0.0)
    assert desk.asked == []


def test_a_call_is_remembered_as_long_as_its_invite_may_be_repeated_and_while_it_is_open() -> None:
    desk = Desk()
    first = desk.meet(invite(), "first", 0.0)
    desk.meet(invite(), "second", 0.0)
    desk.open.append(first)
    desk.meet(invite(), "third", 31.9)
    assert desk.reception.find("second") is not None
    desk.meet(invite(), "fourth", 32.1)
    assert desk.reception.find("first") is first
    assert desk.reception.find("second") is None
    desk.open.clear()
    desk.meet(invite(), "fifth", 60.0)
    desk.meet(invite(), "sixth", 65.0)
    assert desk.reception.find("first") is None
    assert desk.reception.find("fifth") is not None


def test_what_nobody_will_ever_answer_is_logged_at_once() -> None:
    desk = Desk(Quirk.NO_RESPONSE)
    desk.meet(invite(), "c", 0.0)
    line = json.loads(desk.stream.getvalue())
    assert (line["call_id"], line["final"], line["ended_by"]) == ("c", None, "nobody")
    assert Desk().stream.getvalue() == ""


def test_transactions_are_told_from_retransmissions() -> None:
    call = Desk().meet(invite(), "c", 0.0)
    assert [call.count_invite(branch) for branch in (b"a", b"a", b"b", b"a", b"b")] == [
        True,
        False,
        True,
        False,
        False,
    ]
    assert (call.entry.invites, call.entry.retransmissions) == (2, 3)
    for n in range(100):
        call.count_invite(b"%d" % n)
    assert len(call.branches) == reception.MOST_BRANCHES
    assert call.entry.invites == 102
