from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lists.lead import Details, Lead, NumberKind, Origin, PhoneNumber, ZoneSource
from lists.merge import merged


def phone(
    n: int, zone: str = "America/New_York", source: ZoneSource = ZoneSource.NUMBER, use: str = ""
) -> PhoneNumber:
    return PhoneNumber(f"+1212555010{n}", "US", NumberKind.FIXED_OR_MOBILE, (zone,), source, use)


OLD = Lead(
    7, "people", (phone(1), phone(2)), "Ada", "Byron", "C1", (("plan", "gold"),), country="US",
    details=Details(city="Albany", rank=0), source="a shop", as_of="2026-02-01",
)  # fmt: skip


def said(as_of: str = "2026-06-01", **values: object) -> Lead:
    return replace(Lead(0, "people", (phone(1),), source="a form", as_of=as_of), **values)  # type: ignore[arg-type]


def test_the_newer_has_each_field_and_its_origin_is_kept() -> None:
    new = said(
        last_name="King", details=Details(city="Troy", language="en"), fields=(("plan", "silver"), ("vip", "x"))
    )
    lead = merged(OLD, new)
    assert (lead.first_name, lead.last_name, lead.external_id, lead.country) == ("Ada", "King", "C1", "US")
    assert lead.details == Details(city="Troy", language="en", rank=0)
    assert lead.fields == (("plan", "silver"), ("vip", "x"))
    assert {one.field for one in lead.origins} == {"last_name", "city", "language", "plan", "vip"}
    assert lead.origin_of("city") == ("a form", "2026-06-01")
    assert lead.origin_of("first_name") == (lead.source, lead.as_of) == ("a shop", "2026-02-01")


def test_the_older_fills_only_what_is_missing() -> None:
    lead = merged(OLD, said("2025-12-31", last_name="King", details=Details(city="Troy", owner="ana", rank=5)))
    assert (lead.last_name, lead.details) == ("Byron", Details(city="Albany", owner="ana", rank=0))
    assert lead.origins == (Origin("owner", "a form", "2025-12-31"),)


def test_a_date_that_is_not_known_is_older_than_any() -> None:
    assert merged(OLD, said("", last_name="King")).last_name == "Byron"
    undated = replace(OLD, as_of="")
    assert merged(undated, said("", last_name="King")).last_name == "King"
    assert merged(undated, said("2020-01-01", last_name="King")).last_name == "King"


@pytest.mark.parametrize(
    ("as_of", "country", "region", "found"),
    [
        ("2026-06-01", "DE", "", ("DE", "")),  # moved away: no part of America any more
        ("2026-06-01", "DE", "DE-BY", ("DE", "DE-BY")),
        ("2026-06-01", "US", "", ("US", "US-FL")),
        ("2026-06-01", "", "", ("US", "US-FL")),
        ("2025-06-01", "DE", "DE-BY", ("US", "US-FL")),
    ],
)
def test_a_region_is_one_of_the_country(as_of: str, country: str, region: str, found: tuple[str, str]) -> None:
    old = replace(OLD, country="US", region="US-FL")
    lead = merged(old, said(as_of, country=country, region=region))
    assert (lead.country, lead.region) == found
    assert all(one.field != "region" for one in lead.origins) or lead.region == region


def test_a_region_that_two_countries_count_as_theirs_is_of_either() -> None:
    old = replace(OLD, country="UA", region="UA-43")
    lead = merged(old, said("2026-06-01", country="RU"))
    assert (lead.country, lead.region) == ("RU", "UA-43")


@pytest.mark.parametrize(
    ("as_of", "country", "region", "postal_code", "found"),
    [
        ("2026-06-01", "", "US-NY", "", ("US", "US-NY", "")),  # moved: the code is of where it lived before
        ("2026-06-01", "", "US-FL", "", ("US", "US-FL", "33101")),
        ("2026-06-01", "", "", "10001", ("US", "", "10001")),
        ("2026-06-01", "", "US-NY", "94105", ("US", "US-NY", "94105")),  # nobody can tell which is wrong
        ("2025-06-01", "", "US-NY", "10001", ("US", "US-FL", "33101")),
        ("2026-06-01", "DE", "", "", ("DE", "", "")),
        ("2026-06-01", "DE", "", "10115", ("DE", "", "10115")),
    ],
)
def test_who_has_moved_is_not_where_the_older_address_was(
    as_of: str, country: str, region: str, postal_code: str, found: tuple[str, str, str]
) -> None:
    old = replace(OLD, country="US", region="US-FL", details=Details(postal_code="33101"))
    row = said(as_of, country=country, region=region, details=Details(postal_code=postal_code))
    lead = merged(old, row)
    assert (lead.country, lead.region, lead.details.postal_code) == found
    assert merged(lead, row) == lead


