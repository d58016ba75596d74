"""Leads that are closed in a campaign taken up again, by what closed them.

A reset forgets what came of a lead, so that its retries begin anew, and nothing else: attempts stay, and every
cap, limit and cool-off counts them. Who refused, or asked for no more calls, is not among those who may come back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice

from campaigns.campaign import Campaign
from campaigns.outcome import FINAL as FINAL_OUTCOMES
from campaigns.outcome import TECHNICAL, Outcome
from campaigns.refusal import Refused
from campaigns.rule_library import PRESETS, RuleLibrary
from campaigns.toml_table import suggestion
from campaigns.walls import Walls
from dialer.errors import InputError
from dialer.operations.funnel import STAGE_OF, Stage, known_of
from dialer.operations.lead_verdict import Ways, stands
from dialer.operations.move_leads import of_segment
from dialer.operations.open_campaign import Version, read_version
from dialer.ports.access import Actor
from dialer.ports.store import Answer, Audited, Reader, RequeueLeads, Write
from lists.client import client_of

PORTION = 500
"""Leads looked at, and written, at once."""

_WHY_NOT = {
    "dnc": "who is on a do-not-call register is not called",
    "opted_out": "who asked for no more calls is not called",
    "refused_before": "after a refusal a lead is called once more at most",
    "erased": "their data was erased: nothing is left to call them by",
    "list_removed": "their list was taken out of the campaign: put it back",
}
_PASSING = frozenset({Stage.WINDOW, Stage.ROUTES, Stage.LEASED, Stage.WAITING})
"""What keeps a lead for now, and no reason not to take it up again."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Of the leads that `outcomes` closed (`leads`): how many come `back`, and what bars how many others; those
    stay closed. `held`: those among the first that a cap or a cool-off keeps for a while yet. `stored`: False for
    what would happen."""

    campaign: str
    outcomes: tuple[str, ...]
    leads: int
    back: int
    held: dict[str, int]
    barred: dict[str, int]
    stored: bool

    def as_dict(self) -> dict[str, object]:
        """The document of `dialer campaign reset --json`."""
        return asdict(self)


def plan_reset(
    reader: Reader,
    name: str,
    outcomes: Sequence[str],
    *,
    walls: Walls,
    now: float,
    library: RuleLibrary = PRESETS,
    where: Sequence[str] = (),
) -> tuple[Reset, list[int]]:
    """What a reset would do, and the leads that come back. `where`: of those alone (`lists.segment`). Raises
    `InputError`, `UnknownName`, `OptionError`."""
    version = read_version(reader, name, library)
    codes = tuple(dict.fromkeys(outcomes))
    _check(version[0], codes)
    back: list[int] = []
    held: Counter[str] = Counter()
    barred: Counter[str] = Counter()
    lead_ids = reader.closed_leads(name, codes)
    if where:
        lead_ids = of_segment(reader, lead_ids, where, now)
    while portion := list(islice(lead_ids, PORTION)):
        for lead_id, refused in _judged(reader, version, portion, walls, now):
            stage = None if refused is None else STAGE_OF[refused.reason]
            if refused is not None and refused.until is None and stage not in _PASSING:
                barred[refused.reason.value] += 1
                continue
            back.append(lead_id)
            if refused is not None and stage is Stage.CAPS:
                held[refused.reason.value] += 1
    leads = len(back) + barred.total()
    if not leads and not where:
        _check_known(version[0], codes)
    reset = Reset(name, codes, leads, len(back), dict(held), dict(barred.most_common()), stored=False)
    return reset, back


def reset_change(reset: Reset, actor: Actor, now: float, first: RequeueLeads) -> Audited:
    """The first portion, with the entry in the log of changes."""
    detail = {"outcomes": ", ".join(reset.outcomes), "leads": str(reset.back)}
    return Audited(first, actor.change(now, "campaign.reset", reset.campaign, client_of(reset.campaign), **detail))


def portions_of(reset: Reset, back: Sequence[int], campaign: Campaign, now: float) -> Iterator[RequeueLeads]:
    """The writes that take the leads up again. Faults of routes stay counted, for they are what attempts that are
    not charged are told by; so do refusals, after which a lead is called once more at most."""
    soft = [said.code for said in campaign.dispositions if said.soft_refusal]
    keep = (*(outcome.value for outcome in TECHNICAL), *soft)
    for start in range(0, len(back), PORTION):
        yield RequeueLeads(reset.campaign, tuple(back[start : start + PORTION]), tuple(sorted(keep)), now)


def reset_campaign(
    reader: Reader,
    name: str,
    outcomes: Sequence[str],
    *,
    walls: Walls,
    write: Callable[[Write], Answer],
    actor: Actor,
    now: float,
    library: RuleLibrary = PRESETS,
    where: Sequence[str] = (),
) -> Reset:
    """Take them up again; while no service runs. Raises as `plan_reset`."""
    planned, back = plan_reset(reader, name, outcomes, walls=walls, now=now, library=library, where=where)
    campaign, _ = read_version(reader, name, library)
    for number, portion in enumerate(portions_of(planned, back, campaign, now)):
        write(portion if number else reset_change(planned, actor, now, portion))
    return replace(planned, stored=True)


def _check(campaign: Campaign, codes: Collection[str]) -> None:
    if not codes:
        raise InputError("--outcome: say which leads, by the result that closed them: --outcome no_answer")
    for code in codes:
        said = next((one for one in campaign.dispositions if one.code == code), None)
        why = _WHY_NOT.get(code, "")
        if code in FINAL_OUTCOMES or (said is not None and said.dnc):
            why = _WHY_NOT["dnc"]
        elif said is not None and said.soft_refusal:
            why = f"a refusal is asked about once more by [retry.{code}] of the campaign file"
        if why:
            raise InputError(f"--outcome {code}: {why}")


def _check_known(campaign: Campaign, codes: Sequence[str]) -> None:
    """A result that closed nobody may be a slip; one that an earlier text of the campaign had would have closed
    some."""
    known = [outcome.value for outcome in Outcome] + [one.code for one in campaign.dispositions]
    for code in codes:
        if code not in known:
            raise InputError(f"--outcome {code}: no result of this campaign; {suggestion(code, known)}")


def _judged(
    reader: Reader, version: Version, lead_ids: Sequence[int], walls: Walls, now: float
) -> Iterator[tuple[int, Refused | None]]:
    """Each lead with what would refuse it, were it taken up now."""
    ways = Ways(version[0], walls, None)
    for place, candidate in reader.candidates(version[0].name, lead_ids, now, version[0].purpose.value):
        turn, due_at = place.phone_position, place.due_at
        _, verdict, _ = stands(version, known_of(version, candidate), turn, due_at, place.reason, now, ways)
        yield place.lead_id, verdict if isinstance(verdict, Refused) else None
