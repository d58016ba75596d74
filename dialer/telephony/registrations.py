"""The trunks that want us registered, and how that stands."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

import structlog

from dialer.sip.errors import LocalError
from dialer.sip.events import Registered, RegistrationFailed, Unregistered
from dialer.sip.registration import RegisterOrder
from dialer.telephony.routes import Route, Routes
from dialer.telephony.signalling import Signalling

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

RegistrationEvent = Registered | RegistrationFailed | Unregistered


@dataclass(frozen=True, slots=True)
class Standing:
    """`until`: when the registration expires, in the signalling's seconds; None: there is none. `status`: of the
    last refusal, None when the last attempt succeeded or none has come to its end. `again_at`: of the next
    attempt."""

    trunk: str
    until: float | None = None
    status: int | None = None
    again_at: float | None = None


class Registrations:
    """`follow` after each change of the trunks; `on_event` for what the user agent tells."""

    def __init__(self, signalling: Signalling, routes: Routes) -> None:
        self._signalling = signalling
        self._routes = routes
        self._orders: dict[str, RegisterOrder] = {}
        self._ending: set[str] = set()
        self._standings: dict[str, Standing] = {}

    def of(self, trunk: str) -> Standing | None:
        """How it stands with a trunk; None when we are not to be registered with it."""
        return self._standings.get(trunk)

    def follow(self) -> None:
        """Register where trunks want it, and no more where they do not. One whose settings changed is taken back
        first, and registered anew when that is done."""
        now = self._signalling.now()
        orders = [self._order(route, now) for route in self._routes.all()]
        wanted = {order.name: order for order in orders if order is not None}
        for name, order in tuple(self._orders.items()):
            if _settings(wanted.get(name)) != _settings(order):
                self._ending.add(name)
                self._signalling.core.unregister(name, now)
        for name, order in wanted.items():
            if name not in self._orders:
                self._begin(order)

    def stop(self) -> None:
        """Take all of them back; nobody waits for the answers."""
        now = self._signalling.now()
        for name in self._orders:
            self._ending.add(name)
            self._signalling.core.unregister(name, now)

    def on_event(self, event: RegistrationEvent, now: float) -> None:
        name = event.name
        before = self._standings.get(name, Standing(name))
        if isinstance(event, Registered):
            if before.until is None or before.status is not None:
                log.info("registered", trunk=name, for_s=event.expires_s)
            self._standings[name] = Standing(name, until=now + event.expires_s)
        elif isinstance(event, RegistrationFailed):
            if before.status != event.status:
                log.warning(
                    "not registered; see the trunk's host, username and password, and whether the carrier has the "
                    "account open",
                    trunk=name,
                    status=event.status,
                    earlier_one_stands=event.stands,
                )
            until = before.until if event.stands else None
            self._standings[name] = replace(
                before, until=until, status=event.status, again_at=now + event.again_in_s
            )
        else:
            self._orders.pop(name, None)
            self._standings.pop(name, None)
            if name in self._ending:
                self._ending.discard(name)
                self._again(name, now)

    def _again(self, name: str, now: float) -> None:
        for route in self._routes.all():
            if route.trunk.name == name and (order := self._order(route, now)) is not None:
                self._begin(order)

    def _begin(self, order: RegisterOrder) -> None:
        try:
            self._signalling.core.register(order, self._signalling.now())
        except LocalError as error:
            log.warning("cannot register", trunk=order.name, cause=str(error))
            return
        self._orders[order.name] = order
        self._standings[order.name] = Standing(order.name)

    def _order(self, route: Route, now: float) -> RegisterOrder | None:
        trunk = route.trunk
        if not trunk.register or route.unresolved:
            return None
        domain = trunk.from_domain or trunk.host
        hops = self._routes.hops(trunk.name, now)
        return RegisterOrder(
            name=trunk.name,
            registrar=f"sip:{domain}",
            aor=f"sip:{trunk.username}@{domain}",
            destination=hops[0],
            credentials=route.credentials,
        )


def _settings(order: RegisterOrder | None) -> tuple[object, ...]:
    """What makes a registration another one; where it is sent may change with what DNS says."""
    return () if order is None else (order.registrar, order.aor, order.credentials)
