"""Another parser, sipmessage, reads what we send and what we read, and must come to the same."""

from __future__ import annotations

import pytest
import sipmessage

from dialer.sip.digest import Credentials
from dialer.sip.headers import NameAddr, Via
from dialer.sip.message import Request, parse_message
from dialer.sip.uri import Uri
from tests.unit.sip.peer import ANSWER, OFFER, Wire, World, order, request, response


def everything_we_send() -> list[bytes]:
    """One of each: INVITE, with credentials, CANCEL, ACKs, BYE, responses of every kind."""
    world = World(accept_calls=True)
    datagrams: list[bytes] = []

    def take() -> bytes:
        new = [data for data, _ in world.agent.datagrams_to_send()]
        datagrams.extend(new)
        return new[-1]

    def receive(data: bytes) -> bytes:
        world.agent.receive_datagram(data, ("127.0.0.9", 5070), 0.0)
        return take()

    world.agent.invite(order(1, Credentials("alice", "x"), (("X-A", "1"),), 'Ann "A", B'), 0.0)
    challenge = ('WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"',)
    again = Wire.read(receive(response(Wire.read(take()), 401, headers=challenge)))
    receive(response(again, 200, headers=("Record-Route: <sip:127.0.0.2;lr>",), body=ANSWER))
    world.agent.bye(1, 0.0)
    take()
    world.agent.invite(order(2), 0.0)
    invite = Wire.read(take())
    world.agent.receive_datagram(response(invite, 180), ("127.0.0.9", 5070), 0.0)
    world.agent.cancel(2, 0.0)
    take()
    receive(response(invite, 487))
    receive(request("INVITE", body=OFFER, headers=("Record-Route: <sip:127.0.0.2;lr>",)))
    world.agent.progress(-1, 183, 0.0, ANSWER)
    world.agent.answer(-1, ANSWER, 0.0)
    take()
    receive(request("OPTIONS", branch="z9hG4bKo"))
    receive(request("INVITE", branch="z9hG4bKr", headers=("Require: 100rel",), call_id="r"))
    return datagrams


@pytest.mark.parametrize("data", everything_we_send(), ids=lambda data: data.split(b"\r\n")[0].decode())
def test_what_we_send_is_read_the_same(data: bytes) -> None:
    agree(data)


@pytest.mark.parametrize(
    "data",
    [
        request("INVITE", body=OFFER, from_='"A, B" <sip:a@b;x=1>;tag=1', via="h.example:5071"),
        request("BYE", branch="z9hG4bKx;received=1.2.3.4;rport=9", to="<sip:c@[2001:db8::1]:5070;lr>;tag=3"),
        request("OPTIONS", uri="sips:x:y@host.example;transport=tls", cseq=2**31 - 1),
    ],
)
def test_what_we_read_is_read_the_same(data: bytes) -> None:
    agree(data)


def agree(data: bytes) -> None:
    ours, theirs = parse_message(data), sipmessage.Message.parse(data)
    assert isinstance(theirs, sipmessage.Request) == isinstance(ours, Request)
    if isinstance(theirs, sipmessage.Request) and isinstance(ours, Request):
        assert theirs.method.encode() == ours.method
        assert str(theirs.uri) == str(Uri.parse(ours.uri))
    assert theirs.body == ours.body
    assert (theirs.cseq.sequence, theirs.cseq.method.encode()) == ours.cseq
    assert theirs.call_id.encode() == ours.call_id
    for name, address in ((b"from", theirs.from_address), (b"to", theirs.to_address)):
        mine = NameAddr.parse(ours.need(name))
        assert str(address.uri) == str(Uri.parse(mine.uri))
        assert (address.name or "") == mine.display
    assert theirs.from_address.parameters.get("tag", "") == ours.from_tag.decode()
    assert theirs.to_address.parameters.get("tag", "") == ours.to_tag.decode()
    for mine_via, via in zip(ours.elements(b"via"), theirs.via, strict=True):
        parsed = Via.parse(mine_via)
        assert (via.transport, via.host, via.port) == (parsed.transport, parsed.host, parsed.port)
        assert via.parameters.get("branch", "") == parsed.branch.decode()
    contacts = [str(Uri.parse(NameAddr.parse(value).uri)) for value in ours.elements(b"contact")]
    assert [str(contact.uri) for contact in theirs.contact] == contacts
