"""Who, in which order, by which way."""

from __future__ import annotations

import pytest

from dialer.sip.dialog import Dialog
from dialer.sip.events import Address
from dialer.sip.hop import Hop, StreamHop
from dialer.sip.message import Request, parse_message
from dialer.sip.timers import SipTimers
from dialer.sip.transaction_layer import TransactionLayer
from tests.unit.sip.peer import REMOTE, Wire, request

LAYER = TransactionLayer(("127.0.0.1", 5060), SipTimers(), "test", "test")


def dialog(*record_routes: str, contact: str = "sip:peer@127.0.0.8:5071", source: Hop = REMOTE) -> Dialog:
    headers = tuple(f"Record-Route: {route}" for route in record_routes)
    invite = parse_message(request("INVITE", headers=headers, contact=contact, cseq=7))
    assert isinstance(invite, Request)
    return Dialog.of_callee(invite, local_tag=b"us", branch=b"z9hG4bKb", source=source)


@pytest.mark.parametrize(
    ("routes", "contact", "uri", "route", "next_hop"),
    [
        ([], "sip:peer@127.0.0.8:5071", "sip:peer@127.0.0.8:5071", [], ("127.0.0.8", 5071)),
        ([], "sip:peer@[2001:db8::1]", "sip:peer@[2001:db8::1]", [], REMOTE),  # the call came by IPv4
        ([], "sip:peer@127.0.0.256", "sip:peer@127.0.0.256", [], REMOTE),
        ([], "sip:peer@name.example", "sip:peer@name.example", [], REMOTE),
        ([], "mailto:peer@name.example", "mailto:peer@name.example", [], REMOTE),
        (
            ["<sip:127.0.0.2;lr>", "<sip:127.0.0.3;lr>"],
            "sip:p@127.0.0.8",
            "sip:p@127.0.0.8",
            ["<sip:127.0.0.2;lr>", "<sip:127.0.0.3;lr>"],
            ("127.0.0.2", 5060),
        ),
        (
            ["<sip:127.0.0.2>", "<sip:127.0.0.3;lr>"],
            "sip:p@127.0.0.8",
            "sip:127.0.0.2",
            ["<sip:127.0.0.3;lr>", "<sip:p@127.0.0.8>"],
            ("127.0.0.2", 5060),
        ),
    ],
)
def test_the_way_of_a_request(
    routes: list[str], contact: str, uri: str, route: list[str], next_hop: Address
) -> None:
    way = dialog(*routes, contact=contact)
    message = Wire.read(way.request(LAYER, b"BYE", 1))
    assert (message.uri, message.all("Route"), way.next_hop) == (uri, route, next_hop)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_what_came_over_tls_goes_on_so_whatever_the_contact_names(transport: str) -> None:
    """Re-INVITEs hold the keys of the audio."""
    came_by = StreamHop("127.0.0.9", 5061, "tls", flow=3)
    way = dialog(contact=f"sip:peer@127.0.0.8:5060;transport={transport}", source=came_by)
    assert way.next_hop == came_by


def test_from_and_to_change_places() -> None:
    message = Wire.read(dialog().request(LAYER, b"BYE", 1))
    assert (message["From"], message["To"]) == ("<sip:dialer@127.0.0.1>;tag=us", "<sip:peer@127.0.0.9>;tag=peer")


def test_requests_come_in_order_or_not_at_all() -> None:
    way = dialog()
    taken = []
    for number in (7, 8, 8, 6, 20, 19):
        message = parse_message(request("OPTIONS", cseq=number))
        assert isinstance(message, Request)
        taken.append(way.takes(message))
    assert taken == [False, True, False, False, True, False]


def test_branches_differ_by_method_and_number() -> None:
    way = dialog()
    branches = {way.next_branch(method, number) for method in (b"ACK", b"BYE", b"INVITE") for number in (1, 2)}
    assert len(branches) == 6
    assert all(branch.startswith(b"z9hG4bKb-") for branch in branches)


def test_a_contact_that_is_no_address_leaves_the_way_as_it_is() -> None:
    way = dialog()
    message = parse_message(request("INVITE", contact="sip:x@").replace(b"<sip:x@>", b"<"))
    assert isinstance(message, Request)
    way.retarget(message, REMOTE)
    assert (way.target, way.next_hop) == (b"sip:peer@127.0.0.8:5071", ("127.0.0.8", 5071))
