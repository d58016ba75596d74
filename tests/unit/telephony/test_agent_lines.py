"""Agents' lines over a scripted user agent: who is called, who is joined, what the engine is told."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from dialer.engine.commands import HangUp, Join
from dialer.engine.events import AgentHungUp, PhoneBack, PhoneLost
from dialer.media.events import LegFigures, Silent
from dialer.media.orders import Bridge, Connect, Play, Protect
from dialer.ports.media import MediaBack, MediaLost
from dialer.sip import sdes, sdp
from dialer.sip.events import Accepted, AcceptedAfterCancel, BindingsChanged, Ended, Failed, Reoffered
from dialer.sip.registrar import Binding
from dialer.telephony import carrier
from dialer.telephony.agent_lines import LineRules
from dialer.telephony.conference import COMFORT, COMFORT_PLAY, JOINED, JOINED_PLAY
from dialer.telephony.errors import PhoneNowhere
from dialer.telephony.phones import Phone, Phones
from tests.unit.telephony.carrier_world import ANSWER, HOST, World

PHONE = sdp.offer(HOST, 41_000, 7, payload_types=(0,))
GRACE_S = 12.0
ANA = Phone("ana", uri="sip:ana@192.0.2.31:5070")
BO = Phone("bo", uri="sip:bo@192.0.2.32:5070", nailed_up=False)
CY = Phone("cy", password="secret", nailed_up=False)


class Lines(World):
    """`timers`: what lines wait for, with how long from now; `turn` has it come."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *them: Phone) -> None:
        self.phones = Phones("us.example", them, bytes(32), lambda: 100.0, lambda: 1_000.0)
        super().__init__(phones=self.phones)
        self.lines = self.carrier.lines
        self.lines.rules = LineRules(silent_after_s=5.0, grace_s=GRACE_S)
        self.timers: list[tuple[float, Callable[..., None], tuple[Any, ...]]] = []

        def later(after_s: float, call: Callable[..., None], *arguments: Any) -> asyncio.TimerHandle:
            if call == self.lines._on_time:
                self.timers.append((after_s, call, arguments))
            return asyncio.TimerHandle(0.0, call, arguments, asyncio.get_running_loop())

        monkeypatch.setattr(asyncio.get_running_loop(), "call_later", later)

    def news(self) -> list[object]:
        """What the engine was told of phones, since the last look."""
        found = [event for event in self.events if isinstance(event, PhoneLost | PhoneBack | AgentHungUp)]
        self.events.clear()
        return list(found)

    def key(self) -> int:
        return self.agent.orders[-1].key

    def up(self, agent_id: str) -> int:
        self.lines.attend(agent_id)
        self.hears(Accepted(self.key(), PHONE, "t"))
        return self.key()

    def contact(self, attempt_id: int = 1) -> None:
        """A contact has answered."""
        self.originate(attempt_id)
        self.hears(Accepted(attempt_id, ANSWER, "t"))

    def turn(self) -> None:
        """The time has come that the line set last."""
        after_s, call, arguments = self.timers.pop()
        self.signalling.now = lambda: 100.0 + after_s  # type: ignore[method-assign]
        self.lines._now = self.signalling.now
        call(*arguments)


