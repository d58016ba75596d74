"""Which conversations are recorded, from when on, and what the agent's desk sees of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.campaign import Campaign, Recording
from campaigns.consent import Consent
from campaigns.preset_files import load_rule_set
from campaigns.prompt import Prompt, prompt_name
from campaigns.recording_rule import RecordingRule
from dialer.engine import events as ev
from dialer.engine.commands import CloseAttempt, Join, Notice, NotifyAgent, PauseRecording, StartRecording
from tests.unit.engine.test_floor import answered
from tests.unit.engine.world import NOON, World, campaign, candidate, phone

R = RecordingRule
WORDS = Prompt(text="This call is recorded.")
NAME = "2026-11-23/spring-1-120003.wav"


def wishing(wish: RecordingRule, announcement: Prompt | None = None) -> Campaign:
    return campaign(recording=Recording(wish, announcement))


def joined(of: Campaign, allowed: RecordingRule = R.ALLOWED) -> World:
    world = World(of, rule_set=replace(load_rule_set("fictional"), recording=allowed))
    world.dial(candidate(1))
    answered(world)
    assert world.last(Join) == Join(1, "a1")
    return world


def shown(world: World) -> list[str]:
    """What the desk was told of the recording since the call was joined, each change once."""
    told = [note.recording for note in world.all(NotifyAgent) if note.attempt_id == 1 and note.state == "talking"]
    return [state for nth, state in enumerate(told) if nth == 0 or state != told[nth - 1]]


def over(world: World) -> tuple[str | None, str]:
    world.tell(ev.CallEnded(1, "callee"), after=5)
    world.tell(ev.Dispositioned("a1", 1, "sale"))
    return world.record.recording, world.record.recording_rule


@pytest.mark.parametrize(
    ("wish", "allowed"), [(R.NEVER, R.ALLOWED), (R.ALLOWED, R.NEVER), (R.ASK, R.NEVER), (R.NEVER, R.NEVER)]
)
def test_what_either_forbids_is_never_recorded(wish: RecordingRule, allowed: RecordingRule) -> None:
    world = joined(wishing(wish, WORDS), allowed)
    world.tell(ev.RecordingAgreed("a1", 1))
    assert world.all(StartRecording) == []
    assert shown(world) == [""]
    assert over(world) == (None, "never")


def test_where_it_is_allowed_it_begins_with_the_conversation() -> None:
    world = joined(wishing(R.ALLOWED))
    assert world.all(StartRecording) == [StartRecording(1, NAME)]
    world.tell(ev.RecordingBegan(1, NAME))
    assert shown(world) == ["starting", "on"]
    assert over(world) == (NAME, "allowed")


def test_where_it_is_to_be_announced_the_announcement_comes_first() -> None:
    world = joined(wishing(R.ALLOWED, WORDS), R.ANNOUNCE)
    assert world.all(StartRecording) == [StartRecording(1, NAME, prompt_name("", WORDS))]
    assert over(world) == (None, "announce")  # hung up before it was over


def test_without_the_announcement_that_new_rules_want_nothing_is_recorded() -> None:
    world = joined(wishing(R.ALLOWED), R.ANNOUNCE)
    assert world.all(StartRecording) == []
    assert over(world) == (None, "announce")


def test_where_consent_is_needed_nothing_is_recorded_until_the_agent_says_so() -> None:
    world = joined(wishing(R.ASK))
    world.wait(10)
    assert world.all(StartRecording) == []
    world.tell(ev.RecordingAgreed("a2", 1))  # somebody else's word is none
    assert world.all(StartRecording) == []
    world.tell(ev.RecordingAgreed("a1", 1))
    world.tell(ev.RecordingAgreed("a1", 1))
    [start] = world.all(StartRecording)
    assert (start.attempt_id, start.name, start.announcement) == (1, "2026-11-23/spring-1-120013.wav", "")
    world.tell(ev.RecordingBegan(1, start.name))
    assert shown(world) == ["ask", "starting", "on"]
    assert over(world) == (start.name, "ask")
    [agreed] = world.last(CloseAttempt).consents
    assert (agreed.number, agreed.kind, agreed.purpose, agreed.source) == (
        phone(1).e164,
        "recording",
        "sales",
        "agent a1, attempt 1",
    )


def test_a_pause_and_its_end() -> None:
    world = joined(wishing(R.ALLOWED))
    world.tell(ev.RecordingPaused(1, on=True))  # nothing is recorded yet
    world.tell(ev.RecordingBegan(1, NAME))
    world.tell(ev.RecordingPaused(1, on=True))
    world.tell(ev.RecordingPaused(1, on=True))
    world.tell(ev.RecordingPaused(1, on=False))
    assert world.all(PauseRecording) == [PauseRecording(1, on=True), PauseRecording(1, on=False)]
    assert shown(world) == ["starting", "on", "paused", "on"]
    assert world.engine.state.strays == 2
    world.tell(ev.CallEnded(1, "callee"))
    world.tell(ev.RecordingPaused(1, on=True))
    assert len(world.all(PauseRecording)) == 2


@pytest.mark.parametrize(("kept", "recording"), [(True, NAME), (False, None)])
def test_a_recording_that_fails_is_told_and_the_call_goes_on(kept: bool, recording: str | None) -> None:
    world = joined(wishing(R.ALLOWED))
    world.tell(ev.RecordingBegan(1, NAME))
    world.tell(ev.RecordingFailed(1, "No space left on device", kept))
    notice = world.last(Notice)
    assert notice.code == "recording_failed"
    assert "No space left" in notice.text
    assert shown(world) == ["starting", "on", "failed"]
    assert over(world) == (recording, "allowed")
    world.tell(ev.RecordingFailed(1, "too late", kept))
    assert len([note for note in world.all(Notice) if note.code == "recording_failed"]) == 1


AGREED = Consent(phone(1).e164, "recording", "", NOON - 60.0)
NO = replace(AGREED, given_at=NOON - 30.0, withdrawn_at=NOON - 30.0)


@pytest.mark.parametrize(
    ("wish", "consents", "rule", "begins"),
    [
        (R.ASK, (AGREED,), "ask", True),
        (R.ASK, (replace(AGREED, kind="call"),), "ask", False),
        (R.ASK, (AGREED, NO), "ask", False),
        (R.ALLOWED, (NO,), "ask", False),
        (R.ANNOUNCE, (NO,), "ask", False),
        (R.ALLOWED, (NO, replace(AGREED, given_at=NOON - 10.0)), "allowed", True),
        (R.NEVER, (AGREED,), "never", False),
    ],
)
def test_what_is_on_the_register_about_recordings_is_kept_to(
    wish: RecordingRule, consents: tuple[Consent, ...], rule: str, begins: bool
) -> None:
    world = World(wishing(wish), rule_set=replace(load_rule_set("fictional"), recording=R.ALLOWED))
    world.dial(replace(candidate(1), consents=consents))
    answered(world)
    assert bool(world.all(StartRecording)) is begins
    assert over(world)[1] == rule
