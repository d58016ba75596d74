from __future__ import annotations

from structlog.testing import capture_logs

from dialer.sip.call_notes import LeftCall
from dialer.sip.digest import Credentials
from dialer.sip.events import Registered, RegistrationFailed, Unregistered
from dialer.sip.options_probe import ProbeOrder
from dialer.sip.order import InviteOrder
from dialer.sip.registration import RegisterOrder
from dialer.telephony.names import Names
from dialer.telephony.registrations import Registrations, Standing
from dialer.telephony.routes import Routes, resolve_routes
from dialer.trunks.trunk import Trunk

MAIN = Trunk("main", "192.0.2.1", 5060, username="us", password="pw", register=True, from_domain="carrier.example")
OTHER = Trunk("other", "192.0.2.2", 5060)


class Agent:
    def __init__(self) -> None:
        self.did: list[tuple[str, str]] = []
        self.orders: list[RegisterOrder] = []

    def register(self, order: RegisterOrder, now: float) -> None:
        self.did.append(("register", order.name))
        self.orders.append(order)

    def unregister(self, name: str, now: float) -> None:
        self.did.append(("unregister", name))

    def invite(self, order: InviteOrder, now: float) -> None: ...
    def probe(self, order: ProbeOrder, now: float) -> None: ...
    def cancel(self, key: int, now: float) -> None: ...
    def bye(self, key: int, now: float) -> None: ...
    def end_left(self, call: LeftCall, now: float, credentials: Credentials | None = None) -> None: ...


class Line:
    address = ("127.0.0.1", 5060)

    def __init__(self) -> None:
        self.core = Agent()

    def now(self) -> float:
        return 100.0

    def flush(self) -> None: ...
    def flush_soon(self) -> None: ...
    def close(self) -> None: ...
    async def wait_closed(self) -> None: ...


async def registered(*trunks: Trunk) -> tuple[Line, Routes, Registrations]:
    line, routes = Line(), Routes(await resolve_routes(trunks, Names()))
    it = Registrations(line, routes)
    it.follow()
    return line, routes, it


async def test_only_trunks_that_want_it() -> None:
    line, _, it = await registered(MAIN, OTHER)
    (order,) = line.core.orders
    assert order == RegisterOrder(
        "main", "sip:carrier.example", "sip:us@carrier.example", ("192.0.2.1", 5060), Credentials("us", "pw")
    )
    assert it.of("main") == Standing("main")


async def test_how_it_stands() -> None:
    _, _, it = await registered(MAIN)
    it.on_event(Registered("main", 600), 100.0)
    assert it.of("main") == Standing("main", until=700.0)
    with capture_logs() as logs:
        for _ in range(2):
            it.on_event(RegistrationFailed("main", 403, 30.0, stands=True), 200.0)
    assert [entry["status"] for entry in logs] == [403]  # said once
    assert it.of("main") == Standing("main", until=700.0, status=403, again_at=230.0)
    it.on_event(RegistrationFailed("main", 403, 60.0, stands=False), 800.0)
    assert it.of("main") == Standing("main", until=None, status=403, again_at=860.0)


async def test_a_changed_account_is_taken_back_first() -> None:
    line, routes, it = await registered(MAIN)
    await routes.set_trunks([Trunk("main", "192.0.2.1", 5060, username="we", password="pw", register=True)])
    it.follow()
    it.follow()
    assert line.core.did == [("register", "main"), ("unregister", "main"), ("unregister", "main")]
    it.on_event(Unregistered("main"), 100.0)
    assert line.core.orders[-1].aor == "sip:we@192.0.2.1"
    await routes.set_trunks([OTHER])
    it.follow()
    it.on_event(Unregistered("main"), 100.0)
    assert it.of("main") is None
    assert len(line.core.orders) == 2


async def test_all_are_taken_back_at_the_end() -> None:
    line, _, it = await registered(MAIN)
    it.stop()
    assert line.core.did[-1] == ("unregister", "main")
