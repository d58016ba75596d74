"""Erasing a person from everything that is stored, so that no later import brings them back.

Their numbers go onto the registers first, at once and for all calls, and come off them with the erasure: no call
is begun meanwhile. Entries of registers that were there before stay: they are what keeps a person from being
called, and who was erased may be on a list that somebody else brings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from dialer.errors import InputError
from dialer.operations.person import Person
from dialer.ports.access import Actor
from dialer.ports.store import ERASURE_REQUEST, Answer, Audited, BlockNumbers, ErasePerson, Reader, Write
from lists.client import HOUSE, client_of
from lists.erased import keys_of


@dataclass(frozen=True, slots=True)
class Erased:
    """What there was: leads, attempts whose permits and notes are gone, recordings deleted. `registers`: how many
    entries of do-not-call registers stay."""

    leads: int
    attempts: int
    callbacks: int
    recordings: int
    registers: int

    def as_dict(self) -> dict[str, int]:
        """The document of `dialer person erase --json`."""
        return asdict(self)


def refuse_several(person: Person, who: str) -> None:
    """Raises `InputError` when it is not clear who is meant."""
    if len(person.names) > 1:
        known = ", ".join(f"{lead.lead_id} ({lead.display_name}, {lead.list_name})" for lead in person.leads[:10])
        raise InputError(f"{who}: leads of different names have this number; say which by its lead id: {known}")


def hold_back(person: Person, now: float) -> list[BlockNumbers]:
    """What keeps them from being called until they are erased, as far as it is not on the registers yet."""
    held = {(one.client, one.number) for one in person.registers if one.source == ERASURE_REQUEST}
    return [
        BlockNumbers(person.numbers, ERASURE_REQUEST, now, client)
        for client in person.clients
        if any((client, number) not in held for number in person.numbers)
    ]


def erasing(person: Person, reader: Reader, actor: Actor, now: float, reason: str = "") -> Audited:
    """The erasure with its entry in the log of changes, which says how many leads and not whose. `reason`: of the
    request, in the manager's words. Consents of numbers that others of the same client have too stay."""
    mine = {lead.lead_id for lead in person.leads}
    own = tuple(
        number
        for number in person.numbers
        if all(
            other.lead_id in mine or client_of(other.list_name) not in person.clients
            for other in reader.leads_by_number(number)
        )
    )
    keys = {
        key
        for lead in person.leads
        for key in keys_of(
            lead.list_name,
            [phone.e164 for phone in lead.phones if phone.e164 in own],
            lead.person_key,
            lead.external_id,
        )
    }
    lead_ids = tuple(lead.lead_id for lead in person.leads)
    client = person.clients[0] if len(person.clients) == 1 else HOUSE
    detail = {"leads": str(len(lead_ids)), "attempts": str(len(person.attempts)), "reason": reason}
    subject = "lead " + ", ".join(map(str, lead_ids[:20]))
    return Audited(
        ErasePerson(lead_ids, tuple(sorted(keys)), own, person.clients, now),
        actor.change(
            now, "person.erase", subject, client, **{name: text for name, text in detail.items() if text}
        ),
    )


def delete_files(folder: Path, names: Sequence[str]) -> int:
    """Recordings deleted; how many. Raises `InputError` for one that cannot be."""
    for name in names:
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            text = f"{folder / name} cannot be deleted: {error.strerror}; all else is erased, delete this yourself"
            raise InputError(text) from error
    return len(names)


def erase_person(
    person: Person,
    *,
    reader: Reader,
    write: Callable[[Write], Answer],
    actor: Actor,
    now: float,
    folder: Path,
    reason: str = "",
) -> Erased:
    """Erase what is stored of them, once; while no service runs. Raises what the store has against it
    (`PersonAtHand`), `InputError`."""
    for block in hold_back(person, now):
        write(block)
    write(erasing(person, reader, actor, now, reason))
    return outcome_of(person, delete_files(folder, person.recordings))


def outcome_of(person: Person, deleted: int) -> Erased:
    standing = sum(one.until is None and one.source != ERASURE_REQUEST for one in person.registers)
    return Erased(len(person.leads), len(person.attempts), len(person.callbacks), deleted, standing)
