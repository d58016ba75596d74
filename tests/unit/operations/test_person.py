"""Who is meant by a number or a lead id, and what becomes of an erasure."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest

from campaigns.consent import Consent
from dialer.errors import InputError, UnknownName
from dialer.operations.erase_person import erase_person, refuse_several
from dialer.operations.export_person import export_person
from dialer.operations.import_list import ImportOptions, import_list
from dialer.operations.person import Person, find_person
from dialer.ports.access import Actor
from dialer.ports.store import BlockNumbers, CloseAttempt, NewLead, SaveConsents, UpdateLeads
from dialer.storage.memory import MemoryStore
from tests.contract.storage_values import (
    NOW,
    phone,
    place_leads,
    record_for,
    save_attempt,
    save_campaign,
    save_leads,
    update_for,
)

BY = Actor("os:ana", "admin", "", "command")
ADA, HOME, BOB = phone(1), phone(2), phone(3)


@pytest.fixture
def store() -> MemoryStore:
    """Ada is in two lists of the house and in one of a client; Bob has her number at home."""
    made = MemoryStore()
    made.write(save_leads((NewLead((ADA, HOME), "Ada", "Lovelace", external_id="7"), NewLead((BOB,), "Bob", "B"))))
    made.write(save_leads((NewLead((ADA,), "ADA", " lovelace"), NewLead((HOME,), "Bob", "B")), "other"))
    made.write(save_leads((NewLead((ADA,), "Ada", "Lovelace"),), "acme/people"))
    made.write(save_campaign())
    made.write(place_leads())
    return made


def find(store: MemoryStore, who: str, folder: Path = Path("nowhere")) -> Person:
    return find_person(store, who, recordings=folder, sees=lambda name: "/" not in name)


def erase(store: MemoryStore, person: Person, folder: Path = Path("nowhere")) -> dict[str, int]:
    done = erase_person(person, reader=store, write=store.write, actor=BY, now=NOW, folder=folder, reason="asked")
    return done.as_dict()


def test_a_person_is_found_in_every_list_by_number_and_name(store: MemoryStore) -> None:
    assert [lead.lead_id for lead in find(store, ADA.e164).leads] == [1, 3]
    assert [lead.lead_id for lead in find(store, "1").leads] == [1, 3]
    assert find(store, "1").names == ("Ada Lovelace",)
    assert find(store, "1").clients == ("",)
    everywhere = find_person(store, "1", recordings=Path("nowhere"))
    assert [lead.lead_id for lead in everywhere.leads] == [1, 3, 5]
    assert everywhere.clients == ("", "acme")


def test_a_person_key_joins_what_names_do_not(store: MemoryStore) -> None:
    store.write(
        save_leads((NewLead((phone(8),), "A.", person_key="p"), NewLead((phone(9),), "L.", person_key="p")))
    )
    assert [lead.lead_id for lead in find(store, phone(9).e164).leads] == [6, 7]


def test_it_must_be_clear_who_is_erased(store: MemoryStore) -> None:
    household = find(store, HOME.e164)
    assert [lead.lead_id for lead in household.leads] == [1, 3, 4]
    with pytest.raises(InputError, match=r"lead id: 1 \(Ada Lovelace, people\), 3 \(.*\), 4 \(Bob B, other\)"):
        refuse_several(household, HOME.e164)
    refuse_several(find(store, "1"), "1")


@pytest.mark.parametrize("who", ["99", "5", "+442079469999"])
def test_nobody_known_or_nobody_of_yours(store: MemoryStore, who: str) -> None:
    with pytest.raises(UnknownName):
        find(store, who)


def test_what_others_share_stays_and_an_import_knows_them_again(store: MemoryStore, tmp_path: Path) -> None:
    agreed = (
        Consent(ADA.e164, "call", "", NOW, source="form"),
        Consent(HOME.e164, "call", "", NOW, source="form"),
    )
    store.write(SaveConsents(agreed, NOW))
    store.write(BlockNumbers((BOB.e164, ADA.e164), "a refusal", NOW))
    assert erase(store, find(store, "1")) == {
        "leads": 2, "attempts": 0, "callbacks": 0, "recordings": 0, "registers": 1,
    }  # fmt: skip
    assert store.consents((ADA.e164,)) == []
    assert [one.number for one in store.consents((HOME.e164,))] == [HOME.e164]
    assert [lead.lead_id for lead in store.leads_by_number(HOME.e164)] == [4]
    assert [one.source for one in store.dnc_entries((ADA.e164, HOME.e164))] == ["a refusal"]
    (change,) = [one.change for one in store.changes() if one.change.action == "person.erase"]
    assert (change.subject, change.detail) == (
        "lead 1, 3",
        (("leads", "2"), ("attempts", "0"), ("reason", "asked")),
    )
    file = tmp_path / "again.csv"
    file.write_text(f"name,phone,id\nAda,{ADA.e164},70\nAda at home,{HOME.e164},7\nEve,{phone(5).e164},8\n")
    for name, erased in (("people", 2), ("new", 1), ("acme/new", 0)):
        options = ImportOptions(list_name=name, mapping=("id=external_id",))
        summary = import_list(file, options, write=store.write, reader=store, now=NOW, clock=lambda: 0.0)
        assert summary.reasons.get("erased", 0) == erased, name
        assert summary.read == summary.accepted + summary.suppressed + summary.duplicates


def test_recordings_are_handed_over_and_deleted_with_the_rest(store: MemoryStore, tmp_path: Path) -> None:
    save = save_attempt(1, 1, ADA.e164)
    store.write(save)
    store.write(CloseAttempt(replace(record_for(save, "answered"), note="tall"), update_for(1)))
    folder = tmp_path / "recordings"
    ours = ("2026-09-21/c-1-141320.wav", "2026-09-21/c-1-141402-reason.wav", "2026-09-22/c-1-000001.wav")
    others = ("2026-09-21/c-10-141320.wav", "2026-09-21/d-1-141320.wav", "2026-09-21/acme/c-1-141320.wav")
    for name in (*ours, *others):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    person = find(store, "1", folder)
    assert person.recordings == ours
    archive = tmp_path / "ada.zip"
    export_person(person, folder, archive)
    assert archive.stat().st_mode & 0o077 == 0
    with ZipFile(archive) as handed:
        assert sorted(handed.namelist()) == ["person.json", *(f"recordings/{name}" for name in ours)]
        document = json.loads(handed.read("person.json"))
    assert [one["note"] for one in document["attempts"]] == ["tall"]
    assert document["attempts"][0]["permit"]
    with pytest.raises(InputError, match="there already"):
        export_person(person, folder, archive)
    assert erase(store, person, folder)["recordings"] == 3
    assert [str(path.relative_to(folder)) for path in sorted(folder.rglob("*.wav"))] == sorted(others)


def test_what_they_have_refused_as_a_person_and_what_was_known_of_them_is_shown(store: MemoryStore) -> None:
    save = save_attempt(1, 1, ADA.e164)
    store.write(save)
    store.write(CloseAttempt(record_for(save, "answered"), update_for(1)))
    lead = store.lead(1)
    assert lead is not None
    store.write(UpdateLeads("people", (replace(lead, person_key="p", country="GB"),), NOW + 100))
    for who in ("#1", ":p", "#2"):
        store.write(BlockNumbers((ADA.e164,), "campaign c", NOW + 200, "", "sales", who))
    document = json.loads(json.dumps(find(store, "1").as_dict()))
    since = "2026-09-21T14:16:40Z"
    assert document["refused"] == [
        {"client": "", "person": who, "purpose": "sales", "source": "campaign c", "since": since, "until": None}
        for who in ("#1", ":p")
    ]
    (was,) = document["versions"]
    assert (was["lead_id"], was["person_key"], was["country"]) == (1, "", "")
    assert [one["number"] for one in was["numbers"]] == [ADA.e164, HOME.e164]
    erase(store, find(store, "1"))
    assert store.refused_by(("#1", ":p")) == []


def test_an_archive_that_cannot_be_made_leaves_nothing(store: MemoryStore, tmp_path: Path) -> None:
    person = replace(find(store, "1"), recordings=("2026-09-21/gone.wav",))
    with pytest.raises(InputError, match=r"gone\.wav cannot be read"):
        export_person(person, tmp_path, tmp_path / "ada.zip")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="--output"):
        export_person(person, tmp_path, tmp_path / "no" / "ada.zip")
