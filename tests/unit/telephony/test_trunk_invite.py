"""The INVITE over a trunk: who calls whom, and what the trunk wants to be told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.engine.commands import Originate
from dialer.sip import sdp
from dialer.sip.identity import Identity
from dialer.trunks.trunk import Trunk
from tests.unit.telephony.carrier_world import FIRST, HOST, KEY, TRUNK, World


async def test_the_order_says_who_calls_whom_and_where_the_audio_goes() -> None:
    w = World()
    w.originate(7)
    [order] = w.agent.orders
    identity = Identity(KEY)
    assert (order.key, order.call_id) == (7, "c7")
    assert (order.from_tag, order.branch) == (identity.tag(7), identity.branch(7))
    assert order.request_uri == order.to_uri == "sip:+4930231250@sip.example:5060"
    assert order.from_uri == "sip:+4930231259@calls.example"
    assert order.destination == ("192.0.2.1", 5060)
    assert order.credentials is not None
    assert order.credentials.username == "us"
    media = sdp.parse(order.body)
    assert (media.address, media.payload_types) == (HOST, (0, 8))
    assert FIRST <= media.port <= FIRST + 98
    assert w.signalling.flushed == 1
    await w.carrier.close()


async def test_without_domain_and_user_name_the_caller_is_at_our_own_address() -> None:
    w = World(Trunk("main", "sip.example", 5060))
    w.originate(1)
    [order] = w.agent.orders
    assert (order.from_uri, order.credentials) == (f"sip:+4930231259@{HOST}", None)
    await w.carrier.close()


@pytest.mark.parametrize(
    ("asserted", "withhold", "expected"),
    [
        ("", False, {}),
        ("caller_id", False, {"P-Asserted-Identity": "<sip:+4930231259@calls.example>"}),
        ("+4930000000", False, {"P-Asserted-Identity": "<sip:+4930000000@calls.example>"}),
        ("", True, {"P-Asserted-Identity": "<sip:+4930231259@calls.example>", "Privacy": "id"}),
        ("+4930000000", True, {"P-Asserted-Identity": "<sip:+4930000000@calls.example>", "Privacy": "id"}),
    ],
)
async def test_who_is_calling_is_asserted_as_the_trunk_wants_and_withheld_when_the_call_says_so(
    asserted: str, withhold: bool, expected: dict[str, str]
) -> None:
    world = World(replace(TRUNK, asserted_identity=asserted))
    world.carrier.carry_out(Originate(1, "c1", "+4930231250", "main", "+4930231259", withhold))
    (order,) = world.agent.orders
    assert dict(order.extra_headers) == expected
    anonymous = "sip:anonymous@anonymous.invalid"
    assert order.from_uri == (anonymous if withhold else "sip:+4930231259@calls.example")
    await world.carrier.close()