def test_an_older_address_does_not_put_out_the_newer_one() -> None:
    old = replace(OLD, country="US", region="US-NY")
    lead = merged(old, said("2020-01-01", region="US-FL", details=Details(postal_code="33101")))
    assert (lead.region, lead.details.postal_code) == ("US-NY", "")


def test_an_older_list_fills_in_no_region_of_another_country() -> None:
    lead = merged(OLD, said("2025-06-01", country="DE", region="DE-BY"))
    assert (lead.country, lead.region, lead.origins) == ("US", "", ())


def test_what_is_said_again_is_as_new_as_that() -> None:
    lead = merged(OLD, said(first_name="Ada"))
    assert (lead.first_name, lead.origin_of("first_name")) == ("Ada", ("a form", "2026-06-01"))
    assert lead.phones[0].as_of == "2026-06-01"
    assert lead.phones[1].as_of == ""


def test_who_it_is_is_filled_in_and_never_changed() -> None:
    lead = merged(OLD, said(external_id="C2", person_key="p", debt_id="d"))
    assert (lead.external_id, lead.person_key, lead.debt_id) == ("C1", "p", "d")
    assert merged(lead, said("2026-07-01", person_key="q")).person_key == "p"


def test_numbers_keep_their_places_and_new_ones_stand_behind() -> None:
    lead = merged(OLD, said(phones=(phone(3, use="work"), phone(2, use="home"))))
    assert [(one.e164[-1], one.use, one.source) for one in lead.phones] == [
        ("1", "", ""),
        ("2", "home", "a form"),
        ("3", "work", "a form"),
    ]
    full = replace(OLD, phones=tuple(phone(n) for n in range(10)))
    extra = replace(phone(1), e164="+12125550111")
    assert merged(full, said(phones=(extra,))).phones == full.phones


def test_weaker_evidence_of_a_zone_does_not_replace_stronger() -> None:
    there = replace(OLD, phones=(phone(1, "America/Denver", ZoneSource.REGION),))
    assert merged(there, said(phones=(phone(1),))).phones[0].zones == ("America/Denver",)
    moved = phone(1, "America/Chicago", ZoneSource.REGION)
    assert merged(there, said(phones=(moved,))).phones[0].zones == ("America/Chicago",)
    assert merged(there, said("2020-01-01", phones=(moved,))).phones[0].zones == ("America/Denver",)


DATES = st.sampled_from(("", "2025-01-01", "2026-02-01", "2026-06-01"))
ROWS = st.builds(
    Lead, st.just(0), st.just("people"),
    st.lists(st.sampled_from([phone(n) for n in (1, 2, 3)]), min_size=1, max_size=3, unique=True).map(tuple),
    st.sampled_from(("", "Ada", "Ida")), st.sampled_from(("", "Byron", "King")),
    country=st.sampled_from(("", "US", "CA")),
    details=st.builds(Details, city=st.sampled_from(("", "Albany", "Troy")), rank=st.sampled_from((None, 0, 1))),
    source=st.sampled_from(("a", "b")), as_of=DATES,
)  # fmt: skip


@given(ROWS, ROWS)
def test_saying_it_twice_changes_nothing_more(old: Lead, new: Lead) -> None:
    once = merged(old, new)
    assert merged(once, new) == once
    assert merged(old, old) == old


@given(ROWS, ROWS)
def test_no_number_moves_and_nothing_known_gets_lost(old: Lead, new: Lead) -> None:
    lead = merged(old, new)
    assert [one.e164 for one in lead.phones][: len(old.phones)] == [one.e164 for one in old.phones]
    assert {one.e164 for one in lead.phones} == {one.e164 for one in (*old.phones, *new.phones)}
    for name in ("first_name", "last_name", "country"):
        assert getattr(lead, name) in {getattr(old, name), getattr(new, name)}
        assert bool(getattr(lead, name)) == bool(getattr(old, name) or getattr(new, name))
