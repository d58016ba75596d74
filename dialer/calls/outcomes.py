"""The end of an unanswered call -> `Outcome`, and what is done about it. The table is data: `outcomes.toml`;
`docs/reference/outcomes.md` is made from it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any

from campaigns.outcome import Outcome
from dialer.calls.errors import OutcomeTableError
from lists.value import value

NONE = "none"
SEVERAL = "several"


class Fault(StrEnum):
    """Whose fault an unanswered call was."""

    LEAD = "lead"  # the person, the line or the number called
    CALLER_ID = "caller_id"
    ROUTE = "route"


class Action(StrEnum):
    """What is done beyond the retry schedule."""

    NOTHING = ""
    CONFIRM = "confirm"  # the number is given up after a second such end over another trunk or on another day
    DEAD = "dead"  # the number is given up at once
    SUPPRESS = "suppress"  # onto the do-not-call register
    CALLER_ID = "caller_id"  # look after the caller id
    OTHER_ROUTE = "other_route"  # again at once over another trunk, if there is one
    STOP_ROUTE = "stop_route"  # the same, and the trunk is stopped with an alarm


class Heard(StrEnum):
    """What the network said in early media. Tones of North America's special information tones tell four classes
    apart; ITU-T's form (E.180, 950/1400/1800 Hz) tells none and is not told."""

    SIT_VACANT = "sit_vacant"  # VC
    SIT_INTERCEPT = "sit_intercept"  # IC
    SIT_REORDER = "sit_reorder"  # RO
    SIT_NO_CIRCUIT = "sit_no_circuit"  # NC
    NOT_IN_USE = "not_in_use"  # an announcement that was understood


NUMBER_DEAD = frozenset({Heard.SIT_VACANT.value, Heard.SIT_INTERCEPT.value, Heard.NOT_IN_USE.value})
"""What says so of the number in an answered call too."""


@value
class Policy:
    """`charged`: whether it is one of the attempts that the campaign allows on the lead and the number."""

    name: str
    fault: Fault
    charged: bool
    action: Action


@value
class Ruling:
    """`stop_after`: so many in a row stop the trunk; None: it is not stopped for this. `why`: in words."""

    outcome: Outcome
    policy: Policy
    stop_after: int | None
    why: str


@value
class Rule:
    """One row: it applies when everything it names holds. An empty tuple, "" and None name nothing."""

    statuses: tuple[str, ...]
    causes: tuple[int, ...]
    by: str
    heard: tuple[str, ...]
    rang: bool | None
    same_number: bool | None
    ruling: Ruling


@value
class OutcomeTable:
    """`several`: statuses that gateways use for several causes."""

    several: tuple[int, ...]
    policies: tuple[Policy, ...]
    rules: tuple[Rule, ...]


@lru_cache(maxsize=1)
def table() -> OutcomeTable:
    """The table that comes with the product."""
    return parse_table(resources.files("dialer.calls").joinpath("outcomes.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=4096)
def ruling_of(
    status: int | None,
    q850: int | None = None,
    *,
    rang: bool,
    by: str = "",
    heard: str | None = None,
    same_number: bool = False,
) -> Ruling:
    """What the end of a call that was not answered comes to.

    `status`: final SIP status, None when none was seen or we gave up; `q850`: cause of its Reason header, and
    `by`: who set it ("user", "network", "analytics"; "" unknown); `heard`: a `Heard` value; `rang`: an 18x had
    come; `same_number`: of a 3xx, that it names the number called."""
    found = table()
    keys = {NONE} if status is None else {str(status), f"{status // 100}xx"}
    if status in found.several:
        keys.add(SEVERAL)
    for rule in found.rules:
        if (
            not keys.isdisjoint(rule.statuses)
            and (not rule.causes or q850 in rule.causes)
            and (not rule.by or rule.by == by)
            and (not rule.heard or heard in rule.heard)
            and (rule.rang is None or rule.rang == rang)
            and (rule.same_number is None or rule.same_number == same_number)
        ):
            return rule.ruling
    raise ValueError(f"{status} is no final status of a call that was not answered")


def parse_table(text: str) -> OutcomeTable:
    """A table from its TOML. Raises `OutcomeTableError`."""
    try:
        data = tomllib.loads(text)
        policies = {name: _policy(name, row) for name, row in data["policy"].items()}
        rules = tuple(_rule(row, policies) for row in data["rule"])
        return OutcomeTable(tuple(map(int, data["several"])), tuple(policies.values()), rules)
    except KeyError as error:
        raise OutcomeTableError(f"outcomes: {error.args[0]} is missing or unknown") from None
    except (TypeError, ValueError) as error:
        raise OutcomeTableError(f"outcomes: {error}") from error


def _policy(name: str, row: Mapping[str, Any]) -> Policy:
    policy = Policy(name, Fault(row["fault"]), row["charged"] is True, Action(row["action"]))
    if policy.charged == (policy.fault is Fault.ROUTE):
        raise ValueError(f"policy {name}: a fault of the route is never charged to the lead, every other is")
    return policy


_KEYS = frozenset(
    {"status", "cause", "by", "heard", "rang", "same_number", "outcome", "policy", "stop_after", "why"}
)


def _rule(row: Mapping[str, Any], policies: Mapping[str, Policy]) -> Rule:
    if unknown := sorted(set(row) - _KEYS):
        raise ValueError(f"unknown key {unknown[0]!r}")
    ruling = Ruling(Outcome(row["outcome"]), policies[row["policy"]], row.get("stop_after"), str(row["why"]))
    return Rule(
        statuses=tuple(map(str, row["status"])),
        causes=tuple(map(int, row.get("cause", ()))),
        by=str(row.get("by", "")),
        heard=tuple(Heard(text).value for text in row.get("heard", ())),
        rang=row.get("rang"),
        same_number=row.get("same_number"),
        ruling=ruling,
    )