async def test_called_at_log_in_up_joined_and_hung_up(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Lines(monkeypatch, ANA)
    w.lines.attend("ana")
    order = w.agent.orders[-1]
    assert (order.request_uri, order.destination) == ("sip:ana@192.0.2.31:5070", ("192.0.2.31", 5070))
    assert w.news() == [PhoneLost("ana", GRACE_S)]
    w.hears(Accepted(order.key, PHONE, "t"))
    assert w.news() == [PhoneBack("ana")]
    leg = w.carrier.audio.lines.leg_of("ana")
    connect = w.media.of(Connect)[-1]
    assert isinstance(connect, Connect)
    assert (connect.leg, connect.port, connect.silent_after_s) == (leg, 41_000, 5.0)
    assert w.media.of(Play) == [Play(leg, COMFORT_PLAY, COMFORT, loop=True)]
    w.contact()
    invites = len(w.agent.orders)
    w.carrier.carry_out(Join(1, "ana"))
    contact = w.carrier.audio.leg_of_contact(1)
    assert w.media.of(Play)[-1] == Play(leg, JOINED_PLAY, JOINED, over=True)
    assert w.media.of(Bridge) == [Bridge(contact, ((contact, (leg,)), (leg, (contact,))))]
    assert len(w.agent.orders) == invites, "joining is no matter of SIP"
    w.carrier.carry_out(HangUp(1))
    w.hears(Ended(1, by_remote=False))
    assert w.media.of(Play)[-1] == Play(leg, COMFORT_PLAY, COMFORT, loop=True)
    assert w.lines.dismiss("ana")
    assert w.agent.done[-1] == ("bye", order.key)
    w.hears(Ended(order.key, by_remote=False))
    assert w.media.legs == {}
    assert not w.lines.dismiss("ana")
    assert w.lines.states() == {}


async def test_a_phone_that_hangs_up_is_called_again(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Lines(monkeypatch, ANA)
    key = w.up("ana")
    assert w.news() == [PhoneLost("ana", GRACE_S), PhoneBack("ana")]
    w.hears(Ended(key, by_remote=True))
    assert w.news() == [PhoneLost("ana", GRACE_S)]
    assert w.lines.states() == {"ana": "waiting"}
    w.turn()
    assert w.key() != key
    w.hears(Accepted(w.key(), PHONE, "t"))
    assert w.news() == [PhoneBack("ana")]


async def test_a_silent_phone_is_lost_unless_it_has_us_on_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Lines(monkeypatch, ANA)
    key = w.up("ana")
    w.hears(Reoffered(key, sdp.redirected(PHONE, "sendonly")))
    connect = w.media.of(Connect)[-1]
    assert isinstance(connect, Connect)
    assert (connect.held, connect.silent_after_s) == (True, 0.0)
    w.hears(Reoffered(key, PHONE))
    assert w.news() == [PhoneLost("ana", GRACE_S), PhoneBack("ana")]
    leg = w.carrier.audio.lines.leg_of("ana")
    w.carrier.audio.on_media_event(Silent(leg, 5.0))
    assert w.news() == [PhoneLost("ana", GRACE_S)]
    assert w.agent.done[-1] == ("bye", key)
    assert w.media.legs == {}
    w.turn()
    assert w.key() != key, "whether or not a dead phone has answered the BYE"
    w.hears(Ended(key, by_remote=False), Accepted(w.key(), PHONE, "t"))
    assert w.news() == [PhoneBack("ana")]


async def test_a_leg_that_the_media_ends_is_another_call(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Lines(monkeypatch, ANA)
    key = w.up("ana")
    leg = w.carrier.audio.lines.leg_of("ana")
    w.carrier.audio.on_media_event(LegFigures(leg, 0, 0, 0, 0.0, 0.0, fate="its port is needed"))
    assert w.agent.done[-1] == ("bye", key)
    assert w.news()[-1] == PhoneLost("ana", GRACE_S)


async def test_without_room_for_its_audio_a_phone_is_called_later(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Lines(monkeypatch, ANA)
    w.media.gone = True
    w.lines.attend("ana")
    assert w.news() == [PhoneLost("ana", GRACE_S)]
    assert (w.agent.orders, w.lines.states()) == ([], {"ana": "waiting"})
    w.media.gone = False
    w.turn()
    w.hears(Accepted(w.key(), PHONE, "t"))
    assert w.news() == [PhoneBack("ana")]


async def test_a_phone_that_there_is_no_way_to_is_called_again(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Lines(monkeypatch, ANA)
    reachable = w.signalling.flush
    w.cut_off()
    w.lines.attend("ana")
    assert w.lines.states() == {"ana": "waiting"}
    assert w.news() == [PhoneLost("ana", GRACE_S)]
    assert w.media.legs == {}
    monkeypatch.setattr(w.signalling, "flush", reachable)
    w.turn()
    w.hears(Accepted(w.key(), PHONE, "t"))
    assert w.news() == [PhoneBack("ana")]


async def test_a_phone_that_describes_nothing_usable_is_hung_up(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Lines(monkeypatch, ANA)
    w.lines.attend("ana")
    w.hears(Accepted(w.key(), b"v=0\r\n", "t"))
    assert w.agent.done[-1] == ("bye", w.key())
    w.hears(Ended(w.key(), by_remote=False))
    assert w.lines.states() == {"ana": "waiting"}


async def test_who_logs_out_while_it_rings_and_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Lines(monkeypatch, ANA)
    w.lines.attend("ana")
    first = w.key()
    w.lines.dismiss("ana")
    assert w.agent.done[-1] == ("cancel", first)
    w.lines.attend("ana")
    w.hears(AcceptedAfterCancel(first, PHONE, "t"), Ended(first, by_remote=False))
    assert w.key() != first
    w.hears(Accepted(w.key(), PHONE, "t"))
    assert w.news()[-1] == PhoneBack("ana")


async def test_who_has_no_phone_cannot_be_attended(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Lines(monkeypatch, ANA)
    with pytest.raises(PhoneNowhere, match="zoe"):
        w.lines.attend("zoe")


async def test_called_for_each_contact(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Lines(monkeypatch, BO)
    w.lines.attend("bo")
    assert (w.news(), w.agent.orders) == ([], [])
    w.contact()
    w.carrier.carry_out(Join(1, "bo"))
    key = w.key()
    assert not w.media.of(Bridge)
    w.hears(Accepted(key, PHONE, "t"))
    assert len(w.media.of(Bridge)) == 1
    w.hears(Ended(1, by_remote=True))
    assert w.agent.done[-1] == ("bye", key)
    w.hears(Ended(key, by_remote=False))
    assert w.news() == []
    assert w.lines.states() == {"bo": "idle"}


async def test_a_contact_does_not_wait_for_the_end_of_the_call_before(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Lines(monkeypatch, BO)
    w.lines.attend("bo")
    w.contact()
    w.carrier.carry_out(Join(1, "bo"))
    before = w.key()
    w.hears(Accepted(before, PHONE, "t"), Ended(1, by_remote=True))
    w.contact(2)
    w.carrier.carry_out(Join(2, "bo"))
    assert w.lines.states() == {"bo": "turning"}, "its BYE is not answered"
    w.turn()
    w.hears(Ended(before, by_remote=False), Accepted(w.key(), PHONE, "t"))
    leg = w.carrier.audio.lines.leg_of("bo")
    bridge = w.media.of(Bridge)[-1]
    assert isinstance(bridge, Bridge)
    assert leg in dict(bridge.hears)


async def test_who_is_called_for_each_contact_ends_it_with_the_receiver(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Lines(monkeypatch, BO)
    w.lines.attend("bo")
    w.contact()
    w.carrier.carry_out(Join(1, "bo"))
    w.hears(Accepted(w.key(), PHONE, "t"), Ended(w.key(), by_remote=True))
    assert w.news() == [AgentHungUp("bo")]
    assert w.lines.states() == {"bo": "idle"}


async def test_a_phone_that_fails_for_a_contact_is_called_until_it_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    w = Lines(monkeypatch, BO, ANA)
    w.up("ana")
    w.lines.attend("bo")
    w.contact()
    w.carrier.carry_out(Join(1, "bo"))
    w.news()
    w.hears(Failed(w.key(), 480))
    assert w.news() == [PhoneLost("bo", GRACE_S)]
    w.carrier.carry_out(Join(1, "ana"))  # as the engine does
    w.hears(Ended(1, by_remote=True))
    assert w.lines.states()["bo"] == "waiting"
    w.turn()
    key = w.key()
    w.hears(Accepted(key, PHONE, "t"))
    assert w.news()[-1] == PhoneBack("bo")
    await asyncio.sleep(0)
    assert w.agent.done[-1] == ("bye", key)  # nobody is to be put through


async def test_a_contact_that_leaves_while_the_phone_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Lines(monkeypatch, BO)
    w.lines.attend("bo")
    w.contact()
    w.carrier.carry_out(Join(1, "bo"))
    w.hears(Ended(1, by_remote=True))
    assert w.agent.done[-1] == ("cancel", w.key())
    w.hears(Failed(w.key(), 487))
    assert w.lines.states() == {"bo": "idle"}
    assert w.news() == []


async def test_a_phone_that_is_not_registered_is_lost_until_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Lines(monkeypatch, CY)
    w.lines.attend("cy")
    assert w.news() == [PhoneLost("cy", GRACE_S)]
    binding = Binding("sip:cy@10.0.0.4", ("192.0.2.44", 1_024), 999.0, ("c", 1))
    w.phones.registrar.restore("cy", (binding,))
    w.hears(BindingsChanged("cy"), BindingsChanged("nobody"))
    assert w.news() == [PhoneBack("cy")]
    w.phones.registrar.restore("cy", ())
    w.hears(BindingsChanged("cy"))
    assert w.news() == [PhoneLost("cy", GRACE_S)]


async def test_the_end_leaves_no_phone_up(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Lines(monkeypatch, ANA)
    key = w.up("ana")
    closing = asyncio.create_task(w.carrier.close())
    await asyncio.sleep(0)
    assert w.agent.done[-1] == ("bye", key)
    closed_before = w.signalling.closed  # its BYE may have to be sent again
    w.hears(Ended(key, by_remote=False))
    await closing
    assert (closed_before, w.signalling.closed) == (False, True)
    assert w.media.legs == {}


async def test_the_end_does_not_wait_for_a_phone_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier, "PHONES_END_WITHIN_S", 0.0)
    w = Lines(monkeypatch, ANA)
    w.up("ana")
    await w.carrier.close()
    assert w.signalling.closed


# --- protected audio ------------------------------------------------------------------------------------------

SECURE = Phone("ana", uri="sip:ana@192.0.2.31:5071;transport=tls", srtp="required")
KEYS = sdes.offered(bytes(range(60)))
PROTECTED_PHONE = sdp.offer(HOST, 41_000, 7, payload_types=(0,), crypto=KEYS[:1], secure=True)


async def test_a_phones_audio_is_protected_with_the_key_of_each_side(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Lines(monkeypatch, SECURE)
    w.lines.attend("ana")
    ours = sdp.parse(w.agent.orders[-1].body)
    assert ours.secure
    w.hears(Accepted(w.key(), PROTECTED_PHONE, "t"))
    leg = w.carrier.audio.lines.leg_of("ana")
    sending, receiving = (b64encode(it.key).decode() for it in (ours.crypto[0], KEYS[0]))
    assert w.media.orders[0] == Protect(leg, KEYS[0].suite, sending, receiving)
    assert isinstance(w.media.orders[1], Connect)


async def test_a_phone_that_does_not_protect_is_hung_up(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Lines(monkeypatch, SECURE)
    w.lines.attend("ana")
    w.hears(Accepted(w.key(), PHONE, "t"))
    assert w.agent.done[-1] == ("bye", w.key())
    assert w.media.of(Connect) == []


async def test_a_phone_whose_keys_would_be_seen_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    w = Lines(monkeypatch, replace(CY, srtp="required"))
    w.phones.registrar.restore("cy", (Binding("sip:cy@10.0.0.4", ("192.0.2.44", 5060), 9e9, ("c", 1), ()),))
    with capture_logs() as logs:
        w.lines.attend("cy")
        w.contact()
        w.carrier.carry_out(Join(1, "cy"))
    assert [order.key for order in w.agent.orders] == [1]
    assert any("not reached over TLS" in str(line.get("cause")) for line in logs)


async def test_a_protected_line_is_called_again_when_the_media_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many packets the phone has sent is not known any more."""
    w = Lines(monkeypatch, SECURE)
    w.lines.attend("ana")
    w.hears(Accepted(w.key(), PROTECTED_PHONE, "t"))
    w.carrier.audio.on_media_event(MediaLost("killed"))
    w.carrier.audio.on_media_event(MediaBack())
    assert w.news()[-1] == PhoneLost("ana", GRACE_S)
    assert w.agent.done[-1][0] == "bye"
