"""The reference pages say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from campaigns.kpi import Summary
from campaigns.loader import parse_campaign
from campaigns.preset_files import rule_set_names
from campaigns.refusal import Refusal

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"


def codes(text: str) -> set[str]:
    """Codes in the first column of the page's tables."""
    rows = re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
    return {code for row in rows for code in re.findall(r"`([a-z_.A-Z]+)`", row)}


def test_every_refusal_is_explained() -> None:
    page = (REFERENCE / "reasons.md").read_text()
    assert {refusal.value for refusal in Refusal} <= codes(page.partition("## What the audit")[0])


def test_every_violation_is_explained() -> None:
    files = (Path(__file__).parents[3] / "campaigns").glob("audit*.py")
    source = "".join(file.read_text() for file in sorted(files))
    raised = set(re.findall(r'yield (?:attempt_id, )?"([a-z_]+)"', source))
    raised |= {"lead_limit", "number_limit", "outside_chain"}
    page = (REFERENCE / "reasons.md").read_text()
    section = page.partition("## What the audit")[2].partition("\n## ")[0]
    assert raised == codes(section)


def test_every_figure_is_explained() -> None:
    summary = Summary().as_dict(
        campaign="c", since=0.0, until=1.0, leads_total=0, leads_attempted=0, leads_final=0, violations=0
    )
    page = (REFERENCE / "kpi.md").read_text()
    for name in summary.keys() - {"campaign", "from", "to", "dispositions"}:
        assert f"`{name}" in page, name


def test_the_example_campaign_is_one() -> None:
    page = (REFERENCE / "campaign-file.md").read_text()
    example = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert example is not None
    assert parse_campaign(example[1]).name == "spring-renewals"


def test_every_rule_set_is_listed() -> None:
    page = (REFERENCE / "rule-sets.md").read_text().partition("## Those that come with the product")[2]
    assert set(rule_set_names()) <= set(re.findall(r"^\| `([a-z0-9-]+)`", page, re.MULTILINE))
