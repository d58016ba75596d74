from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.errors import InputError
from dialer.operations.moments import iso, parse_moment


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-02T00:00:00Z", 86_400.0),
        ("1970-01-02T02:00:00+02:00", 86_400.0),
        ("1970-01-02", 86_400.0),
        ("1970-01-02T00:00:00.250Z", 86_400.25),
    ],
)
def test_moments_with_a_zone_are_read(text: str, seconds: float) -> None:
    assert parse_moment(text, "--at") == seconds


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2026-11-22T20:00:00", "has no time zone"),
        ("2026-11-22 20:00", "has no time zone"),
        ("tomorrow", "is not a moment"),
        ("2026-13-01", "is not a moment"),
        ("", "is not a moment"),
        ("1969-12-31T00:00:00Z", "before 1970"),
        ("9999-12-31T23:59:59Z", "after 9000"),
    ],
)
def test_others_are_refused_with_the_options_name(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        parse_moment(text, "--at")
    assert str(caught.value).startswith("--at: ")


def test_none_stays_none() -> None:
    assert iso(None) is None


def test_whole_seconds_have_no_fraction() -> None:
    assert iso(86_400.0) == "1970-01-02T00:00:00Z"
    assert iso(86_400.0004) == "1970-01-02T00:00:00.001Z"


@given(st.floats(min_value=0, max_value=4e9))
def test_a_moment_is_written_at_most_a_millisecond_late_and_never_early(moment: float) -> None:
    text = iso(moment)
    assert text is not None
    assert -1e-6 <= parse_moment(text, "--at") - moment < 0.001_001
