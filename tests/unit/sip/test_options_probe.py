"""OPTIONS outside a dialog, against a scripted far end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.sip.digest import Credentials
from dialer.sip.errors import DuplicateCall, InvalidOrder
from dialer.sip.events import Probed
from dialer.sip.message import Request, parse_message
from dialer.sip.options_probe import ProbeOrder
from dialer.sip.user_agent import UserAgent
from tests.unit.sip.peer import IDENTITY_KEY, LOCAL, REMOTE, Wire

ORDER = ProbeOrder(7, 1, "sip:127.0.0.9:5070", "sip:dialer@127.0.0.1", REMOTE)


class Asking:
    def __init__(self) -> None:
        self.agent = UserAgent(LOCAL, key=IDENTITY_KEY)
        self.now = 1_000.0

    def ask(self, order: ProbeOrder = ORDER) -> Wire:
        self.agent.probe(order, self.now)
        return self.sent()[0]

    def sent(self) -> list[Wire]:
        found = self.agent.datagrams_to_send()
        assert all(to == REMOTE for _, to in found)
        return [Wire.read(data) for data, _ in found]

    def answer(self, request: Wire, status: int, *lines: str) -> None:
        copied = [f"{name}: {request[name]}" for name in ("Via", "From", "To", "Call-ID", "CSeq")]
        head = "\r\n".join([f"SIP/2.0 {status} Whatever", *copied, *lines, "Content-Length: 0", "", ""])
        self.agent.receive_datagram(head.encode(), REMOTE, self.now)

    def wait(self, seconds: float) -> int:
        """How many datagrams left meanwhile."""
        until, sent = self.now + seconds, 0
        while (deadline := self.agent.next_deadline()) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self.agent.handle_timer(self.now)
            sent += len(self.sent())
        self.now = until
        return sent

    def told(self) -> list[Probed]:
        return [event for event in self.agent.next_events() if isinstance(event, Probed)]


@pytest.mark.parametrize("status", [200, 404, 405, 503])
def test_whatever_final_response_comes_is_told_once(status: int) -> None:
    world = Asking()
    request = world.ask()
    assert (request.method, request.uri) == ("OPTIONS", "sip:127.0.0.9:5070")
    assert request["Accept"] == "application/sdp"
    world.answer(request, 100)
    assert world.told() == []
    world.answer(request, status, "Allow: INVITE")
    world.answer(request, status)
    (told,) = world.told()
    assert (told.key, told.status, told.challenged) == (7, status, False)
    assert ("allow", "INVITE") in told.headers
    world.wait(40)
    assert world.agent.is_idle()


def test_silence_is_told_after_timer_f_and_was_asked_again_meanwhile() -> None:
    world = Asking()
    world.ask()
    assert world.wait(31.9) == 10, "timer E: .5, 1.5, 3.5, then every 4 s up to 32"
    assert world.told() == []
    world.wait(0.2)
    assert [told.status for told in world.told()] == [None]
    assert world.agent.is_idle()


def test_a_challenge_is_answered_once() -> None:
    world = Asking()
    request = world.ask(replace(ORDER, credentials=Credentials("u", "p")))
    world.answer(request, 401, 'WWW-Authenticate: Digest realm="r", nonce="n", algorithm=MD5, qop="auth"')
    (again,) = world.sent()
    assert (again.cseq, again["Call-ID"]) == (2, request["Call-ID"])
    assert again.branch != request.branch
    assert 'username="u"' in again["Authorization"]
    world.answer(again, 401, 'WWW-Authenticate: Digest realm="r", nonce="m", algorithm=MD5, qop="auth"')
    assert [(told.status, told.challenged) for told in world.told()] == [(401, True)]
    assert world.sent() == []


def test_a_challenge_without_credentials_is_the_answer() -> None:
    world = Asking()
    world.answer(world.ask(), 407, 'Proxy-Authenticate: Digest realm="r", nonce="n"')
    assert [told.status for told in world.told()] == [407]


def test_two_at_once_are_kept_apart_and_the_same_key_twice_is_refused() -> None:
    world = Asking()
    first = world.ask()
    second = world.ask(replace(ORDER, key=8, serial=2))
    assert first["Call-ID"] != second["Call-ID"]
    with pytest.raises(DuplicateCall):
        world.agent.probe(ORDER, world.now)
    world.answer(second, 200)
    assert [told.key for told in world.told()] == [8]


@pytest.mark.parametrize("changes", [{"key": -1}, {"uri": ""}, {"uri": "sip:a b"}, {"from_uri": "sip:a>\r\nX: y"}])
def test_an_order_that_would_break_the_request_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidOrder):
        Asking().ask(replace(ORDER, **changes))  # type: ignore[arg-type]


def test_it_is_a_request_that_others_read() -> None:
    world = Asking()
    world.agent.probe(ORDER, world.now)
    request = parse_message(world.agent.datagrams_to_send()[0][0])
    assert isinstance(request, Request)
    assert request.broken_by is None
    request.require_basics()
