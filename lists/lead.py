"""A lead: one person (or establishment) of a list, with the numbers it may be reached at."""

from __future__ import annotations

from enum import StrEnum
from hashlib import blake2b

from lists.client import client_of
from lists.value import value


class NumberKind(StrEnum):
    """What kind of line a number is, as far as its numbering plan tells."""

    FIXED = "fixed"
    MOBILE = "mobile"
    FIXED_OR_MOBILE = "fixed_or_mobile"
    TOLL_FREE = "toll_free"
    PREMIUM = "premium"
    SHARED_COST = "shared_cost"
    VOIP = "voip"
    PERSONAL = "personal"
    PAGER = "pager"
    UAN = "uan"
    VOICEMAIL = "voicemail"
    UNKNOWN = "unknown"


class ZoneSource(StrEnum):
    """Where the candidate time zones of a number come from, strongest evidence first."""

    STATED = "stated"  # a time-zone column of the list
    REGION = "region"  # the state or province where the person lives
    POSTAL_CODE = "postal_code"
    COUNTRY = "country"
    CONTACT = "contact"  # the clock on which the person was promised a call
    NUMBERING_PLAN = "numbering_plan"  # where the operator's range is in use, by a table of this installation
    NUMBER = "number"  # derived from the number alone
    UNKNOWN = "unknown"  # nothing known: such a number is not dialed


class Confidence(StrEnum):
    """How far evidence of zones can be relied on."""

    HIGH = "high"  # somebody said so, or the country has no other zones
    MEDIUM = "medium"  # of a line that stays where it is, or of an operator's region
    LOW = "low"  # of a number that people take along


class NumberUse(StrEnum):
    """What a list says that a number is for."""

    MOBILE = "mobile"
    HOME = "home"
    WORK = "work"
    OTHER = "other"


@value
class PhoneNumber:
    """One dialable number, in the only form the product stores.

    `e164` has the leading plus; "" of somebody who was erased. `region` is the ISO 3166-1 alpha-2 code of the
    numbering plan's country ("001" for non-geographic plans). `zones` are IANA names, sorted; a call is allowed
    only where every one of them allows it. `use`: a `NumberUse`, "" where the list does not say. `extension`:
    digits behind the exchange that the number reaches; never dialed as part of it. `source`, `as_of` (ISO date):
    where the number comes from and how old it is, "" where that is what the lead says of itself. `zone_evidence`:
    what every source says of the zones where there are several; `lists.zone_evidence.candidates_of` reads it.
    """

    e164: str
    region: str
    kind: NumberKind
    zones: tuple[str, ...]
    zone_source: ZoneSource
    use: str = ""
    extension: str = ""
    source: str = ""
    as_of: str = ""
    zone_evidence: str = ""

    def __str__(self) -> str:
        return self.e164

    @property
    def zone_group(self) -> str:
        """Country and zones, `GB:Europe/London`: the beginning of the name of what opens and closes together."""
        return f"{self.region}:{'|'.join(self.zones)}"


@value
class Details:
    """What else a list may say of a person, "" (None) where it does not. `address`: street and house, further
    lines behind commas. `language`: BCP 47 (`uk`, `pt-BR`). `owner`: the agent whose contact it is. `rank`: higher
    is dialed earlier, where a campaign goes by it."""

    address: str = ""
    city: str = ""
    postal_code: str = ""
    language: str = ""
    owner: str = ""
    rank: int | None = None


NO_DETAILS = Details()


@value
class Origin:
    """Where one value of a lead comes from, and how old it is (ISO date, "" for unknown). `field`: an attribute of
    `Lead` or `Details`, or the name of one of its `fields`."""

    field: str
    source: str
    as_of: str


def lead_party(lead_id: int) -> str:
    """`Lead.party` of a lead of whom it is not known who it is."""
    return f"#{lead_id}"


def lead_of_party(party: str) -> int | None:
    """The lead's id, where `lead_party` made it; None: it is a person."""
    return int(party[1:]) if party[:1] == "#" and party[1:].isdecimal() else None


@value
class Lead:
    """One contact of one list. `phones` are in the order in which they should be tried, at least one.

    `fields` holds every further column of the list, in file order, as (name, value). `country` (ISO 3166-1
    alpha-2), `region` (ISO 3166-2, "US-FL"): where the person lives, `person_key`: who it is, the same on every
    lead of the client that is this person, `debt_id`: which debt it is about; "" when the list does not say.
    `source`, `as_of` (ISO date): where it comes from and how old it is; `origins`: the values that came from
    elsewhere since. `expires_on`: the last day of the list (ISO date), "" for none.
    """

    lead_id: int
    list_name: str
    phones: tuple[PhoneNumber, ...]
    first_name: str = ""
    last_name: str = ""
    external_id: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    country: str = ""
    region: str = ""
    person_key: str = ""
    debt_id: str = ""
    details: Details = NO_DETAILS
    source: str = ""
    as_of: str = ""
    origins: tuple[Origin, ...] = ()
    expires_on: str = ""

    def origin_of(self, field: str) -> tuple[str, str]:
        """Source and date of one of its values; see `Origin.field`."""
        return next(
            ((one.source, one.as_of) for one in self.origins if one.field == field), (self.source, self.as_of)
        )

    @property
    def person(self) -> str:
        """The person, over all of the client's leads; "" where only the lead itself is known."""
        return f"{client_of(self.list_name)}:{self.person_key}" if self.person_key else ""

    @property
    def debt(self) -> str:
        """One debt of the person, over all of the client's leads; "" where none is named. Who owe it together have
        each their own."""
        return f"{client_of(self.list_name)}:{self.debt_id}:{self.person_key}" if self.debt_id else ""

    @property
    def party(self) -> str:
        """Who would be called: the person or, where that is all that is known, the lead. Never a number."""
        return self.person or lead_party(self.lead_id)

    @property
    def mark(self) -> str:
        """The same for two that are alike in everything: who changes a lead says by it what it was."""
        return blake2b(repr(self).encode(), digest_size=12).hexdigest()

    @property
    def first_position(self) -> int:
        """Where a campaign starts: the first number that has a zone, for one without is never dialed; 0 when none
        has."""
        return next((position for position, phone in enumerate(self.phones) if phone.zones), 0)

    @property
    def is_erased(self) -> bool:
        """Nothing is left of whom it was but that there was somebody."""
        return not any(phone.e164 for phone in self.phones)

    @property
    def display_name(self) -> str:
        """Name as the agent sees it; empty when the list has none."""
        return f"{self.first_name} {self.last_name}".strip()
