from __future__ import annotations

from typing import Any

import pytest

from campaigns.declared_rules import parse_declared_rules
from campaigns.rule_library import PRESETS, RuleLibrary
from dialer.errors import UnknownName
from dialer.operations.show_rules import rule_rows, rules_for_number, show_rule_set
from dialer.ports.store import SaveCampaign
from tests.unit.campaigns.test_declared_rules import GOOD, TODAY
from tests.unit.operations.scene import BODY, LONDON, MONDAY_10, Scene, utc

YEAR_LATER = utc("2027-12-01T12:00:00")
SALES = BODY.replace('rules = "fictional"', 'purpose = "sales"').replace('name = "spring"', 'name = "sales"')


def test_every_rule_set_is_listed_with_its_state() -> None:
    rows = {row["name"]: row for row in rule_rows(PRESETS, MONDAY_10)}
    federal = rows["us-federal-telemarketing"]
    assert (federal["state"], federal["verified_on"], federal["basis"]) == ("in force", "2026-11-22", "preset")
    assert federal["relied_on_until"] == "2027-11-23T00:00:00Z"
    assert rows["fictional"]["relied_on_until"] is None
    assert rows["us-tx-sales"]["confidence"] == "L"


def test_an_outdated_one_says_whether_it_is_still_relied_on() -> None:
    def state(library: RuleLibrary) -> object:
        return show_rule_set(library, "us-fl-sales", YEAR_LATER)["state"]

    assert (state(RuleLibrary()), state(RuleLibrary((), 30 * 86_400.0))) == ("over", "outdated")


def test_one_is_shown_rule_by_rule_with_what_is_not_verified() -> None:
    shown: dict[str, Any] = show_rule_set(PRESETS, "ca-telemarketing", MONDAY_10)
    rules = {rule["rule"]: rule for rule in shown["rules"]}
    assert rules["hours"]["verified"]
    assert rules["hours"]["says"].startswith("mon 09:00-21:30")
    assert not rules["abandonment"]["verified"]
    assert "not verified" in rules["abandonment"]["note"]
    assert rules["abandonment"]["says"] == "at most 5 % of live answers in month, after 2 s"
    caps = show_rule_set(PRESETS, "ru-debt", MONDAY_10)["rules"]
    assert isinstance(caps, list)
    assert {rule["rule"]: rule["says"] for rule in caps}["ru_day_calendar"] == (
        "at most 1 calls to a person in calendar day"
    )


def test_a_name_that_there_is_not() -> None:
    with pytest.raises(UnknownName, match="rule set"):
        show_rule_set(PRESETS, "atlantis", MONDAY_10)


def test_who_declared_one_is_shown() -> None:
    library = RuleLibrary((parse_declared_rules(GOOD, "f", "ro-sales", TODAY),))
    shown = show_rule_set(library, "ro-sales", MONDAY_10)
    assert shown["declared"] == {
        "by": "Ana Pop, counsel",
        "on": "2026-11-30",
        "source": "opinion of 30 November 2026",
    }
    assert shown["basis"] == "declared"


def test_what_a_call_comes_under_and_why(scene: Scene) -> None:
    scene.write(SaveCampaign("sales", SALES, ("people",), "oldest", MONDAY_10))
    found = rules_for_number(scene.reader, PRESETS, "sales", "+13055550100", MONDAY_10)
    (number,) = found["numbers"]
    assert number["places"] == [
        {"code": "US", "because": "the country of the number"},
        {"code": "US-FL", "because": "area code 305"},
    ]
    assert [(one["name"], one["because"]) for one in number["rule_sets"]] == [
        ("us-federal-telemarketing", "speaks for US"),
        ("us-fl-sales", "speaks for US-FL"),
    ]
    assert "recording: announce" in number["together"]
    assert number["basis"] == "preset"


def test_where_there_is_no_rule_it_says_so(scene: Scene) -> None:
    scene.write(SaveCampaign("sales", SALES, ("people",), "oldest", MONDAY_10))
    (number,) = rules_for_number(scene.reader, PRESETS, "sales", "+40212345678", MONDAY_10)["numbers"]
    assert (number["allowed"], number["rule_sets"], number["basis"]) == (False, [], None)
    assert number["lack"] == "no rule set says anything about sales calls in RO"


def test_a_campaign_that_names_its_rules(scene: Scene) -> None:
    found = rules_for_number(scene.reader, PRESETS, "spring", LONDON[0], MONDAY_10)
    assert found["chosen"] == "by the campaign's file"
    (number,) = found["numbers"]
    assert [one["because"] for one in number["rule_sets"]] == ["speaks for everybody"]
    assert number["lead_id"] == scene.ids[0]


def test_cool_offs_are_told_in_words() -> None:
    shown: dict[str, Any] = show_rule_set(PRESETS, "gb-dialer", MONDAY_10)
    says = {rule["rule"]: rule["says"] for rule in shown["rules"]}
    assert says["gb_abandoned"] == "none for 3 d after an abandoned call, to a number, unless an agent waits"
    assert says["gb_machine"] == "none in the same calendar day after a machine, to a number"
