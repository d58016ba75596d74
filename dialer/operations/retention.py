"""People about whom nothing has happened for as long as the installation keeps them are erased, as on request.

A lead goes when it was added long ago and nobody has called it since, and nothing else that is the same person is
younger. Who was called stays for as long as the permits of their calls may have to be shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from dialer.errors import UnknownName
from dialer.operations.erase_person import erasing
from dialer.operations.known_client import belonging_to
from dialer.operations.person import Person, find_person
from dialer.ports.access import SERVICE, Actor
from dialer.ports.store import ErasePerson, Reader, SaveChange
from dialer.settings import Settings
from lists.client import HOUSE, client_of

DAY_S = 86_400.0
LOOKED_AT = 50
"""People found at once."""


@dataclass(frozen=True, slots=True)
class KeepLeads:
    """Of one client: leads about whom nothing has happened for `lead_days` days go, those that were called when
    their last call is `proof_days` days old, at least."""

    client: str
    lead_days: int
    proof_days: int

    def moments(self, now: float) -> tuple[float, float]:
        """Added before, and with no call at or after these (seconds UTC)."""
        return now - self.lead_days * DAY_S, now - max(self.lead_days, self.proof_days) * DAY_S


@dataclass(frozen=True, slots=True)
class Due:
    """Of one client: leads that go, at most (others of the same person may keep one), and those among them that
    were called."""

    client: str
    lead_days: int
    proof_days: int
    leads: int
    called: int

    def as_dict(self) -> dict[str, object]:
        """One entry of `dialer person retention --dry-run --json`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Gone:
    """Of one client: what was erased. `at_hand`: leads that stay until the next time, being in a call or about to
    be."""

    client: str
    leads: int
    attempts: int
    recordings: int
    at_hand: int

    def as_dict(self) -> dict[str, object]:
        """One entry of `dialer person retention --json`."""
        return asdict(self)


def rules_of(settings: Settings) -> tuple[KeepLeads, ...]:
    """For the house and each client that has a time."""
    days = {HOUSE: settings.lead_days}
    days |= {client.client_id: client.lead_days or settings.lead_days for client in settings.clients}
    return tuple(KeepLeads(client, kept, settings.proof_days) for client, kept in days.items() if kept is not None)


def due_leads(reader: Reader, rules: Sequence[KeepLeads], now: float) -> list[Due]:
    """What would go now."""
    found = []
    for rule in rules:
        leads = called = after = 0
        while ids := _idle(reader, rule, now, after=after):
            leads += len(ids)
            called += len(reader.lead_calls(ids))
            after = ids[-1]
        found.append(Due(rule.client, rule.lead_days, rule.proof_days, leads, called))
    return found


def next_people(
    reader: Reader, rule: KeepLeads, now: float, after: int, folder: Path
) -> tuple[list[tuple[Person, ErasePerson]], int | None]:
    """The next people who go, each with the write that erases them, and the lead to go on after; None: these are
    all. `folder`: of recordings."""
    ids = _idle(reader, rule, now, after=after, limit=LOOKED_AT)
    found: dict[tuple[int, ...], tuple[Person, ErasePerson]] = {}
    for lead_id in ids:
        try:
            person = find_person(reader, str(lead_id), recordings=folder, sees=belonging_to(rule.client))
        except UnknownName:  # erased meanwhile
            continue
        theirs = tuple(lead.lead_id for lead in person.leads)
        if theirs not in found and set(theirs) <= set(_idle(reader, rule, now, among=theirs)):
            write = erasing(person, reader, SERVICE, now).write  # and not its entry in the log of changes
            if isinstance(write, ErasePerson):
                found[theirs] = person, write
    return list(found.values()), ids[-1] if ids else None


def gone_change(gone: Gone, rule: KeepLeads, actor: Actor, now: float) -> SaveChange:
    """The entry in the log of changes: how many, and not whose."""
    counts = {"leads": gone.leads, "attempts": gone.attempts, "recordings": gone.recordings}
    counts |= {"at_hand": gone.at_hand, "lead_days": rule.lead_days, "proof_days": rule.proof_days}
    detail = {name: str(count) for name, count in counts.items()}
    return SaveChange(actor.change(now, "person.retention", rule.client or "house", rule.client, **detail))


def _idle(
    reader: Reader,
    rule: KeepLeads,
    now: float,
    *,
    after: int = 0,
    limit: int = 1_000,
    among: Sequence[int] | None = None,
) -> Sequence[int]:
    names = [summary.name for summary in reader.lists() if client_of(summary.name) == rule.client]
    return reader.idle_leads(names, *rule.moments(now), after=after, limit=limit, among=among)
