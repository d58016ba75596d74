"""Which leg carries which contact and which agent's line, and who is joined with whom.

Every contact and every line is one leg of the media port. A contact's leg is reserved before its INVITE leaves,
so that the port in the offer is ours. Before the answer nobody hears it but an analyser, for the tones of the
network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from campaigns.amd import BEEP_WITHIN_S, Amd, AmdPolicy
from dialer.media.events import FirstHeard, Heard, LegFigures, Silent
from dialer.media.orders import Close, Connect, Listen, Load, StopListening
from dialer.ports.media import Media, MediaBack, MediaEvent, MediaLost, MediaRoom
from dialer.sip.sdes import Keys
from dialer.sip.sdp import Media as Session
from dialer.telephony.conference import Conference
from dialer.telephony.errors import LegExists, NoSuchLeg
from dialer.telephony.leg_orders import connect_to
from dialer.telephony.line_legs import LineLegs
from dialer.telephony.parties import Contact

AudioFlows = Callable[[int, float], None]
"""Told an attempt and seconds since its answer."""

EARLY, ANSWERED = 1, 2
"""The taps of a contact's leg."""

BEHIND_S = 0.1
"""A verdict comes so much after the sound that it is made of: packets are waited for (`dialer.media.tap`)."""


class CallAudio:
    """`flows` is told once for each join: the contact's first packet has gone to the agent. `lost`: the media has
    gone, why, and the attempts whose audio was there. `room`: for how many calls there is room besides the lines,
    told when that changes. `on_figures`: an attempt's leg is over, and how it was. `on_heard`: an analyser said
    something of an attempt. `on_silent`: nothing has come of a contact for so many seconds. `on_held`: the agent
    has put the contact on hold, or taken it back."""

    def __init__(
        self,
        media: Media,
        flows: AudioFlows,
        lost: Callable[[str, tuple[int, ...]], None],
        room: Callable[[int, bool], None] = lambda calls, lost: None,
        on_figures: Callable[[int, LegFigures], None] = lambda attempt_id, figures: None,
        on_heard: Callable[[int, Heard], None] = lambda attempt_id, heard: None,
        on_silent: Callable[[int, float], None] = lambda attempt_id, seconds: None,
        on_held: Callable[[int, bool], None] = lambda attempt_id, on: None,
    ) -> None:
        self.contact_silent_s = 0.0
        """Nothing coming of a contact for so long is told; 0: never. One that has us on hold may be silent."""
        self._media = media
        self._flows = flows
        self._lost = lost
        self._tell_room = room
        self._on_figures = on_figures
        self._on_heard = on_heard
        self._on_silent = on_silent
        self._contacts: dict[int, Contact] = {}
        self._by_leg: dict[int, Contact] = {}
        self._ending: dict[int, int] = {}  # attempts whose leg is closed and not reported, by leg
        self.conference = Conference(media, on_held)
        self.lines = LineLegs(media, self.conference, self.look_at_room)
        self._sounds: Mapping[str, Path] = {}
        self.is_down = False
        """The media was lost, and is not back yet."""
        self._told_room = self.room, self.is_down

    @property
    def counters(self) -> Mapping[str, int]:
        """As of `dialer.ports.media.Media.counters`."""
        return self._media.counters

    @property
    def media(self) -> Media:
        """Where recordings, prompts, digits and analysers are ordered for the legs."""
        return self._media

    def use_sounds(self, sounds: Mapping[str, Path]) -> None:
        """Raw 8 kHz µ-law for `conference.COMFORT` and `JOINED`."""
        self._sounds = sounds
        self._load_sounds()

    def _load_sounds(self) -> None:
        for prompt, path in self._sounds.items():
            self._media.tell(Load(prompt, str(path)))

    def leg_of_contact(self, attempt_id: int) -> int:
        """Raises `NoSuchLeg`."""
        return self._contact(attempt_id).leg

    def answered_at(self, attempt_id: int) -> float:
        """Moment of the 200, of the monotonic clock. Raises `NoSuchLeg`."""
        return self._contact(attempt_id).answered_at

    @property
    def open_legs(self) -> int:
        return len(self._contacts) + len(self.lines) + len(self.conference)

    @property
    def room(self) -> int:
        """How many calls there can be at once, besides lines and guests."""
        return max(0, self._media.room - len(self.lines) - len(self.conference))

    def look_at_room(self) -> None:
        room = self.room, self.is_down
        if room != self._told_room:
            self._told_room = room
            self._tell_room(*room)

    # --- contacts -----------------------------------------------------------------------------------------

    def open_contact(self, attempt_id: int, host: str) -> int:
        """A bound RTP port of `host` for the call. Raises `LegExists`, `NoMediaRoom`."""
        if attempt_id in self._contacts:
            raise LegExists(f"attempt {attempt_id} has an RTP port already")
        reserved = self._media.reserve(host=host)
        self._contacts[attempt_id] = self._by_leg[reserved.leg] = Contact(attempt_id, reserved.leg)
        return reserved.port

    def hear_early(self, attempt_id: int, session: Session, keys: Keys | None = None) -> None:
        """Early media comes, or moved: the network's tones are listened for. `keys`: see `connect_contact`. Raises
        `NoSuchLeg`."""
        contact = self._contact(attempt_id)
        for order in contact.orders_to_protect(keys):
            self._media.tell(order)
        self._media.tell(
            Connect(contact.leg, session.address, session.port, session.payload_types[0], answered=False)
        )
        if not contact.is_early:
            contact.connected = contact.is_early = True
            self._media.tell(Listen(contact.leg, EARLY, "network"))

    def look_for_machine(self, attempt_id: int, amd: Amd) -> None:
        """Ask the detector who answered, from now on. Raises `NoSuchLeg`."""
        settings: tuple[tuple[str, float], ...] = ()
        if amd.policy is AmdPolicy.HOLD:
            settings = (("hold_s", round(amd.hold_s - BEHIND_S, 3)),)
        if amd.message is not None:
            settings += (("until_s", BEEP_WITHIN_S),)
        self._media.tell(Listen(self._contact(attempt_id).leg, ANSWERED, "machine", settings))

    def connect_contact(
        self, attempt_id: int, session: Session, answered_at: float, keys: Keys | None = None
    ) -> None:
        """The contact answered, or moved: `session` is what it describes. `answered_at`: moment of the 200.
        `keys`: what was agreed to protect the audio with, None for nothing. Raises `NoSuchLeg`."""
        contact = self._contact(attempt_id)
        contact.answered_at = answered_at
        contact.connected = True
        if contact.is_early:
            contact.is_early = False
            self._media.tell(StopListening(contact.leg, EARLY))
        for order in contact.orders_to_protect(keys):
            self._media.tell(order)
        self._media.tell(connect_to(contact.leg, session, self.contact_silent_s, answered_at))

    def join(self, attempt_id: int, agent_id: str) -> None:
        """From now on both hear each other. Raises `NoSuchLeg`."""
        contact, line = self._contact(attempt_id), self.lines.need(agent_id)
        for other in (contact, line.contact):
            if other is not None:
                self._part(other)
        contact.line, line.contact = line, contact
        contact.listener = line.leg
        self.conference.begin(contact, line)

    def part(self, attempt_id: int) -> None:
        """The agent leaves: neither hears the other any more. A third party stays. Raises `NoSuchLeg`."""
        self._part(self._contact(attempt_id))

    def hold(self, attempt_id: int, is_held: bool) -> None:
        """The contact hears something to wait by, and nobody hears them, while the others talk; or is back. Raises
        `NoSuchLeg`."""
        contact = self._contact(attempt_id)
        contact.is_held = is_held
        self.conference.settle(contact)

    def bring_in(self, attempt_id: int, phone_id: str) -> None:
        """The guest is the third party of the conversation. Raises `NoSuchLeg`."""
        contact = self._contact(attempt_id)
        self.conference.bring_in(phone_id, contact)
        self.conference.settle(contact)

    def settle_with(self, agent_id: str) -> None:
        """Who is with the agent, or how, has changed."""
        line = self.lines.get(agent_id)
        if line is not None and line.contact is not None:
            self.conference.settle(line.contact)
        elif line is not None:
            self.conference.rest(line)

    def is_measured(self, attempt_id: int) -> bool:
        """Whether figures of it will be told once it is closed."""
        contact = self._contacts.get(attempt_id)
        return contact is not None and contact.connected

    def close_contact(self, attempt_id: int) -> None:
        """The port is free again. Nothing happens when it was not open."""
        contact = self._contacts.pop(attempt_id, None)
        if contact is None:
            return
        self._let_go(contact)
        del self._by_leg[contact.leg]
        self._ending[contact.leg] = attempt_id
        self._media.tell(Close(contact.leg))

    # --- what the media tells -----------------------------------------------------------------------------

    def on_media_event(self, event: MediaEvent) -> None:
        """Called with everything that the media port posts."""
        match event:
            case FirstHeard():
                contact = self._by_leg.get(event.speaker)
                if contact is not None and contact.listener == event.listener:
                    contact.listener = None
                    self._flows(contact.attempt_id, event.at - contact.answered_at)
            case Heard():
                contact = self._by_leg.get(event.leg)
                if contact is not None:
                    self._on_heard(contact.attempt_id, event)
            case Silent():
                self._silent(event)
            case LegFigures():
                attempt_id = self._ending.pop(event.leg, None)
                if attempt_id is not None:
                    self._on_figures(attempt_id, event)
                elif event.fate:
                    self._leg_lost(event)
            case MediaLost():
                self.is_down = True
                lost = tuple(self._contacts)
                self._contacts.clear()
                self._by_leg.clear()
                self._ending.clear()
                self.lines.legs_lost()
                self.conference.legs_lost()
                self._lost(event.cause, lost)
                self.look_at_room()
            case MediaBack():
                self.is_down = False
                self._load_sounds()
                self.lines.restore()
                self.look_at_room()
            case MediaRoom():
                self.look_at_room()
            case _:
                pass

    def _silent(self, event: Silent) -> None:
        contact = self._by_leg.get(event.leg)
        if contact is not None:
            self._on_silent(contact.attempt_id, event.seconds)
        else:
            self.lines.silent(event.leg)

    def _leg_lost(self, event: LegFigures) -> None:
        """The media ended one leg by itself."""
        contact = self._by_leg.pop(event.leg, None)
        if contact is not None:
            del self._contacts[contact.attempt_id]
            self._let_go(contact)
            self._lost(event.fate, (contact.attempt_id,))
        self.lines.leg_lost(event.leg)
        self.conference.legs_lost([event.leg])

    def close(self) -> None:
        """Every leg closed."""
        for attempt_id in tuple(self._contacts):
            self.close_contact(attempt_id)
        self.lines.close_all()
        self.conference.close()

    def _part(self, contact: Contact) -> None:
        line = contact.line
        if line is not None:
            line.contact = contact.line = contact.listener = None
            self.conference.settle(contact)
            self.conference.rest(line)

    def _let_go(self, contact: Contact) -> None:
        """The contact is over: agent and third party are in no conversation any more."""
        self.conference.contact_over(contact)
        line, contact.line = contact.line, None
        if line is not None:
            line.contact = None
            self.conference.rest(line)

    def _contact(self, attempt_id: int) -> Contact:
        contact = self._contacts.get(attempt_id)
        if contact is None:
            raise NoSuchLeg(f"attempt {attempt_id} has no RTP port")
        return contact
