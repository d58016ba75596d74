"""Everything the audit is given about a campaign, and its judgement over all of it.

It needs neither the database nor the program that dialed: `docs/reference/audit.md` describes the lines it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from typing import Any

from campaigns.audit import Violation, audit
from campaigns.audit_attempt import AuditedAttempt
from campaigns.audit_chain import ChainWalk, Seal
from campaigns.audit_consent import Agreed, Agreement
from campaigns.audit_rules import RuleShelf
from campaigns.campaign import Campaign
from campaigns.compliance import Basis, RuleSet
from campaigns.errors import CampaignFileError, RuleSetError
from campaigns.loader import parse_campaign
from campaigns.toml_rules import parse_rule_set
from lists.lead import Lead, PhoneNumber


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule set's text, "" when it was taken away. `basis`: "preset" or "declared". `added_at`: since when it
    has been in force here, seconds UTC."""

    name: str
    body: str
    basis: str
    added_at: float


@dataclass(frozen=True, slots=True)
class Case:
    """What holds for all attempts of a campaign. `texts`: every text it has had, the present one last. `walls`:
    by their hash. `blocked`: for calls of which purpose ("": any) each number was on a register, from, until
    (None: still). `consents`: what was agreed to on each number, and refused. `against`: a link of the chain that
    was written down earlier, in hex, "" for none. `agreed`: what was promised, and agreed to
    with it. `expiries`: when which last day was said for a list."""

    campaign: str
    texts: tuple[str, ...]
    rule_sets: tuple[RuleText, ...]
    walls: dict[str, str]
    blocked: dict[str, tuple[tuple[str, float, float | None], ...]]
    against: str = ""
    agreed: tuple[Agreed, ...] = ()
    consents: dict[str, tuple[Agreement, ...]] = field(default_factory=dict)
    expiries: dict[str, tuple[tuple[float, str], ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """An attempt's place in the chain, whatever its campaign; `seal`: None for one of a version before."""

    attempt_id: int
    seal: Seal | None


Evidence = Case | Lead | AuditedAttempt | Link

KINDS: dict[str, type[Any]] = {"case": Case, "lead": Lead, "attempt": AuditedAttempt, "link": Link}
"""What lines may be about. They come in this order; attempts by the moment they were dialed, links by their place,
those of attempts outside of the chain first. A lead that was changed since comes first as it was, and again before
the first attempt after a change."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`audited`: attempts of the campaign that left, or may have left; `erased`: those among them whose permits
    were erased, so that nobody can judge them. `links`, `outside`: attempts of all campaigns in the chain, and
    of versions before it. `head`: the last link, "" when there is none. `found`: whether the link that was
    written down is among them; None when there was none."""

    violations: tuple[Violation, ...]
    audited: int
    erased: int
    links: int
    outside: int
    head: str
    found: bool | None


def judge(evidence: Iterable[Evidence]) -> Verdict:
    """The judgement over one campaign. Raises `ValueError` for evidence in another order than that of `KINDS`, and
    `CampaignFileError` when the campaign's present text cannot be read."""
    given = iter(evidence)
    case = next(given, None)
    if not isinstance(case, Case):
        raise ValueError(f"the evidence begins with the case, not with {case!r}")
    tribunal = _Tribunal(case)
    violations = [*tribunal.over_attempts(given), *tribunal.over_links(given)]
    walk = tribunal.walk
    return Verdict(
        tuple(violations), tribunal.audited, tribunal.erased, walk.links, len(walk.outside), walk.head,
        walk.found if case.against else None,
    )  # fmt: skip


@dataclass(slots=True)
class _Tribunal:
    case: Case
    leads: dict[int, Lead] = field(default_factory=dict)
    audited: int = 0
    erased: int = 0
    first_link: Link | None = None
    walk: ChainWalk = field(default_factory=ChainWalk)

    def over_attempts(self, given: Iterator[Evidence]) -> Iterator[Violation]:
        case = self.case
        *earlier, present = _readable(case.texts)
        yield from audit(
            present,
            (),
            self._attempts(given),
            number_of=self._number,
            blocked=case.blocked,
            consents=case.consents,
            earlier_versions=[(text, ()) for text in earlier],
            walls=case.walls,
            home_of=self._home,
            list_of=self._list,
            expiries=case.expiries,
            agreed={one.callback_id: one for one in case.agreed},
            shelf=RuleShelf(_shelved(case.rule_sets)),
        )

    def _attempts(self, given: Iterator[Evidence]) -> Iterator[AuditedAttempt]:
        for one in given:
            match one:
                case Lead():
                    self.leads[one.lead_id] = one
                case AuditedAttempt():
                    if one.placed and one.campaign == self.case.campaign:
                        self.audited += 1
                        self.erased += one.erased
                    yield one
                case Link():
                    self.first_link = one
                    return
                case _:
                    raise ValueError(f"evidence out of order: {one!r}")

    def over_links(self, given: Iterator[Evidence]) -> Iterator[Violation]:
        self.walk.wanted = self.case.against
        for one in chain(() if self.first_link is None else (self.first_link,), given):
            if not isinstance(one, Link):
                raise ValueError(f"evidence out of order: {one!r}")
            for attempt_id, code, text in self.walk.visit(one.attempt_id, one.seal):
                yield Violation(attempt_id, code, text)

    def _number(self, lead_id: int, e164: str) -> PhoneNumber | None:
        lead = self.leads.get(lead_id)
        return None if lead is None else next((phone for phone in lead.phones if phone.e164 == e164), None)

    def _home(self, lead_id: int) -> tuple[str, str]:
        lead = self.leads.get(lead_id)
        return ("", "") if lead is None else (lead.country, lead.region)

    def _list(self, lead_id: int) -> str:
        lead = self.leads.get(lead_id)
        return "" if lead is None else lead.list_name


def _shelved(texts: tuple[RuleText, ...]) -> Iterator[tuple[float, str, RuleSet | None]]:
    """A text that this version does not understand is left out."""
    for text in texts:
        try:
            yield text.added_at, text.name, _rule_set(text.body, text.name, text.basis) if text.body else None
        except RuleSetError:
            continue


@lru_cache(maxsize=512)
def _rule_set(body: str, name: str, basis: str) -> RuleSet:
    return replace(parse_rule_set(body.encode(), name), basis=Basis(basis))


def _readable(texts: tuple[str, ...]) -> Iterator[Campaign]:
    """The campaign as it was and is. An earlier text that this version does not understand is left out; the
    present one raises `CampaignFileError`."""
    *earlier, present = texts
    for text in earlier:
        try:
            yield parse_campaign(text, "an earlier text of the campaign", None)
        except CampaignFileError:
            continue
    yield parse_campaign(present, "the stored campaign", None)
