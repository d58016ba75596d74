"""A call that is proposed, with everything that is known of the number and of whom it would reach."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from campaigns.callback import Callback
from campaigns.campaign import Campaign
from campaigns.compliance import RuleSet
from campaigns.consent import Consent
from campaigns.permission.past import PastAttempt
from campaigns.walls import Walls
from lists.lead import Lead, PhoneNumber
from lists.value import value


@value
class Proposed:
    """A call to `number` of `lead` over `trunk`, showing `caller_id`, within `walls` (what may be dialed at all).

    `history`: counted attempts on any of the lead's numbers, of all campaigns as far back as the longest cap
    and all of this campaign's; `elsewhere`: those on the same person or debt over other numbers. `lead_attempts`:
    charged attempts of this campaign on the lead. `blocked`: numbers that a do-not-call register has for the
    campaign's purpose; `consents`: the client's. `callback`: what the lead was promised."""

    campaign: Campaign
    rule_set: RuleSet
    lead: Lead
    number: PhoneNumber
    trunk: str
    caller_id: str
    walls: Walls
    history: Sequence[PastAttempt] = ()
    lead_attempts: int = 0
    blocked: Collection[str] = ()
    elsewhere: Sequence[PastAttempt] = ()
    callback: Callback | None = None
    consents: Collection[Consent] = ()

    @property
    def used(self) -> int:
        """Charged attempts of the campaign on the number."""
        if not self.history:
            return 0
        e164, name = self.number.e164, self.campaign.name
        return len([1 for past in self.history if past.number == e164 and past.campaign == name and past.charged])
