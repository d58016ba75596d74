"""What a refusal puts onto the do-not-call registers: as the rule sets of the call and its campaign say."""

from __future__ import annotations

from campaigns.refusal_rule import RefusalBlocks, RefusalReaches
from dialer.calls.call import Call
from dialer.engine.state import CampaignRun
from dialer.ports.store import BlockNumbers
from lists.client import HOUSE, client_of


def refused(run: CampaignRun, call: Call, source: str, now: float) -> BlockNumbers:
    """The number on which the person has refused, and where the person is meant all that are known of them."""
    lead, position = call.candidate.lead, call.candidate.phone_position
    rule = call.terms.refusal.wider(run.rules_for(call.candidate, position, now).refusal)
    whole = rule.blocks is RefusalBlocks.PERSON
    others = (phone.e164 for phone in lead.phones) if whole else ()
    return BlockNumbers(
        tuple(dict.fromkeys((call.intent.number, *others))),
        source,
        now,
        HOUSE if rule.reaches is RefusalReaches.HOUSE else client_of(run.name),
        call.intent.purpose if rule.reaches is RefusalReaches.PURPOSE else "",
        lead.party if whole else "",
    )
