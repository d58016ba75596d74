"""What the carrier needs of SIP, as protocols: a user agent, and the socket it lives on."""

from __future__ import annotations

from typing import Protocol

from dialer.sip.call_notes import LeftCall
from dialer.sip.digest import Credentials
from dialer.sip.order import InviteOrder
from dialer.telephony.udp import Address


class Caller(Protocol):
    """The calling side of `dialer.sip.user_agent.UserAgent`."""

    def invite(self, order: InviteOrder, now: float) -> None: ...
    def cancel(self, key: int, now: float) -> None: ...
    def bye(self, key: int, now: float) -> None: ...
    def end_left(self, call: LeftCall, now: float, credentials: Credentials | None = None) -> None: ...


class Signalling(Protocol):
    """A user agent with its socket (`dialer.telephony.endpoint.SipEndpoint`)."""

    @property
    def core(self) -> Caller: ...
    @property
    def address(self) -> Address: ...
    def now(self) -> float: ...
    def flush(self) -> None: ...
    def close(self) -> None: ...
