from __future__ import annotations

import pytest

from dialer.media.events import FirstHeard, LegFigures, Silent
from dialer.media.orders import Bridge, Close, Connect
from dialer.ports.media import MediaBack, MediaLost, MediaRoom, NoMediaRoom
from dialer.sip.sdp import Media as Session
from dialer.telephony.call_audio import CallAudio
from dialer.telephony.errors import LegExists, NoSuchLeg
from tests.unit.telephony.scripted_media import ScriptedMedia

HOST = "127.0.0.1"
PHONE = ("192.0.2.9", 5_000)
SESSION = Session("192.0.2.1", 4_000, (8, 0), telephone_event=96)


class World:
    def __init__(self, size: int = 50) -> None:
        self.media = ScriptedMedia(size=size)
        self.flows: list[tuple[int, float]] = []
        self.lost: list[tuple[str, tuple[int, ...]]] = []
        self.rooms: list[tuple[int, bool]] = []
        self.silent: list[tuple[int, float]] = []
        self.figures: list[tuple[int, LegFigures]] = []
        self.audio = CallAudio(
            self.media,
            lambda attempt_id, latency_s: self.flows.append((attempt_id, latency_s)),
            lambda cause, attempts: self.lost.append((cause, attempts)),
            lambda calls, lost: self.rooms.append((calls, lost)),
            lambda attempt_id, figures: self.figures.append((attempt_id, figures)),
            on_silent=lambda attempt_id, seconds: self.silent.append((attempt_id, seconds)),
        )

    def joined(self) -> tuple[int, int]:
        """Attempt 1 and ann's line, joined. Their legs."""
        self.audio.open_contact(1, HOST)
        self.audio.lines.open("ann", PHONE)
        self.audio.connect_contact(1, SESSION, 100.0)
        self.audio.join(1, "ann")
        return self.audio.leg_of_contact(1), self.audio.lines.leg_of("ann")


def test_what_the_contact_describes_is_what_its_leg_is_told() -> None:
    w = World()
    port = w.audio.open_contact(1, HOST)
    assert port == w.media.legs[w.audio.leg_of_contact(1)]
    w.audio.connect_contact(1, SESSION, 100.0)
    assert w.media.orders[-1] == Connect(1, "192.0.2.1", 4_000, 8, 96, answered_at=100.0, rtcp_port=4_001)
    w.audio.connect_contact(1, Session("192.0.2.1", 4_000, (0,), direction="sendonly", rtcp_port=9), 100.0)
    assert w.media.orders[-1] == Connect(1, "192.0.2.1", 4_000, 0, None, held=True, answered_at=100.0, rtcp_port=9)
    w.audio.connect_contact(1, Session("192.0.2.1", 4_000, (0,), rtcp_mux=True), 100.0)
    assert w.media.orders[-1] == Connect(1, "192.0.2.1", 4_000, answered_at=100.0, rtcp_port=4_000, rtcp_mux=True)


def test_a_join_is_one_order_and_nothing_else() -> None:
    w = World()
    contact, line = w.joined()
    assert w.media.orders[-1] == Bridge(contact, ((contact, (line,)), (line, (contact,))))
    assert w.media.of(Bridge) == w.media.orders[-1:]


def test_the_first_audio_towards_the_agent_is_told_once_for_each_join() -> None:
    w = World()
    contact, line = w.joined()
    w.audio.on_media_event(FirstHeard(line, contact, 100.01))  # the agent's own voice
    assert w.flows == []
    w.audio.on_media_event(FirstHeard(contact, line, 100.25))
    w.audio.on_media_event(FirstHeard(contact, line, 101.0))
    [(attempt_id, latency_s)] = w.flows
    assert (attempt_id, round(latency_s, 6)) == (1, 0.25)
    w.audio.join(1, "ann")
    w.audio.on_media_event(FirstHeard(contact, line, 102.0))
    assert len(w.flows) == 2


def test_joining_another_parts_both_from_whom_they_were_joined_with() -> None:
    w = World()
    first, line = w.joined()
    w.audio.open_contact(2, HOST)
    w.audio.join(2, "ann")
    assert Bridge(first) in w.media.orders
    w.audio.on_media_event(FirstHeard(first, line, 100.25))  # it crossed
    assert w.flows == []
    w.audio.part(2)
    assert w.media.orders[-1] == Bridge(w.audio.leg_of_contact(2))


def test_a_contact_at_its_end() -> None:
    w = World()
    contact, line = w.joined()
    w.audio.close_contact(1)
    w.audio.close_contact(1)
    assert w.media.of(Close) == [Close(contact)]
    figures = LegFigures(contact, 5, 0, 5, 0.1, 0.2)
    w.audio.on_media_event(figures)
    w.audio.on_media_event(LegFigures(line, 1, 0, 1, 0.1, 0.2))
    assert w.figures == [(1, figures)]
    with pytest.raises(NoSuchLeg):
        w.audio.join(1, "ann")
    assert w.audio.open_legs == 1


