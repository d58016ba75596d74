"""Whatever a campaign file holds: a campaign, or problems with a place; never another exception."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.errors import CampaignFileError, Problem
from campaigns.hours import WeeklyHours, parse_hours
from campaigns.loader import parse_campaign

FULL = (Path(__file__).parents[1] / "data" / "campaigns" / "full.toml").read_text()
LINES = FULL.splitlines()
VALUES = ("0", "-1", "1e400", "nan", "true", '""', '"x"', "[]", "[[]]", "{}", "{a = 1}", "2026-11-22", "12:00:00")


def read(text: str) -> None:
    lines = text.count("\n") + 1
    for problem in problems(text):
        assert 1 <= problem.line <= lines + 1
        assert problem.column >= 1


def problems(text: str) -> tuple[Problem, ...]:
    try:
        parse_campaign(text, "c.toml")
    except CampaignFileError as error:
        return error.problems or (Problem("c.toml", 0, 0, "", "refused without a problem"),)
    return ()


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(LINES) - 1), st.sampled_from(VALUES))
def test_any_value_may_be_wrong(line: int, value: str) -> None:
    key, equals, _ = LINES[line].partition("=")
    changed = f"{key}= {value}" if equals else value
    read("\n".join([*LINES[:line], changed, *LINES[line + 1 :]]))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(FULL) - 1), st.integers(0, 40), st.text(max_size=6))
def test_any_stretch_may_be_garbled(start: int, length: int, put: str) -> None:
    read(FULL[:start] + put + FULL[start + length :])


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="0123456789:-, closed", max_size=24))
def test_hours_are_valid_or_refused(text: str) -> None:
    try:
        intervals = parse_hours(text)
    except ValueError:
        return
    WeeklyHours((intervals, *((),) * 6))
