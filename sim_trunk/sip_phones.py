"""Simulated agents' phones on the wire: they register with the dialer, take its calls by themselves, and hang up
when they are switched off. Their sound is `agent_phones.py`."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping

from dialer.clock import monotonic
from dialer.sip import sdp
from dialer.sip.digest import Credentials
from dialer.sip.errors import MalformedMessage, RemoteError
from dialer.sip.events import Ended, Incoming, RegistrationFailed, Reoffered, SipEvent
from dialer.sip.registration import RegisterOrder
from dialer.sip.sdes import OFFER_OCTETS, Crypto, Keys, agreed, offered
from dialer.sip.timers import SipTimers
from dialer.sip.uri import Uri
from dialer.sip.user_agent import UserAgent
from dialer.telephony.endpoint import SipEndpoint
from dialer.telephony.udp import Address

log = logging.getLogger("sim_trunk")


LineOpened = Callable[[str, Address, Keys | None], None]


class SipPhones:
    """Protected audio (SDES) is taken where it is offered. One user agent for the phones of all simulated agents.
    `passwords`: by agent. `key`: for tags and branches, 16 octets at least."""

    def __init__(
        self,
        passwords: Mapping[str, str],
        *,
        key: bytes,
        host: str = "127.0.0.1",
        timers: SipTimers | None = None,
    ) -> None:
        self._passwords = passwords
        self._opened: LineOpened = lambda agent_id, line, keys: None
        self._closed: Callable[[str], None] = lambda agent_id: None
        self._audio: dict[str, Address] = {}
        self._calls: dict[int, str] = {}
        self._crypto: dict[int, tuple[Crypto, ...]] = {}
        self._endpoint = SipEndpoint(
            host,
            0,
            lambda local: UserAgent(
                local, timers=timers, product="rightparty simulated phone", key=key, accept_calls=True
            ),
            self._on_event,
            monotonic,
        )

    def have_audio(self, agent_id: str, phone: Address) -> None:
        """The agent hears and speaks at this address."""
        self._audio[agent_id] = phone

    def register(
        self,
        registrar: Address,
        line_opened: LineOpened,
        line_closed: Callable[[str], None],
    ) -> None:
        """Say to the dialer at this SIP address where they are, and keep saying it. `line_opened` is told where an
        agent's audio goes from then on and what it is protected with, `line_closed` that it goes nowhere."""
        self._opened, self._closed = line_opened, line_closed
        host, port = registrar
        for agent_id in self._audio:
            order = RegisterOrder(
                agent_id,
                f"sip:{host}:{port}",
                f"sip:{agent_id}@{host}",
                registrar,
                Credentials(agent_id, self._passwords[agent_id]),
            )
            self._endpoint.core.register(order, self._endpoint.now())
        self._endpoint.flush()

    @property
    def open_calls(self) -> int:
        return len(self._calls)

    def hang_up(self, agent_id: str) -> None:
        """Somebody puts the receiver down."""
        for key, at in tuple(self._calls.items()):
            if at == agent_id:
                self._endpoint.core.bye(key, self._endpoint.now())
        self._endpoint.flush()

    def close(self) -> None:
        """Switched off, without a word: that is how a network sees a power cut."""
        self._endpoint.close()

    def _on_event(self, event: SipEvent, now: float) -> None:
        match event:
            case Incoming():
                self._rings(event, now)
            case Reoffered() if event.key in self._calls:
                self._crypto[event.key] = event.crypto
                self._moved(event.key, sdp.parse(event.body))
            case Ended() if event.key in self._calls:
                del self._crypto[event.key]
                self._closed(self._calls.pop(event.key))
            case RegistrationFailed():
                log.warning("phone %s is not registered: %s", event.name, event.status)
            case _:
                pass

    def _rings(self, event: Incoming, now: float) -> None:
        core = self._endpoint.core
        try:
            agent_id = Uri.parse(event.to_uri).user
            offer = sdp.parse(event.body)
            crypto = offered(secrets.token_bytes(OFFER_OCTETS)) if offer.crypto else ()
            agreed(crypto, offer.crypto, required=offer.secure)
        except (MalformedMessage, RemoteError) as error:
            log.warning("a phone cannot take a call: %s", error)
            core.reject(event.key, 488, now)
            return
        at = self._audio.get(agent_id)
        if at is None:
            core.reject(event.key, 404, now)
            return
        self._calls[event.key], self._crypto[event.key] = agent_id, crypto
        core.answer(event.key, sdp.answer(offer, *at, -event.key, crypto), now)
        self._moved(event.key, offer)

    def _moved(self, key: int, theirs: sdp.Media) -> None:
        keys = agreed(self._crypto[key], theirs.crypto, required=theirs.secure)
        self._opened(self._calls[key], (theirs.address, theirs.port), keys)
