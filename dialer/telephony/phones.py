"""Agents' phones: where each is, by its registration with us or by a fixed address, and how it is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from dialer.sip.errors import MalformedMessage
from dialer.sip.hop import STREAMS, TLS, Hop, StreamHop, bracketed, transport_of
from dialer.sip.order import InviteOrder
from dialer.sip.registrar import Registrar, auto_answer, routes
from dialer.sip.uri import Uri
from dialer.telephony.bindings_file import load_bindings, save_bindings


@dataclass(frozen=True, slots=True)
class Phone:
    """`uri`: its fixed address, an IP address in it; empty: it registers with `password`. `nailed_up`: called at
    login and kept up; else called for each contact. `srtp`: as of `dialer.trunks.trunk.Trunk`; `srtp_without_tls`:
    its keys may be seen on the way."""

    agent_id: str
    uri: str = ""
    password: str = field(default="", repr=False)
    nailed_up: bool = True
    srtp: str = "off"
    srtp_without_tls: bool = False


@dataclass(frozen=True, slots=True)
class PhoneCall:
    """What the order of a call to a phone takes from here. `srtp`: whether its audio can be protected, must be, or
    is "off"; None: it must be, and the keys would be seen on the way."""

    request_uri: str
    destination: Hop
    extra_headers: tuple[tuple[str, str], ...]
    srtp: str | None = "off"


class Phones:
    """`realm`: host part of the agents' addresses of record. `key`: the installation's secret. `path`: where
    registrations are kept over a restart, None: nowhere. `wall`: seconds since the epoch. `md5_only`: see
    `Registrar`."""

    def __init__(
        self,
        realm: str,
        phones: Iterable[Phone],
        key: bytes,
        now: Callable[[], float],
        wall: Callable[[], float],
        path: Path | None = None,
        *,
        md5_only: bool = False,
    ) -> None:
        self._passwords: dict[str, str] = {}
        self._phones: dict[str, Phone] = {}
        self._realm = realm
        self._now, self.wall = now, wall
        self._path = path
        self.registrar = Registrar(realm, self._passwords, key, md5_only=md5_only)
        self.set_phones(phones)
        if path is not None:
            load_bindings(path, self.registrar, now(), wall())

    def set_phones(self, phones: Iterable[Phone]) -> None:
        """These from now on. Whose password is gone cannot register again; calls in progress go on."""
        self._phones = {phone.agent_id: phone for phone in phones}
        self._passwords.clear()
        self._passwords |= {it.agent_id: it.password for it in self._phones.values() if it.password}

    def phone(self, agent_id: str) -> Phone | None:
        """As it was described; None: it was not."""
        return self._phones.get(agent_id)

    def changed(self) -> None:
        """A phone registered, moved or is gone."""
        if self._path is not None:
            save_bindings(self._path, self.registrar, self._passwords, self._now(), self.wall())

    def find(self, agent_id: str) -> PhoneCall | None:
        """Where an agent's phone is now, None when it is nowhere."""
        phone = self._phones.get(agent_id)
        if phone is None:
            return None
        if phone.uri:
            hop = _place(phone.uri)
            return PhoneCall(phone.uri, hop, (), _srtp(phone, hop))
        for binding in self.registrar.bindings(agent_id, self._now()):
            hop = binding.hop
            return PhoneCall(binding.contact, hop, routes(binding), _srtp(phone, hop))
        return None

    def order(
        self,
        agent_id: str,
        found: PhoneCall,
        own_host: str,
        *,
        key: int,
        call_id: str,
        from_tag: str,
        branch: str,
        body: bytes,
    ) -> InviteOrder:
        """The call of an agent's phone that was found, from our address `own_host`, which it shall take by itself.
        The line may stay up for
        days, so its session is refreshed every half hour, and a phone that is gone is noticed by that too."""
        return InviteOrder(
            key=key,
            call_id=call_id,
            from_tag=from_tag,
            branch=branch,
            request_uri=found.request_uri,
            from_uri=f"sip:dialer@{bracketed(own_host)}",
            to_uri=f"sip:{agent_id}@{self._realm}",
            destination=found.destination,
            body=body,
            credentials=None,
            extra_headers=auto_answer(bracketed(own_host)) + found.extra_headers,
            session_expires_s=1_800,
        )


def _place(uri: str) -> Hop:
    """Raises MalformedMessage for what is no SIP URI with an IP address; settings see to that."""
    parsed = Uri.parse(uri)
    if parsed.address is None:
        raise MalformedMessage(f"no IP address in {uri!r}")
    return StreamHop(*parsed.address, parsed.transport) if parsed.transport in STREAMS else parsed.address


def _srtp(phone: Phone, hop: Hop) -> str | None:
    if phone.srtp == "off" or phone.srtp_without_tls or transport_of(hop) == TLS:
        return phone.srtp
    return "off" if phone.srtp == "optional" else None
