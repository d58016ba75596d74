"""A carrier over a scripted user agent and media without sound."""

from __future__ import annotations

from campaigns.amd import Amd
from campaigns.record import AudioFigures
from dialer.engine.commands import Originate
from dialer.media.events import Heard
from dialer.sip import sdp
from dialer.sip.call_notes import LeftCall
from dialer.sip.digest import Credentials
from dialer.sip.errors import DuplicateCall, MalformedMessage
from dialer.sip.events import Address, Failed, SipEvent
from dialer.sip.identity import Identity
from dialer.sip.options_probe import ProbeOrder
from dialer.sip.order import InviteOrder
from dialer.sip.registration import RegisterOrder
from dialer.sip.targets import Server
from dialer.telephony.call_ledger import CallLedger
from dialer.telephony.carrier import SipCarrier
from dialer.telephony.phones import Phones
from dialer.telephony.placed_calls import CarrierEvent
from dialer.telephony.routes import Route, Routes
from dialer.trunks.trunk import Trunk
from tests.unit.telephony.scripted_media import ScriptedMedia

HOST = "127.0.0.1"
KEY = bytes(32)
FIRST = 30_000
ANSWER = sdp.offer(HOST, 40_000, 1, payload_types=(0,))
NO_AMD = Amd()
AUDIO = AudioFigures(received=3, lost=1, sent=2, jitter_ms=0.9)
"""Of every call that had audio."""

TRUNK = Trunk("main", "sip.example", 5060, username="us", password="pw", from_domain="calls.example")


class ScriptedAgent:
    """Notes what it is asked to do."""

    def __init__(self) -> None:
        self.orders: list[InviteOrder] = []
        self.probes: list[ProbeOrder] = []
        self.done: list[tuple[str, int]] = []
        self.refuses: frozenset[int] = frozenset()
        self.left: list[tuple[int, str]] = []

    def invite(self, order: InviteOrder, now: float) -> None:
        if order.key in self.refuses:
            raise DuplicateCall(f"call {order.key} exists")
        self.orders.append(order)
        self.done.append(("invite", order.key))

    def cancel(self, key: int, now: float) -> None:
        self.done.append(("cancel", key))

    def bye(self, key: int, now: float) -> None:
        self.done.append(("bye", key))

    def probe(self, order: ProbeOrder, now: float) -> None:
        self.probes.append(order)

    def register(self, order: RegisterOrder, now: float) -> None:
        raise AssertionError("no trunk wants that")

    def unregister(self, name: str, now: float) -> None:
        raise AssertionError("nothing is registered")

    def end_left(self, call: LeftCall, now: float, credentials: Credentials | None = None) -> None:
        self.left.append((call.key, credentials.username if credentials else ""))
        if call.invite == b"nonsense":
            raise MalformedMessage("not the start of an INVITE")


class ScriptedSignalling:
    address: Address = (HOST, 5070)

    def __init__(self) -> None:
        self.core = ScriptedAgent()
        self.flushed = 0
        self.closed = False

    def now(self) -> float:
        return 100.0

    def flush(self) -> None:
        self.flushed += 1

    def flush_soon(self) -> None:
        self.flush()

    def close(self) -> None:
        self.closed = True

    async def wait_closed(self) -> None:
        assert self.closed


class World:
    def __init__(
        self, trunk: Trunk = TRUNK, ledger: CallLedger | None = None, phones: Phones | None = None
    ) -> None:
        self.events: list[CarrierEvent] = []
        self.signalling = ScriptedSignalling()
        self.agent = self.signalling.core
        self.media = ScriptedMedia(FIRST)
        routes = Routes([Route(trunk, (Server((("192.0.2.1", 5060),)),))])
        self.carrier = SipCarrier(
            self.signalling, self.media, routes, Identity(KEY), self.events.append, ledger, phones=phones
        )
        self.media.post = self.carrier.on_media_event

    def originate(self, attempt_id: int, trunk: str = "main", amd: Amd = NO_AMD) -> None:
        order = Originate(attempt_id, f"c{attempt_id}", "+4930231250", trunk, "+4930231259", amd=amd)
        self.carrier.carry_out(order)

    def says(
        self, attempt_id: int, verdict: str, cause: str = "", at_s: float = 1.0, *, failed: bool = False
    ) -> None:
        """What an analyser makes of the call."""
        leg = self.carrier.audio.leg_of_contact(attempt_id)
        self.carrier.audio.on_media_event(Heard(leg, 1, verdict, at_s, cause, failed=failed))

    def cut_off(self) -> None:
        """From now on the machine has no way to anybody: what is sent fails before the sending is over."""
        failed = {order.key for order in self.agent.orders}

        def flush() -> None:
            for order in tuple(self.agent.orders):
                if order.key not in failed:
                    failed.add(order.key)
                    self.hears(Failed(order.key, 503, unsent=True))

        self.signalling.flush = flush  # type: ignore[method-assign]

    def hears(self, *events: SipEvent) -> None:
        for event in events:
            self.carrier.on_sip_event(event, 100.0)
