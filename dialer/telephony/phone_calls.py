"""Calls to who joins a conversation: to phones of ours (an agent's, a supervisor's), placed where the phone is and
answered by itself, and over trunks to third parties outside. Told to whoever wanted them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from dialer.engine.commands import Originate
from dialer.log import mask
from dialer.sip import sdp
from dialer.sip.errors import RemoteError
from dialer.sip.events import Accepted, AcceptedAfterCancel, Ended, Failed, Progress, Reoffered, TargetFailed
from dialer.sip.identity import Identity
from dialer.sip.order import InviteOrder
from dialer.sip.sdes import OFFER_OCTETS, Crypto, Keys, agreed, offered
from dialer.telephony.errors import PhoneInClear, PhoneNowhere, PhoneUnsent
from dialer.telephony.final_response import retry_after_s
from dialer.telephony.hosts import Hosts
from dialer.telephony.leg_orders import session_of
from dialer.telephony.phones import Phones
from dialer.telephony.routes import Routes
from dialer.telephony.signalling import Signalling
from dialer.telephony.trunk_invite import check_dialable, invite_over

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

FIRST_PHONE_KEY = 1 << 61
"""Keys of calls to phones: no attempt has one so large."""

PhoneEvent = Progress | Accepted | AcceptedAfterCancel | Failed | Ended | Reoffered | TargetFailed


@dataclass(frozen=True, slots=True)
class CallOver:
    """`answered`: a 200 had come; `given_up`: by us; `rang`: an 18x had come. `status`, `q850`, `cause_by`,
    `retry_after_s`: of the response that ended it, as of `dialer.engine.events.CallEnded`."""

    answered: bool = False
    given_up: bool = False
    rang: bool = False
    status: int | None = None
    q850: int | None = None
    cause_by: str = ""
    retry_after_s: float | None = None


class PhoneUser(Protocol):
    """Who wanted a phone called; `key`: the number of the call, `keys`: what its audio is protected with."""

    def phone_answered(self, key: int, session: sdp.Media, keys: Keys | None) -> None:
        """It is up, and this is what it describes."""
        ...

    def phone_moved(self, key: int, session: sdp.Media, keys: Keys | None) -> None:
        """It describes itself anew: it moved, has us on hold, or took us back."""
        ...

    def phone_over(self, key: int, how: CallOver, *, hung_up: bool) -> None:
        """The call is over, answered or not; `hung_up`: at the phone. `how`: as the network has it. The last that
        is told of it."""
        ...


class _Call:
    __slots__ = (
        "answered",
        "crypto",
        "given_up",
        "has_left",
        "host",
        "outside",
        "phone_id",
        "rang",
        "srtp_required",
        "user",
    )

    def __init__(
        self, phone_id: str, user: PhoneUser, host: str, crypto: tuple[Crypto, ...], *, srtp_required: bool
    ) -> None:
        self.phone_id = phone_id
        self.user = user
        self.host = host
        self.crypto = crypto
        self.srtp_required = srtp_required
        self.answered = self.given_up = self.rang = False
        self.outside = False  # over a trunk
        self.has_left = False  # before that its user does not know its key


class PhoneCalls:
    """`hosts`: of our audio. Keys are counted from the wall
    clock, so that no Call-ID is used by two processes."""

    def __init__(
        self,
        signalling: Signalling,
        phones: Phones,
        routes: Routes,
        identity: Identity,
        hosts: Hosts,
    ) -> None:
        self._signalling = signalling
        self._phones = phones
        self._routes = routes
        self._identity = identity
        self._hosts = hosts
        self._calls: dict[int, _Call] = {}
        self._emptied: asyncio.Event | None = None
        self._last_key = FIRST_PHONE_KEY + int(phones.wall() * 1_000)

    def __len__(self) -> int:
        """Calls that are not over."""
        return len(self._calls)

    def call(self, phone_id: str, reserve: Callable[[str], int], user: PhoneUser) -> int:
        """Call the phone of this name. `reserve`: gives a port for our audio, of this host. The number of the
        call. Raises `PhoneNowhere`, `PhoneInClear`, `PhoneUnsent`, `OtherVersion`, what `reserve` raises, and
        `LocalError` for what cannot be sent; then its user is told nothing."""
        found = self._phones.find(phone_id)
        if found is None:
            raise PhoneNowhere(phone_id)
        if found.srtp is None:
            raise PhoneInClear(phone_id)
        host = self._hosts.facing(found.destination[0])
        shown, port, key = self._hosts.shown(host), reserve(host), self.new_key()
        must_be = found.srtp == "required"
        crypto = () if found.srtp == "off" else offered(secrets.token_bytes(OFFER_OCTETS))
        order = self._phones.order(
            phone_id,
            found,
            shown,
            key=key,
            call_id=self._identity.call_id(key),
            from_tag=self._identity.tag(key),
            branch=self._identity.branch(key),
            body=sdp.offer(shown, port, key, crypto=crypto, secure=must_be),
        )
        self._place(order, _Call(phone_id, user, host, crypto, srtp_required=must_be))
        return key

    def call_out(self, wanted: Originate, reserve: Callable[[str], int], user: PhoneUser) -> None:
        """Call somebody over a trunk; `wanted.attempt_id` is a `new_key`. `reserve`: see `call`. Raises
        `TelephonyError`, what `reserve` raises, and `LocalError` for what cannot be sent; then its user is told
        nothing."""
        check_dialable(wanted)
        route = self._routes.of(wanted.trunk)
        hops = self._routes.hops(wanted.trunk, self._signalling.now())
        host = self._hosts.facing(hops[0][0])
        audio_at = self._hosts.shown(host), reserve(host)
        crypto = offered(secrets.token_bytes(OFFER_OCTETS)) if route.trunk.srtp != "off" else ()
        order = invite_over(route, hops, wanted, self._identity, audio_at, crypto)
        call = _Call(mask(wanted.number), user, host, crypto, srtp_required=route.trunk.srtp == "required")
        call.outside = True
        self._place(order, call)

    def new_key(self) -> int:
        """The number of a call that is going to be placed."""
        self._last_key += 1
        return self._last_key

    def _place(self, order: InviteOrder, call: _Call) -> None:
        self._calls[order.key] = call
        try:
            self._signalling.core.invite(order, self._signalling.now())
        except Exception:
            del self._calls[order.key]
            raise
        self._signalling.flush()
        if order.key not in self._calls:  # the machine has no way to it
            raise PhoneUnsent(call.phone_id)
        call.has_left = True
        log.info("phone called", phone=call.phone_id, call_id=order.call_id)

    def hang_up(self, key: int) -> None:
        """Cancel or hang up; `phone_over` follows. Nothing happens when the call is over."""
        call = self._calls.get(key)
        if call is None:
            return
        call.given_up = True
        if call.answered:
            self._signalling.core.bye(key, self._signalling.now())
        else:
            self._signalling.core.cancel(key, self._signalling.now())
        self._signalling.flush()

    def on_sip_event(self, event: PhoneEvent) -> None:
        call = self._calls.get(event.key)
        if call is None:
            return
        if self._emptied is not None:  # closing: only ends count
            if isinstance(event, Failed | Ended):
                del self._calls[event.key]
                if not self._calls:
                    self._emptied.set()
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
                status = None if event.timeout or event.unsent else event.status
                self._over(
                    event.key,
                    call,
                    "no answer" if event.timeout else cause,
                    status=status,
                    q850=event.q850,
                    cause_by=event.cause_by,
                    rest_s=retry_after_s(status, event.headers),
                )
            case Ended():
                cause = "hung up there" if event.by_remote else "hung up here"
                self._over(event.key, call, cause, hung_up=event.by_remote)
            case Progress():
                call.rang = call.rang or event.status > 100
            case TargetFailed():
                if call.outside:
                    rest_s = retry_after_s(event.status, event.headers)
                    self._routes.failed(event.target, self._signalling.now(), rest_s)

    def _described(
        self, key: int, call: _Call, body: bytes, tell: Callable[[int, sdp.Media, Keys | None], None]
    ) -> None:
        try:
            session = session_of(body, call.host)
            keys = agreed(call.crypto, session.crypto, required=call.srtp_required or session.secure)
        except RemoteError as error:
            log.warning("a phone's session description cannot be used", phone=call.phone_id, cause=str(error))
            self.hang_up(key)
            return
        tell(key, session, keys)

    def _over(
        self,
        key: int,
        call: _Call,
        cause: str,
        *,
        hung_up: bool = False,
        status: int | None = None,
        q850: int | None = None,
        cause_by: str = "",
        rest_s: float | None = None,
    ) -> None:
        del self._calls[key]
        log.info("phone's call is over", phone=call.phone_id, cause=cause)
        if call.has_left:
            how = CallOver(call.answered, call.given_up, call.rang, status, q850, cause_by, rest_s)
            call.user.phone_over(key, how, hung_up=hung_up)

    async def close(self, within_s: float) -> None:
        """Hang up everything, and wait for the ends at most so long; nothing is told of these any more."""
        self._emptied = asyncio.Event()
        for key in tuple(self._calls):
            self.hang_up(key)
        if self._calls:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await self._emptied.wait()
        self._calls.clear()
