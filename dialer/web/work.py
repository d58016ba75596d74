"""What the service and the process that does its long work say to each other, one JSON document a line."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from dialer.api.schemas import Fault
from dialer.operations.list_freshness import VERIFY_AT, WORTH_FROM
from lists.dedupe import USUAL, Policy

Costly = Literal["premium", "shared_cost"]
"""Kinds of number that an import leaves out unless it is told to keep them; they are never dialed."""


class ReportWork(BaseModel):
    """Sum up a campaign. `since`, `until`: seconds UTC, None for all."""

    kind: Literal["report"] = "report"
    campaign: str
    since: float | None = None
    until: float | None = None


class ImportWork(BaseModel):
    """Import a file into a list; the rest as `ImportOptions` (`import_list`). `name`: of the file, as sent;
    `saved`: name of a mapping that is kept in the home, "" for none."""

    kind: Literal["import"] = "import"
    file: Path
    name: str
    list_name: str
    region: str | None = None
    mapping: list[str] = Field(default_factory=list)
    source: str = ""
    as_of: str = ""
    encoding: str | None = None
    delimiter: str | None = None
    dates: str = ""
    saved: str = ""
    on_duplicate: Policy = Policy.SKIP
    duplicates_by: str = USUAL
    across_lists: bool = False
    accept: list[Costly] = Field(default_factory=list)


class TrunkOut(BaseModel):
    """As `dialer.operations.routes_at.OutOfUse`."""

    words: str
    until: float | None


class FunnelWork(BaseModel):
    """Count a campaign's funnel. `at`: seconds UTC, None for now; `down`: trunks out of use now, by name."""

    kind: Literal["funnel"] = "funnel"
    campaign: str
    at: float | None = None
    down: dict[str, TrunkOut] = Field(default_factory=dict)


class FreshnessWork(BaseModel):
    """How fresh a list is. `at`: seconds UTC, None for now; `verify_below`, `worth_from`: as `list_freshness`."""

    kind: Literal["freshness"] = "freshness"
    list_name: str
    at: float | None = None
    verify_below: float = VERIFY_AT
    worth_from: float = WORTH_FROM


class Order(BaseModel):
    """The whole of the process's standard input. `database`: path or address; it may hold a password, so neither
    arguments nor environment carry it. `token`: to write through the service's socket with; "" for work that
    writes nothing."""

    home: Path
    database: str
    token: str = Field(repr=False)
    now: float
    work: ReportWork | ImportWork | FunnelWork | FreshnessWork = Field(discriminator="kind")


class Said(BaseModel):
    """A line of its standard output: how far it is, and last what it came to."""

    done: int | None = None
    total: int | None = None
    result: dict[str, object] | None = None
    fault: Fault | None = None
