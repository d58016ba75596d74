from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from campaigns.applicable import applicable
from campaigns.compliance import Basis, Declaration
from campaigns.declared_rules import parse_declared_rules, read_declared_rules
from campaigns.eligibility import Permitted, decide
from campaigns.errors import CampaignFileError
from campaigns.purpose import Purpose, Reaches
from campaigns.rule_choice import RuleChoice
from campaigns.rule_library import PRESETS, RuleLibrary
from lists.lead import Lead, NumberKind, PhoneNumber, ZoneSource
from tests.unit.campaigns.samples import LEAD, NEW_YORK, PROPOSED, utc

GOOD = """\
name = "ro-sales"
title = "Romania, sales calls"
jurisdiction = "RO"
purpose = "sales"
declared_by = "Ana Pop, counsel"
declared_on = "2026-11-30"
source = "opinion of 30 November 2026"

[hours]
weekdays = "10:00-19:00"
holidays = "closed"

[[caps]]
name = "ro_day"
limit = 2
period = "day"
scope = "person"
"""
BUCHAREST = PhoneNumber("+40212345678", "RO", NumberKind.FIXED, ("Europe/Bucharest",), ZoneSource.NUMBER)
TODAY = date(2026, 12, 8)
TUESDAY = utc("2026-12-08T10:00+02:00")


def test_a_declared_set_says_who_answers_for_it() -> None:
    rule_set = parse_declared_rules(GOOD, "rules/ro-sales.toml", "ro-sales", TODAY).rule_set
    assert rule_set.declared == Declaration("Ana Pop, counsel", "2026-11-30", "opinion of 30 November 2026")
    assert (rule_set.basis, rule_set.citation, rule_set.confidence) == (
        Basis.DECLARED,
        "opinion of 30 November 2026",
        "L",
    )
    assert rule_set.validity()[1] == utc("2027-12-01T00:00")  # checked the day it was declared


def test_a_call_is_permitted_on_its_word() -> None:
    library = RuleLibrary((parse_declared_rules(GOOD, "f", "ro-sales", TODAY),))
    rules = library.rules((), Purpose.SALES, (Reaches.AGENTS,))
    lead = Lead(1, "people", (BUCHAREST,))
    answer = decide(
        replace(PROPOSED, rule_set=applicable(rules, lead, BUCHAREST, TUESDAY), lead=lead, number=BUCHAREST),
        TUESDAY,
    )
    assert isinstance(answer, Permitted), answer
    assert (answer.evidence.basis, answer.evidence.rule_set) == ("declared", "ro-sales")
    assert applicable(rules, LEAD, NEW_YORK, TUESDAY).basis is Basis.PRESET
    nothing = PRESETS.rules((), Purpose.SALES, (Reaches.AGENTS,))
    assert applicable(nothing, lead, BUCHAREST, TUESDAY).lack


def test_one_for_a_place_that_is_known_narrows_it_even_when_it_is_named() -> None:
    wide = GOOD.replace("ro-sales", "us-own").replace('"RO"', '"US"').replace("10:00-19:00", "00:00-24:00")
    library = RuleLibrary((parse_declared_rules(wide, "f", "us-own", TODAY),))
    rules = library.rules(("us-own",), Purpose.SALES, (Reaches.AGENTS,))
    assert isinstance(rules, RuleChoice)
    both = applicable(rules, LEAD, NEW_YORK, TUESDAY)
    assert [name for name, _ in both.made_of] == ["us-own", "us-federal-telemarketing"]
    assert both.basis is Basis.PRESET


