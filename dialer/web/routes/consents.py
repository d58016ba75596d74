"""The registers of consents."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from campaigns.consent import Consent
from dialer.api.edits import Consents, Withdrawn
from dialer.api.holdings import ConsentRow, ConsentsChanged, ConsentState
from dialer.api.roles import Permission
from dialer.operations.consents import change_of
from dialer.ports.store import Audited, Reader, SaveConsents, WithdrawConsents
from dialer.web.caller import Caller, needs
from dialer.web.control import Control, ControlOf
from dialer.web.router import Router
from dialer.web.routes.people import E164, client_for

router = Router(prefix="/v1")

Edits = Annotated[Caller, needs(Permission.CONSENTS_EDIT)]


@router.post("/consents", tags=["consents"], summary="Put consents on a register")
async def save(control: ControlOf, caller: Edits, body: Consents) -> ConsentsChanged:
    """`client`: whose; "" is the house's own. A client's caller edits its own."""
    client = client_for(control, caller, body.client)
    entries = tuple(
        Consent(
            one.number, one.kind, one.purpose, one.given_at, one.expires_at, one.source, one.evidence,
            one.given_at if one.refused else None,
        )
        for one in body.consents
    )  # fmt: skip
    await _write(control, caller, SaveConsents(entries, control.service.clock.now(), client))
    return ConsentsChanged(changed=len(entries))


@router.post("/consents/withdraw", tags=["consents"], summary="End consents")
async def withdraw(control: ControlOf, caller: Edits, body: Withdrawn) -> ConsentsChanged:
    """They stay in the register, with the moment at which they ended; so does a no of somebody who gave none."""
    client = client_for(control, caller, body.client)
    numbers = tuple(dict.fromkeys(body.numbers))
    await _write(
        control, caller, WithdrawConsents(numbers, control.service.clock.now(), client, body.kind, body.source)
    )
    return ConsentsChanged(changed=len(numbers))


@router.get("/consents/{number}", tags=["consents"], summary="What somebody has agreed to on a number")
async def consents(
    control: ControlOf,
    caller: Annotated[Caller, needs(Permission.CONSENTS_READ)],
    number: Annotated[str, Path(pattern=E164)],
    client: Annotated[str, Query(description="Whose register; your own if not given.")] = "",
) -> ConsentState:
    of = client_for(control, caller, client)

    def read(reader: Reader) -> ConsentState:
        rows = [
            ConsentRow(
                number=one.number,
                kind=one.kind,
                purpose=one.purpose,
                given_at=one.given_at,
                expires_at=one.expires_at,
                source=one.source,
                evidence=one.evidence,
                withdrawn_at=one.withdrawn_at,
            )
            for one in reader.consents([number], of)
        ]
        return ConsentState(number=number, client=of, consents=rows)

    return await control.threads.run(read, control.service.reader)


async def _write(control: Control, caller: Caller, write: SaveConsents | WithdrawConsents) -> None:
    await control.service.write(Audited(write, change_of(write, caller.actor, control.service.clock.now())))
