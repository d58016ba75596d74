from __future__ import annotations

from pathlib import Path

import pytest

from dialer.errors import UnknownName
from dialer.operations.numbering_plans import import_plan
from dialer.operations.rezone import PORTION, lead_now, rezone
from dialer.ports.store import (
    Answer,
    LeadsUpdated,
    NewLead,
    PlaceLeads,
    SaveCampaign,
    SaveLeads,
    UpdateLeads,
    Write,
)
from dialer.storage.memory import MemoryStore
from lists.lead import Details, Lead, PhoneNumber
from lists.numbering_plan import NO_PLANS
from lists.phone import parse_phone
from lists.zone_evidence import Home, with_evidence

NOW = 1_800_000_000.0


def number(text: str) -> PhoneNumber:
    found = parse_phone(text)
    assert isinstance(found, PhoneNumber)
    return found


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    table = tmp_path / "table.csv"
    table.write_text("code,from,to,operator,region\n916,0000000,9999999,МТС,Омская область\n", "utf-8")
    import_plan(tmp_path / "plans", [table], region="RU")
    return tmp_path / "plans"


def store_of(*leads: NewLead) -> MemoryStore:
    store = MemoryStore()
    store.write(SaveLeads("people", leads, "", "", NOW))
    return store


MOBILE, LONDON = number("+79161234567"), number("+442079460001")


def test_leads_get_the_zones_that_are_known_now(plans: Path) -> None:
    stated = with_evidence(MOBILE, Home("Asia/Tokyo"))
    store = store_of(
        NewLead((MOBILE,)),
        NewLead((stated,)),
        NewLead((MOBILE, LONDON), region="RU-SVE", country="RU"),  # imported before regions said anything
        NewLead((MOBILE,), details=Details(postal_code="690000")),
        NewLead((LONDON,)),
    )
    before = list(store.leads("people"))
    told: list[tuple[int, int]] = []
    looked = rezone(
        store, "people", write=None, plans=plans, now=NOW, progress=lambda *done: told.append(done)
    )  # fmt: skip
    assert (looked.leads, looked.changed, list(store.leads("people"))) == (5, 4, before)
    assert told == [(5, 5)]
    found = rezone(store, "people", write=store.write, plans=plans, now=NOW)
    assert found == looked
    assert [[(phone.zones, phone.zone_source) for phone in lead.phones] for lead in store.leads("people")] == [
        [(("Asia/Omsk",), "numbering_plan")],
        [(("Asia/Tokyo",), "stated")],
        [(("Asia/Yekaterinburg",), "region"), (("Asia/Yekaterinburg", "Europe/London"), "region")],
        [(("Asia/Vladivostok",), "postal_code")],
        [(("Europe/London",), "number")],
    ]
    assert found.zone_sources == {"number": 1, "numbering_plan": 1, "postal_code": 1, "region": 2, "stated": 1}
    again = rezone(store, "people", write=store.write, plans=plans, now=NOW)
    assert again.changed == 0


def test_without_the_plan_the_number_alone_tells_again(plans: Path) -> None:
    store = store_of(NewLead((MOBILE,)))
    rezone(store, "people", write=store.write, plans=plans, now=NOW)
    rezone(store, "people", write=store.write, plans=None, now=NOW)
    assert [lead.phones for lead in store.leads("people")] == [(MOBILE,)]


def test_what_a_list_says_of_a_number_stays() -> None:
    phone = PhoneNumber(
        "+79161234567", "RU", MOBILE.kind, ("Europe/Bucharest",), MOBILE.zone_source, "work", "12", "s"
    )
    (found,) = lead_now(Lead(1, "people", (phone,)), NO_PLANS, {"+79161234567": "Asia/Omsk"}).phones
    assert (found.use, found.extension, found.source, found.zones) == ("work", "12", "s", ("Asia/Omsk",))


def test_a_number_that_no_plan_has_any_more_is_left_as_it_is() -> None:
    gone = PhoneNumber("+12121550103", "US", MOBILE.kind, ("America/New_York",), MOBILE.zone_source)
    assert lead_now(Lead(1, "people", (gone,)), NO_PLANS, {}).phones == (gone,)


def test_leads_are_written_in_portions_and_those_at_hand_are_counted(plans: Path) -> None:
    store = store_of(*[NewLead((number(f"+7916123{n:04d}"),)) for n in range(2 * PORTION + 1)])
    sizes: list[int] = []

    def write(write: Write) -> Answer:
        assert isinstance(write, UpdateLeads)
        sizes.append(len(write.leads))
        return LeadsUpdated(len(write.leads) - 1, (write.leads[0].lead_id,))

    found = rezone(store, "people", write=write, plans=plans, now=NOW)
    assert sizes == [PORTION, PORTION, 1]
    assert (found.changed, found.at_hand) == (2 * PORTION - 2, 3)


def test_a_campaign_finds_the_lead_under_its_new_zones(plans: Path) -> None:
    store = store_of(NewLead((MOBILE,)))
    store.write(SaveCampaign("c", "", ("people",), "oldest", NOW))
    store.write(PlaceLeads("c", 10))
    rezone(store, "people", write=store.write, plans=plans, now=NOW)
    place = store.place("c", 1)
    assert place is not None
    assert "Asia/Omsk" in place.zone_group
    assert "Europe" not in place.zone_group


def test_a_list_that_there_is_not() -> None:
    with pytest.raises(UnknownName, match="people"):
        rezone(MemoryStore(), "people", write=None, plans=None, now=NOW)
