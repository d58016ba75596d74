"""What the service refuses.

StepRefused (campaigns.life)
└── NotReady    the campaign lacks something that dialing needs; the text says what, and what to do
"""

from __future__ import annotations

from campaigns.life import CampaignState, Step, StepRefused


class NotReady(StepRefused):
    """The campaign cannot be started: `missing` says why, and what to do."""

    def __init__(self, campaign: str, state: CampaignState, missing: str) -> None:
        super().__init__(campaign, state, Step.START)
        self.missing = missing
        self.args = (f'campaign "{campaign}" cannot be started: {missing}',)
