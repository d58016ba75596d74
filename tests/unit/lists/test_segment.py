from __future__ import annotations

import pytest

from lists.errors import OptionError
from lists.lead import Details, Lead, NumberKind, PhoneNumber, ZoneSource
from lists.segment import Called, Segment, read_conditions

NOW = 1_790_000_000.0  # 2026-09-21
DAY_S = 86_400.0
ROME, LONDON = "Europe/Rome", "Europe/London"
LEAD = Lead(
    7,
    "people",
    (
        PhoneNumber("+393331234567", "IT", NumberKind.MOBILE, (ROME,), ZoneSource.NUMBER, use="mobile"),
        PhoneNumber("+442079460001", "GB", NumberKind.FIXED, (LONDON,), ZoneSource.NUMBER),
    ),
    "Ida",
    fields=(("Plan", "gold"), ("visits", "12")),
    region="IT-25",
    details=Details(city="Bari", rank=5),
    as_of="2026-09-01",
)
CALLED = Called(3, NOW - 2.5 * DAY_S, "busy")


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("city=bari", True), ("city=Rome,Bari", True), ("city!=Bari", False), ("city!=Rome,Milan", True),
        ("city=Ba*", True), ("city=*", True), ("address=*", False), ("address=", True), ("city=", False),
        ("region=IT-25", True), ("first_name = ida ", True), ("zone=Europe/London", True),
        ("zone!=Europe/London", False), ("kind=mobile", True), ("kind=voip", False), ("use=mobile", True),
        ("number_country=GB", True), ("phone=+4420*", True), ("rank=5", True), ("rank=5.0", True),
        ("rank>5", False), ("rank>=5", True), ("rank<6", True), ("rank!=4", True), ("age=20", True),
        ("age>20", False), ("age<=20", True), ("as_of<2026-09-02", True), ("as_of>=2026-09-02", False),
        ("attempts=3", True), ("attempts<3", False), ("called=2", True), ("called<3", True), ("called=", False),
        ("status=busy,no_answer", True), ("status=new", False), ("plan=GOLD", True), ("Plan!=gold", False),
        ("visits>=12", True), ("visits>12", False), ("plan>1", False),
    ],
)  # fmt: skip
def test_what_holds(condition: str, holds: bool) -> None:
    assert Segment(read_conditions([condition]), NOW).holds(LEAD, CALLED) is holds


def test_all_have_to_hold() -> None:
    assert Segment(read_conditions(["city=Bari", "rank=5"]), NOW).holds(LEAD)
    assert not Segment(read_conditions(["city=Bari", "rank=4"]), NOW).holds(LEAD)
    assert Segment((), NOW).holds(LEAD)


def test_of_whom_nobody_has_called_or_nothing_is_known() -> None:
    bare = Lead(8, "people", (PhoneNumber("+393331234568", "IT", NumberKind.MOBILE, (), ZoneSource.UNKNOWN),))
    for condition in ("status=new", "attempts=0", "called=", "age=", "rank=", "zone=", "rank!=4"):
        assert Segment(read_conditions([condition]), NOW).holds(bare), condition
    for condition in ("called>0", "age>=0", "rank<9", "as_of<2030-01-01"):
        assert not Segment(read_conditions([condition]), NOW).holds(bare), condition


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("Bari", "no condition"), ("=Bari", "no condition"), ("city>Bari", "city is text"),
        ("rank=high", "rank is a number"), ("attempts>=many", "'many' is no number"),
        ("visits>nan", "is no number"), ("as_of<soon", "is no date"),
    ],
)  # fmt: skip
def test_what_is_no_condition_says_so(condition: str, says: str) -> None:
    with pytest.raises(OptionError, match=says) as raised:
        read_conditions([condition])
    assert str(raised.value).startswith("--where: ")


def test_a_field_that_no_lead_has_is_a_slip() -> None:
    segment = Segment(read_conditions(["paln=gold"]), NOW)
    assert not segment.holds(LEAD)
    with pytest.raises(OptionError, match="did you mean Plan"):
        segment.check_names(name for name, _ in LEAD.fields)
    found = Segment(read_conditions(["PLAN=gold"]), NOW)
    assert found.holds(LEAD)
    found.check_names(["Plan"])


def test_only_some_ask_for_calls() -> None:
    assert Segment(read_conditions(["attempts=0"]), NOW).asks_calls
    assert not Segment(read_conditions(["age>3"]), NOW).asks_calls
