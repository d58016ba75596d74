"""Supervisors and third parties over a scripted user agent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialer.engine.commands import HangUp, Join
from dialer.engine.events import ContactHeld
from dialer.media.events import LegFigures
from dialer.media.orders import Bridge, Play, StopPlaying
from dialer.ports.media import MediaBack, MediaLost
from dialer.sip import sdp
from dialer.sip.events import Accepted, Ended, Failed, Reoffered
from dialer.telephony.conference import COMFORT, COMFORT_PLAY
from dialer.telephony.errors import GuestRefused, PhoneNowhere, PhoneUnsent
from dialer.telephony.guests import Stage, Supervision
from dialer.telephony.parties import Mode
from dialer.telephony.phones import Phone, Phones
from tests.unit.telephony.carrier_world import ANSWER, HOST, World

PHONE = sdp.offer(HOST, 41_000, 7, payload_types=(0,))
PHONES = tuple(Phone(name, uri=f"sip:{name}@192.0.2.31:5070") for name in ("ana", "boss", "expert"))


class Room(World):
    """Ana's phone is up, and she talks to the contact of attempt 1."""

    def __init__(self, *, nailed_up: bool = True) -> None:
        phones = [replace(phone, nailed_up=nailed_up) for phone in PHONES]
        super().__init__(phones=Phones("us.example", phones, bytes(32), lambda: 100.0, lambda: 1_000.0))
        self.guests = self.carrier.guests
        self.carrier.lines.attend("ana")
        if nailed_up:
            self.line = self.up()
        self.originate(1)
        self.hears(Accepted(1, ANSWER, "t"))
        self.carrier.carry_out(Join(1, "ana"))
        if not nailed_up:
            self.line = self.up()
        self.contact_leg = self.carrier.audio.leg_of_contact(1)
        self.agent_leg = self.carrier.audio.lines.leg_of("ana")

    def up(self) -> int:
        """The phone that was called last answers."""
        key = self.agent.orders[-1].key
        self.hears(Accepted(key, PHONE, "t"))
        return key

    def hears_now(self) -> dict[int, set[int]]:
        """The matrix of the contact's bridge, by legs."""
        last = [order for order in self.media.of(Bridge) if isinstance(order, Bridge)][-1]
        assert last.bridge == self.contact_leg
        return {leg: set(others) for leg, others in last.hears}

    def held(self) -> list[bool]:
        """What the engine was told of the contact's holds."""
        return [event.on for event in self.events if isinstance(event, ContactHeld) and event.attempt_id == 1]

    @property
    def guest_leg(self) -> int:
        return max(self.media.legs)


async def test_listening_then_whispering_then_gone() -> None:
    r = Room()
    r.guests.supervise("ana", "boss", Mode.LISTEN)
    assert r.guests.supervisions == [Supervision("ana", "boss", Mode.LISTEN, is_up=False)]
    assert r.hears_now() == {r.contact_leg: {r.agent_leg}, r.agent_leg: {r.contact_leg}}
    key, boss = r.up(), r.guest_leg
    assert r.hears_now()[boss] == {r.contact_leg, r.agent_leg}
    assert r.hears_now()[r.agent_leg] == {r.contact_leg}
    calls = len(r.agent.orders)
    r.guests.supervise("ana", "boss", Mode.WHISPER)
    assert len(r.agent.orders) == calls, "the phone is up already"
    assert r.hears_now()[r.agent_leg] == {r.contact_leg, boss}
    assert r.hears_now()[r.contact_leg] == {r.agent_leg}
    r.guests.leave("ana", "boss")
    assert r.agent.done[-1] == ("bye", key)
    assert boss not in r.media.legs
    assert boss not in r.hears_now()
    assert r.guests.supervisions == []


