"""A session as those see it who change it (`their_change`, `our_change`)."""

from __future__ import annotations

from typing import Protocol

from dialer.sip.dialog import Dialog
from dialer.sip.events import SipEvent
from dialer.sip.login import Login
from dialer.sip.message import Message
from dialer.sip.server_transaction import ServerTransaction
from dialer.sip.session_timer import Agreement
from dialer.sip.transaction_layer import TransactionLayer


class Core(Protocol):
    """The user agent it lives in."""

    layer: TransactionLayer
    key: bytes

    def tell(self, event: SipEvent) -> None: ...


class OwnChange(Protocol):
    """What we change ourselves."""

    @property
    def is_asking(self) -> bool: ...


class Changeable(Protocol):
    """See `dialer.sip.session.Session`."""

    key: int
    session_id: tuple[bytes, bytes]
    local_sdp: bytes
    direction: str
    wanted_s: int
    login: Login | None

    @property
    def core(self) -> Core: ...
    @property
    def dialog(self) -> Dialog | None: ...
    @property
    def owns_call_id(self) -> bool: ...
    @property
    def change(self) -> OwnChange | None: ...
    @property
    def is_up(self) -> bool: ...
    @property
    def is_leaving(self) -> bool: ...
    @property
    def awaits_ack(self) -> bool: ...
    @property
    def is_offering(self) -> bool: ...
    @property
    def agreement(self) -> Agreement | None: ...
    @property
    def far_end_updates(self) -> bool: ...
    def is_described(self, dialog: Dialog) -> bool: ...
    def dialog_for_changes(self) -> Dialog | None: ...
    def described_by(self, body: bytes, dialog: Dialog | None) -> None: ...
    def note_hold(self, body: bytes) -> None: ...
    def remember(self, body: bytes, dialog: Dialog) -> None: ...
    def retargeted(self) -> None: ...
    def agree(self, agreement: Agreement | None, message: Message, now: float) -> None: ...
    def await_ack(
        self, transaction: ServerTransaction, cseq: int, now: float, *, offers: bool = False
    ) -> None: ...
    def leave(self, now: float) -> None: ...
