"""The life of a campaign: its states, and who or what takes it from one to the next.

    draft ──► ready ──► running ◄──► paused
                           │            │
                           ▼            │
                        draining ◄──────┘
                           │
                           ▼
                          done ──► running (started again: new leads, a raised limit)

The table below is the machine; `docs/architecture.md` draws it.
"""

from __future__ import annotations

from enum import StrEnum

from campaigns.errors import CampaignsError


class CampaignState(StrEnum):
    DRAFT = "draft"  # stored, but something that dialing needs is missing (a trunk, a lead)
    READY = "ready"  # may be started
    RUNNING = "running"  # dialed, or waiting for a window or a retry
    PAUSED = "paused"  # no new calls; calls in progress finish; its agents stay
    DRAINING = "draining"  # stopping: no new calls; done when the last one is over
    DONE = "done"  # over: every lead final, or stopped


class Step(StrEnum):
    """What moves a campaign on."""

    COMPLETE = "complete"  # what was missing is there
    INCOMPLETE = "incomplete"  # something it needs is gone
    START = "start"
    PAUSE = "pause"
    FAIL = "fail"  # it cannot go on (journal, trunk): paused, with the cause
    STOP = "stop"
    FINISH = "finish"  # no call is open and none will be placed


_S = CampaignState
NEXT: dict[tuple[CampaignState, Step], CampaignState] = {
    (_S.DRAFT, Step.COMPLETE): _S.READY,
    (_S.READY, Step.INCOMPLETE): _S.DRAFT,
    (_S.READY, Step.START): _S.RUNNING,
    (_S.RUNNING, Step.PAUSE): _S.PAUSED,
    (_S.RUNNING, Step.FAIL): _S.PAUSED,
    (_S.RUNNING, Step.STOP): _S.DRAINING,
    (_S.RUNNING, Step.FINISH): _S.DONE,
    (_S.PAUSED, Step.START): _S.RUNNING,
    (_S.PAUSED, Step.STOP): _S.DRAINING,
    (_S.DRAINING, Step.FINISH): _S.DONE,
    (_S.DONE, Step.START): _S.RUNNING,
}


class StepRefused(CampaignsError):
    """The campaign cannot take this step from where it is; the text says what can be done instead."""

    def __init__(self, campaign: str, state: CampaignState, step: Step) -> None:
        possible = sorted(allowed for (of, allowed) in NEXT if of is state and allowed in BY_PEOPLE)
        instead = f"; possible now: {', '.join(possible)}" if possible else ""
        super().__init__(f'campaign "{campaign}" is {state} and cannot {step}{instead}')
        self.campaign, self.state, self.step = campaign, state, step


BY_PEOPLE = frozenset({Step.START, Step.PAUSE, Step.STOP})
"""Steps that somebody asks for; the others follow from what happens."""


def after(campaign: str, state: CampaignState, step: Step) -> CampaignState:
    """The state that the step leads to. Raises `StepRefused`."""
    try:
        return NEXT[state, step]
    except KeyError:
        raise StepRefused(campaign, state, step) from None
