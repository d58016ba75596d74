"""Erasing a person from a home, through its service or without one."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from dialer.api.errors import Conflict
from dialer.api.person import ErasureAsked, PersonErased
from dialer.api.requests import erase_person as asked_of
from dialer.app.reach import Reached, reach_home
from dialer.clock import SystemClock, monotonic
from dialer.operations.erase_person import erase_person, refuse_several
from dialer.operations.known_client import belonging_to
from dialer.operations.person import Person, find_person
from dialer.storage.errors import PersonAtHand
from dialer.telephony.call_folders import CallFolders

WAIT_S = 120.0
"""For so long a call in progress is waited for. Their numbers are not dialed any more meanwhile."""
_AGAIN_S = 1.0

Tell = Callable[[str], None]


def erase_from(
    home: Path, who: str, tell: Tell, *, region: str | None = None, client: str | None = None, reason: str = ""
) -> PersonErased:
    """Erase whose number or lead id it is. `client`: what that one has of them, None for all. `tell` is told what
    is waited for. Raises `InputError`, `UnknownName`, what the store or the service has against it; `PersonAtHand`
    or `Conflict` when they were in a call all the time."""

    sees = belonging_to(client)
    with reach_home(home, "dialer person erase", tell) as reached:
        started, told = monotonic(), False
        while True:
            person = find_person(
                reached.reader, who, region, recordings=CallFolders.of_home(home).recordings, sees=sees
            )
            refuse_several(person, who)
            try:
                return _erase(reached, person, client, reason)
            except (PersonAtHand, Conflict) as busy:
                if monotonic() - started >= WAIT_S:
                    raise
                if not told:
                    told = True
                    tell(f"{busy}; waiting up to {WAIT_S:.0f} s. Nobody calls these numbers any more …")
                time.sleep(_AGAIN_S)


def _erase(reached: Reached, person: Person, client: str | None, reason: str) -> PersonErased:
    if reached.service is not None:
        asked = ErasureAsked(lead=person.leads[0].lead_id, client=client, reason=reason)
        return reached.service.call(asked_of(asked))
    erased = erase_person(
        person,
        reader=reached.reader,
        write=reached.write,
        actor=reached.actor,
        now=SystemClock().now(),
        folder=CallFolders.of_home(reached.home).recordings,
        reason=reason,
    )
    return PersonErased.model_validate(erased.as_dict())
