"""What is sent over the control API to be kept, and what came of it: campaigns, leads, numbers. As `schemas`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from campaigns.consent import ConsentKind
from campaigns.life import CampaignState
from campaigns.purpose import Purpose
from dialer.api.schemas import E164, Asked, ProblemRow, Remark, Shown, Word

_LAST_MOMENT = 253_402_300_799.0  # 9999-12-31, the last that a clock shows


class CampaignText(Asked):
    """A campaign file. `filename` stands in messages; `order_seed`: of order `random`."""

    toml: Annotated[str, Field(max_length=65_536)]
    filename: Remark = "campaign.toml"
    order_seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] = 0


class CampaignAdded(Shown):
    campaign: str
    replaced: bool
    state: CampaignState
    leads: int
    warnings: list[ProblemRow]


class CampaignMoved(Shown):
    """A campaign after a step of its life. `unstored`: what keeps that from being on record yet; it is tried again
    until it is, or the service ends."""

    campaign: str
    state: CampaignState
    state_reason: str
    unstored: str = ""


class ResetAsked(Asked):
    """`outcomes`: leads that these closed; `where`: of those the ones for which all of it holds, as of `MoveText`.
    `dry_run`: only say what would happen."""

    outcomes: Annotated[list[Word], Field(min_length=1, max_length=100)]
    where: Annotated[list[Remark], Field(max_length=50)] = Field(default_factory=list)
    dry_run: bool = False


class CampaignReset(Shown):
    """The document of `dialer campaign reset --json`."""

    campaign: str
    outcomes: list[str]
    leads: int
    back: int
    held: dict[str, int]
    barred: dict[str, int]
    stored: bool


class MoveText(Asked):
    """See `dialer.operations.move_leads.MoveAsked`. `dry_run`: only say what would happen."""

    into: Remark
    where: Annotated[list[Remark], Field(max_length=50)] = Field(default_factory=list)
    count: Annotated[int | None, Field(ge=1)] = None
    percent: Annotated[float | None, Field(gt=0, le=100)] = None
    by: Remark = ""
    dry_run: bool = False


class ListMoved(Shown):
    """The document of `dialer list split --json` and `merge --json`."""

    name: str
    leads: int
    parts: dict[str, int]
    at_hand: int
    promised: int
    stored: bool


class ExpiryText(Asked):
    """`expires_on`: ISO date of the last day, or "never". `dry_run`: only say what would happen."""

    expires_on: Word
    dry_run: bool = False


class ListExpiry(Shown):
    """The document of `dialer list expire --json`."""

    name: str
    expires_on: str
    before: str
    leads: int
    campaigns: list[str]
    back: int
    stored: bool


class Phone(Shown):
    """See `lists.lead.PhoneNumber`."""

    e164: E164
    region: str
    kind: str
    zones: list[str]
    zone_source: str
    use: str = ""
    extension: str = ""
    source: str = ""
    as_of: str = ""
    zone_evidence: Annotated[str, Field(max_length=8_000)] = ""


class LeadDetails(Shown):
    """See `lists.lead.Details`."""

    address: str = ""
    city: str = ""
    postal_code: str = ""
    language: str = ""
    owner: str = ""
    rank: int | None = None


class OriginText(Asked):
    """See `lists.lead.Origin`."""

    field: str
    source: str
    as_of: str


class LeadText(Asked):
    """A lead to store, judged already by the importer."""

    phones: Annotated[list[Phone], Field(min_length=1)]
    first_name: str = ""
    last_name: str = ""
    external_id: str = ""
    fields: list[tuple[str, str]] = Field(default_factory=list)
    person_key: str = ""
    debt_id: str = ""
    country: str = ""
    region: str = ""
    details: LeadDetails = Field(default_factory=LeadDetails)
    source: str = ""
    as_of: str = ""
    origins: list[OriginText] = Field(default_factory=list)


class LeadPortion(Asked):
    """A portion of an import, stored in one transaction."""

    leads: Annotated[list[LeadText], Field(min_length=1, max_length=2_000)]
    source: str = ""
    as_of: str = ""


class LeadChange(LeadText):
    """A lead that is there, with what a list knows better of it. `origins`: all of them. `read_as`: a mark of what
    it was then, "" to change it whatever it is."""

    lead_id: int
    read_as: str = ""


class LeadChanges(Asked):
    """A portion of an import that tells more of known leads, stored in one transaction."""

    leads: Annotated[list[LeadChange], Field(min_length=1, max_length=2_000)]


class ImportEnd(Asked):
    """What an import came to, for the log of changes."""

    file: str
    summary: dict[str, object]


class Numbers(Asked):
    """Of a do-not-call register. `purpose`: of the calls that are refused, "" for all."""

    numbers: Annotated[list[E164], Field(min_length=1, max_length=2_000)]
    source: Remark = ""
    client: Word = ""
    purpose: Purpose | Literal[""] = ""


class ConsentText(Asked):
    """See `campaigns.consent.Consent`. `refused`: nothing was agreed to; they said so at `given_at`."""

    number: E164
    kind: ConsentKind = ConsentKind.CALL
    purpose: Purpose | Literal[""] = ""
    given_at: Annotated[float, Field(ge=0.0, le=_LAST_MOMENT)]
    expires_at: Annotated[float | None, Field(ge=0.0, le=_LAST_MOMENT)] = None
    source: Remark = ""
    evidence: Annotated[str, Field(max_length=2_000)] = ""
    refused: bool = False


class Consents(Asked):
    """For a client's register; "" is the house's own."""

    consents: Annotated[list[ConsentText], Field(min_length=1, max_length=2_000)]
    client: Word = ""


class Withdrawn(Asked):
    """Numbers whose consents end; `kind` "": all of them. Where there were none it stays on record all the same
    that the person said no, with `source`."""

    numbers: Annotated[list[E164], Field(min_length=1, max_length=2_000)]
    kind: ConsentKind | Literal[""] = ""
    client: Word = ""
    source: Remark = ""
