from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytz

import lists.sample
from lists.dedupe import nobody_known
from lists.importing import Accepted, Lookups, judge
from lists.lead import PhoneNumber
from lists.mapping import map_columns
from lists.phone import parse_phone
from lists.reader import open_list
from lists.sample import LIMIT, SAMPLE_SIZE, csv_text, generate, ranges
from lists.sample.ranges import is_fictional

PEOPLE = Path(lists.sample.__file__).with_name("people.csv")

DAYS = [
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2026, 3, 8, tzinfo=UTC),  # summer time begins in North America
    datetime(2026, 3, 29, tzinfo=UTC),  # … in Europe
    datetime(2026, 4, 5, tzinfo=UTC),  # … ends in Australia
    datetime(2026, 7, 1, tzinfo=UTC),
    datetime(2026, 10, 4, tzinfo=UTC),  # … begins in Australia
    datetime(2026, 10, 25, tzinfo=UTC),  # … ends in Europe
    datetime(2026, 11, 1, tzinfo=UTC),  # … in North America
]


def read(path: Path) -> list[Accepted]:
    nothing = Lookups("people", nobody_known, lambda numbers: set())
    with open_list(path) as file:
        columns = map_columns(file.header, {}, path, file.header_line)
        found = [verdict for chunk in judge(file.rows(), columns, nothing) for _, verdict in chunk]
    leads = [verdict for verdict in found if isinstance(verdict, Accepted)]
    assert len(leads) == len(found), [verdict for verdict in found if not isinstance(verdict, Accepted)][:5]
    return leads


def least_open(leads: list[Accepted]) -> float:
    """The smallest share of leads inside 09:00-20:00 in all their zones, over every half hour of `DAYS`."""
    groups = Counter(lead.zones for lead in leads)
    zones = {zone: pytz.timezone(zone) for group in groups for zone in group}
    shares = []
    for moment in (day + timedelta(minutes=30 * half) for day in DAYS for half in range(48)):
        is_open = {name: 9 <= moment.astimezone(zone).hour < 20 for name, zone in zones.items()}
        shares.append(sum(n for group, n in groups.items() if all(is_open[zone] for zone in group)) / len(leads))
    return min(shares)


def test_the_file_is_what_the_generator_makes() -> None:
    assert PEOPLE.read_bytes().decode() == csv_text(generate(SAMPLE_SIZE))


def test_the_command_makes_the_file() -> None:
    made = subprocess.run([sys.executable, "-m", "lists.sample"], capture_output=True, check=True, timeout=60)
    assert made.stdout == PEOPLE.read_bytes()


def test_the_file_imports_without_a_reject_or_a_warning() -> None:
    leads = read(PEOPLE)
    assert len(leads) == SAMPLE_SIZE
    assert not any(lead.warnings for lead in leads)
    assert len({lead.phones[0].region for lead in leads}) >= 6
    assert len({lead.zones for lead in leads}) >= 10
    assert sum(len(lead.phones) > 1 for lead in leads) >= 20
    assert sum(lead.phones[0].zone_source == "stated" for lead in leads) >= 5
    assert {name for name, _ in leads[0].fields} == {"product"}


@pytest.mark.parametrize("count", [SAMPLE_SIZE, 100, 5_000])
def test_somebody_may_be_called_at_any_hour(tmp_path: Path, count: int) -> None:
    path = tmp_path / "people.csv"
    path.write_text(csv_text(generate(count, seed=7)), encoding="utf-8", newline="")
    assert least_open(read(path)) >= 0.15


def test_every_number_is_used_once_up_to_the_limit() -> None:
    rows = list(generate(LIMIT, seed=3))
    numbers = [row[column] for row in rows for column in ("phone", "phone2") if row[column]]
    assert len(rows) == LIMIT
    assert len(numbers) == len(set(numbers)) > LIMIT
    with pytest.raises(ValueError, match="count must be 0 to"):
        next(generate(LIMIT + 1))


def test_the_same_seed_gives_the_same_people() -> None:
    assert list(generate(300, seed=5)) == list(generate(300, seed=5))
    assert list(generate(300, seed=5)) != list(generate(300, seed=6))
    assert list(generate(300, seed=5))[:100] == list(generate(100, seed=5))


def test_a_range_writes_its_numbers() -> None:
    assert ranges.SWEDISH_MOBILES.number(0) == "+46 70 174 06 05"
    assert ranges.SWEDISH_MOBILES.number(94) == "+46 70 174 06 99"
    assert ranges.FRANCE[0].number(1234) == "+33 1 99 00 12 34"


def test_no_area_code_is_listed_twice() -> None:
    american = (*ranges.GUAM, *ranges.HAWAII, *ranges.ALASKA, *ranges.UNITED_STATES, *ranges.CANADA)
    shapes = [source.shape for source in american]
    assert len(shapes) == len(set(shapes))


@pytest.mark.parametrize(
    ("number", "fictional"),
    [
        ("+12125550100", True),
        ("+12125550200", False),
        ("+442079460999", True),
        ("+442079461000", False),
        ("+46701740605", True),
        ("+46701740604", False),
        ("+61491570006", True),
        ("+33199000000", True),
        ("+3319900000", False),
    ],
)
def test_a_number_of_films_is_known_again(number: str, fictional: bool) -> None:
    assert is_fictional(number) is fictional


def test_every_number_of_the_sample_is_one_of_films() -> None:
    for row in generate(400):
        number = parse_phone(row["phone"], None)
        assert isinstance(number, PhoneNumber), row
        assert is_fictional(number.e164)
