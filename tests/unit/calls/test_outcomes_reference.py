"""docs/reference/outcomes.md shows the table the code uses, row by row."""

from __future__ import annotations

from pathlib import Path

from campaigns.outcome import Outcome
from dialer.calls.outcomes import Action, Rule, table

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "outcomes.md"


def row(rule: Rule) -> str:
    ruling = rule.ruling
    more = [*(f"heard `{heard}`" for heard in rule.heard), *([f"by `{rule.by}`"] if rule.by else [])]
    if rule.rang is not None:
        more.append("it rang" if rule.rang else "nothing rang")
    if rule.same_number:
        more.append("it names the same number")
    stop = "" if ruling.stop_after is None else f"; stops the trunk after {ruling.stop_after}"
    cells = (
        ", ".join(rule.statuses), ", ".join(map(str, rule.causes)), ", ".join(more), f"`{ruling.outcome}`",
        f"{ruling.policy.name}{stop}", ruling.why,
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def test_the_reference_is_the_table() -> None:
    rows = "\n".join(map(row, table().rules))
    assert rows in REFERENCE.read_text(), f"put this into {REFERENCE.name}:\n{rows}"


def test_every_policy_is_the_one_of_the_table() -> None:
    yes = {True: "yes", False: "no"}
    rows = "\n".join(f"| {p.name} | {p.fault} | {yes[p.charged]} |" for p in table().policies)
    text = "\n".join(
        line.rpartition("|")[0].rpartition("|")[0] + "|" for line in REFERENCE.read_text().split("\n")
    )
    assert rows in text, f"put this into {REFERENCE.name}, with words for each:\n{rows}"


def test_every_outcome_and_every_action_is_explained() -> None:
    text = REFERENCE.read_text()
    assert [outcome for outcome in Outcome if f"`{outcome}`" not in text] == []
    assert [action for action in Action if action.value and action.value not in text] == []
