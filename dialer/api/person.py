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


class RetentionAsked(Asked):
    """`dry_run`: only say what would go."""

    dry_run: bool = False


class RetentionRow(Shown):
    """Of one client, "" the house. `leads`, `called`: what would go, at most; of what has gone `attempts`,
    `recordings`, and those that stay for being `at_hand`."""

    client: str
    lead_days: int
    proof_days: int
    leads: int
    called: int | None = None
    attempts: int | None = None
    recordings: int | None = None
    at_hand: int | None = None


class RetentionDone(Shown):
    """The document of `dialer person retention --json`."""

    stored: bool
    clients: list[RetentionRow]


class PersonErased(Shown):
    """The document of `dialer person erase --json`."""

    leads: int
    attempts: int
    callbacks: int
    recordings: int
    registers: int
