"""Calls to phones of ours: an agent's, a supervisor's. Placed where the phone is, answered by itself, and told to
whoever wanted it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Protocol

import structlog

from dialer.sip import sdp
from dialer.sip.errors import RemoteError
from dialer.sip.events import Accepted, AcceptedAfterCancel, Ended, Failed, Progress, Reoffered, TargetFailed
from dialer.sip.identity import Identity
from dialer.sip.sdes import OFFER_OCTETS, Crypto, Keys, agreed, offered
from dialer.telephony.errors import PhoneInClear, PhoneNowhere, PhoneUnsent
from dialer.telephony.leg_orders import session_of
from dialer.telephony.phones import Phones
from dialer.telephony.signalling import Signalling

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

FIRST_PHONE_KEY = 1 << 61
"""Keys of calls to phones: no attempt has one so large."""

PhoneEvent = Progress | Accepted | AcceptedAfterCancel | Failed | Ended | Reoffered | TargetFailed


class PhoneUser(Protocol):
    """Who wanted a phone called; `key`: the number of the call, `keys`: what its audio is protected with."""

    def phone_answered(self, key: int, session: sdp.Media, keys: Keys | None) -> None:
        """It is up, and this is what it describes."""
        ...

    def phone_moved(self, key: int, session: sdp.Media, keys: Keys | None) -> None:
        """It describes itself anew: it moved, has us on hold, or took us back."""
        ...

    def phone_over(self, key: int, *, hung_up: bool) -> None:
        """The call is over, answered or not; `hung_up`: at the phone. The last that is told of it."""
        ...


class _Call:
    __slots__ = ("answered", "crypto", "has_left", "phone_id", "srtp_required", "user")

    def __init__(self, phone_id: str, user: PhoneUser, crypto: tuple[Crypto, ...], *, srtp_required: bool) -> None:
        self.phone_id = phone_id
        self.user = user
        self.crypto = crypto
        self.srtp_required = srtp_required
        self.answered = False
        self.has_left = False  # before that its user does not know its key


class PhoneCalls:
    """`public_host`: where our audio is as phones see it; empty: where it is. Keys are counted from the wall
    clock, so that no Call-ID is used by two processes."""

    def __init__(
        self,
        signalling: Signalling,
        phones: Phones,
        identity: Identity,
        audio_host: str,
        public_host: str = "",
    ) -> None:
        self._signalling = signalling
        self._phones = phones
        self._identity = identity
        self._own_host = public_host or audio_host
        self._calls: dict[int, _Call] = {}
        self._last_key = FIRST_PHONE_KEY + int(phones.wall() * 1_000)

    def __len__(self) -> int:
        """Calls that are not over."""
        return len(self._calls)

    def call(self, phone_id: str, port: int, user: PhoneUser) -> int:
        """Call the phone of this name, with our audio at `port`. The number of the call. Raises `PhoneNowhere`,
        `PhoneInClear`, `PhoneUnsent`, and `LocalError` for what cannot be sent; then its user is told nothing."""
        found = self._phones.find(phone_id, self._own_host)
        if found is None:
            raise PhoneNowhere(phone_id)
        if found.srtp is None:
            raise PhoneInClear(phone_id)
        key = self._last_key + 1
        must_be = found.srtp == "required"
        crypto = () if found.srtp == "off" else offered(secrets.token_bytes(OFFER_OCTETS))
        order = self._phones.order(
            phone_id,
            found,
            self._own_host,
            key=key,
            call_id=self._identity.call_id(key),
            from_tag=self._identity.tag(key),
            branch=self._identity.branch(key),
            body=sdp.offer(self._own_host, port, key, crypto=crypto, secure=must_be),
        )
        self._last_key = key
        call = self._calls[key] = _Call(phone_id, user, crypto, srtp_required=must_be)
        try:
            self._signalling.core.invite(order, self._signalling.now())
        except Exception:
            del self._calls[key]
            raise
        self._signalling.flush()
        if key not in self._calls:  # the machine has no way to it
            raise PhoneUnsent(phone_id)
        call.has_left = True
        log.info("phone called", phone=phone_id, call_id=order.call_id)
        return key

    def hang_up(self, key: int) -> None:
        """Cancel or hang up; `phone_over` follows. Nothing happens when the call is over."""
        call = self._calls.get(key)
        if call is None:
            return
        if call.answered:
            self._signalling.core.bye(key, self._signalling.now())
        else:
            self._signalling.core.cancel(key, self._signalling.now())
        self._signalling.flush()

    def on_sip_event(self, event: PhoneEvent) -> None:
        call = self._calls.get(event.key)
        if call is None:
            return
        match event:
            case Accepted():
                call.answered = True
                self._described(event.key, call, event.body, call.user.phone_answered)
            case AcceptedAfterCancel():
                call.answered = True  # its end follows by itself
            case Reoffered():
                call.crypto = event.crypto
                self._described(event.key, call, event.body, call.user.phone_moved)
            case Failed():
                cause = "it could not be sent" if event.unsent else f"answered {event.status}"
                self._over(event.key, call, "no answer" if event.timeout else cause)
            case Ended():
                cause = "hung up there" if event.by_remote else "hung up here"
                self._over(event.key, call, cause, hung_up=event.by_remote)
            case Progress() | TargetFailed():
                pass

    def _described(
        self, key: int, call: _Call, body: bytes, tell: Callable[[int, sdp.Media, Keys | None], None]
    ) -> None:
        try:
            session = session_of(body, self._own_host)
            keys = agreed(call.crypto, session.crypto, required=call.srtp_required or session.secure)
        except RemoteError as error:
            log.warning("a phone's session description cannot be used", phone=call.phone_id, cause=str(error))
            self.hang_up(key)
            return
        tell(key, session, keys)

    def _over(self, key: int, call: _Call, cause: str, *, hung_up: bool = False) -> None:
        del self._calls[key]
        log.info("phone's call is over", phone=call.phone_id, cause=cause)
        if call.has_left:
            call.user.phone_over(key, hung_up=hung_up)

    def close(self) -> None:
        """Hang up everything, without waiting for ends; nothing is told of these any more."""
        for key in tuple(self._calls):
            self.hang_up(key)
        self._calls.clear()