@pytest.mark.parametrize(
    ("was", "becomes", "line", "field", "says"),
    [
        ('declared_by = "Ana Pop, counsel"\n', "", 1, "declared_by", "missing"),
        ('declared_on = "2026-11-30"\n', "", 1, "declared_on", "missing"),
        ('source = "opinion of 30 November 2026"\n', "", 1, "source", "missing"),
        ('"Ana Pop, counsel"', '" "', 5, "declared_by", "is empty"),
        ('"2026-11-30"', '"soon"', 6, "declared_on", "no date like"),
        ('"10:00-19:00"', '"19:00-10:00"', 9, "hours", "over midnight"),
        ("limit = 2", "limit = 0", 13, "caps[0]", "limit is 0"),
        ('"ro-sales"', '"us-debt2"', 1, "name", "name is 'us-debt2'"),
        ('jurisdiction = "RO"', 'jurisdiction = "*"', 3, "jurisdiction", "only a fictional"),
        ('purpose = "sales"', "fictional = true", 4, "fictional", "for real people"),
        ('purpose = "sales"', "colour = 1", 4, "colour", "unknown key"),
        ("[hours]", "[hours", 9, "", "not TOML"),
        ('purpose = "sales"', "abandonment = 0.03", 4, "abandonment", "not a table"),
        ('purpose = "sales"', 'sources = { hours = "the law" }', 9, "hours", "hours is not a table"),
        ('purpose = "sales"', "cooloffs = [3]", 1, "", "a cool-off is a table of its own, not 3"),
        ('"2026-11-30"', '"20261130"', 6, "declared_on", "no date like"),
        ('purpose = "sales"', 'valid_to = "2026-W49-1"', 4, "valid_to", "no date like"),
        ('purpose = "sales"', 'valid_from = "2027-01-02"\nvalid_to = "2027-01-01"', 5, "valid_to", "ends before"),
        ('jurisdiction = "RO"', 'jurisdiction = "ro"', 3, "jurisdiction", "'ro' is no code"),
        ('jurisdiction = "RO"', 'jurisdiction = "UK"', 3, "jurisdiction", 'has no country "UK"'),
        ('jurisdiction = "RO"', 'jurisdiction = "XX"', 3, "jurisdiction", 'no country "XX"'),
        (
            'jurisdiction = "RO"',
            'jurisdiction = ["RO", "US-ZZ"]',
            3,
            "jurisdiction[1]",
            '"US-ZZ" is no part of US',
        ),
        ('jurisdiction = "RO"', 'jurisdiction = "DE-XX"', 3, "jurisdiction", '"DE-XX" is no part of DE'),
        ('"2026-11-30"', '"2026-12-09"', 6, "declared_on", "2026-12-09 is still to come"),
        ('purpose = "sales"', 'verified_on = "2027-01-01"', 4, "verified_on", "is still to come"),
        ("[hours]", '[hours]\nholiday_calendar = "XX"', 10, "hours.holiday_calendar", 'of holidays of "XX"'),
    ],
)
def test_what_is_wrong_is_said_with_its_place(was: str, becomes: str, line: int, field: str, says: str) -> None:
    with pytest.raises(CampaignFileError) as caught:
        parse_declared_rules(GOOD.replace(was, becomes, 1), "rules/ro-sales.toml", "ro-sales", TODAY)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.field) == ("rules/ro-sales.toml", line, field)
    assert says in problem.text
    assert problem.advice or "not TOML" in problem.text


def test_a_name_of_the_product_is_not_taken() -> None:
    with pytest.raises(CampaignFileError, match='the product has a rule set "fictional"'):
        parse_declared_rules(GOOD.replace("ro-sales", "fictional"), "f", "fictional", TODAY)


def test_all_files_of_the_folder_are_read_and_all_their_problems_told(tmp_path: Path) -> None:
    assert read_declared_rules(tmp_path, TODAY) == ()
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "ro-sales.toml").write_text(GOOD)
    (tmp_path / "rules" / "notes.txt").write_text("not a rule set")
    assert [one.rule_set.name for one in read_declared_rules(tmp_path, TODAY)] == ["ro-sales"]
    for name in ("a", "b"):
        (tmp_path / "rules" / f"{name}.toml").write_text(f'name = "{name}"')
    with pytest.raises(CampaignFileError) as caught:
        read_declared_rules(tmp_path, TODAY)
    assert len(caught.value.problems) == 6


def test_for_how_long_outdated_rules_are_relied_on_is_the_installation_s_word() -> None:
    checked = utc("2027-11-23T00:00")  # 366 days after 2026-11-22
    for grace_s in (0.0, 30 * 86_400.0, float("inf")):
        rule_set = RuleLibrary((), grace_s).named("us-federal-telemarketing")
        assert rule_set.validity()[1] == checked + grace_s
        assert rule_set.outdated(checked)
        assert not rule_set.outdated(checked - 1)
    assert not RuleLibrary().named("fictional").outdated(checked)
