from __future__ import annotations

import pytest

from campaigns.cap import Cap
from campaigns.errors import RuleSetError
from campaigns.toml_rules import parse_rule_set

GOOD = """
name = "x"
title = "X"
jurisdiction = ["US"]
fictional = false
citation = "none"
confidence = "M"
verified_on = "2026-11-22"
valid_from = ""
valid_to = ""
ring_min = "15s"
[hours]
daily = "08:00-21:00"
[abandonment]
maximum = 0.03
clock = "2s"
[[caps]]
name = "week"
limit = 7
period = "7d"
scope = "number"
"""


def test_a_good_file_is_read() -> None:
    rule_set = parse_rule_set(GOOD.encode(), "x")
    assert rule_set.caps == (Cap("week", 7, 7 * 86_400.0),)
    assert rule_set.jurisdiction == ("US",)


@pytest.mark.parametrize(
    ("was", "becomes", "complaint"),
    [
        ('title = "X"', "", "title is missing"),
        ('title = "X"', "title = 1", "title is not a text"),
        ('title = "X"', 'title = "X"\nextra = 1', "unknown key 'extra'"),
        ('["US"]', '["*"]', "only a fictional"),
        ('["US"]', "[]", "no jurisdiction"),
        ('"2026-11-22"', '""', "last checked"),
        ('"2026-11-22"', '"22.11.2026"', "verified_on is '22.11.2026', no date"),
        ('"M"', '"very"', "confidence"),
        ("0.03", "3", "fraction"),
        ('"08:00-21:00"', '"21:00-08:00"', "over midnight"),
        ('"08:00-21:00"', '"closed"', "no jurisdiction or no hours"),
        ('"7d"', '"70d"', "cap week"),
        ('"number"', '"household"', "cap week: scope is 'household'; it is one of number, lead, person, debt"),
        ("limit = 7", "limit = 0", "cap week: limit is 0; it is a whole number of attempts, 1 or more"),
        ('"15s"', '"soon"', "'soon' is not a duration"),
        ('name = "x"', 'name = "y"', "name is 'y'"),
        ("[hours]", "[hours", "rule set x"),
    ],
)
def test_a_bad_file_says_what_is_wrong(was: str, becomes: str, complaint: str) -> None:
    assert was in GOOD
    with pytest.raises(RuleSetError, match=complaint):
        parse_rule_set(GOOD.replace(was, becomes, 1).encode(), "x")
