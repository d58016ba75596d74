"""What several rule sets come to together: hours by intersection, every cap, the smallest share of abandoned
calls, the longest ring, the narrowest recording."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, reduce

from campaigns.compliance import RuleSet
from campaigns.consent import ConsentRegime
from campaigns.recording_rule import RecordingRule, narrower
from campaigns.refusal_rule import RefusalRule


def combine(parts: Sequence[RuleSet]) -> RuleSet:
    """At least one rule set, all of them kept at once. What one says nothing of (`RuleSet.states`) is left to the
    others; what none states is as each has it, which is cautious."""
    if len(parts) == 1:
        return parts[0]
    share = min(_stating("abandonment", parts), key=lambda part: part.abandon_max)
    return replace(
        parts[0],
        name="+".join(part.name for part in parts),
        title="; ".join(part.title for part in parts),
        jurisdiction=tuple(dict.fromkeys(code for part in parts for code in part.jurisdiction)),
        hours=tuple(dict.fromkeys(rule for part in parts for rule in part.hours)),
        caps=tuple(cap for part in parts for cap in part.caps),
        cooloffs=tuple(cooloff for part in parts for cooloff in part.cooloffs),
        consent=max((part.consent for part in parts), key=list(ConsentRegime).index),
        ring_min_s=max(part.ring_min_s for part in _stating("ring_min", parts)),
        abandon_max=share.abandon_max,
        abandon_period=share.abandon_period,
        abandon_denominator=share.abandon_denominator,
        abandon_clock_s=min(part.abandon_clock_s for part in _stating("abandonment", parts)),
        abandoned_message=any(part.abandoned_message for part in parts),
        fictional=any(part.fictional for part in parts),
        citation="; ".join(part.citation for part in parts),
        confidence=max((part.confidence for part in parts), key="HML".index),
        verified_on=min((part.verified_on for part in parts if part.verified_on), default=""),
        valid_from=max(part.valid_from for part in parts),
        valid_to=min((part.valid_to for part in parts if part.valid_to), default=""),
        hash=hashlib.sha256("\n".join(part.hash for part in parts).encode()).hexdigest(),
        may_withhold_caller_id=all(part.may_withhold_caller_id for part in parts),
        recording=reduce(narrower, [part.recording for part in _stating("recording", parts)]),
        machine_message=all(part.machine_message for part in _stating("machine_message", parts)),
        hours_by_consent=all(part.hours_by_consent for part in _stating("hours", parts)),
        refusal=reduce(RefusalRule.wider, [part.refusal for part in parts]),
        sources=tuple(source for part in parts for source in part.sources),
        parts=tuple((part.name, part.hash) for part in parts),
        note="",
    )


def _stating(rule: str, parts: Sequence[RuleSet]) -> Sequence[RuleSet]:
    return [part for part in parts if part.states(rule)] or parts


@lru_cache(maxsize=1_024)
def no_rules(lack: str) -> RuleSet:
    """A rule set that permits nothing, and says why."""
    return RuleSet(
        name="none",
        title="no rules",
        jurisdiction=(),
        hours=(),
        caps=(),
        ring_min_s=0.0,
        abandon_max=0.0,
        abandon_clock_s=0.0,
        fictional=False,
        citation="",
        confidence="L",
        verified_on="",
        valid_from="",
        valid_to="",
        hash="",
        recording=RecordingRule.NEVER,
        lack=lack,
    )
