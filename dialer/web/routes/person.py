"""One person's data, erased."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from dialer.api.person import ErasureAsked, PersonErased, RetentionAsked, RetentionDone, RetentionRow
from dialer.api.roles import Permission
from dialer.live.lead_retention import erase_idle, retention_done
from dialer.operations.block_numbers import change_of
from dialer.operations.erase_person import delete_files, erasing, hold_back, outcome_of, refuse_several
from dialer.operations.known_client import belonging_to
from dialer.operations.person import Person, find_person
from dialer.operations.retention import due_leads, rules_of
from dialer.ports.store import ERASURE_REQUEST, Audited, Reader
from dialer.telephony.call_folders import CallFolders
from dialer.web.caller import Caller, needs
from dialer.web.control import ControlOf
from dialer.web.refusals import wrong_input
from dialer.web.router import Router

router = Router(prefix="/v1/person", tag="leads")

Erases = Annotated[Caller, needs(Permission.PEOPLE_ERASE)]


@router.post("/erase", summary="Erase what is stored of a person, so that no import brings them back")
async def erase(control: ControlOf, caller: Erases, body: ErasureAsked) -> PersonErased:
    """In every list that the caller may see, with calls, callbacks, consents and recordings. 409 while they are in
    a call or at hand to be dialed: their numbers are not dialed any more from then on, so ask again."""
    if (body.lead is None) == (body.number is None):
        raise wrong_input("lead, number: give one of the two")
    who = str(body.lead) if body.lead is not None else str(body.number)
    service, folder = control.service, CallFolders.of_home(control.home).recordings

    meant = belonging_to(body.client)

    def sees(name: str) -> bool:
        return caller.sees(name) and meant(name)

    def find(reader: Reader) -> Person:
        found = find_person(reader, who, recordings=folder, sees=sees)
        refuse_several(found, who)
        return found

    person = await control.threads.run(find, service.reader)
    now = service.clock.now()
    for block in hold_back(person, now):
        await service.write(Audited(block, change_of(block, ERASURE_REQUEST, caller.actor, now)))
    write = await control.threads.run(erasing, person, service.reader, caller.actor, now, body.reason)
    await service.write(write)
    deleted = await control.threads.run(_delete, folder, person)
    return PersonErased.model_validate(outcome_of(person, deleted).as_dict())


@router.post("/retention", summary="Erase whoever is past the time that leads are kept")
async def retain(
    control: ControlOf, caller: Annotated[Caller, needs(Permission.PEOPLE_ERASE, house=True)], body: RetentionAsked
) -> RetentionDone:
    """As the service does every day by itself. The document of `dialer person retention --json`."""
    service, rules = control.service, rules_of(control.service.settings)
    now, folder = service.clock.now(), CallFolders.of_home(control.home).recordings
    if body.dry_run:
        due = await control.threads.run(due_leads, service.reader, rules, now)
        return RetentionDone(stored=False, clients=[RetentionRow.model_validate(one.as_dict()) for one in due])
    gone = await erase_idle(service.reader, rules, write=service.write, actor=caller.actor, now=now, folder=folder)
    return retention_done(rules, gone)


def _delete(folder: Path, person: Person) -> int:
    return delete_files(folder, person.recordings)
