"""The carrier over a scripted user agent: what the engine is told, whatever the network comes up with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from dialer.engine.commands import CancelCall, HangUp, Join, Originate
from dialer.engine.events import CallAnswered, CallEnded, CallFault, CallProgress
from dialer.sip import sdp
from dialer.sip.call_notes import CallOver, DialogUp, InviteSent, LeftCall
from dialer.sip.digest import Credentials
from dialer.sip.errors import DuplicateCall, MalformedMessage
from dialer.sip.events import (
    Accepted,
    AcceptedAfterCancel,
    Address,
    Ended,
    Failed,
    Incoming,
    LeftCallOver,
    LeftEnd,
    Probed,
    Progress,
    Reoffered,
    SipEvent,
)
from dialer.sip.identity import Identity
from dialer.sip.options_probe import ProbeOrder
from dialer.sip.order import InviteOrder
from dialer.sip.registration import RegisterOrder
from dialer.sip.targets import Server
from dialer.telephony.call_ledger import CallLedger, left_behind, open_call_ledger
from dialer.telephony.carrier import CarrierEvent, SipCarrier, open_carrier
from dialer.telephony.errors import AddressUnavailable, HostUnresolved, TelephonyError
from dialer.telephony.routes import Route, Routes
from dialer.telephony.udp import bind_udp
from dialer.trunks.trunk import Trunk
from tests.unit.telephony.scripted_media import ScriptedMedia, open_scripted_media

HOST = "127.0.0.1"
KEY = bytes(32)
FIRST = 30_000
ANSWER = sdp.offer(HOST, 40_000, 1, payload_types=(0,))
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

    def close(self) -> None:
        self.closed = True

    async def wait_closed(self) -> None:
        assert self.closed


class World:
    def __init__(self, trunk: Trunk = TRUNK, ledger: CallLedger | None = None) -> None:
        self.events: list[CarrierEvent] = []
        self.signalling = ScriptedSignalling()
        self.agent = self.signalling.core
        self.media = ScriptedMedia(FIRST)
        routes = Routes([Route(trunk, (Server((("192.0.2.1", 5060),)),))])
        self.carrier = SipCarrier(self.signalling, self.media, routes, Identity(KEY), self.events.append, ledger)

    def originate(self, attempt_id: int, trunk: str = "main") -> None:
        self.carrier.carry_out(Originate(attempt_id, f"c{attempt_id}", "+4930231250", trunk, "+4930231259"))

    def hears(self, *events: SipEvent) -> None:
        for event in events:
            self.carrier.on_sip_event(event, 100.0)


async def test_the_order_says_who_calls_whom_and_where_the_audio_goes() -> None:
    w = World()
    w.originate(7)
    [order] = w.agent.orders
    identity = Identity(KEY)
    assert (order.key, order.call_id) == (7, "c7")
    assert (order.from_tag, order.branch) == (identity.tag(7), identity.branch(7))
    assert order.request_uri == order.to_uri == "sip:+4930231250@sip.example:5060"
    assert order.from_uri == "sip:+4930231259@calls.example"
    assert order.destination == ("192.0.2.1", 5060)
    assert order.credentials is not None
    assert order.credentials.username == "us"
    media = sdp.parse(order.body)
    assert (media.address, media.payload_types) == (HOST, (0, 8))
    assert FIRST <= media.port <= FIRST + 98
    assert w.signalling.flushed == 1
    await w.carrier.close()


async def test_without_domain_and_user_name_the_caller_is_at_our_own_address() -> None:
    w = World(Trunk("main", "sip.example", 5060))
    w.originate(1)
    [order] = w.agent.orders
    assert (order.from_uri, order.credentials) == (f"sip:+4930231259@{HOST}", None)
    await w.carrier.close()


@pytest.mark.parametrize(
    ("event", "end"),
    [
        (Failed(1, 486, 17), CallEnded(1, "callee", 486, 17)),
        (Failed(1, 600), CallEnded(1, "callee", 600)),
        (Failed(1, 607), CallEnded(1, "callee", 607)),
        (Failed(1, 404, 1), CallEnded(1, "network", 404, 1)),
        (Failed(1, 487), CallEnded(1, "network", 487)),
        (Failed(1, 408), CallEnded(1, "network", 408)),
        (Failed(1, 408, timeout=True), CallEnded(1, "network", None)),
    ],
)
async def test_ends_of_unanswered_calls(event: Failed, end: CallEnded) -> None:
    w = World()
    w.originate(1)
    w.hears(Progress(1, 199), Progress(1, 180), event)
    assert w.events == [CallProgress(1, 180), end]
    assert w.media.open_legs == 0


@pytest.mark.parametrize(
    ("event", "end"),
    [
        (Failed(1, 487), CallEnded(1, "dialer", 487)),
        (Failed(1, 408, timeout=True), CallEnded(1, "dialer", None)),
        (Failed(1, 486, 17), CallEnded(1, "callee", 486, 17)),  # it crossed our CANCEL
        (Failed(1, 503), CallEnded(1, "network", 503)),
    ],
)
async def test_ends_of_calls_given_up(event: Failed, end: CallEnded) -> None:
    w = World()
    w.originate(1)
    w.carrier.carry_out(CancelCall(1))
    assert w.agent.done == [("invite", 1), ("cancel", 1)]
    w.hears(event)
    assert w.events == [end]


@pytest.mark.parametrize(("by_remote", "by"), [(True, "callee"), (False, "dialer")])
async def test_ends_of_answered_calls(by_remote: bool, by: str) -> None:
    w = World()
    w.originate(1)
    w.hears(Accepted(1, ANSWER, "t"), Ended(1, by_remote, 16))
    assert w.events == [CallAnswered(1), CallEnded(1, by, None, 16)]


async def test_hanging_up_an_answered_call_is_a_bye_whatever_the_command_was() -> None:
    w = World()
    for attempt_id, command in ((1, HangUp(1)), (2, CancelCall(2))):
        w.originate(attempt_id)
        w.hears(Accepted(attempt_id, ANSWER, "t"))
        w.carrier.carry_out(command)
        assert w.agent.done[-1] == ("bye", attempt_id)
        w.hears(Ended(attempt_id, by_remote=True))
        assert w.events[-1] == CallEnded(attempt_id, "dialer")


async def test_a_host_name_of_ours_goes_into_no_offer() -> None:
    carrier = await open_carrier(
        host="localhost",
        port=0,
        trunks=[],
        open_media=open_scripted_media,
        key=KEY,
        post=lambda event: None,
        monotonic=lambda: 0.0,
    )
    try:
        assert (carrier.audio.host, carrier.address[0]) == ("127.0.0.1", "127.0.0.1")
    finally:
        await carrier.close()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"v=0\r\nm=video 1 RTP/AVP 96\r\n",
        b"\xff" * 50,
        sdp.offer("2001:db8::1", 4000, 1),
        sdp.offer("media.example.org", 4000, 1),
    ],
)
async def test_an_answer_without_usable_audio_is_left_at_once_and_told_as_an_answer(body: bytes) -> None:
    w = World()
    w.originate(1)
    w.hears(Accepted(1, body, "t"))
    assert w.agent.done[-1] == ("bye", 1)
    w.carrier.carry_out(Join(1, "ann"))
    w.hears(Ended(1, by_remote=False))
    assert w.events == [CallAnswered(1), CallEnded(1, "dialer")]


async def test_a_cancel_that_was_overtaken_by_the_answer_still_ends_the_call() -> None:
    w = World()
    w.originate(1)
    w.carrier.carry_out(CancelCall(1))
    w.hears(AcceptedAfterCancel(1), Ended(1, by_remote=False))
    assert w.events == [CallAnswered(1), CallEnded(1, "dialer")]


async def test_a_re_invite_that_makes_no_sense_changes_nothing() -> None:
    w = World()
    w.originate(1)
    w.hears(Accepted(1, ANSWER, "t"), Reoffered(1, b"nonsense"), Ended(1, by_remote=True))
    assert w.events == [CallAnswered(1), CallEnded(1, "callee")]


async def test_faults_of_ours_leave_nothing_behind() -> None:
    w = World()
    w.agent.refuses = frozenset({1})
    w.originate(1)
    w.originate(2, trunk="other")
    assert w.events == [
        CallFault(1, "call 1 exists"),
        CallFault(2, "no trunk 'other'; configured: main"),
    ]
    assert (w.media.open_legs, w.carrier.open_calls) == (0, 0)


async def test_calls_that_are_none_of_ours_are_ignored() -> None:
    w = World()
    incoming = Incoming(-1, "x", "sip:a@b", "sip:c@d", "sip:c@d", b"", (HOST, 1))
    w.hears(Progress(9, 180), Accepted(9, ANSWER, ""), Failed(9, 486), Ended(9, by_remote=True), incoming)
    assert w.events == []


# --- whatever happens -----------------------------------------------------------------------------------------

IDS = st.integers(1, 4)
STEPS: st.SearchStrategy[Callable[[World], None]] = st.one_of(
    IDS.map(lambda n: lambda w: w.originate(n)),
    IDS.map(lambda n: lambda w: w.carrier.carry_out(CancelCall(n))),
    IDS.map(lambda n: lambda w: w.carrier.carry_out(HangUp(n))),
    IDS.map(lambda n: lambda w: w.carrier.carry_out(Join(n, "ann"))),
    st.builds(Progress, IDS, st.integers(101, 199)).map(lambda e: lambda w: w.hears(e)),
    st.builds(Accepted, IDS, st.sampled_from([ANSWER, b""]), st.just("t")).map(lambda e: lambda w: w.hears(e)),
    st.builds(AcceptedAfterCancel, IDS).map(lambda e: lambda w: w.hears(e)),
    st.builds(Failed, IDS, st.integers(300, 699), st.none(), st.booleans()).map(lambda e: lambda w: w.hears(e)),
    st.builds(Ended, IDS, st.booleans()).map(lambda e: lambda w: w.hears(e)),
    st.builds(Reoffered, IDS, st.sampled_from([ANSWER, b""])).map(lambda e: lambda w: w.hears(e)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=25), st.booleans())
def test_every_call_placed_ends_exactly_once(steps: list[Callable[[World], None]], hang_up: bool) -> None:
    async def play() -> None:
        w = World()
        for step in steps:
            step(w)
            over = sum(isinstance(event, CallEnded | CallFault) for event in w.events)
            placed = sum(what == "invite" for what, _ in w.agent.done)
            assert w.carrier.open_calls == w.media.open_legs == placed - over
        if hang_up:
            await w.carrier.hang_up_all(0.001)
            assert w.carrier.open_calls == 0
        await w.carrier.close()
        assert w.signalling.closed
        assert (w.media.open_legs, w.carrier.open_calls) == (0, 0)
        for attempt_id in range(1, 5):
            told = [type(event) for event in w.events if getattr(event, "attempt_id", None) == attempt_id]
            placed = w.agent.done.count(("invite", attempt_id))
            assert told.count(CallEnded) == placed
            # Between two ends there is at most one answer, and never progress after it.
            for life in _lives(told):
                assert life.count(CallAnswered) <= 1
                assert life[-1] is CallEnded

    asyncio.run(play())


def _lives(told: list[type[CarrierEvent]]) -> list[list[type[CarrierEvent]]]:
    lives: list[list[type[CarrierEvent]]] = [[]]
    for kind in told:
        lives[-1].append(kind)
        if kind is CallEnded:
            lives.append([])
    assert lives.pop() == []  # nothing is told after the end
    return lives


# --- putting one together -------------------------------------------------------------------------------------


async def _open(host: str = HOST, port: int = 0, trunk_host: str = HOST) -> SipCarrier:
    return await open_carrier(
        host=host,
        port=port,
        trunks=[Trunk("main", trunk_host, 5060)],
        open_media=open_scripted_media,
        key=KEY,
        post=lambda event: None,
        monotonic=asyncio.get_running_loop().time,
    )


async def test_a_port_already_taken_and_a_trunk_nobody_knows() -> None:
    with bind_udp(HOST, 0) as other, pytest.raises(AddressUnavailable, match=r"already taken"):
        await _open(port=other.getsockname()[1])
    with pytest.raises(HostUnresolved, match=r"no\.such\.trunk\.invalid"):
        await _open(trunk_host="no.such.trunk.invalid")


async def test_a_carrier_listens_where_it_says_until_it_is_closed() -> None:
    carrier = await _open()
    with pytest.raises(AddressUnavailable):
        bind_udp(*carrier.address)
    await carrier.close()
    bind_udp(*carrier.address).close()


async def test_an_invite_that_could_not_be_sent_leaves_nothing() -> None:
    w = World()
    w.originate(1)
    w.hears(Failed(1, 503, unsent=True))
    [fault] = w.events
    assert isinstance(fault, CallFault)
    assert "could not be sent over trunk 'main'" in fault.cause
    assert w.media.open_legs == 0


async def test_a_fault_is_a_warning_once_for_each_source() -> None:
    w = World()
    with capture_logs() as logs:
        for attempt_id, trunk in ((1, "gone"), (2, "gone"), (3, "lost")):
            w.originate(attempt_id, trunk)
    assert [type(event) for event in w.events] == [CallFault] * 3
    assert [(line["source"], line["attempt"], line["log_level"]) for line in logs] == [
        ("gone", 1, "warning"),
        ("lost", 3, "warning"),
    ]


async def test_trunks_change_while_calls_go_on() -> None:
    w = World()
    w.originate(1)
    await w.carrier.set_trunks([Trunk("other", "127.0.0.7", 5090)])
    w.originate(2, "other")
    w.originate(3, "main")
    assert [order.destination for order in w.agent.orders] == [("192.0.2.1", 5060), ("127.0.0.7", 5090)]
    [fault] = w.events
    assert isinstance(fault, CallFault)
    assert "no trunk 'main'; configured: other" in fault.cause
    w.hears(Accepted(1, ANSWER, "t"))  # its trunk is no more
    w.carrier.carry_out(HangUp(1))
    w.hears(Ended(1, by_remote=False))
    assert w.events[1:] == [CallAnswered(1), CallEnded(1, "dialer")]
    w.hears(Ended(2, by_remote=True))
    await w.carrier.close()


async def test_trunks_that_do_not_resolve_change_nothing() -> None:
    w = World()
    with pytest.raises(HostUnresolved, match="nosuchhost"):
        await w.carrier.set_trunks([Trunk("other", "127.0.0.7", 5090), Trunk("bad", "nosuchhost.invalid", 5060)])
    w.originate(1, "main")
    assert [order.key for order in w.agent.orders] == [1]
    await w.carrier.close()


def noted(path: Path) -> None:
    """Two calls left up by a process before."""
    ledger = open_call_ledger(path)
    ledger.keep(
        [
            InviteSent(1, b"c1", ("192.0.2.1", 5060), b"INVITE sip:a@b SIP/2.0\r\n"),
            InviteSent(2, b"c2", ("192.0.2.9", 5060), b"INVITE sip:a@b SIP/2.0\r\n"),
            InviteSent(3, b"c3", ("192.0.2.9", 5060), b"nonsense"),
            DialogUp(b"c2", ("192.0.2.9", 5060), b"ACK sip:a@b SIP/2.0\r\n"),
        ]
    )
    ledger.close()


async def test_calls_left_behind_are_ended_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    noted(path)
    ledger = open_call_ledger(path)
    w = World(ledger=ledger)
    ending = asyncio.create_task(w.carrier.hang_up_left())
    await asyncio.sleep(0)
    assert w.agent.left == [(1, "us"), (2, ""), (3, "")]  # credentials of the trunk that the call was placed over
    assert w.signalling.flushed == 1
    w.originate(4)  # dialing does not wait for it
    w.hears(LeftCallOver(2, "c2", LeftEnd.HUNG_UP), LeftCallOver(1, "c1", LeftEnd.CANCELLED))
    report = await ending
    assert report.ends == ((3, LeftEnd.UNANSWERED), (2, LeftEnd.HUNG_UP), (1, LeftEnd.CANCELLED))
    assert [report.count(end) for end in LeftEnd] == [1, 1, 0, 0, 1]
    assert str(report) == "1 cancelled, 1 hung_up, 1 unanswered"
    ledger.keep([CallOver(b"c1"), CallOver(b"c2")])  # as the user agent would
    w.hears(Failed(4, 486))
    await w.carrier.close()
    assert left_behind(path)[0] == ()  # what could not be read is not tried again


async def test_calls_left_behind_that_nobody_answers_for_stay_in_the_ledger(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    noted(path)
    w = World(ledger=open_call_ledger(path))
    report = await w.carrier.hang_up_left(within_s=0.0)
    assert report.count(LeftEnd.UNANSWERED) == 3
    await w.carrier.close()
    assert [call.key for call in left_behind(path)[0]] in ([1, 2], [1, 2, 3])


async def test_nothing_left_behind_is_no_work() -> None:
    w = World()
    assert (await w.carrier.hang_up_left()).ends == ()
    await w.carrier.close()


async def open_with(ledger: CallLedger, port: int = 0) -> SipCarrier:
    return await open_carrier(
        host=HOST,
        port=port,
        trunks=[],
        open_media=open_scripted_media,
        key=KEY,
        post=lambda event: None,
        monotonic=lambda: 0.0,
        ledger=ledger,
    )


async def test_any_port_is_the_port_of_before_while_that_is_free(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    first = await open_with(open_call_ledger(path))
    address = first.address
    await first.close()
    again = await open_with(open_call_ledger(path))
    assert again.address == address
    await again.close()
    with bind_udp(*address):
        elsewhere = await open_with(open_call_ledger(path))
        assert elsewhere.address != address
        await elsewhere.close()
    assert left_behind(path)[1] == elsewhere.address
    chosen = await open_with(open_call_ledger(path), address[1])
    assert chosen.address == address
    await chosen.close()


@pytest.mark.parametrize(
    ("asserted", "withhold", "expected"),
    [
        ("", False, {}),
        ("caller_id", False, {"P-Asserted-Identity": "<sip:+4930231259@calls.example>"}),
        ("+4930000000", False, {"P-Asserted-Identity": "<sip:+4930000000@calls.example>"}),
        ("", True, {"P-Asserted-Identity": "<sip:+4930231259@calls.example>", "Privacy": "id"}),
        ("+4930000000", True, {"P-Asserted-Identity": "<sip:+4930000000@calls.example>", "Privacy": "id"}),
    ],
)
async def test_who_is_calling_is_asserted_as_the_trunk_wants_and_withheld_when_the_call_says_so(
    asserted: str, withhold: bool, expected: dict[str, str]
) -> None:
    world = World(replace(TRUNK, asserted_identity=asserted))
    world.carrier.carry_out(Originate(1, "c1", "+4930231250", "main", "+4930231259", withhold))
    (order,) = world.agent.orders
    assert dict(order.extra_headers) == expected
    anonymous = "sip:anonymous@anonymous.invalid"
    assert order.from_uri == (anonymous if withhold else "sip:+4930231259@calls.example")
    await world.carrier.close()


async def test_what_a_refusal_says_beside_its_status_goes_with_its_end() -> None:
    world = World()
    for attempt_id, failed in enumerate(
        [
            Failed(1, 503, 34, headers=(("retry-after", "30"),)),
            Failed(2, 302, headers=(("contact", "<sip:+4930231251@h>"),)),
            Failed(3, 603, 21, cause_by="analytics"),
        ],
        1,
    ):
        world.originate(attempt_id)
        world.hears(failed)
    assert world.events == [
        CallEnded(1, "network", 503, 34, retry_after_s=30.0),
        CallEnded(2, "network", 302, None, moved_to="+4930231251"),
        CallEnded(3, "callee", 603, 21, cause_by="analytics"),
    ]
    await world.carrier.close()


async def test_a_trunk_is_asked_by_options() -> None:
    world = World()
    asking = asyncio.create_task(world.carrier.probes.ask("main"))
    await asyncio.sleep(0)
    (order,) = world.agent.probes
    assert (order.uri, order.from_uri, order.destination) == (
        "sip:sip.example:5060", "sip:dialer@calls.example", ("192.0.2.1", 5060),
    )  # fmt: skip
    assert order.credentials is not None
    world.hears(Probed(order.key + 1, 200), Probed(order.key, 200, (("server", "x"),), challenged=True))
    async with asyncio.timeout(5):
        answer = await asking
    assert (answer.status, answer.server, answer.challenged) == (200, "x", True)
    with pytest.raises(TelephonyError, match="no trunk"):
        await world.carrier.probes.ask("gone")


async def test_a_carrier_that_closes_leaves_nobody_asking() -> None:
    world = World()
    asking = asyncio.create_task(world.carrier.probes.ask("main"))
    await asyncio.sleep(0)
    await world.carrier.close()
    with pytest.raises(asyncio.CancelledError):
        await asking
