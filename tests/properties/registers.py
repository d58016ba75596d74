"""What stands on the registers about a number at a moment, drawn at random: do-not-call entries of the house, the
client and another client, open or taken off again; consents of every kind and purpose, given, expired, withdrawn.

The decision is told what a store knows at that moment, the audit what it knows of it long after.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from campaigns.audit_consent import Agreement
from campaigns.campaign import Campaign, Delivery
from campaigns.consent import Consent, ConsentKind
from campaigns.purpose import Purpose
from dialer.ports.store import BlockNumbers, UnblockNumbers
from dialer.storage.memory_registers import Registers
from lists.client import HOUSE, client_of

ANOTHER = "another"
"""A client whose registers are none of this campaign's business."""
DAY_S = 86_400.0
FOREVER_S = 400 * DAY_S
AFTER = 1.0


@dataclass(frozen=True, slots=True)
class Listing:
    """A stretch on a do-not-call register; `until`: None, nobody has taken it off. Seconds UTC."""

    client: str
    purpose: str
    source: str
    since: float
    until: float | None


@dataclass(frozen=True, slots=True)
class Registered:
    """All that was and will be known of one number. Its moments lie on no moment of a decision."""

    listings: tuple[Listing, ...] = ()
    consents: tuple[Consent, ...] = ()

    def blocked(self, number: str, client: str, purpose: str, now: float) -> set[str]:
        """As a store answers at `now`."""
        return self._registers(number, now).among([number], client, purpose)

    def spans(self, number: str, client: str) -> tuple[tuple[str, float, float | None], ...]:
        """As a store tells the audit, when everything has happened."""
        entries = self._registers(number, float("inf")).entries([number], client)
        return tuple((one.purpose, one.since, one.until) for one in entries)

    def consented(self, now: float) -> tuple[Consent, ...]:
        """As a store answers at `now`: of what comes later nothing is known yet, an expiry is."""
        known = [one for one in self.consents if one.given_at <= now]
        return tuple(
            replace(one, withdrawn_at=None) if one.withdrawn_at is not None and one.withdrawn_at > now else one
            for one in known
        )

    def agreements(self) -> tuple[Agreement, ...]:
        """As a store tells the audit."""
        return tuple(
            (one.kind, one.purpose, one.given_at, one.expires_at, one.withdrawn_at) for one in self.consents
        )

    def _registers(self, number: str, now: float) -> Registers:
        found = Registers()
        changes = [(one.since, True, one) for one in self.listings]
        changes += [(one.until, False, one) for one in self.listings if one.until is not None]
        for at, blocks, one in sorted(changes, key=lambda change: change[:2]):
            if at > now:
                break
            if blocks:
                found.block(BlockNumbers((number,), one.source, at, one.client, one.purpose))
            else:
                found.unblock(UnblockNumbers((number,), at, one.client, one.purpose), {})
        return found


NOTHING = Registered()


def listings(rng: random.Random, campaign: Campaign, edges: Sequence[float]) -> tuple[Listing, ...]:
    """One to three stretches, each of whose ends is one of `edges` or far from all."""
    found = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        edge = rng.choice(edges)
        since, until = rng.choice(
            (
                (edge, None),
                (edge, edge + rng.random() * DAY_S + AFTER),
                (edge - rng.random() * 90 * DAY_S - AFTER, edge),
                (edge - FOREVER_S, None),
            )
        )
        client = rng.choice((HOUSE, client_of(campaign.name), client_of(campaign.name), ANOTHER))
        purpose = rng.choice(("", "", campaign.purpose.value, rng.choice(tuple(Purpose)).value))
        found.append(Listing(client, purpose, rng.choice(("state", "agent")), since, until))
    return tuple(found)


def consents(
    rng: random.Random, number: str, campaign: Campaign, edges: Sequence[float], calm: Sequence[float]
) -> tuple[Consent, ...]:
    """Up to three. One is given or withdrawn at one of `edges`, and expires at one of `calm`."""
    found: dict[tuple[str, str, float], Consent] = {}
    wanted = ConsentKind.PRERECORDED if campaign.delivery is Delivery.PRERECORDED else ConsentKind.CALL
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        edge = rng.choice(edges)
        kind = wanted.value if rng.random() < 0.7 else rng.choice(tuple(ConsentKind)).value
        purpose = rng.choice(
            ("", campaign.purpose.value, campaign.purpose.value, rng.choice(tuple(Purpose)).value)
        )
        before = edge - rng.random() * FOREVER_S - AFTER
        given_at, withdrawn_at = rng.choice(
            ((edge, None), (before, edge), (edge, edge), (before, before), (before, None), (before, None))
        )
        if given_at == withdrawn_at and rng.random() < 0.5:
            kind = ""  # who refuses may mean calls of every kind
        expiry = rng.choice((None, None, *calm))
        expires_at = None if expiry is None or expiry <= given_at else expiry
        one = Consent(number, kind, purpose, given_at, expires_at, withdrawn_at=withdrawn_at)
        found[one.kind, one.purpose, one.given_at] = one
    return tuple(found.values())
