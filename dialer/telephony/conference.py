"""Conversations as bridges of the media port, and the guests that are called into them: supervisors, who stay with
an agent over all contacts, and third parties, who stay with a contact."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dialer.media.orders import Bridge, Close, Play, StopPlaying
from dialer.ports.media import Media
from dialer.sip import sdp
from dialer.sip.sdes import Keys
from dialer.telephony.errors import LegExists, NoSuchLeg
from dialer.telephony.leg_orders import connect_to
from dialer.telephony.parties import Contact, Guest, Line, Mode, Party, who_hears_whom

COMFORT = "line-comfort"
JOINED = "line-joined"
"""Prompts: what is heard by who hears nobody, and by an agent over the first moment of a contact."""

COMFORT_PLAY, JOINED_PLAY = 1 << 40, (1 << 40) + 1
"""Beyond the numbers of what is played in flows and announcements."""


class Conference:
    """`guest_lost` is told whose leg is gone, by the name of the phone, and has it dismissed. `held`: of a contact
    that an agent puts on hold, and takes back."""

    def __init__(self, media: Media, held: Callable[[int, bool], None] = lambda attempt_id, on: None) -> None:
        self._held = held
        self.guest_lost: Callable[[str], object] = self.dismiss
        self._media = media
        self._guests: dict[str, Guest] = {}
        self._with: dict[str, str] = {}  # the agents that guests are with
        self._thirds: dict[str, Contact] = {}

    def __len__(self) -> int:
        """Guests' legs."""
        return len(self._guests)

    # --- conversations ------------------------------------------------------------------------------------

    def settle(self, contact: Contact) -> None:
        """Something of the contact's conversation has changed: who hears whom now."""
        agent_id = "" if contact.line is None else contact.line.agent_id
        supervisors = [self._guests[name] for name, at in self._with.items() if at == agent_id]
        hears = who_hears_whom(contact, supervisors)
        legs = tuple((party.leg, tuple(other.leg for other in others)) for party, others in hears)
        self._media.tell(Bridge(contact.leg, legs))
        for party, others in hears:
            self._comfort(party, alone=not others)
        if contact.is_on_hold is not contact.waits:
            contact.waits = contact.is_on_hold
            self._held(contact.attempt_id, contact.waits)

    def begin(self, contact: Contact, line: Line) -> None:
        """The agent has the contact, and hears that it is so."""
        self.settle(contact)
        if line.is_phone:
            self._comfort(line, alone=False)
            self._media.tell(Play(line.leg, JOINED_PLAY, JOINED, over=True))

    def rest(self, line: Line) -> None:
        """The agent has no contact, and so has nobody who is with them."""
        self._comfort(line, alone=True)
        for name, agent_id in self._with.items():
            if agent_id == line.agent_id and self._guests[name].is_up:
                self._comfort(self._guests[name], alone=True)

    def _comfort(self, party: Party, *, alone: bool) -> None:
        """A phone that hears nothing for long takes the call for dead, and so does a person."""
        wanted = alone and party.wants_comfort
        if wanted and not party.comforted:
            self._media.tell(Play(party.leg, COMFORT_PLAY, COMFORT, loop=True))
        elif party.comforted and not wanted:
            self._media.tell(StopPlaying(party.leg))
        party.comforted = wanted

    # --- guests -------------------------------------------------------------------------------------------

    def reserve(self, phone_id: str, host: str) -> int:
        """A bound RTP port of `host` for a phone that is to be called. Raises `LegExists`, `NoMediaRoom`."""
        if phone_id in self._guests:
            raise LegExists(f"{phone_id} is in a conversation already")
        reserved = self._media.reserve(host=host)
        self._guests[phone_id] = Guest(phone_id, reserved.leg)
        return reserved.port

    def connect(self, phone_id: str, session: sdp.Media, keys: Keys | None) -> None:
        """It has answered, or moved; its conversation is to be settled. `keys`: what its audio is protected with.
        Raises `NoSuchLeg`."""
        guest = self._guest(phone_id)
        guest.is_up = True
        for order in guest.orders_to_protect(keys):
            self._media.tell(order)
        self._media.tell(connect_to(guest.leg, session))
        self._comfort(guest, alone=True)

    def stay_with(self, phone_id: str, agent_id: str, mode: Mode) -> None:
        """The guest is with all conversations of the agent; the present one is to be settled. Raises
        `NoSuchLeg`."""
        self._guest(phone_id).mode = mode
        self._with[phone_id] = agent_id

    def bring_in(self, phone_id: str, contact: Contact) -> None:
        """The guest is the third party of the contact's conversation, which is to be settled. Raises
        `NoSuchLeg`."""
        contact.third = self._guest(phone_id)
        self._thirds[phone_id] = contact

    def dismiss(self, phone_id: str) -> Contact | None:
        """The guest's leg is closed. The contact whose third party it was, if any; that is to be settled."""
        guest = self._guests.pop(phone_id, None)
        self._with.pop(phone_id, None)
        contact = self._thirds.pop(phone_id, None)
        if contact is not None:
            contact.third = None
        if guest is not None:
            self._media.tell(Close(guest.leg))
        return contact

    def contact_over(self, contact: Contact) -> None:
        """Whoever was in the conversation hears nobody of it any more, and nobody else either."""
        agent_id = "" if contact.line is None else contact.line.agent_id
        if contact.third is not None or agent_id in self._with.values():
            self._media.tell(Bridge(contact.leg))
        if contact.third is not None:
            self._comfort(contact.third, alone=True)
            self._thirds.pop(contact.third.phone_id, None)
            contact.third = None

    def legs_lost(self, legs: Iterable[int] | None = None) -> None:
        """These legs are gone, or (None) all of them."""
        gone = None if legs is None else set(legs)
        for phone_id, guest in tuple(self._guests.items()):
            if gone is None or guest.leg in gone:
                self.guest_lost(phone_id)

    def close(self) -> None:
        """Every guest's leg closed."""
        for phone_id in tuple(self._guests):
            self.dismiss(phone_id)

    def _guest(self, phone_id: str) -> Guest:
        guest = self._guests.get(phone_id)
        if guest is None:
            raise NoSuchLeg(f"{phone_id} is in no conversation")
        return guest
