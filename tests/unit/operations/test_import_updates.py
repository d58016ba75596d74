"""Imports that tell more of people who are there already."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from dialer.errors import EnvironmentFault
from dialer.operations.import_list import ImportOptions, ImportSummary, import_list
from dialer.ports.store import Answer, LeadsUpdated, Reader, UpdateLeads, Write
from dialer.storage.memory import MemoryStore
from lists.dedupe import Duplicates, MatchBy, Policy
from lists.errors import OptionError
from lists.lead import Lead

UPDATE = Duplicates(policy=Policy.UPDATE)


def run(
    folder: Path,
    text: str,
    store: MemoryStore,
    duplicates: Duplicates = UPDATE,
    name: str = "people",
    **more: object,
) -> ImportSummary:
    file = folder / "people.csv"
    file.write_text(text, encoding="utf-8")
    options = ImportOptions(list_name=name, duplicates=duplicates, **more)  # type: ignore[arg-type]
    return import_list(file, options, write=store.write, reader=store, now=1.8e9, clock=lambda: 0.0)


def people(store: Reader, name: str = "people") -> list[Lead]:
    return list(store.leads(name))


def test_a_newer_list_tells_more_of_those_who_are_there(tmp_path: Path) -> None:
    store = MemoryStore()
    run(
        tmp_path, "id,phone,name,city\n1,+12125550101,Ada Byron,Albany\n", store, as_of="2026-02-01", source="shop"
    )
    text = (
        "id,phone,phone2,city,as_of\n1,+12125550102,,Troy,2026-06-01\n2,+12125550103,,,\n"
        ",+12125550101,+12125550104,Rome,2025-01-01\n"
    )
    summary = run(tmp_path, text, store, source="form")
    assert (summary.read, summary.accepted, summary.duplicates, summary.updated) == (3, 1, 2, 2)
    assert summary.reasons == {"already_in_list": 1, "duplicate_id": 1}
    ada, new = people(store)
    assert [phone.e164 for phone in ada.phones] == ["+12125550101", "+12125550102", "+12125550104"]
    assert (ada.details.city, ada.origin_of("city"), ada.display_name) == (
        "Troy",
        ("form", "2026-06-01"),
        "Ada Byron",
    )
    assert [(phone.source, phone.as_of) for phone in ada.phones] == [
        ("", ""),
        ("form", "2026-06-01"),
        ("form", "2025-01-01"),
    ]
    assert (new.external_id, new.source) == ("2", "form")


def test_importing_it_again_changes_nothing(tmp_path: Path) -> None:
    store = MemoryStore()
    text = "id,phone,city,as_of\n1,+12125550101,Troy,2026-06-01\n1,+12125550102,Rome,2026-07-01\n"
    assert run(tmp_path, text, store).updated == 1
    before = people(store)
    again = run(tmp_path, text, store)
    assert (again.accepted, again.duplicates, again.updated, people(store)) == (0, 2, 0, before)


def test_rows_of_one_file_are_merged_whether_stored_yet_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialer.operations.import_list.CHUNK", 2)
    rows = [f"P{n % 3},+1212555010{n},{n}" for n in range(7)]
    text = "person_key,phone,rank\n" + "\n".join(rows) + "\n"
    by = Duplicates((MatchBy.PERSON,), Policy.UPDATE)
    whole, portions = MemoryStore(), MemoryStore()
    first = run(tmp_path, text, portions, by)
    monkeypatch.setattr("dialer.operations.import_list.CHUNK", 500)
    second = run(tmp_path, text, whole, by)
    assert people(portions) == people(whole)
    assert [len(lead.phones) for lead in people(whole)] == [3, 2, 2]
    assert [lead.details.rank for lead in people(whole)] == [6, 4, 5]
    assert first == second


@pytest.mark.parametrize("chunk", [1, 2, 500])
@pytest.mark.parametrize("known", [False, True])
def test_what_an_update_told_is_known_to_later_rows_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, *, known: bool
) -> None:
    """A number that came to a lead by one row does not become a second lead by the next."""
    monkeypatch.setattr("dialer.operations.import_list.CHUNK", chunk)
    store = MemoryStore()
    if known:
        run(tmp_path, "phone\n+12125550101\n", store)
    rows = "+12125550101,,\n+12125550101,+12125550102,Troy\n+12125550102,+12125550103,\n+12125550103,,Rome\n"
    summary = run(tmp_path, "phone,phone2,city\n" + rows, store)
    (lead,) = people(store)
    assert [phone.e164[-1] for phone in lead.phones] == ["1", "2", "3"]
    assert (lead.details.city, summary.updated) == ("Rome", 3)


@pytest.mark.parametrize("stored", [False, True])
def test_a_row_that_is_about_two_leads_gives_none_of_them_what_is_the_others(
    tmp_path: Path, *, stored: bool
) -> None:
    store = MemoryStore()
    two = "+12125550101,,,\n+12125550102,,2,\n"
    both = "+12125550101,+12125550102,,Troy\n+12125550101,+12125550103,2,\n+12125550102,,,Rome\n"
    if stored:
        run(tmp_path, f"phone,phone2,id,city\n{two}", store)
        two = ""
    summary = run(tmp_path, f"phone,phone2,id,city\n{two}{both}", store, source="form", as_of="2026-06-01")
    assert (summary.duplicates, summary.updated) == (3, 3)
    assert [([one.e164[-1] for one in lead.phones], lead.external_id) for lead in people(store)] == [
        (["1", "3"], ""),
        (["2"], "2"),
    ]
    assert [lead.details.city for lead in people(store)] == ["Troy", "Rome"]
    if stored:
        assert people(store)[1].phones[0].as_of == "2026-06-01"


def test_a_dry_run_says_the_same_and_stores_nothing(tmp_path: Path) -> None:
    store = MemoryStore()
    run(tmp_path, "id,phone\n1,+12125550101\n", store)
    before = people(store)
    text = "id,phone,city\n1,+12125550101,Troy\n2,+12125550102,\n2,+12125550103,Rome\n"
    tried = run(tmp_path, text, store, dry_run=True)
    assert people(store) == before
    told = run(tmp_path, text, store)
    assert (
        (tried.accepted, tried.duplicates, tried.updated)
        == (told.accepted, told.duplicates, told.updated)
        == (1, 2, 2)
    )


def test_duplicates_in_other_lists_of_the_client_are_found_when_asked_for(tmp_path: Path) -> None:
    store = MemoryStore()
    text = "phone,city\n+12125550101,Troy\n"
    for name in ("acme/old", "other/old"):
        run(tmp_path, text, store, Duplicates(), name)
    assert run(tmp_path, text, store, Duplicates(), "acme/new").accepted == 1
    across = run(tmp_path, text, store, Duplicates(across=True), "acme/newer")
    assert (across.accepted, across.reasons) == (0, {"in_other_list": 1})
    better = run(
        tmp_path,
        "phone,city\n+12125550101,Rome\n",
        store,
        Duplicates(policy=Policy.UPDATE, across=True),
        "acme/last",
    )
    assert (better.updated, people(store, "acme/last")) == (1, [])
    cities = {name: people(store, name)[0].details.city for name in ("acme/old", "acme/new", "other/old")}
    assert cities == {"acme/old": "Troy", "acme/new": "Rome", "other/old": "Troy"}


def test_a_date_yet_to_come_is_none(tmp_path: Path) -> None:
    """A slip of the pen would have the last word for years."""
    store = MemoryStore()
    today = "2027-01-15"  # of `now`, 1.8e9
    text = f"phone,city,as_of\n+12125550101,Troy,2062-01-01\n+12125550101,Rome,{today}\n"
    summary = run(tmp_path, text, store)
    (lead,) = people(store)
    assert (lead.details.city, summary.warnings) == ("Rome", {"bad_date": 1})
    with pytest.raises(OptionError, match="yet to come"):
        run(tmp_path, text, store, as_of="2062-01-01")


def test_kept_duplicates_are_leads_of_their_own(tmp_path: Path) -> None:
    store = MemoryStore()
    text = "phone\n+12125550101\n+12125550101\n"
    assert run(tmp_path, text, store, Duplicates(policy=Policy.KEEP)).accepted == 2
    assert len(people(store)) == 2


def test_rows_that_told_something_are_no_rejects(tmp_path: Path) -> None:
    store, rejects = MemoryStore(), tmp_path / "rejects.csv"
    run(tmp_path, "phone,city\n+12125550101,Troy\n+12125550101,Rome\nx,\n", store, rejects=rejects)
    with rejects.open(encoding="utf-8-sig", newline="") as file:
        assert [row["reject_reason"] for row in csv.DictReader(file)] == ["not_a_number"]


def test_a_toll_free_number_is_taken_and_warned_of(tmp_path: Path) -> None:
    store, rejects = MemoryStore(), tmp_path / "rejects.csv"
    text = "phone,phone2,as_of\n8 800 555-35-35,,\n+79161234567,12,\n+79161234568,8 800 555 3536,soon\n"
    summary = run(tmp_path, text, store, rejects=rejects, region="RU")
    assert (summary.accepted, summary.warnings) == (3, {"bad_date": 1, "too_short": 1, "toll_free": 2})
    assert [len(lead.phones) for lead in people(store)] == [1, 1, 2]
    with rejects.open(encoding="utf-8-sig", newline="") as file:
        said = [(row["reject_result"], row["reject_reason"]) for row in csv.DictReader(file)]
    assert said == [("number_left_out", "too_short"), ("value_left_out", "bad_date")]


def test_consents_go_on_the_clients_register(tmp_path: Path) -> None:
    store = MemoryStore()
    text = (
        "phone,consent,consent_at,consent_text\n+12125550101,yes,2026-02-03,I agree\n+12125550102,no,2026-02-04,\n"
    )
    for _ in range(2):
        summary = run(tmp_path, text, store, Duplicates(), "acme/people", source="web form")
    assert (summary.accepted, summary.consents) == (0, 0)
    given, refused = store.consents(["+12125550101", "+12125550102"], "acme")
    assert (given.kind, given.source, given.evidence, given.withdrawn_at) == ("call", "web form", "I agree", None)
    assert refused.is_refusal
    assert store.consents(["+12125550101"]) == []


def test_dates_that_nobody_can_tell_refuse_the_file_until_somebody_does(tmp_path: Path) -> None:
    store = MemoryStore()
    text = "phone,updated\n+12125550101,03/04/2026\n+12125550102,05/06/2026\n"
    with pytest.raises(Exception, match=r"line 1: column 'updated': '03/04/2026' may be two dates.*--dates dmy"):
        run(tmp_path, text, store)
    assert list(store.lists()) == []
    run(tmp_path, text, store, dates="mdy")
    assert [lead.as_of for lead in people(store)] == ["2026-03-04", "2026-05-06"]
    run(tmp_path, text + "+12125550103,17/06/2026\n", store, name="told")
    assert [lead.as_of for lead in people(store, "told")] == ["2026-04-03", "2026-06-05", "2026-06-17"]


def test_two_imports_at_once_leave_what_either_knows(tmp_path: Path) -> None:
    """Each has read the lead before the other has changed it."""
    store = MemoryStore()
    run(tmp_path, "id,phone,name\n1,+12125550101,Ada Byron\n2,+12125550109,Ida\n", store, as_of="2026-01-01")
    others = [
        "id,phone,phone2,city,plan\n1,+12125550101,+12125550102,Troy,\n",
        "id,phone,city,plan\n1,+12125550101,Rome,gold\n",
    ]

    def write(write: Write) -> Answer:
        if isinstance(write, UpdateLeads) and others:
            run(tmp_path, others.pop(), store, as_of=f"2026-0{2 + len(others)}-01")
        return store.write(write)

    file = tmp_path / "mine.csv"
    file.write_text("id,phone,phone2,rank,city\n1,+12125550101,+12125550103,3,Bari\n2,+12125550109,,4,\n")
    options = ImportOptions(list_name="people", duplicates=UPDATE, as_of="2026-01-15")
    summary = import_list(file, options, write=write, reader=store, now=1.8e9, clock=lambda: 0.0)
    ada, ida = people(store)
    assert [phone.e164[-1] for phone in ada.phones] == ["1", "2", "3"]
    assert (ada.details.rank, ada.details.city, ada.fields) == (3, "Rome", (("plan", "gold"),))
    assert (ida.details.rank, summary.updated, others) == (4, 2, [])


def test_a_lead_that_is_another_each_time_it_is_read_ends_the_import(tmp_path: Path) -> None:
    store = MemoryStore()
    run(tmp_path, "id,phone\n1,+12125550101\n", store)

    def write(write: Write) -> Answer:
        return LeadsUpdated(0, overtaken=(1,)) if isinstance(write, UpdateLeads) else store.write(write)

    file = tmp_path / "mine.csv"
    file.write_text("id,phone,city\n1,+12125550101,Bari\n")
    options = ImportOptions(list_name="people", duplicates=UPDATE)
    with pytest.raises(EnvironmentFault, match="1 leads were changed by somebody else each time"):
        import_list(file, options, write=write, reader=store, now=1.8e9, clock=lambda: 0.0)


@pytest.mark.parametrize("stored", [True, False])
def test_all_numbers_of_who_has_moved_are_where_they_live_now(tmp_path: Path, *, stored: bool) -> None:
    header = "id,phone,phone2,country,region,postal_code,as_of\n"
    old = "1,+12125550101,+12125550102,US,FL,33101,2026-01-01\n"
    new = "1,+12125550101,,US,CA,,2026-06-01\n"
    store = MemoryStore()
    if stored:
        run(tmp_path, header + old, store)
        old = ""
    run(tmp_path, header + old + new, store)
    (lead,) = people(store)
    assert (lead.region, lead.details.postal_code) == ("US-CA", "")
    assert [phone.zones for phone in lead.phones] == [("America/Los_Angeles",)] * 2
    back = "1,+12125550102,,US,,10001,2026-07-01\n"
    run(tmp_path, header + back, store)
    (lead,) = people(store)
    assert (lead.region, lead.details.postal_code) == ("US-NY", "10001")
    assert [phone.zones for phone in lead.phones] == [("America/New_York",)] * 2
