"""Calls over a scripted user agent: what the engine is told, whatever the network comes up with."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from campaigns.amd import BEEP_WITHIN_S, Amd, AmdPolicy, MachineAction
from campaigns.prompt import Prompt
from dialer.engine.commands import CancelCall, HangUp, Join
from dialer.engine.events import BeepEnded, CallAnswered, CallEnded, CallFault, CallProgress, Detected
from dialer.media.events import LegFigures, Silent
from dialer.media.orders import Connect, Listen, Protect, StopListening
from dialer.ports.media import MediaLost
from dialer.sip import sdes, sdp
from dialer.sip.events import Accepted, AcceptedAfterCancel, Ended, Failed, Progress, Reoffered
from dialer.telephony import measured_ends
from dialer.telephony.call_audio import ANSWERED as ANSWERED_TAP
from dialer.telephony.call_audio import EARLY as EARLY_TAP
from dialer.telephony.placed_calls import CarrierEvent
from dialer.trunks.trunk import Trunk
from tests.unit.telephony.carrier_world import ANSWER, AUDIO, HOST, TRUNK, World


async def test_who_is_silent_for_too_long_is_hung_up_by_the_network_once() -> None:
    w = World()
    w.originate(1)
    w.hears(Accepted(1, ANSWER, "t"))
    leg = w.carrier.audio.leg_of_contact(1)
    for _ in range(2):
        w.carrier.audio.on_media_event(Silent(leg, 30.4))
    assert w.agent.done[-1] == ("bye", 1)
    assert w.agent.done.count(("bye", 1)) == 1
    w.hears(Ended(1, by_remote=False))
    w.carrier.audio.on_media_event(LegFigures(leg, 0, 0, 0, 0.0, 0.0))
    end = w.events[-1]
    assert isinstance(end, CallEnded)
    assert (end.by, end.note) == ("network", "no audio from the contact for 30 s")
    assert w.carrier.counters["rtp_hung_up_silent"] == 1


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
    assert w.events == [CallAnswered(1), CallEnded(1, by, None, 16, audio=AUDIO)]


async def test_hanging_up_an_answered_call_is_a_bye_whatever_the_command_was() -> None:
    w = World()
    for attempt_id, command in ((1, HangUp(1)), (2, CancelCall(2))):
        w.originate(attempt_id)
        w.hears(Accepted(attempt_id, ANSWER, "t"))
        w.carrier.carry_out(command)
        assert w.agent.done[-1] == ("bye", attempt_id)
        w.hears(Ended(attempt_id, by_remote=True))
        assert w.events[-1] == CallEnded(attempt_id, "dialer", audio=AUDIO)


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
    answered, ended = w.events
    assert answered == CallAnswered(1)
    assert isinstance(ended, CallEnded)
    assert (ended.by, ended.note.partition(":")[0]) == ("dialer", "no usable audio")


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
    assert w.events == [CallAnswered(1), CallEnded(1, "callee", audio=AUDIO)]


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


# --- protected audio ------------------------------------------------------------------------------------------

PROTECTED = replace(TRUNK, srtp="required")
KEYS = sdes.offered(bytes(range(60)))


def answered(suite: int, port: int = 40_000, *, secure: bool = True) -> bytes:
    return sdp.offer(HOST, port, 1, payload_types=(0,), crypto=(KEYS[suite],), secure=secure)


@pytest.mark.parametrize("suite", [0, 1])
@pytest.mark.parametrize("srtp", ["optional", "required"])
async def test_audio_is_protected_with_the_key_of_each_side(srtp: str, suite: int) -> None:
    w = World(replace(TRUNK, srtp=srtp))
    w.originate(1)
    w.originate(2)
    ours = [sdp.parse(order.body) for order in w.agent.orders]
    assert [media.secure for media in ours] == [srtp == "required"] * 2
    assert len({crypto.key for media in ours for crypto in media.crypto}) == 4  # none is used for two calls
    w.hears(Accepted(1, answered(suite, secure=srtp == "required"), "t"))
    protect, connect = w.media.orders
    assert isinstance(connect, Connect)
    sending, receiving = (b64encode(it.key).decode() for it in (ours[0].crypto[suite], KEYS[suite]))
    assert protect == Protect(connect.leg, KEYS[suite].suite, sending, receiving)


async def test_a_carrier_that_cannot_protect_is_talked_to_in_the_clear_where_that_may_be() -> None:
    w = World(replace(TRUNK, srtp="optional"))
    w.originate(1)
    w.hears(Accepted(1, ANSWER, "t"))
    assert [type(order) for order in w.media.orders] == [Connect]


@pytest.mark.parametrize(
    ("trunk", "body", "why"),
    [
        (PROTECTED, ANSWER, "no a=crypto line"),
        (TRUNK, answered(0), "which was not offered"),
        (PROTECTED, ANSWER.replace(b"RTP/AVP", b"RTP/SAVP"), "no a=crypto line"),
    ],
)
async def test_an_answer_that_is_not_protected_as_agreed_is_left_at_once(
    trunk: Trunk, body: bytes, why: str
) -> None:
    w = World(trunk)
    w.originate(1)
    w.hears(Accepted(1, body, "t"), Ended(1, by_remote=False))
    assert w.agent.done[-1] == ("bye", 1)
    ended = w.events[-1]
    assert isinstance(ended, CallEnded)
    assert why in ended.note
    assert w.media.of(Connect) == []


async def test_a_far_end_that_moves_keeps_its_protection_or_loses_it_by_agreement() -> None:
    w = World(replace(TRUNK, srtp="optional"))
    w.originate(1)
    ours = sdp.parse(w.agent.orders[0].body).crypto
    w.hears(Accepted(1, answered(0, secure=False), "t"), Reoffered(1, answered(0, 40_002), ours[:1]))
    w.hears(Reoffered(1, ANSWER), Reoffered(1, answered(0, secure=False)))
    first, _, again, _, none, *later = w.media.orders
    assert first == again
    assert isinstance(none, Protect)
    assert none.suite == ""
    assert [type(order) for order in later] == [Connect, Connect], "our description has no keys any more"


# --- what is heard --------------------------------------------------------------------------------------------

HOLD = Amd(AmdPolicy.HOLD, hold_s=1.6)
EARLY = sdp.offer("192.0.2.1", 41_000, 1, payload_types=(0,))


async def test_early_media_is_listened_to_and_what_the_network_says_goes_with_the_end() -> None:
    w = World()
    w.originate(1)
    w.hears(Progress(1, 180), Progress(1, 183, EARLY), Progress(1, 183, ANSWER))
    leg = w.carrier.audio.leg_of_contact(1)
    assert w.media.orders == [
        Connect(leg, "192.0.2.1", 41_000, answered=False),
        Listen(leg, EARLY_TAP, "network"),
        Connect(leg, "127.0.0.1", 40_000, answered=False),  # another branch of the fork speaks
    ]
    w.says(1, "progress", "ringback")
    w.says(1, "sit", "vc")
    w.says(1, "unsure", "silence")  # nobody has answered: there is nothing to decide
    w.hears(Failed(1, 480))
    assert w.events == [
        CallProgress(1, 180),
        CallProgress(1, 183),
        CallProgress(1, 183),
        CallEnded(1, "network", 480, heard="sit_vacant", audio=AUDIO),
    ]


@pytest.mark.parametrize(("kind", "heard"), [("ic", "sit_intercept"), ("nc", "sit_no_circuit"), ("other", None)])
async def test_the_itu_form_of_the_tones_says_nothing(kind: str, heard: str | None) -> None:
    w = World()
    w.originate(1)
    w.hears(Progress(1, 183, EARLY))
    w.says(1, "sit", kind)
    w.hears(Failed(1, 404))
    assert w.events[-1] == CallEnded(1, "network", 404, heard=heard, audio=AUDIO)


async def test_early_media_that_makes_no_sense_is_only_ringing() -> None:
    w = World()
    w.originate(1)
    w.hears(
        Progress(1, 183, b"nonsense"), Progress(1, 183, sdp.offer("2001:db8::1", 4_000, 1)), Failed(1, 486, 17)
    )
    assert w.events == [CallProgress(1, 183), CallProgress(1, 183), CallEnded(1, "callee", 486, 17)]
    assert w.media.of(Connect) == []


async def test_from_the_answer_on_the_detector_listens_and_nobody_to_the_network() -> None:
    w = World()
    w.originate(1, amd=HOLD)
    w.hears(Progress(1, 183, EARLY), Accepted(1, ANSWER, "t"))
    leg = w.carrier.audio.leg_of_contact(1)
    kinds = [type(order) for order in w.media.orders]
    assert kinds == [Connect, Listen, StopListening, Connect, Listen]
    assert w.media.orders[-1] == Listen(leg, ANSWERED_TAP, "machine", (("hold_s", 1.5),))
    w.says(1, "human", "short-greeting", 0.9)
    w.says(1, "beep", "1000 Hz", 4.0)
    w.says(1, "machine", "beep", 4.0)
    assert w.events[1:] == [
        CallAnswered(1),
        Detected(1, "human", "short-greeting", 0.9),
        Detected(1, "machine", "beep", 4.0),
    ]


async def test_the_verdict_says_which_tones_it_was() -> None:
    w = World()
    w.originate(1, amd=Amd(AmdPolicy.JOINED))
    w.hears(Accepted(1, ANSWER, "t"))
    assert w.media.orders[-1] == Listen(w.carrier.audio.leg_of_contact(1), ANSWERED_TAP, "machine")
    w.says(1, "sit", "ic", 1.1)
    w.says(1, "machine", "sit", 1.1)
    assert w.events[-1] == Detected(1, "machine", "sit", 1.1, "sit_intercept")


async def test_without_a_policy_nobody_listens_after_the_answer() -> None:
    w = World()
    w.originate(1)
    w.hears(Accepted(1, ANSWER, "t"))
    assert w.media.of(Listen) == []


async def test_a_call_that_cannot_be_listened_to_goes_on_and_the_log_says_why() -> None:
    w = World()
    w.originate(1, amd=HOLD)
    w.hears(Accepted(1, ANSWER, "t"))
    with capture_logs() as logs:
        w.says(1, "", "no analyser 'machine'", failed=True)
    assert [(line["event"], line["cause"]) for line in logs] == [
        ("a call cannot be listened to", "no analyser 'machine'")
    ]
    assert w.events == [CallAnswered(1)]


async def test_an_end_is_told_without_figures_when_these_do_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured_ends, "MEASURED_WITHIN_S", 0.01)
    w = World()
    w.media.post = lambda event: None
    w.originate(1)
    w.hears(Accepted(1, ANSWER, "t"), Ended(1, by_remote=True))
    assert w.events == [CallAnswered(1)]
    async with asyncio.timeout(5):
        while len(w.events) < 2:
            await asyncio.sleep(0.005)
    assert w.events[1] == CallEnded(1, "callee")
    leg = 1
    w.carrier.audio.on_media_event(LegFigures(leg, 1, 0, 1, 0.0, 0.0))  # too late
    assert len(w.events) == 2


async def test_ends_that_wait_for_figures_are_told_when_the_audio_is_lost_and_at_the_close() -> None:
    for last in ("lost", "close"):
        w = World()
        w.media.post = lambda event: None
        w.originate(1)
        w.hears(Accepted(1, ANSWER, "t"), Ended(1, by_remote=True))
        if last == "lost":
            w.carrier.audio.on_media_event(MediaLost("killed"))
        else:
            assert await w.carrier.hang_up_all(0.001) == 0
        assert w.events[:2] == [CallAnswered(1), CallEnded(1, "callee")]
        await w.carrier.close()


# --- whatever happens -----------------------------------------------------------------------------------------

IDS = st.integers(1, 4)
STEPS: st.SearchStrategy[Callable[[World], None]] = st.one_of(
    IDS.map(lambda n: lambda w: w.originate(n)),
    IDS.map(lambda n: lambda w: w.carrier.carry_out(CancelCall(n))),
    IDS.map(lambda n: lambda w: w.carrier.carry_out(HangUp(n))),
    IDS.map(lambda n: lambda w: w.carrier.carry_out(Join(n, "ann"))),
    st.builds(Progress, IDS, st.integers(101, 199), st.sampled_from([b"", ANSWER])).map(
        lambda e: lambda w: w.hears(e)
    ),
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


async def test_beeps_are_told_where_a_message_waits_for_one() -> None:
    w = World()
    w.originate(1, amd=Amd(AmdPolicy.HOLD, machine=MachineAction.MESSAGE, message=Prompt(text="Hello")))
    w.hears(Accepted(1, ANSWER, "t"))
    leg = w.carrier.audio.leg_of_contact(1)
    settings = (("hold_s", 1.7), ("until_s", BEEP_WITHIN_S))
    assert w.media.orders[-1] == Listen(leg, ANSWERED_TAP, "machine", settings)
    w.says(1, "beep", "1000 Hz", 4.0)
    assert w.events[-1] == BeepEnded(1, 4.0)
