"""What a list's freshness comes to, in words: for the command, its page and the import."""

from __future__ import annotations

from collections.abc import Iterator

from dialer.operations.list_freshness import Freshness, SourceLaw
from lists.freshness.delivery import Comparison, Hazard, Score
from lists.freshness.outlook import Due, Estimate
from lists.freshness.share import FEW
from lists.freshness.standing import State
from lists.freshness.tally import Tally

STATES: tuple[tuple[str, tuple[State, ...]], ...] = (
    ("confirmed alive", (State.CONFIRMED,)),
    ("dead", (State.INVALID, State.CHANGED)),
    ("wrong person", (State.WRONG_PERSON,)),
    ("never reached", (State.UNREACHED,)),
    ("unknown", (State.UNKNOWN,)),
)
"""In the order in which they are told; shares are of the numbers called."""

_OF = {
    Hazard.DEAD: ("dead", "numbers called"),
    Hazard.WRONG_PERSON: ("of somebody else", "numbers that somebody answered"),
}
_YEAR_D = 365.25


def share_words(share: Estimate) -> str:
    """`71% (66% to 76%)`."""
    return f"{share.middle:.0%} ({share.low:.0%} to {share.high:.0%})"


def days_words(days: Estimate) -> str:
    """`1.9 years (1.5 to 2.6)`, or in days where it is less than a year; beyond ten years nobody can say."""
    unit, size = ("years", _YEAR_D) if days.middle >= _YEAR_D else ("days", 1.0)
    low, middle, high = (
        ("10+" if one > 10 * _YEAR_D else f"{one / size:.1f}" if size > 1 else f"{one:.0f}")
        for one in (days.low, days.middle, days.high)
    )
    return f"{middle} {unit} ({low} to {high})"


def due_words(found: Freshness, due: Due) -> str:
    """`2027-03-01 (2026-12-20 to 2027-07-09)`; `now` for what is due."""
    if due.middle == 0:
        return "now"
    low, middle, high = (
        "later than in ten years" if one is None else found.date_in(one) for one in (due.low, due.middle, due.high)
    )
    return f"{middle}" if due.middle is None and due.low is None else f"{middle} ({low} to {high})"


def threshold_words(found: Freshness, due: Due, share: float) -> str:
    """`2027-03-01 (2026-12-20 to 2027-07-09), when fewer than 80% are alive`."""
    fewer = f"fewer than {share:.0%} are alive"
    return f"now: {fewer}" if due.middle == 0 else f"{due_words(found, due)}, when {fewer}"


def tally_cells(tally: Tally) -> tuple[str, ...]:
    """The states' shares."""
    return tuple(str(tally.of(*states)) for _, states in STATES)


def comparison_words(source: str, one: Comparison) -> str:
    """What a delivery comes to beside the seller's others."""
    what, of_what = _OF[one.hazard]
    seller = source_words(source)
    if not one.found.of:
        return f"{seller}: no {of_what} yet, so nothing to compare"
    if one.score is Score.TOO_EARLY:
        few = f"{one.found.found} of {one.found.of} {of_what} are {what}"
        return f"{seller}: {few}; too few to compare, look again when there are {FEW}"
    share = one.found.found / one.found.of
    begin = f"{seller}: {share:.0%} of {one.found.of:,} {of_what} are {what}"
    if one.usual is None:
        return f"{begin}; there is no other delivery of this source to compare with"
    deliveries = "the other delivery" if one.others == 1 else f"the {one.others} other deliveries"
    verdict = {Score.WORSE: "worse than usual", Score.BETTER: "better than usual"}.get(one.score, "as usual")
    return (
        f"{begin}: {verdict}; by {deliveries} it would be {one.usual.low:.0%} to {one.usual.high:.0%} at this age"
    )


SOURCE_COLUMNS = (
    "source",
    "told#",
    "half gone after",
    "half dead after",
    "half of somebody else after",
    "worth buying up to",
)


def source_cells(law: SourceLaw) -> tuple[str, ...]:
    """As `SOURCE_COLUMNS` are headed."""
    lives = (law.half_life, law.dead, law.passed_on, law.worth_for)
    return source_words(law.source), f"{law.told:,}", *map(days_words, lives)


LIST_COLUMNS = ("lists of its sources", "called#", *(name for name, _ in STATES))


def list_cells(row: tuple[str, Tally]) -> tuple[str, ...]:
    """As `LIST_COLUMNS` are headed."""
    name, tally = row
    return name, f"{tally.called:,}", *tally_cells(tally)


def source_words(source: str) -> str:
    return f"source {source}" if source else "no source given"


def document_of(found: Freshness) -> dict[str, object]:
    """The document of `dialer list freshness --json`."""
    return {**found.as_dict(), "warnings": list(warnings(found))}


def warnings(found: Freshness) -> Iterator[str]:
    """What to know before believing the figures, and what to do."""
    if not found.told:
        yield (
            "no call has told anything yet: how many are alive, and every date, is a guess from what others have "
            "published of their lists"
        )
    elif untold := [source_words(law.source) for law in found.sources if not law.told]:
        yield (
            f"no call has told anything of {', '.join(untold)} yet: its figures are a guess from the other sources"
        )
    if found.undated:
        yield (
            f"{found.undated:,} numbers have no date, or one yet to come: they count from their import and are "
            "older; give --as-of when you import"
        )
    for source, one in found.worse:
        yield f"talk to the seller: {comparison_words(source, one)}"
