"""Saved mappings: how the lists of one source are read. The installation has them, and no client sees
whose they are."""

from __future__ import annotations

from typing import Annotated

from campaigns.errors import CampaignFileError
from dialer.api.holdings import Accepted, MappingEntry, Mappings, MappingShown
from dialer.api.roles import Permission
from dialer.operations.list_mapping import find_mapping, mapping_names, read_mapping, remove_mapping
from dialer.ports.store import SaveChange
from dialer.web.caller import Caller, needs
from dialer.web.control import ControlOf
from dialer.web.router import Router
from lists.client import HOUSE

router = Router(prefix="/v1/mappings", tag="lists")


@router.get("", summary="Saved mappings, by name")
async def mappings(
    control: ControlOf, caller: Annotated[Caller, needs(Permission.LISTS_READ, house=True)]
) -> Mappings:
    def read() -> Mappings:
        found = []
        for name in mapping_names(control.home):
            try:
                saved = read_mapping(find_mapping(control.home, name))
                found.append(MappingEntry(name=name, columns=len(saved.columns), source=saved.source))
            except CampaignFileError as error:
                found.append(MappingEntry(name=name, problem=str(error)))
        return Mappings(mappings=found)

    return await control.threads.run(read)


@router.get("/{name}", summary="How lists are read by a mapping")
async def mapping(
    control: ControlOf, caller: Annotated[Caller, needs(Permission.LISTS_READ, house=True)], name: str
) -> MappingShown:
    def read() -> MappingShown:
        return MappingShown.model_validate(read_mapping(find_mapping(control.home, name)).as_dict())

    return await control.threads.run(read)


@router.delete("/{name}", summary="Forget a mapping")
async def remove(
    control: ControlOf, caller: Annotated[Caller, needs(Permission.LISTS_EDIT, house=True)], name: str
) -> Accepted:
    """Lists that were read by it stay as they are."""
    await control.threads.run(remove_mapping, control.home, name)
    change = caller.actor.change(control.service.clock.now(), "mapping.remove", name, HOUSE)
    await control.service.write(SaveChange(change))
    return Accepted()