async def test_between_contacts_a_supervisor_hears_nobody_and_is_with_the_next() -> None:
    r = Room()
    r.guests.supervise("ana", "boss", Mode.BARGE)
    r.up()
    boss = r.guest_leg
    r.carrier.carry_out(HangUp(1))
    r.hears(Ended(1, by_remote=False))
    assert r.hears_now() == {}, "what an agent says between calls is nobody's business"
    assert Play(boss, COMFORT_PLAY, COMFORT, loop=True) in r.media.orders
    r.media.orders.clear()
    r.originate(2)
    r.hears(Accepted(2, ANSWER, "t"))
    r.carrier.carry_out(Join(2, "ana"))
    r.contact_leg = r.carrier.audio.leg_of_contact(2)
    assert r.hears_now()[r.contact_leg] == {r.agent_leg, boss}
    assert StopPlaying(boss) in r.media.orders


async def test_a_supervisor_who_hangs_up_or_is_not_there() -> None:
    r = Room()
    r.guests.supervise("ana", "boss", Mode.BARGE)
    r.hears(Ended(r.up(), by_remote=True))
    assert r.guests.supervisions == []
    assert r.hears_now() == {r.contact_leg: {r.agent_leg}, r.agent_leg: {r.contact_leg}}
    r.guests.supervise("ana", "boss", Mode.BARGE)
    r.hears(Failed(r.agent.orders[-1].key, 486))
    assert r.guests.supervisions == []
    with pytest.raises(PhoneNowhere):
        r.guests.supervise("ana", "nobody", Mode.LISTEN)
    with pytest.raises(GuestRefused, match="not with agent ana"):
        r.guests.leave("ana", "boss")
    assert r.carrier.audio.open_legs == 2


async def test_a_phone_that_there_is_no_way_to_leaves_nothing_behind() -> None:
    r = Room()
    r.cut_off()
    with pytest.raises(PhoneUnsent):
        r.guests.supervise("ana", "boss", Mode.LISTEN)
    assert r.guests.supervisions == []
    with pytest.raises(PhoneUnsent):
        r.guests.consult(1, "expert")
    assert r.guests.third_of(1) is None
    assert r.carrier.audio.open_legs == 2


async def test_one_phone_is_with_one_agent() -> None:
    r = Room()
    r.guests.supervise("ana", "boss", Mode.LISTEN)
    with pytest.raises(GuestRefused, match="boss is with another agent already"):
        r.guests.supervise("bo", "boss", Mode.LISTEN)
    with pytest.raises(GuestRefused, match="boss is in a conversation already"):
        r.guests.consult(1, "boss")


async def test_a_warm_transfer() -> None:
    r = Room()
    r.guests.consult(1, "expert")
    assert r.hears_now() == {r.contact_leg: set(), r.agent_leg: set()}
    assert Play(r.contact_leg, COMFORT_PLAY, COMFORT, loop=True) in r.media.orders
    assert r.guests.third_of(1) == ("expert", Stage.CALLING)
    with pytest.raises(GuestRefused, match="calling"):
        r.guests.join(1)
    r.up()
    expert = r.guest_leg
    assert r.hears_now() == {r.contact_leg: set(), r.agent_leg: {expert}, expert: {r.agent_leg}}
    r.guests.join(1)
    assert r.hears_now()[r.contact_leg] == {r.agent_leg, expert}
    assert StopPlaying(r.contact_leg) in r.media.orders
    r.guests.complete(1)
    assert r.hears_now() == {r.contact_leg: {expert}, expert: {r.contact_leg}}
    assert r.held() == [True, False]
    with pytest.raises(GuestRefused, match="handed_over"):
        r.guests.drop(1)
    r.hears(Ended(r.agent.orders[-1].key, by_remote=True))
    assert r.agent.done[-1] == ("bye", 1), "nobody of ours is there any more"
    assert r.guests.third_of(1) is None


async def test_handed_over_without_a_word_of_three() -> None:
    r = Room()
    r.guests.consult(1, "expert")
    r.up()
    expert = r.guest_leg
    r.guests.complete(1)
    assert r.hears_now() == {r.contact_leg: {expert}, expert: {r.contact_leg}}