def test_a_line_closed_in_the_middle_of_a_call() -> None:
    w = World()
    w.joined()
    w.audio.lines.close("ann")
    w.audio.lines.close("ann")
    with pytest.raises(NoSuchLeg, match="ann"):
        w.audio.join(1, "ann")
    w.audio.close_contact(1)
    assert w.media.legs == {}


def test_double_and_unknown_legs() -> None:
    w = World()
    w.joined()
    with pytest.raises(LegExists, match="attempt 1"):
        w.audio.open_contact(1, HOST)
    with pytest.raises(LegExists, match="ann"):
        w.audio.lines.open("ann", PHONE)
    with pytest.raises(NoSuchLeg, match="attempt 9"):
        w.audio.connect_contact(9, SESSION, 0.0)
    with pytest.raises(NoSuchLeg):
        w.audio.part(9)


def test_lines_take_their_room_from_the_calls() -> None:
    w = World(size=3)
    assert w.audio.room == 3
    w.audio.lines.open("ann", PHONE)
    w.audio.lines.open("bob", PHONE)
    w.audio.lines.close("bob")
    w.media.room = 1
    w.audio.on_media_event(MediaRoom(1))
    w.audio.on_media_event(MediaRoom(1))
    assert w.rooms == [(2, False), (1, False), (2, False), (0, False)], "no room is not yet no media"
    with pytest.raises(NoMediaRoom):
        w.audio.open_contact(1, HOST)


def test_lost_media_ends_contacts_and_lines_get_their_ports_again() -> None:
    w = World()
    contact, line = w.joined()
    port = w.media.legs[line]
    w.media.gone = True
    w.media.legs.clear()
    w.audio.on_media_event(MediaLost("it died"))
    assert w.lost == [("it died", (1,))]
    assert [lost for _, lost in w.rooms][-1]
    with pytest.raises(NoSuchLeg):
        w.audio.join(1, "ann")
    w.audio.close_contact(1)  # whose end comes later
    w.media.gone = False
    w.media.orders.clear()
    w.audio.on_media_event(MediaBack())
    assert not w.rooms[-1][1]
    again = w.audio.lines.leg_of("ann")
    assert again not in (contact, line)
    assert w.media.legs == {again: port}
    assert w.media.orders == [Connect(again, *PHONE)]


def test_a_line_that_cannot_be_had_again_is_none() -> None:
    w = World()
    w.joined()
    w.audio.on_media_event(MediaLost("it died"))
    w.media.gone = True
    w.audio.on_media_event(MediaBack())
    with pytest.raises(NoSuchLeg, match="ann"):
        w.audio.lines.leg_of("ann")


def test_a_contact_that_falls_silent_is_told_unless_it_has_us_on_hold() -> None:
    w = World()
    w.audio.contact_silent_s = 30.0
    contact, line = w.joined()
    connect = w.media.of(Connect)[-1]
    assert isinstance(connect, Connect)
    assert (connect.leg, connect.silent_after_s) == (contact, 30.0)
    w.audio.on_media_event(Silent(line, 30.0))  # whose phone says nothing is no contact
    w.audio.on_media_event(Silent(contact, 30.1))
    assert w.silent == [(1, 30.1)]
    w.audio.connect_contact(1, Session("192.0.2.1", 4_000, (0,), direction="sendonly"), 100.0)
    connect = w.media.of(Connect)[-1]
    assert isinstance(connect, Connect)
    assert connect.silent_after_s == 0.0


def test_a_leg_that_the_media_ends_by_itself() -> None:
    w = World()
    contact, line = w.joined()
    w.audio.on_media_event(LegFigures(contact, 0, 0, 0, 0.0, 0.0, fate="its port is needed"))
    assert w.lost == [("its port is needed", (1,))]
    w.audio.on_media_event(LegFigures(line, 0, 0, 0, 0.0, 0.0, fate="in use"))
    assert w.audio.open_legs == 0


def test_a_call_that_is_over_has_the_figures_of_a_leg_that_the_media_ended_at_that_moment() -> None:
    w = World()
    contact, _ = w.joined()
    w.audio.close_contact(1)
    figures = LegFigures(contact, 3, 1, 2, 0.5, 0.9, fate="its port is needed")
    w.audio.on_media_event(figures)
    assert (w.figures, w.lost) == ([(1, figures)], [])


def test_closing_closes_every_leg() -> None:
    w = World()
    w.joined()
    w.audio.close()
    assert (w.audio.open_legs, w.media.legs) == (0, {})
