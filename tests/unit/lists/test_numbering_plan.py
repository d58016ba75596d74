from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lists.errors import ColumnError, ListFileError
from lists.lead import PhoneNumber
from lists.numbering_plan import DIGITS, Holder, Plan, Plans, Title, packed
from lists.phone import parse_phone
from lists.plan_reading import Ranges, read_ranges
from lists.reader import open_list
from lists.zone_evidence import Home, with_evidence

REGISTER = (
    "АВС/ DEF;От;До;Емкость;Оператор;Регион;Территория ГАР;ИНН\n"
    '900;0000000;0061999;62000;ООО "Т2 Мобайл";Краснодарский край;;7743895280\n'
    "900;0062000;0062999;1000;ПАО МТС;г. о. Екатеринбург|Свердловская обл.;;7740000076\n"
    "900;0063000;0063999;1000;ПАО МТС;г. Москва * Московская область;;7740000076\n"
    "900;0064000;0064999;1000;ПАО МТС;Российская Федерация;;7740000076\n"
    "900;0065000;0065999;1000;ПАО МТС;Средиземье;;7740000076\n"
    "900;0066000;0066999;1000;ПАО МТС;Республика Крым;;7740000076\n"
    "800;1000000;1009999;10000;ПАО Ростелеком;Республика Саха /Якутия/;;7707049388\n"
)


def ranges_of(folder: Path, *texts: str, country: str = "RU") -> Ranges:
    with ExitStack() as opened:
        files = []
        for number, text in enumerate(texts):
            path = folder / f"{number}.csv"
            path.write_text(text, encoding="utf-8")
            files.append(opened.enter_context(open_list(path)))
        return read_ranges(files, country)


def plan_of(ranges: Ranges, code: str = "7") -> Plan:
    title = Title("RU", "RU", code, "", "", len(ranges.starts))
    pieces = packed(title, ranges.holders, ranges.starts, ranges.ends, ranges.held_by)
    return Plan(memoryview(b"".join(pieces)))


@pytest.mark.parametrize(
    ("number", "regions", "zones"),
    [
        ("+79000000000", ("RU-KDA",), ("Europe/Moscow",)),
        ("+79000061999", ("RU-KDA",), ("Europe/Moscow",)),
        ("+79000062000", ("RU-SVE",), ("Asia/Yekaterinburg",)),
        ("+79000063500", ("RU-MOS", "RU-MOW"), ("Europe/Moscow",)),
        ("+79000064000", (), ()),
        ("+79000065000", (), ()),
        ("+79000066000", ("UA-43",), ("Europe/Kyiv", "Europe/Simferopol")),
        ("+78001000001", ("RU-SA",), ("Asia/Srednekolymsk", "Asia/Vladivostok", "Asia/Yakutsk")),
    ],
)
def test_the_russian_register(
    tmp_path: Path, number: str, regions: tuple[str, ...], zones: tuple[str, ...]
) -> None:
    plan = plan_of(ranges_of(tmp_path, REGISTER))
    holder = plan.find(number)
    assert holder is not None
    assert (holder.regions, plan.zones(number), Plans.of([plan]).zones(number)) == (regions, zones, zones)


@pytest.mark.parametrize("number", ["+79000067000", "+78000999999", "+79999999999", "+71", "+380501234567"])
def test_a_number_of_no_range(tmp_path: Path, number: str) -> None:
    plan = plan_of(ranges_of(tmp_path, REGISTER))
    assert (plan.find(number), plan.zones(number)) == (None, ())
    assert Plans.of([plan]).zones(number) == ()


def test_regions_that_are_not_known_are_counted(tmp_path: Path) -> None:
    assert ranges_of(tmp_path, REGISTER).unknown == {"Средиземье": 1}


def test_zeros_that_a_spreadsheet_dropped(tmp_path: Path) -> None:
    plan = plan_of(ranges_of(tmp_path, "code,from,to,operator,region\n900,0,61999,T2,Краснодарский край\n"))
    assert [plan.find(number) is not None for number in ("+79000061999", "+79000062000")] == [True, False]


