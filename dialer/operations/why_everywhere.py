"""`dialer why` without a campaign: the answer of every campaign that calls it, and its registers and calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from campaigns.errors import CampaignsError
from campaigns.loader import parse_campaign
from campaigns.rule_library import PRESETS, RuleLibrary
from campaigns.walls import Walls
from dialer.errors import InputError, UnknownName
from dialer.operations.moments import iso
from dialer.operations.routes_at import RoutesAt
from dialer.operations.why import Explanation, is_lead_id, why
from dialer.ports.store import Reader, StoredCampaign
from lists.client import HOUSE, client_of
from lists.dnc import blocked_spans
from lists.lead import Lead
from lists.phone import BadNumber, check_region, parse_phone

LATEST = 20
"""So many of the latest calls are told."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A stretch of a number on a register. `client`: whose, "" the house's; `purpose`: for which calls, "" all.
    `until`: None while it is on it."""

    number: str
    client: str
    purpose: str
    since: float
    until: float | None


@dataclass(frozen=True, slots=True)
class Everywhere:
    """`campaigns`: by name, why or why not, None where this version does not understand the campaign's text."""

    at: float
    lead_ids: tuple[int, ...]
    numbers: tuple[str, ...]
    registers: tuple[Listed, ...]
    attempts: tuple[dict[str, object], ...]
    campaigns: tuple[tuple[StoredCampaign, Explanation | None], ...]

    @property
    def allowed(self) -> bool:
        """Some campaign may dial it."""
        return any(answer is not None and answer.allowed for _, answer in self.campaigns)

    def as_dict(self) -> dict[str, Any]:
        """The document of `dialer why --json` without a campaign."""
        return {
            "at": iso(self.at),
            "allowed": self.allowed,
            "leads": list(self.lead_ids),
            "numbers": list(self.numbers),
            "registers": [
                {
                    "number": one.number,
                    "client": one.client,
                    "purpose": one.purpose,
                    "since": iso(one.since),
                    "until": iso(one.until),
                }
                for one in self.registers
            ],
            "attempts": list(self.attempts),
            "campaigns": [
                {
                    "campaign": stored.name,
                    "state": stored.state.value,
                    **({"allowed": None, "reason": None, "until": None} if answer is None else answer.as_dict()),
                }
                for stored, answer in self.campaigns
            ],
        }


def why_everywhere(
    reader: Reader,
    who: str,
    at: float,
    region: str | None = None,
    *,
    walls: Walls,
    routes: RoutesAt | None = None,
    library: RuleLibrary = PRESETS,
    sees: Callable[[str], bool] = lambda name: True,
    served: bool = False,
) -> Everywhere:
    """As `why`, for every campaign that calls a list with `who` in it. `sees`: whether a campaign or list of this
    full name may be told of. Raises `InputError`, `UnknownName`."""
    leads, numbers = _meant(reader, who, region, sees)
    lists = {lead.list_name for lead in leads}
    found: list[tuple[StoredCampaign, Explanation | None]] = []
    for stored in reader.campaigns():
        if not sees(stored.name):
            continue
        try:
            campaign = parse_campaign(stored.body, f"stored campaign {stored.name}", None)
            if not lists.isdisjoint(campaign.lists):
                answer = why(
                    reader,
                    stored.name,
                    who,
                    at,
                    region,
                    walls=walls,
                    routes=routes,
                    library=library,
                    served=served,
                )
                found.append((stored, answer))
        except CampaignsError:
            found.append((stored, None))
    return Everywhere(
        at,
        tuple(lead.lead_id for lead in leads),
        numbers,
        tuple(_registers(reader, numbers, [stored.name for stored in reader.campaigns() if sees(stored.name)])),
        tuple(_attempts(reader, numbers, at, sees)),
        tuple(found),
    )


def _meant(
    reader: Reader, who: str, region: str | None, sees: Callable[[str], bool]
) -> tuple[Sequence[Lead], tuple[str, ...]]:
    if is_lead_id(who, region):
        lead = reader.lead(int(who)) if len(who) < 18 else None
        if lead is None or not sees(lead.list_name):
            raise UnknownName(
                "lead", who, None, "write a telephone number as +12025550123; lead ids: `list export`"
            )
        return [lead], tuple(phone.e164 for phone in lead.phones)
    number = parse_phone(who, check_region(region) if region else None)
    if isinstance(number, BadNumber):
        raise InputError(f"{number.text} (write it as +12025550123, or give a lead's id)")
    leads = [lead for lead in reader.leads_by_number(number.e164) if sees(lead.list_name)]
    return leads, (number.e164,)


def _registers(reader: Reader, numbers: Sequence[str], campaigns: Sequence[str]) -> list[Listed]:
    """Stretches on the house's register, and on those of the clients whose campaigns these are."""
    found: list[Listed] = []
    for client in sorted({HOUSE, *(client_of(name) for name in campaigns)}):
        own = [one for one in reader.dnc_entries(numbers, client) if one.client == client]
        for purpose in sorted({one.purpose for one in own}):
            spans = blocked_spans(one for one in own if one.purpose == purpose)
            found += [Listed(number, client, purpose, *span) for number in spans for span in spans[number]]
    return found


def _attempts(
    reader: Reader, numbers: Sequence[str], at: float, sees: Callable[[str], bool]
) -> list[dict[str, object]]:
    """The latest before the moment, of every campaign: what caps count."""
    past = [one for one in reader.attempts_on(numbers) if one.created_at < at and sees(one.campaign)]
    return [
        {
            "at": iso(attempt.created_at),
            "campaign": attempt.campaign,
            "number": attempt.number,
            "outcome": attempt.record.outcome if attempt.record is not None else None,
            "disposition": attempt.record.disposition if attempt.record is not None else None,
        }
        for attempt in past[-LATEST:]
    ]
