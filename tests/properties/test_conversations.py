"""Agents' lines, supervisors and third parties under everything that can cross: phones that answer, fail and hang
up whenever they like, contacts that come and go, legs and the whole media that are lost."""

from __future__ import annotations

import asyncio
import contextlib

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialer.engine.commands import HangUp, Join
from dialer.engine.events import PhoneBack, PhoneLost
from dialer.media.events import LegFigures, Silent
from dialer.media.orders import Bridge, Close
from dialer.ports.media import MediaBack, MediaLost
from dialer.sip import sdp
from dialer.sip.events import Accepted, AcceptedAfterCancel, Ended, Failed, SipEvent
from dialer.telephony.errors import GuestRefused, NoSuchLeg
from dialer.telephony.parties import Mode
from dialer.telephony.phone_calls import FIRST_PHONE_KEY
from dialer.telephony.phones import Phone, Phones
from tests.unit.telephony.carrier_world import ANSWER, HOST, World

PHONE = sdp.offer(HOST, 41_000, 7, payload_types=(0,))
AGENTS = ("ana", "bo")
GUESTS = ("boss", "expert")
CONTACTS = (1, 2)
PHONES = tuple(
    Phone(name, uri=f"sip:{name}@192.0.2.31:5070", nailed_up=name != "bo") for name in (*AGENTS, *GUESTS)
)
AT_WHOM = st.tuples(
    st.sampled_from(
        [
            "log_in", "log_out", "answer", "join", "contact_hangs_up", "we_hang_up", "listen", "whisper", "barge",
            "leave", "consult", "bring_in", "hand_over", "drop", "phone_answers", "phone_fails", "phone_hangs_up",
            "our_bye_is_answered", "falls_silent", "leg_lost", "media_lost", "time",
            "phone_answers", "phone_answers", "phone_answers", "join", "consult", "consult", "bring_in",
        ]
    ),
    st.integers(0, 3),
)  # fmt: skip