def test_prefixes_alone(tmp_path: Path) -> None:
    text = "prefix,operator,region\n50,Vodafone,\n44,Ukrtelecom,Київ\n"
    plan = plan_of(ranges_of(tmp_path, text, country="UA"), "380")
    assert plan.find("+380501234567") == Holder("Vodafone", ())
    assert plan.zones("+380441234567") == ("Europe/Kyiv",)


def test_several_files_of_one_table(tmp_path: Path) -> None:
    more = "code,from,to,operator,region\n901,0000000,0000999,A,Алтайский край\n"
    plan = plan_of(ranges_of(tmp_path, more, REGISTER))
    assert plan.zones("+79010000001") == ("Asia/Barnaul",)
    assert plan.zones("+79000062000") == ("Asia/Yekaterinburg",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("code,from,to\n900,x,5\n", "line 2: .* is no range of numbers"),
        ("code,from,to\n900,5,\n", "line 2: .* is no range of numbers"),
        ("code,from,to\n900,0000009,0000005\n", "line 2: .* is no range of numbers"),
        ("code,from,to\n,0000001,0000005\n", "line 2: .* is no range of numbers"),
        ("code,from,to\n900,0000001,0000005,9\n", "line 2: "),
        ("code,from,to\n900,0000100,0000200\n900,0000000,0000100\n", "line 2: .*that of .*line 3"),
        ("code,from,to\n900,0000100,99999999999999\n", "line 2: .* is no range"),
    ],
)
def test_what_is_no_table_says_where(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ListFileError, match=says):
        ranges_of(tmp_path, text)


def test_columns_that_are_missing_are_named(tmp_path: Path) -> None:
    for text in ("phone,name\n1,2\n", "code,from,operator\n900,0,a\n"):
        with pytest.raises(ColumnError, match="Name the columns code, from, to"):
            ranges_of(tmp_path, text)


def test_a_row_twice_is_one_range(tmp_path: Path) -> None:
    found = ranges_of(tmp_path, "code,from,to,operator\n900,0000000,0000999,A\n900,0000000,0000999,A\n")
    assert len(found.starts) == 1


@pytest.mark.parametrize("data", [b"", b"x" * 99, b"rightparty numbering plan 1\n" + bytes(8)])
def test_bytes_that_are_no_plan(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"no numbering plan|Expecting value"):
        Plan(memoryview(data))


def test_a_plan_that_was_cut_short(tmp_path: Path) -> None:
    ranges = ranges_of(tmp_path, REGISTER)
    title = Title("RU", "RU", "7", "", "", len(ranges.starts))
    data = b"".join(packed(title, ranges.holders, ranges.starts, ranges.ends, ranges.held_by))
    with pytest.raises(ValueError, match="is not whole"):
        Plan(memoryview(data[:-4]))


@given(
    bounds=st.lists(st.integers(0, 9_999), min_size=2, max_size=40, unique=True).map(sorted),
    asked=st.lists(st.integers(0, 9_999), max_size=30),
)
def test_as_going_through_all_ranges(bounds: list[int], asked: list[int]) -> None:
    pairs = list(zip(bounds[::2], bounds[1::2], strict=False))
    ranges = Ranges(holders=[Holder(str(place), ()) for place in range(len(pairs))])
    for place, (first, last) in enumerate(pairs):
        ranges.starts.append(int(f"7900{first:04d}".ljust(DIGITS, "0")))
        ranges.ends.append(int(f"7900{last:04d}".ljust(DIGITS, "9")))
        ranges.held_by.append(place)
    plan = plan_of(ranges)
    for number in asked:
        has = [str(place) for place, (first, last) in enumerate(pairs) if first <= number <= last]
        found = plan.find(f"+7900{number:04d}")
        assert ([] if found is None else [found.operator]) == has


def test_the_region_of_a_mobile_number_gives_its_day_back(tmp_path: Path) -> None:
    plans = Plans.of([plan_of(ranges_of(tmp_path, REGISTER))])
    mobile = parse_phone("+7 900 006-20-00")
    assert isinstance(mobile, PhoneNumber)
    assert len(mobile.zones) > 10
    found = with_evidence(mobile, Home(), plans)
    assert (found.zones, found.zone_source) == (("Asia/Yekaterinburg",), "numbering_plan")
    lives = with_evidence(mobile, Home(region="RU-KGD"), plans)
    assert (lives.zones, lives.zone_source) == (("Europe/Kaliningrad",), "region")
