"""What a summary says besides its figures."""

from __future__ import annotations

import pytest

from campaigns.kpi import Summary
from dialer.cli.summary import print_summary, warn_of_figures
from dialer.operations.run_report import Report
from dialer.ports.store import LeadCounts


def report(*, live: int = 100, abandoned: int = 3, violations: int = 0, under_way: int = 0) -> Report:
    summary = Summary()
    summary.live, summary.abandoned = live, abandoned
    return Report(
        campaign="spring",
        since=0.0,
        until=60.0,
        summary=summary,
        leads=LeadCounts(10, 0, 0),
        violations=violations,
        rules="fictional",
        abandon_cap=0.03,
        under_way=under_way,
    )


def test_nothing_is_said_of_figures_that_are_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    warn_of_figures(report())  # exactly at the cap is within it
    warn_of_figures(report(live=0, abandoned=0))
    assert capsys.readouterr() == ("", "")


def test_too_many_abandoned_is_told_with_the_cap_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    warn_of_figures(report(abandoned=26))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("warning: 26.0% of live answers were abandoned, rule set fictional allows 3.0%;")
    assert "pacing.ratio" in err
    assert "dialer simulate" in err


def test_violations_are_told_with_the_command_that_names_them(capsys: pytest.CaptureFixture[str]) -> None:
    warn_of_figures(report(violations=2))
    assert "warning: 2 attempts would not have been permitted; `dialer audit spring`" in capsys.readouterr().err


def test_calls_that_are_not_over_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    warn_of_figures(report(under_way=12))
    assert capsys.readouterr().err.startswith("calls under way (or left by a service that was killed): 12;")


def test_the_text_has_every_key_figure(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(report(abandoned=26).as_dict())
    out = capsys.readouterr().out
    assert "spring  1970-01-01T00:00:00Z – 1970-01-01T00:01:00Z" in out
    assert "26 = 26.0% of live" in out
    assert "0 of 10" in out


def test_what_was_said_without_an_agent_is_told_where_anything_was(capsys: pytest.CaptureFixture[str]) -> None:
    told = report()
    print_summary(told.as_dict())
    assert "opted out" not in capsys.readouterr().out
    told.summary.opted_out = told.summary.messages_left = 3
    print_summary(told.as_dict())
    out = capsys.readouterr().out
    assert "opted out by a key" in out
    assert "messages on machines" in out
    assert "delivered" not in out
    assert "answer" not in out.replace("(network answers)", "").replace("answer to agent", "").replace(
        "answered", ""
    )
    told.summary.answers = {"first 4": 2}
    print_summary(told.as_dict())
    assert capsys.readouterr().out.split("\n")[-2].split() == ["first", "4", "2"]