class Exchange(World):
    """Keeps who hears whom as the media would, and what the engine believes of the agents' phones."""

    def __init__(self) -> None:
        self.finished: set[int] = set()
        self.answered: set[int] = set()
        super().__init__(phones=Phones("us.example", PHONES, bytes(32), lambda: 100.0, lambda: 1_000.0))
        self.lines, self.guests, self.audio = self.carrier.lines, self.carrier.guests, self.carrier.audio
        self.clock = 100.0
        self.lines._now = lambda: self.clock
        self.on_duty: set[str] = set()
        self.reachable: dict[str, bool] = {}
        self.contacts: dict[int, bool] = {}  # whether our BYE is out
        self.attempts = 0
        self.told = 0

    # --- what happens -------------------------------------------------------------------------------------

    def play(self, what: str, n: int) -> None:
        agent, guest = AGENTS[n % 2], GUESTS[n % 2]
        attempt_id = sorted(self.contacts)[n % len(self.contacts)] if self.contacts else 0
        with contextlib.suppress(GuestRefused):
            match what:
                case "log_in" if agent not in self.on_duty:
                    self.on_duty.add(agent)
                    self.reachable[agent] = True
                    self.lines.attend(agent)
                case "log_out" if agent in self.on_duty:
                    self.on_duty.discard(agent)
                    self.lines.dismiss(agent)
                case "answer" if len(self.contacts) < len(CONTACTS):
                    self.attempts += 1
                    self.contacts[self.attempts] = False
                    self.originate(self.attempts)
                    self.hears(Accepted(self.attempts, ANSWER, "t"))
                case "join" if attempt_id and self.reachable.get(agent) and agent in self.on_duty:
                    self.carrier.carry_out(Join(attempt_id, agent))
                case "contact_hangs_up" if attempt_id:
                    self._over(attempt_id, by_remote=not self.contacts[attempt_id])
                case "we_hang_up" if attempt_id:
                    self.contacts[attempt_id] = True
                    self.carrier.carry_out(HangUp(attempt_id))
                case "listen" | "whisper" | "barge":
                    self.guests.supervise(agent, GUESTS[n // 2], Mode(what))
                case "leave":
                    self.guests.leave(agent, GUESTS[n // 2])
                case "consult" if attempt_id:
                    self.guests.consult(attempt_id, guest)
                case "bring_in":
                    self.guests.join(attempt_id)
                case "hand_over":
                    self.guests.complete(attempt_id)
                case "drop":
                    self.guests.drop(attempt_id)
                case "phone_answers" | "phone_fails" | "phone_hangs_up" | "our_bye_is_answered":
                    self._phone(what, n)
                case "falls_silent" if self.media.legs:
                    self.audio.on_media_event(Silent(self._leg(n), 5.0))
                case "leg_lost" if self.media.legs:
                    leg = self._leg(n)
                    del self.media.legs[leg]
                    self.audio.on_media_event(LegFigures(leg, 0, 0, 0, 0.0, 0.0, fate="in use"))
                case "media_lost":
                    self.media.legs.clear()
                    self.audio.on_media_event(MediaLost("it died"))
                    self.audio.on_media_event(MediaBack())
                case "time":
                    self.clock += 40.0
                    for line in tuple(self.lines._lines.values()):
                        self.lines._on_time(line)

    def _leg(self, n: int) -> int:
        return sorted(self.media.legs)[n % len(self.media.legs)]

    def _over(self, attempt_id: int, *, by_remote: bool) -> None:
        del self.contacts[attempt_id]
        with contextlib.suppress(NoSuchLeg):
            leg = self.audio.leg_of_contact(attempt_id)
            self.hears(Ended(attempt_id, by_remote=by_remote))
            self.audio.on_media_event(LegFigures(leg, 0, 0, 0, 0.0, 0.0))
            return
        self.hears(Ended(attempt_id, by_remote=by_remote))  # its leg was lost before

    def _phone(self, what: str, n: int) -> None:
        """Something that a phone can do at its stage."""
        ringing, up, ending, cancelled = self.calls()
        match what:
            case "phone_answers" if ringing:
                self.hears(Accepted(ringing[n % len(ringing)], PHONE, "t"))
            case "phone_answers" if cancelled:  # crossing our CANCEL
                self.hears(AcceptedAfterCancel(cancelled[n % len(cancelled)], PHONE, "t"))
                self.agent.done.append(("bye", cancelled[n % len(cancelled)]))
            case "phone_fails" if ringing or cancelled:
                key = (ringing + cancelled)[n % len(ringing + cancelled)]
                self.finished.add(key)
                self.hears(Failed(key, 487 if key in cancelled else 486))
            case "phone_hangs_up" if up:
                self.finished.add(up[n % len(up)])
                self.hears(Ended(up[n % len(up)], by_remote=True))
            case "our_bye_is_answered" if ending:
                self.finished.add(ending[n % len(ending)])
                self.hears(Ended(ending[n % len(ending)], by_remote=False))

    def calls(self) -> tuple[list[int], list[int], list[int], list[int]]:
        """Calls to phones: ringing, up, hung up by us and not over, cancelled."""
        done = [(what, key) for what, key in self.agent.done if key >= FIRST_PHONE_KEY]
        placed = [key for what, key in done if what == "invite" and key not in self.finished]
        byes = {key for what, key in done if what == "bye"}
        cancelled = {key for what, key in done if what == "cancel"} - byes
        answered = {key for key in placed if key in self.answered}
        return (
            [key for key in placed if key not in answered | byes | cancelled],
            [key for key in placed if key in answered and key not in byes],
            [key for key in placed if key in byes],
            [key for key in placed if key in cancelled],
        )

    def hears(self, *events: SipEvent) -> None:
        for event in events:
            if isinstance(event, Accepted) and event.key >= FIRST_PHONE_KEY:
                self.answered.add(event.key)
        super().hears(*events)

    # --- what must hold -----------------------------------------------------------------------------------

    def check(self) -> None:
        hears: dict[int, set[int]] = {}
        bridges: dict[int, set[int]] = {}
        for order in self.media.orders:
            if isinstance(order, Bridge):
                for leg in bridges.pop(order.bridge, set()):
                    hears.pop(leg, None)
                members = {leg for leg, _ in order.hears}
                for others in bridges.values():
                    others -= members
                bridges[order.bridge] = members
                hears |= {leg: set(others) for leg, others in order.hears}
            elif isinstance(order, Close):
                hears.pop(order.leg, None)
                for others in hears.values():
                    others.discard(order.leg)
        assert self.audio.open_legs == len(self.media.legs), "a leg leaked"
        contacts = {self.audio.leg_of_contact(n) for n in self.contacts if n in self.audio._contacts}
        for leg in contacts & hears.keys():
            assert not hears[leg] & contacts, "a contact hears another"
            listeners = {other for other, heard in hears.items() if leg in heard}
            assert listeners <= self.media.legs.keys()
        for event in self.events[self.told :]:
            if isinstance(event, PhoneLost | PhoneBack):
                assert self.reachable[event.agent_id] is isinstance(event, PhoneLost), "told what is known"
                self.reachable[event.agent_id] = isinstance(event, PhoneBack)
        self.told = len(self.events)

    def empty(self) -> None:
        """Everybody goes home, and every phone says what phones say at the end."""
        for agent in tuple(self.on_duty):
            self.play("log_out", AGENTS.index(agent))
        for one in self.guests.supervisions:
            self.guests.leave(one.agent_id, one.phone_id)
        while self.contacts:
            self.play("contact_hangs_up", 0)
        for _ in range(20):
            self._phone("phone_fails", 0)
            self._phone("our_bye_is_answered", 0)
        ringing, up, ending, cancelled = self.calls()
        assert (ringing, up, ending, cancelled) == ([], [], [], []), "somebody's phone is left up"
        assert self.media.legs == {}
        assert self.lines.states() == {}


IN_A_TALK = [("log_in", 0), ("phone_answers", 0), ("answer", 0), ("join", 0)]


@given(st.lists(AT_WHOM, min_size=40, max_size=80))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_leg_and_no_phone_is_left_and_contacts_never_hear_each_other(steps: list[tuple[str, int]]) -> None:
    async def run() -> None:
        exchange = Exchange()
        for what, n in IN_A_TALK + steps:
            exchange.play(what, n)
            exchange.check()
            await asyncio.sleep(0)
            exchange.check()
        exchange.empty()
        await exchange.carrier.close()

    asyncio.run(run())
