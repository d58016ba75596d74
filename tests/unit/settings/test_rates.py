from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.errors import SettingsError
from dialer.settings.rates import Rate, in_units, parse_rates, read_rates

GOOD = """\
prefix,per_minute,connection,increment,currency,valid_from
44,0.01,0.005,60/60,EUR,
+4420,0.0089,,30/6,eur,2026-12-01
# a remark
1,0.002,0,1/1,EUR,
"""


def test_a_table_is_read_exactly() -> None:
    assert parse_rates(GOOD, "r.csv", "EUR") == (
        Rate("44", 10_000, 5_000, 60, 60, "EUR"),
        Rate("4420", 8_900, 0, 30, 6, "EUR", "2026-12-01"),
        Rate("1", 2_000, 0, 1, 1, "EUR"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "r.csv:1:1: is empty"),
        ("prefix,price\n", "r.csv:1:1: price: unknown column"),
        ("prefix,per_minute\n", "r.csv:1:1: currency: missing column"),
        (GOOD.replace("44,0.01", "044,0.01"), 'r.csv:2:1: prefix: "044" is no prefix'),
        (GOOD.replace("44,0.01", "44,0,01"), "r.csv:2:1: has 7 cells under 6 columns"),
        (GOOD.replace("44,0.01,", "44,-0.01,"), 'r.csv:2:1: per_minute: "-0.01" is no price'),
        (GOOD.replace("44,0.01,", "44,0.0000001,"), 'r.csv:2:1: per_minute: "0.0000001" is no price'),
        (GOOD.replace("44,0.01,", "44,NaN,"), 'r.csv:2:1: per_minute: "NaN" is no price'),
        (GOOD.replace("44,0.01,", "44,99999,"), 'r.csv:2:1: per_minute: "99999" is no price'),
        (GOOD.replace("60/60", "60"), 'r.csv:2:1: increment: "60" is no increment'),
        (GOOD.replace("60/60", "0/60"), "r.csv:2:1: increment"),
        (
            GOOD.replace("EUR,\n+", "USD,\n+"),
            'r.csv:2:1: currency: "USD" is not the currency of dialer.toml ("EUR")',
        ),
        (GOOD.replace("2026-12-01", "soon"), 'r.csv:3:1: valid_from: "soon" is no day'),
        (GOOD + "44,1,,,EUR,\n", "r.csv:6:1: prefix: 44 stands here twice"),
        ('prefix,per_minute,currency\n"44,1,EUR\n', "not CSV"),
    ],
)
def test_what_is_wrong_is_named_by_file_line_and_field(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_rates(text, "r.csv", "EUR")
    assert said in str(caught.value)


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_rates(GOOD.replace("44,0.01", "x,y").replace("1/1", "fast"), "r.csv", "EUR")
    assert len(caught.value.problems) == 3


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"gone\.csv:1:1: cannot be read: No such file"):
        read_rates(tmp_path / "gone.csv", "EUR")
    (tmp_path / "latin.csv").write_bytes(b"prefix\n\xe9")
    with pytest.raises(SettingsError, match="not UTF-8"):
        read_rates(tmp_path / "latin.csv", "EUR")


@pytest.mark.parametrize(
    ("seconds", "increment", "billed_s"),
    [(0, "60/60", 60), (1, "60/60", 60), (60, "60/60", 60), (60.1, "60/60", 120), (31, "30/6", 36),
     (36, "30/6", 36), (36.5, "30/6", 42), (7.2, "1/1", 8), (61, "60/1", 61)],
)  # fmt: skip
def test_what_is_billed(seconds: float, increment: str, billed_s: int) -> None:
    first, then = map(int, increment.split("/"))
    assert Rate("44", 60_000, 7, first, then).cost_micro(seconds) == 7 + 1_000 * billed_s


@given(
    st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 120), st.integers(1, 120), st.floats(0, 100_000)
)
def test_the_cost_is_the_exact_price_rounded_once(
    per_minute: int, connection: int, first: int, then: int, seconds: float
) -> None:
    cost = Rate("44", per_minute, connection, first, then).cost_micro(seconds)
    steps = 0 if seconds <= first else -int(-(seconds - first) // then)
    exact = Decimal(per_minute) * (first + steps * then) / 60 + connection
    assert abs(cost - exact) <= Decimal("0.5")


def test_millionths_as_people_write_them() -> None:
    assert [in_units(micro) for micro in (0, 1, 12_500, 3_000_000)] == ["0", "0.000001", "0.0125", "3"]
