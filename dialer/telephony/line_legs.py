"""The legs of agents' lines: of phones that were called, and of bare addresses of audio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from dialer.media.orders import Close, Connect
from dialer.ports.media import Media, NoMediaRoom
from dialer.sip.sdes import Keys
from dialer.sip.sdp import Media as Session
from dialer.telephony.conference import Conference
from dialer.telephony.errors import LegExists, NoSuchLeg
from dialer.telephony.hosts import Hosts
from dialer.telephony.leg_orders import connect_to
from dialer.telephony.parties import Line
from dialer.telephony.udp import Address


class LineListener(Protocol):
    """Who is told of lines to phones that were called."""

    def line_silent(self, agent_id: str) -> None:
        """Nothing has come for as long as it was given."""
        ...

    def line_lost(self, agent_id: str) -> None:
        """Its leg is gone; it is closed."""
        ...


class LineLegs:
    """`counted` is called whenever there is one more, or one fewer. `listener`: whom phones' lines are told to."""

    def __init__(self, media: Media, conference: Conference, counted: Callable[[], None]) -> None:
        self.listener: LineListener | None = None
        self._media = media
        self._hosts = Hosts(media.hosts)
        self._conference = conference
        self._counted = counted
        self._lines: dict[str, Line] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def open(self, agent_id: str, remote: Address, silent_after_s: float = 0.0) -> Address:
        """An agent's phone at `remote`: where it shall send to. `silent_after_s`: see `Connect`. Raises
        `LegExists`, `NoMediaRoom`, `OtherVersion`."""
        line = self._reserve(agent_id, self._hosts.facing(remote[0]), is_phone=False)
        line.connect = Connect(line.leg, *remote, silent_after_s=silent_after_s)
        self._media.tell(line.connect)
        return line.host, line.port

    def reserve(self, agent_id: str, host: str) -> int:
        """A bound RTP port of `host` for an agent's phone that is to be called. Raises `LegExists`,
        `NoMediaRoom`."""
        return self._reserve(agent_id, host, is_phone=True).port

    def _reserve(self, agent_id: str, host: str, *, is_phone: bool) -> Line:
        if agent_id in self._lines:
            raise LegExists(f"agent {agent_id} has a line already")
        reserved = self._media.reserve(host=host)
        line = self._lines[agent_id] = Line(agent_id, reserved, is_phone=is_phone)
        self._counted()
        return line

    def connect(self, agent_id: str, session: Session, silent_after_s: float, keys: Keys | None = None) -> None:
        """The agent's phone answered, or moved: `session` is what it describes. One that has us on hold may be
        silent. `keys`: what was agreed to protect the audio with, None for nothing. Raises `NoSuchLeg`."""
        line = self.need(agent_id)
        is_new = line.connect is None
        for order in line.orders_to_protect(keys):
            self._media.tell(order)
        line.connect = connect_to(line.leg, session, silent_after_s)
        self._media.tell(line.connect)
        if line.contact is not None:
            self._conference.settle(line.contact)
        elif is_new:
            self._conference.rest(line)

    def close(self, agent_id: str) -> None:
        """Nothing happens when it was not open. A contact joined with it hears nobody from now on."""
        line = self._lines.pop(agent_id, None)
        if line is None:
            return
        contact = line.contact
        if contact is not None:
            contact.line = contact.listener = None
            self._conference.settle(contact)
        self._media.tell(Close(line.leg))
        self._counted()

    def close_all(self) -> None:
        """Every one of them."""
        for agent_id in tuple(self._lines):
            self.close(agent_id)

    def get(self, agent_id: str) -> Line | None:
        """The agent's, if there is one."""
        return self._lines.get(agent_id)

    def need(self, agent_id: str) -> Line:
        """Raises `NoSuchLeg`."""
        line = self._lines.get(agent_id)
        if line is None:
            raise NoSuchLeg(f"agent {agent_id} has no line; open one when the agent logs in")
        return line

    def leg_of(self, agent_id: str) -> int:
        """Raises `NoSuchLeg`."""
        return self.need(agent_id).leg

    # --- what the media tells -----------------------------------------------------------------------------

    def silent(self, leg: int) -> None:
        """Nothing has come of a leg, which may be one of these."""
        for agent_id, line in self._lines.items():
            if line.leg == leg and self.listener is not None:
                self.listener.line_silent(agent_id)
                return

    def leg_lost(self, leg: int) -> None:
        """The media ended a leg, which may be one of these, by itself."""
        for agent_id, line in tuple(self._lines.items()):
            if line.leg == leg:
                self._lose(agent_id)

    def legs_lost(self) -> None:
        """All legs have gone, and every contact with them; lines are restored when the media is back."""
        for line in self._lines.values():
            line.contact = None

    def restore(self) -> None:
        """Phones go on sending to the ports they were told: the lines get the same ones again. But for protected
        ones: how many packets the far end has sent is not known any more (RFC 3711 § 3.3.1)."""
        for agent_id, line in tuple(self._lines.items()):
            if line.protected:
                self._lose(agent_id)
                continue
            try:
                line.leg, line.comforted = self._media.reserve(line.port, host=line.host).leg, False
            except NoMediaRoom:
                self._lose(agent_id)  # it has gone again
                continue
            if line.connect is not None:
                line.connect = replace(line.connect, leg=line.leg)
                self._media.tell(line.connect)
                self._conference.rest(line)

    def _lose(self, agent_id: str) -> None:
        """Joining says that there is none."""
        is_phone = self._lines[agent_id].is_phone
        self.close(agent_id)
        if is_phone and self.listener is not None:
            self.listener.line_lost(agent_id)
