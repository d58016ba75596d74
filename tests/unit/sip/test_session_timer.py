"""Session timers (RFC 4028), both sides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.sip.errors import InvalidOrder, MalformedMessage
from dialer.sip.events import Acked, Ended, Expired, Failed
from dialer.sip.extensions import SessionExpires
from tests.unit.sip.peer import ANSWER, OFFER, Wire, World, order, request, response

UPDATES = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE"


def up(world: World, *headers: str, asked_s: int = 600) -> Wire:
    """A call of ours, answered with these headers: its INVITE."""
    world.agent.invite(replace(order(), session_expires_s=asked_s), world.now)
    (invite,) = world.take()
    world.receive(response(invite, 200, body=ANSWER, headers=headers))
    world.told()
    return invite


def test_we_ask_and_refresh_by_update_half_way() -> None:
    world = World()
    invite = up(world, "Session-Expires: 600;refresher=uac", "Require: timer", UPDATES)
    assert (invite["Session-Expires"], invite["Supported"]) == ("600", "100rel, timer")
    (update,) = world.run_until(300.0)
    assert (update.at, update.method, update.body) == (300.0, "UPDATE", "")
    assert update["Session-Expires"] == "600;refresher=uac"
    world.receive(response(update, 200, headers=("Session-Expires: 600;refresher=uac",)))
    (again,) = world.run_until(600.0)
    assert (again.at, again.method) == (600.0, "UPDATE")
    assert world.told() == []


def test_where_update_is_not_allowed_we_refresh_by_invite_with_the_same_description() -> None:
    world = World()
    invite = up(world, "Session-Expires: 600;refresher=uac")
    (refresh,) = world.run_until(300.0)
    assert (refresh.method, refresh.body) == ("INVITE", invite.body)
    (ack,) = world.receive(response(refresh, 200, body=ANSWER, headers=("Session-Expires: 90;refresher=uas",)))
    assert ack.method == "ACK"
    assert [(m.method, m.at) for m in world.run_until(360.4)] == [("BYE", 360.0)]


def test_what_nobody_refreshes_is_ended_before_it_expires() -> None:
    world = World()
    up(world, "Session-Expires: 600;refresher=uas")
    assert world.run_until(567.9) == []
    (bye,) = world.run_until(568.0)  # § 10: 32 s before
    assert bye.method == "BYE"
    world.receive(response(bye, 200))
    assert world.told() == [Expired(1), Ended(1, by_remote=False)]
    world.run_until(700.0)
    assert world.agent.is_idle()


def test_their_refresh_keeps_the_session() -> None:
    world = World()
    invite = up(world, "Session-Expires: 600;refresher=uas")
    for number, at in enumerate((300.0, 600.0, 900.0), 1):
        world.run_until(at)
        (agreed,) = world.receive(
            request(
                "UPDATE",
                call_id=invite["Call-ID"],
                from_=invite["To"] + ";tag=callee",
                to=invite["From"],
                cseq=number,
                branch=f"z9hG4bKr{number}",
                headers=("Supported: timer", "Session-Expires: 600;refresher=uac"),
            )
        )
        assert (agreed.status, agreed["Session-Expires"], agreed["Require"]) == (200, "600;refresher=uac", "timer")
    assert world.told() == []


def test_a_refresh_that_fails_ends_the_call_in_time() -> None:
    world = World()
    up(world, "Session-Expires: 300;refresher=uac", UPDATES)
    (update,) = world.run_until(150.0)
    world.receive(response(update, 500))
    assert [(m.method, m.at) for m in world.run_until(268.0)] == [("BYE", 268.0)]
    assert world.told() == [Expired(1)]


def test_422_is_followed_once_it_makes_sense() -> None:
    world = World()
    world.agent.invite(replace(order(), session_expires_s=90), world.now)
    (invite,) = world.take()
    _, again = world.receive(response(invite, 422, headers=("Min-SE: 1800",)))
    assert (again.cseq, again["Session-Expires"], again["Min-SE"]) == (2, "1800", "1800")
    (ack,) = world.receive(response(again, 422, headers=("Min-SE: 1800",)))
    assert ack.method == "ACK"
    assert [event.status for event in world.told() if isinstance(event, Failed)] == [422]


def test_422_to_a_refresh_is_followed() -> None:
    world = World()
    up(world, "Session-Expires: 90;refresher=uac", UPDATES)
    (update,) = world.run_until(45.0)
    (again,) = world.receive(response(update, 422, headers=("Min-SE: 120",)))
    assert (again.method, again["Session-Expires"], again["Min-SE"]) == ("UPDATE", "120;refresher=uac", "120")


@pytest.mark.parametrize("value", ["", "soon", "10;refresher=uac"])
def test_an_interval_that_makes_no_sense_is_none(value: str) -> None:
    world = World()
    up(world, f"Session-Expires: {value}", UPDATES)
    assert world.run_until(10_000.0) == []


@pytest.mark.parametrize(
    ("headers", "answered", "we_refresh"),
    [
        (("Supported: timer", "Session-Expires: 300"), "300;refresher=uac", False),
        (("Supported: timer", "x: 300;refresher=uas"), "300;refresher=uas", True),
        (("Session-Expires: 300",), "300;refresher=uas", True),  # a proxy put it there
        (("Session-Expires: 30",), "90;refresher=uas", True),
        (("Supported: timer",), None, False),
        ((), None, False),
    ],
)
def test_calls_that_come_in(headers: tuple[str, ...], answered: str | None, we_refresh: bool) -> None:
    world = World(accept_calls=True)
    world.receive(request("INVITE", body=OFFER, headers=(*headers, UPDATES)))
    world.agent.answer(-1, ANSWER, world.now)
    ok = world.take()[-1]
    assert ok.all("Session-Expires") == ([answered] if answered else [])
    assert ok.all("Require") == (["timer"] if answered and answered.endswith("uac") else [])
    world.receive(request("ACK", to=ok["To"], branch="z9hG4bKa"))
    assert Acked(-1) in world.told()
    sent = world.run_until(200.0)
    assert ([m.method for m in sent[:1]] == ["UPDATE"]) == we_refresh
    world.run_until(400.0)
    ended = any(isinstance(event, Expired | Ended) for event in world.told())
    assert ended == (answered is not None)


def test_values() -> None:
    assert SessionExpires.parse(b" 1800 ; foo ; Refresher = UAS") == SessionExpires(1800, "uas")
    assert str(SessionExpires(90)) == "90"
    for text in (b"", b"-1", b"12345678901", b"1 2"):
        with pytest.raises(MalformedMessage):
            SessionExpires.parse(text)
    with pytest.raises(InvalidOrder, match="90"):
        World().agent.invite(replace(order(), session_expires_s=30), 0.0)
