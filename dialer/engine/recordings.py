"""Which calls are recorded, from when on, and what the agent's desk is told of it."""

from __future__ import annotations

from campaigns.campaign import Campaign
from campaigns.compliance import RuleSet
from campaigns.consent import AgreedTo, ConsentCheck, ConsentKind, consent_until, refused_at
from campaigns.prompt import prompt_name
from campaigns.recording_rule import RecordingRule, narrower
from campaigns.retention import recording_name
from dialer.calls.call import Call, CallState, RecordingState
from dialer.engine.commands import Notice, PauseRecording, StartRecording
from dialer.engine.events import RecordingFailed
from dialer.engine.state import EngineState
from lists.client import client_of

UNDER_WAY = frozenset({RecordingState.STARTING, RecordingState.ON, RecordingState.PAUSED})


def rule_of(campaign: Campaign, rule_set: RuleSet) -> RecordingRule:
    """What the law and the campaign allow together."""
    return narrower(campaign.recording.wish, rule_set.recording)


class Recordings:
    """Of conversations, one file each."""

    def __init__(self, state: EngineState) -> None:
        self._state = state

    def joined(self, call: Call, now: float) -> None:
        """An agent has it: record it, or wait for what has to come before."""
        if call.recording_state is not RecordingState.NONE:
            return
        run = self._state.run_of(call)
        rule = rule_of(call.terms, run.rules_for(call.candidate, call.candidate.phone_position, now))
        check = ConsentCheck(ConsentKind.RECORDING, call.intent.purpose)
        known = call.candidate.consents, call.intent.number, check, now
        agreed = consent_until(*known) is not None
        if not agreed and refused_at(*known) is not None:
            rule = narrower(rule, RecordingRule.ASK)  # who has said no is asked, if that is allowed
        call.recording_rule = rule.value
        match rule:
            case RecordingRule.NEVER:
                pass
            case RecordingRule.ASK if agreed:
                self._start(call, "", now)
            case RecordingRule.ASK:
                call.recording_state = RecordingState.ASK
            case RecordingRule.ANNOUNCE:
                announcement = call.terms.recording.announcement
                if announcement is not None:  # rules that became narrower meanwhile find none: nothing is recorded
                    self._start(call, prompt_name(client_of(call.intent.campaign), announcement), now)
            case RecordingRule.ALLOWED:
                self._start(call, "", now)

    def agreed(self, call: Call, now: float) -> bool:
        """The agent says that the person called agrees. Whether that changed anything."""
        if call.recording_state is not RecordingState.ASK or call.state is not CallState.TALKING:
            return False
        call.agreed_to.append((now, AgreedTo(ConsentKind.RECORDING.value)))
        self._start(call, "", now)
        return True

    def paused(self, call: Call, on: bool) -> bool:
        """Record silence from now on, or sound again. Whether that changed anything."""
        before, after = RecordingState.ON, RecordingState.PAUSED
        if not on:
            before, after = after, before
        if call.recording_state is not before or call.state is not CallState.TALKING:
            return False
        call.recording_state = after
        self._state.out.append(PauseRecording(call.attempt_id, on))
        return True

    def began(self, call: Call, name: str) -> bool:
        """It is being recorded from now on. Whether that is news."""
        if call.recording_state is not RecordingState.STARTING:
            return False
        call.recording, call.recording_state = name, RecordingState.ON
        return True

    def failed(self, call: Call, event: RecordingFailed) -> bool:
        """No more of it is recorded; the call goes on. Whether that is news."""
        if call.recording_state not in UNDER_WAY:
            return False
        call.recording_state = RecordingState.FAILED
        if not event.kept:
            call.recording = None
        text = f"Recording of attempt {call.attempt_id} failed: {event.cause}. The call goes on unrecorded."
        self._state.out.append(Notice(call.intent.campaign, "recording_failed", text))
        return True

    def _start(self, call: Call, announcement: str, now: float) -> None:
        call.recording_state = RecordingState.STARTING
        name = recording_name(call.intent.campaign, call.attempt_id, now)
        self._state.out.append(StartRecording(call.attempt_id, name, announcement))
