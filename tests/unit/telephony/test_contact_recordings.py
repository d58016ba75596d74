"""Recordings of conversations over media without sound."""

from __future__ import annotations

from structlog.testing import capture_logs

from dialer.engine.commands import PauseRecording, StartRecording
from dialer.engine.events import CallAnswered, CallEnded, RecordingBegan, RecordingFailed
from dialer.media import orders as do
from dialer.media.events import Played, Recorded
from dialer.ports.media import MediaEvent
from dialer.sip.events import Accepted, Ended
from tests.unit.telephony.carrier_world import ANSWER, World

NAME = "2026-11-23/spring-1-120003.wav"


def talking() -> tuple[World, int]:
    w = World()
    w.originate(1)
    w.hears(Accepted(1, ANSWER, "t"))
    return w, w.carrier.audio.leg_of_contact(1)


async def test_a_recording_begins_at_once_and_is_paused_on_request() -> None:
    w, leg = talking()
    w.carrier.carry_out(StartRecording(1, NAME))
    w.carrier.carry_out(PauseRecording(1, on=True))
    w.carrier.carry_out(PauseRecording(1, on=False))
    assert w.media.orders[1:] == [
        do.Record(leg, 1, f"recordings/{NAME}"),
        do.PauseRecording(leg, True),
        do.PauseRecording(leg, False),
    ]
    assert w.events == [CallAnswered(1), RecordingBegan(1, NAME)]
    w.carrier.on_media_event(Recorded(leg, 1, 12.5))
    assert len(w.events) == 2


async def test_an_announcement_is_played_to_its_end_before() -> None:
    w, leg = talking()
    w.carrier.carry_out(StartRecording(1, NAME, "announcement"))
    assert w.media.orders[1:] == [do.Play(leg, -1, "announcement")]
    w.carrier.on_media_event(Played(leg, 7, "finished"))  # another one
    assert w.media.of(do.Record) == []
    w.carrier.on_media_event(Played(leg, -1, "finished"))
    assert w.media.of(do.Record) == [do.Record(leg, 1, f"recordings/{NAME}")]
    assert w.events[1:] == [RecordingBegan(1, NAME)]


async def test_without_the_announcement_nothing_is_recorded() -> None:
    for end, cause in (("failed", "cannot be played"), ("stopped", "was not played to its end")):
        w, leg = talking()
        w.carrier.carry_out(StartRecording(1, NAME, "announcement"))
        w.carrier.on_media_event(Played(leg, -1, end))
        assert w.media.of(do.Record) == []
        assert w.events[1:] == [RecordingFailed(1, f"the announcement {cause}", kept=False)]


async def test_a_call_that_ends_during_the_announcement_is_not_recorded() -> None:
    w, leg = talking()

    def close(figures: MediaEvent) -> None:
        """As media do: what plays is stopped before the leg is over."""
        w.carrier.on_media_event(Played(leg, -1, "stopped"))
        w.carrier.on_media_event(figures)

    w.media.post = close
    w.carrier.carry_out(StartRecording(1, NAME, "announcement"))
    w.hears(Ended(1, by_remote=True))
    assert [type(event) for event in w.events] == [CallAnswered, CallEnded], "nothing has failed"
    w.carrier.carry_out(StartRecording(1, NAME))
    assert w.media.of(do.Record) == []


async def test_a_full_disk_is_told_and_whether_anything_was_kept() -> None:
    for seconds, kept in ((4.0, True), (0.0, False)):
        w, leg = talking()
        w.carrier.carry_out(StartRecording(1, NAME))
        with capture_logs() as logs:
            w.carrier.on_media_event(Recorded(leg, 1, seconds, "No space left on device"))
        assert w.events[-1] == RecordingFailed(1, "No space left on device", kept)
        assert [line["event"] for line in logs] == ["a recording is not complete"]
