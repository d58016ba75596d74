"""What a user agent has under way: calls, probes, registrations, logins, and what it has to tell of them. The core
that sessions, probes and registrations live in."""

from __future__ import annotations

from dialer.sip.call_notes import CallNote
from dialer.sip.digest import Credentials
from dialer.sip.events import Dropped, DropReason, SipEvent
from dialer.sip.hop import Hop
from dialer.sip.left_session import LeftSession
from dialer.sip.login import Login
from dialer.sip.options_probe import OptionsProbe
from dialer.sip.registration import Registration
from dialer.sip.session import Session
from dialer.sip.transaction_layer import TransactionLayer

MAX_NAMED_SOURCES = 1_024
"""So many source addresses get a `Dropped` event of their own; beyond, drops are only counted."""

MAX_LOGINS = 1_024
"""Servers whose challenges are remembered; when there are more, all are asked anew."""


class CallTable:
    """`key`: the installation's secret. `takes_notes`: somebody keeps what is noted. `calls`: by the user's key;
    `sessions` and `left`, calls of a process before this one, by Call-ID and our tag."""

    __slots__ = (
        "_logins",
        "_named_sources",
        "calls",
        "events",
        "key",
        "layer",
        "left",
        "notes",
        "probes",
        "registrations",
        "sessions",
        "takes_notes",
    )

    def __init__(self, layer: TransactionLayer, key: bytes, *, takes_notes: bool) -> None:
        self.layer = layer
        self.key = key
        self.takes_notes = takes_notes
        self.events: list[SipEvent] = []
        self.notes: list[CallNote] = []
        self.calls: dict[int, Session] = {}
        self.sessions: dict[tuple[bytes, bytes], Session] = {}
        self.left: dict[tuple[bytes, bytes], LeftSession] = {}
        self.probes: dict[int, OptionsProbe] = {}
        self.registrations: dict[str, Registration] = {}
        self._logins: dict[tuple[Credentials, Hop], Login] = {}
        self._named_sources: set[Hop] = set()

    def is_empty(self) -> bool:
        """No call and no registration is kept any more; probes end by themselves."""
        return not (self.calls or self.registrations or self.sessions or self.left)

    def tell(self, event: SipEvent) -> None:
        self.events.append(event)

    def note(self, note: CallNote) -> None:
        if self.takes_notes:
            self.notes.append(note)

    def login(self, credentials: Credentials, server: Hop) -> Login:
        """The same for all calls of one account at one server: what that asked once it need not ask again."""
        login = self._logins.get((credentials, server))
        if login is None:
            if len(self._logins) >= MAX_LOGINS:
                self._logins.clear()
            login = self._logins[credentials, server] = Login(credentials, self.key)
        return login

    def add(self, session: Session) -> None:
        self.calls[session.key] = session
        self.sessions[session.session_id] = session

    def forget(self, session: Session) -> None:
        self.calls.pop(session.key, None)
        self.sessions.pop(session.session_id, None)

    def forget_left(self, session: LeftSession) -> None:
        self.left.pop(session.session_id, None)

    def forget_probe(self, key: int) -> None:
        self.probes.pop(key, None)

    def forget_registration(self, name: str) -> None:
        self.registrations.pop(name, None)

    def drop(self, source: Hop, reason: DropReason) -> None:
        """Something that is no use to anybody: counted, and told of once for each source."""
        self.layer.count(reason.value)
        if source not in self._named_sources and len(self._named_sources) < MAX_NAMED_SOURCES:
            self._named_sources.add(source)
            self.tell(Dropped(source, reason))