@pytest.mark.parametrize("how", ["dropped", "hung up", "busy"])
async def test_a_third_party_that_goes_leaves_the_contact_with_the_agent(how: str) -> None:
    r = Room()
    r.guests.consult(1, "expert")
    if how == "busy":
        r.hears(Failed(r.agent.orders[-1].key, 486))
    elif how == "hung up":
        r.hears(Ended(r.up(), by_remote=True))
    else:
        r.up()
        r.guests.drop(1)
    assert r.hears_now() == {r.contact_leg: {r.agent_leg}, r.agent_leg: {r.contact_leg}}
    assert r.guests.third_of(1) is None
    r.guests.consult(1, "expert")  # and can be asked again


async def test_a_phone_that_is_called_for_each_contact_is_hung_up_after_handing_over() -> None:
    r = Room(nailed_up=False)
    r.guests.consult(1, "expert")
    r.up()
    r.guests.complete(1)
    assert r.agent.done[-1] == ("bye", r.line)


async def test_a_contact_that_hangs_up_ends_the_consultation() -> None:
    r = Room()
    r.guests.consult(1, "expert")
    key = r.up()
    r.hears(Ended(1, by_remote=True))
    r.carrier.audio.on_media_event(LegFigures(r.contact_leg, 0, 0, 0, 0.0, 0.0))
    assert r.agent.done[-1] == ("bye", key)
    assert r.guests.third_of(1) is None
    with pytest.raises(GuestRefused, match="no third party"):
        r.guests.join(1)
    with pytest.raises(GuestRefused):
        r.guests.consult(1, "expert")
    assert len(r.carrier.audio.conference) == 0


async def test_while_the_agents_phone_is_on_hold_the_contact_hears_something_to_wait_by() -> None:
    r = Room()
    r.hears(Reoffered(r.line, sdp.redirected(PHONE, "sendonly")))
    assert r.hears_now() == {r.contact_leg: set(), r.agent_leg: set()}
    assert Play(r.contact_leg, COMFORT_PLAY, COMFORT, loop=True) in r.media.orders
    r.hears(Reoffered(r.line, PHONE))
    assert r.hears_now() == {r.contact_leg: {r.agent_leg}, r.agent_leg: {r.contact_leg}}
    assert StopPlaying(r.contact_leg) in r.media.orders
    assert r.held() == [True, False]


async def test_legs_that_are_gone_hang_their_phones_up() -> None:
    r = Room()
    r.guests.supervise("ana", "boss", Mode.LISTEN)
    boss = r.up()
    r.guests.consult(1, "expert")
    r.up()
    r.carrier.audio.on_media_event(LegFigures(r.guest_leg, 0, 0, 0, 0.0, 0.0, fate="in use"))
    assert r.hears_now()[r.contact_leg] == {r.agent_leg}
    r.carrier.audio.on_media_event(MediaLost("it died"))
    assert ("bye", boss) in r.agent.done
    assert len(r.carrier.audio.conference) == 0


async def test_a_contact_whose_leg_is_lost_while_the_third_party_rings() -> None:
    r = Room()
    r.guests.consult(1, "expert")
    r.carrier.audio.on_media_event(LegFigures(r.contact_leg, 0, 0, 0, 0.0, 0.0, fate="in use"))
    r.up()  # what the contact's call comes to is on its way
    for step in (r.guests.join, r.guests.complete):
        with pytest.raises(GuestRefused, match="attempt 1 has no RTP port"):
            step(1)
    r.guests.drop(1)


async def test_an_agent_who_was_listened_to_hears_something_when_the_media_is_back() -> None:
    r = Room()
    r.guests.supervise("ana", "boss", Mode.LISTEN)
    r.up()
    r.carrier.audio.on_media_event(MediaLost("it died"))
    r.media.orders.clear()
    r.carrier.audio.on_media_event(MediaBack())
    line = r.carrier.audio.lines.leg_of("ana")
    assert r.media.of(Play) == [Play(line, COMFORT_PLAY, COMFORT, loop=True)]
