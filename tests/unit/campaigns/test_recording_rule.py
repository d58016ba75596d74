from __future__ import annotations

import itertools
from importlib import resources

import pytest

from campaigns.campaign import Recording
from campaigns.errors import RuleSetError
from campaigns.loader import parse_campaign
from campaigns.preset_files import load_rule_set
from campaigns.prompt import Prompt
from campaigns.recording_rule import RecordingRule, narrower
from campaigns.toml_rules import parse_rule_set
from tests.unit.campaigns.test_loader import LEAST, problem

R = RecordingRule
US = LEAST.replace('"fictional"', '"us-federal-telemarketing"')


def test_the_narrower_of_two_wins_whichever_comes_first() -> None:
    order = (R.NEVER, R.ASK, R.ANNOUNCE, R.ALLOWED)
    for narrow, wide in itertools.combinations_with_replacement(order, 2):
        assert narrower(narrow, wide) is narrower(wide, narrow) is narrow


def test_rule_sets_say_what_they_allow_and_one_that_says_nothing_allows_nothing() -> None:
    assert load_rule_set("fictional").recording is R.ALLOWED
    assert load_rule_set("us-federal-telemarketing").recording is R.ANNOUNCE
    body = (resources.files("campaigns") / "presets" / "fictional.toml").read_bytes()
    silent = b"\n".join(line for line in body.splitlines() if not line.startswith(b"recording"))
    assert parse_rule_set(silent, "fictional").recording is R.NEVER
    with pytest.raises(RuleSetError, match="sometimes"):
        parse_rule_set(body.replace(b'recording = "allowed"', b'recording = "sometimes"'), "fictional")


def test_nothing_is_recorded_unless_the_campaign_wishes_it() -> None:
    assert parse_campaign(LEAST).recording == Recording(R.NEVER, None)
    assert parse_campaign(LEAST).prompts == ()
    assert parse_campaign(LEAST + "[recording]\nkeep_days = 5\n").recording == Recording(R.NEVER, None, 5)
    assert parse_campaign(LEAST + '[recording]\npolicy = "allowed"\n').recording == Recording(R.ALLOWED)
    assert parse_campaign(US + '[recording]\npolicy = "ask"\n').recording == Recording(R.ASK)


def test_an_announcement_is_needed_where_rules_or_campaign_want_one() -> None:
    for text in (LEAST + '[recording]\npolicy = "announce"\n', US + '[recording]\npolicy = "allowed"\n'):
        found = problem(text)
        assert (found.field, found.text) == ("recording.announcement_text", "missing")
        campaign = parse_campaign(text + 'announcement_text = "This call is recorded."\n')
        assert campaign.prompts == (Prompt(text="This call is recorded."),)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('policy = "sometimes"', "recording.policy"),
        ('announcement_file = "../x.wav"', "recording.announcement_file"),
        ("keep_days = 0", "recording.keep_days"),
        ("keep_days = 3651", "recording.keep_days"),
        ('keep_days = "5d"', "recording.keep_days"),
    ],
)
def test_what_is_wrong_with_it(line: str, field: str) -> None:
    assert problem(f"{LEAST}[recording]\n{line}\n").field == field
