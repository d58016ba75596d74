"""Everything that stands between a number and its call at a moment, not only what is met first: the decision is
asked again as if each of the things that it met were gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from campaigns.consent import Consent, ConsentKind
from campaigns.permission.terms import consent_wanted
from campaigns.refusal import Refusal, Refused
from dialer.operations.funnel import STAGE_OF, Stage
from dialer.operations.lead_verdict import KnownLead, Way, verdict_on
from dialer.operations.moments import iso
from dialer.operations.open_campaign import Version
from dialer.operations.remedies import REMEDIES
from lists.lead import PhoneNumber

_OF_HISTORY = frozenset({Refusal.LEAD_LIMIT, Refusal.NUMBER_LIMIT, Refusal.CAP, Refusal.COOLOFF})
_OF_TIME = frozenset({Refusal.WINDOW_CLOSED, Refusal.WINDOW_CLOSING})


@dataclass(frozen=True, slots=True)
class Gate:
    """`is_open`: None when it could not be asked, for something before it cannot be thought away."""

    stage: Stage
    is_open: bool | None
    refused: Refused | None = None

    def as_dict(self) -> dict[str, object]:
        """As in `dialer why --json`."""
        shown: dict[str, object] = {"gate": self.stage.value, "text": self.stage.words, "open": self.is_open}
        if self.refused is not None:
            reason = self.refused.reason
            shown |= {"reason": reason.value, "detail": self.refused.detail, "until": iso(self.refused.until)}
            shown["remedy"] = REMEDIES[reason]
        return shown


def gates(
    version: Version, known: KnownLead, phone: PhoneNumber, at: float, way: Way, before: Sequence[Refused]
) -> list[Gate]:
    """Every gate in the order in which a manager asks. `before`: what was met before the decision was asked."""
    met, whole = _met(version, known, phone, at, way)
    refusals: dict[Stage, Refused] = {}
    for refused in (*before, *met):
        refusals.setdefault(STAGE_OF[refused.reason], refused)
    return [
        Gate(stage, False, refusals[stage]) if stage in refusals else Gate(stage, True if whole else None)
        for stage in Stage
        if stage is not Stage.LEASED
    ]


def _met(
    version: Version, known: KnownLead, phone: PhoneNumber, at: float, way: Way
) -> tuple[list[Refused], bool]:
    """What the decision meets, one after the other, and whether it came to a permit in the end."""
    met: list[Refused] = []
    while True:
        verdict = verdict_on(version, known, phone, at, way)
        if not isinstance(verdict, Refused):
            return met, True
        if any(refused.reason is verdict.reason for refused in met):
            return met, False
        met.append(verdict)
        if verdict.reason is Refusal.DNC:
            known = replace(known, blocked=())
        elif verdict.reason is Refusal.CONSENT:
            to_callbacks = [one for one in known.consents if one.kind == ConsentKind.CALLBACK]
            wanted = Consent(phone.e164, consent_wanted(version[0]).kind, "", 0.0)
            known = replace(known, consents=(wanted, *to_callbacks))
        elif verdict.reason in _OF_HISTORY:
            known = replace(known, history=(), elsewhere=(), lead_attempts=0)
        elif verdict.reason in _OF_TIME and verdict.until is not None:
            at = verdict.until
        elif verdict is way.refused:
            return met, True  # asked last
        else:
            return met, False
