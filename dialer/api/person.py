"""One person's data, erased over the control API. As `schemas`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dialer.api.schemas import E164, Asked, Remark, Shown, Word


class ErasureAsked(Asked):
    """Who: `lead`, or a `number` that leads of one name alone have. `client`: what that client has of them, "" the
    house; all that the caller may see if not given. `reason`: of the request, kept in the log of changes."""

    lead: Annotated[int | None, Field(ge=1, lt=2**63)] = None
    number: E164 | None = None
    client: Word | None = None
    reason: Remark = ""


class PersonErased(Shown):
    """The document of `dialer person erase --json`."""

    leads: int
    attempts: int
    callbacks: int
    recordings: int
    registers: int
