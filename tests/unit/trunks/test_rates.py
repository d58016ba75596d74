from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from dialer.settings.rates import Rate
from dialer.trunks.rates import RateTable

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp()


def test_the_longest_prefix_decides() -> None:
    table = RateTable([Rate("44", 1), Rate("4420", 2), Rate("1", 3)])
    found = [
        table.rate(number, NOW) for number in ("+442079460123", "+441614960123", "+12025550123", "+33123456789")
    ]
    assert [rate and rate.per_minute_micro for rate in found] == [2, 1, 3, None]


def test_of_several_for_one_prefix_the_latest_valid_one_counts() -> None:
    table = RateTable(
        [Rate("44", 1), Rate("44", 3, valid_from="2026-12-01"), Rate("44", 2, valid_from="2026-11-30")]
    )
    moments = (NOW - 86_400, NOW, NOW + 86_400)
    found = [table.rate("+442079460123", at) for at in moments]
    assert [rate and rate.per_minute_micro for rate in found] == [1, 2, 3]


def test_a_longer_prefix_that_is_not_valid_yet_leaves_the_shorter_one() -> None:
    table = RateTable([Rate("44", 1), Rate("4420", 2, valid_from="2027-01-01")])
    rate = table.rate("+442079460123", NOW)
    assert rate is not None
    assert rate.prefix == "44"


prefixes = st.text("0123456789", min_size=1, max_size=6).filter(lambda text: text[0] != "0")


@given(st.sets(prefixes, max_size=30), st.text("0123456789", min_size=7, max_size=14))
def test_it_is_the_longest_of_those_that_match(known: set[str], number: str) -> None:
    rate = RateTable(Rate(prefix, len(prefix)) for prefix in sorted(known)).rate(f"+{number}", NOW)
    longest = max((prefix for prefix in known if number.startswith(prefix)), key=len, default=None)
    assert (None if rate is None else rate.prefix) == longest
