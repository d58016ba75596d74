from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.retention import Keeping, campaign_in, day_of, expired_days, recording_name

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp()
DAY_S = 86_400.0


def test_names_by_day_client_campaign_and_attempt() -> None:
    assert recording_name("spring", 17, NOON) == "2026-11-30/spring-17-120000.wav"
    assert recording_name("acme/spring", 17, NOON + 1) == "2026-11-30/acme/spring-17-120001.wav"


def test_days_are_kept_whole() -> None:
    days = [day_of(NOON - n * DAY_S) for n in range(5)]
    assert expired_days(days, 2, NOON) == ["2026-11-26", "2026-11-27"]
    assert expired_days(days, 2, NOON - 12 * 3_600) == expired_days(days, 2, NOON + 11 * 3_600)


def test_what_is_no_day_is_nobodys_to_delete() -> None:
    assert expired_days(["", "..", "archive", "2026-1-1", "20260101", "2026-02-30", "2020-01-01x"], 1, NOON) == []
    with pytest.raises(ValueError, match="choose 1 or more"):
        expired_days([], 0, NOON)


@given(st.floats(0, 4e9), st.integers(1, 3_650), st.floats(0, 4e9))
def test_nothing_younger_than_its_days_is_ever_deleted(at: float, keep_days: int, now: float) -> None:
    expired = bool(expired_days([day_of(at)], keep_days, now))
    if now - at < keep_days * DAY_S:
        assert not expired
    if now - at >= (keep_days + 2) * DAY_S:
        assert expired


@pytest.mark.parametrize(
    ("file", "client", "campaign"),
    [
        ("spring-17-120000.wav", "", "spring"),
        ("spring-2-17-120000-turn3.wav", "acme", "acme/spring-2"),
        ("notes.wav", "acme", None),
        ("spring-17-12000.wav", "", None),
    ],
)
def test_whose_recording_a_file_is(file: str, client: str, campaign: str | None) -> None:
    assert campaign_in(file, client) == campaign


def test_the_shorter_of_installation_and_campaign_wins() -> None:
    keeping = Keeping(30, (("spring", 7), ("autumn", 90)))
    assert [keeping.days_of(name) for name in ("spring", "autumn", "winter")] == [7, 30, 30]
    assert (keeping.shortest, Keeping(30).shortest) == (7, 30)
