"""List work: a segment of a list looked at, or moved to another list; a list split, or merged into another.

A lead is moved with all that is known of it: attempts, dispositions, promises and consents stay its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import blake2b
from itertools import islice

from dialer.errors import InputError
from dialer.operations.export_list import find_list
from dialer.ports.access import Actor
from dialer.ports.store import Answer, LeadsMoved, MoveLeads, Reader, SaveChange, Write
from lists.client import client_of, is_list_name
from lists.lead import Lead
from lists.segment import NEVER, Called, Segment, read_conditions, values_of

PORTION = 250
"""Leads in one `MoveLeads`: the journal of running campaigns goes through the same writer."""
MOST_PARTS = 100
"""Into so many lists at most a list is split by a field: by more it was meant otherwise."""
LONGEST_NAME = 80
"""Characters in the name of a list that is made for a value: a listing has to have room for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveAsked:
    """Which leads of a list, and whither. `where`: conditions (`lists.segment`); `count`, `percent` (above 0, to
    100): so many of those, the same ones whenever it is asked; `by`: each value of that field into a list of its
    own, `into-VALUE`, while those without one stay."""

    into: str
    where: tuple[str, ...] = ()
    count: int | None = None
    percent: float | None = None
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """`leads`: in the list before; `parts`: list to leads that it gets. `at_hand`, `promised`: how many among them
    are left where they are, being in a call or about to be, and waiting for a callback in a campaign that does not
    dial the other list (0 while nothing is `stored`: that is seen when it is done)."""

    name: str
    leads: int
    parts: dict[str, int]
    at_hand: int = 0
    promised: int = 0
    stored: bool = False

    def as_dict(self) -> dict[str, object]:
        """The document of `dialer list split --json` and `merge --json`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a move will do, and the leads of each list."""

    moved: Moved
    leads_of: dict[str, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SegmentFound:
    """`leads` with so many `numbers`, of `of` leads of a list. `by`: leads by each value of a field."""

    name: str
    where: tuple[str, ...]
    of: int
    leads: int
    numbers: int
    by: dict[str, int]

    def as_dict(self) -> dict[str, object]:
        """The document of `dialer list segment --json`."""
        return asdict(self)


def find_segment(reader: Reader, name: str, where: Sequence[str], now: float, by: str = "") -> SegmentFound:
    """Raises `UnknownName`, `OptionError`."""
    total, leads, numbers, values = find_list(reader, name).leads, 0, 0, Counter[str]()
    for lead, called in segment_of(reader, name, where, now, by):
        leads += 1
        numbers += len(lead.phones)
        if by:
            values.update(list(dict.fromkeys(values_of(by, lead, called, now))))
    return SegmentFound(name, tuple(where), total, leads, numbers, dict(values.most_common()))


def segment_of(
    reader: Reader, name: str, where: Sequence[str], now: float, by: str = ""
) -> Iterator[tuple[Lead, Called]]:
    """The leads of the segment, by id. `by`: a field that is asked about them as well. Raises `OptionError` at the
    end for a field that no lead has."""
    conditions = read_conditions(where)
    segment = Segment(conditions, now)
    asks = Segment((*conditions, *read_conditions([f"{by}="] if by else [])), now)
    own: dict[str, None] = {}
    leads = reader.leads(name)
    while portion := list(islice(leads, PORTION)):
        calls = _calls(reader, portion) if asks.asks_calls else {}
        for lead in portion:
            own.update((field, None) for field, _ in lead.fields)
            called = calls.get(lead.lead_id, NEVER)
            asks.holds(lead, called)
            if segment.holds(lead, called):
                yield lead, called
    asks.check_names(own)


def _calls(reader: Reader, leads: Sequence[Lead]) -> dict[int, Called]:
    found = reader.lead_calls(lead.lead_id for lead in leads)
    return {
        lead_id: Called(one.attempts, one.last_at, one.disposition or one.outcome or "open")
        for lead_id, one in found.items()
    }


def of_segment(reader: Reader, lead_ids: Iterable[int], where: Sequence[str], now: float) -> Iterator[int]:
    """Those of these leads, of whatever list, for which all conditions hold. Raises as `segment_of`."""
    segment = Segment(read_conditions(where), now)
    own: dict[str, None] = {}
    rest, looked_at = iter(lead_ids), False
    while portion := list(islice(rest, PORTION)):
        leads = reader.leads_by_id(portion)
        calls = _calls(reader, leads) if segment.asks_calls else {}
        for lead in leads:
            looked_at = True
            own.update((field, None) for field, _ in lead.fields)
            if segment.holds(lead, calls.get(lead.lead_id, NEVER)):
                yield lead.lead_id
    if looked_at:
        segment.check_names(own)


def plan_move(reader: Reader, name: str, asked: MoveAsked, now: float) -> Plan:
    """What it would do. Raises `UnknownName`, `InputError`, `OptionError`."""
    summary = find_list(reader, name)
    _check(name, asked)
    into: dict[str, list[int]] = {}
    found: list[int] = []
    for lead, called in segment_of(reader, name, asked.where, now, asked.by):
        found.append(lead.lead_id)
        if asked.by:
            said = next((one for one in values_of(asked.by, lead, called, now) if one), "")
            into.setdefault(said, []).append(lead.lead_id)
    if asked.by:
        into.pop("", None)
        leads_of = _named(asked.into, into)
    else:
        leads_of = {asked.into: _share(found, asked)}
    for target in leads_of:
        if target == name:
            raise InputError(f"--into {target}: that is the list they are in; name another")
    return Plan(Moved(name=name, leads=summary.leads, parts=_counts(leads_of)), leads_of)


def portions_of(plan: Plan, now: float) -> Iterator[MoveLeads]:
    """The writes that do it."""
    for target, lead_ids in plan.leads_of.items():
        for start in range(0, len(lead_ids), PORTION):
            yield MoveLeads(plan.moved.name, target, tuple(lead_ids[start : start + PORTION]), now)


def move_change(moved: Moved, asked: MoveAsked, actor: Actor, now: float) -> SaveChange:
    """The entry in the log of changes: without values, which may be somebody's name or number."""
    fields = ", ".join(one.field for one in read_conditions(asked.where))
    said = {"into": asked.into, "where": fields, "by": asked.by}
    counts = {"leads": sum(moved.parts.values()), "at_hand": moved.at_hand, "promised": moved.promised}
    detail = {key: text for key, text in said.items() if text} | {key: str(n) for key, n in counts.items()}
    return SaveChange(actor.change(now, "list.moved", moved.name, client_of(moved.name), **detail))


def with_answers(moved: Moved, answers: Sequence[tuple[str, LeadsMoved]]) -> Moved:
    """What it came to."""
    parts = dict.fromkeys(moved.parts, 0)
    for target, answer in answers:
        parts[target] += answer.moved
    at_hand = sum(len(answer.at_hand) for _, answer in answers)
    promised = sum(len(answer.promised) for _, answer in answers)
    return replace(moved, parts=parts, at_hand=at_hand, promised=promised, stored=True)


def move_leads(
    reader: Reader, name: str, asked: MoveAsked, *, write: Callable[[Write], Answer], actor: Actor, now: float
) -> Moved:
    """Do it, while no service runs. Cut short, what was moved stays moved: ask again. Raises as `plan_move`."""
    plan = plan_move(reader, name, asked, now)
    answers: list[tuple[str, LeadsMoved]] = []
    try:
        for portion in portions_of(plan, now):
            answer = write(portion)
            if not isinstance(answer, LeadsMoved):
                raise TypeError(f"MoveLeads was answered with {answer!r}")
            answers.append((portion.to_list, answer))
    finally:
        done = with_answers(plan.moved, answers)
        write(move_change(done, asked, actor, now))
    return done


def _check(name: str, asked: MoveAsked) -> None:
    if client_of(asked.into) != client_of(name):
        raise InputError(f"--into {asked.into}: is of another client than {name}; leads stay their client's")
    if not is_list_name(asked.into):
        raise InputError(
            f"--into {asked.into!r}: is no name of a list; leave out control characters and spaces at an end"
        )
    options = {"--count": asked.count, "--percent": asked.percent, "--by": asked.by or None}
    said = [option for option, given in options.items() if given is not None]
    if len(said) > 1:
        raise InputError(f"{' and '.join(said)}: say one of them")
    if asked.count is not None and asked.count < 1:
        raise InputError(f"--count {asked.count}: nothing would be moved; say 1 or more")
    if asked.percent is not None and not 0 < asked.percent <= 100:
        raise InputError(f"--percent {asked.percent:g}: say more than 0, and 100 at most")


def _share(found: list[int], asked: MoveAsked) -> list[int]:
    """So many of them, drawn: not the first, which are often the oldest. Of the same leads always the same."""
    if asked.count is None and asked.percent is None:
        return found
    count = asked.count if asked.percent is None else round(len(found) * asked.percent / 100)
    return sorted(sorted(found, key=_drawn)[:count])


def _drawn(lead_id: int) -> bytes:
    return blake2b(str(lead_id).encode(), digest_size=8, person=b"split").digest()


def _named(into: str, values: dict[str, list[int]]) -> dict[str, list[int]]:
    if len(values) > MOST_PARTS:
        raise InputError(
            f"--by: that would be {len(values):,} lists, and {MOST_PARTS} at most are made at once; narrow it with"
            " --where, or take another field"
        )
    named: dict[str, tuple[str, list[int]]] = {}
    for text in sorted(values):
        plain = "".join(one if one.isprintable() and one != "/" else "-" for one in text).strip()
        target = f"{into}-{plain}"
        if len(target) > LONGEST_NAME:
            raise InputError(
                f"--by: a list would be called {target[:LONGEST_NAME]!r}… ({len(target)} characters, "
                f"{LONGEST_NAME} at most); leave such values out with --where, or take another field"
            )
        named.setdefault(target.casefold(), (target, []))[1].extend(values[text])
    return {target: sorted(lead_ids) for target, lead_ids in named.values()}


def _counts(leads_of: dict[str, list[int]]) -> dict[str, int]:
    return {target: len(lead_ids) for target, lead_ids in leads_of.items()}
