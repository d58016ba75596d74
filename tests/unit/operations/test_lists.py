"""`export_list`, `show_list`."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from dialer.errors import UnknownName
from dialer.operations.export_list import export_list
from dialer.operations.import_list import ImportOptions, import_list
from dialer.operations.show_list import show_list
from dialer.ports.store import NewLead, SaveLeads
from dialer.storage.memory import MemoryStore
from lists.lead import ZoneSource
from tests.unit.operations.scene import BERLIN, LONDON, MONDAY_10, Scene, phone


def exported(scene: Scene) -> str:
    out = io.StringIO()
    assert export_list(scene.reader, "people", out) == 3
    return out.getvalue()


def test_a_list_is_exported_with_all_its_columns(scene: Scene) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(scene))))
    assert list(rows[0]) == [
        "lead_id", "external_id", "person_key", "debt_id", "first_name", "last_name", "country", "region",
        "phone", "phone2", "timezone", "source", "as_of", "plan",
    ]  # fmt: skip
    assert rows[0]["plan"] == "gold"
    assert rows[1]["plan"] == "'=1+1"  # no formula for whoever opens it in a spreadsheet
    assert (rows[2]["phone"], rows[2]["phone2"], rows[2]["plan"]) == (LONDON[2], BERLIN, "")
    assert {row["timezone"] for row in rows} == {""}  # derived from the numbers, not stated


def test_what_was_exported_can_be_imported(scene: Scene, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(exported(scene), encoding="utf-8")
    other = MemoryStore()
    options = ImportOptions(list_name="copy", mapping=("lead_id=ignore",))
    import_list(file, options, write=other.write, reader=other, now=MONDAY_10, clock=lambda: 0.0)
    copies = list(other.leads("copy"))
    for lead, copy in zip(scene.reader.leads("people"), copies, strict=True):
        assert (copy.phones, copy.display_name, copy.external_id) == (
            lead.phones,
            lead.display_name,
            lead.external_id,
        )
    assert dict(copies[1].fields)["plan"] == "=1+1"


def test_an_export_of_an_export_can_be_imported_too(scene: Scene, tmp_path: Path) -> None:
    """Leads have other ids there; those of before are nobody's any more."""
    first = text = exported(scene)
    for turn in ("first", "second", "third"):
        file = tmp_path / f"{turn}.csv"
        file.write_text(text, encoding="utf-8")
        store = MemoryStore()
        options = ImportOptions(list_name="copy")
        summary = import_list(file, options, write=store.write, reader=store, now=MONDAY_10, clock=lambda: 0.0)
        assert summary.accepted == 3
        out = io.StringIO()
        export_list(store, "copy", out)
        text = out.getvalue()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows == [
        row | {"lead_id": str(lead_id)} for lead_id, row in enumerate(csv.DictReader(io.StringIO(first)), 1)
    ]


def test_a_stated_time_zone_is_exported(scene: Scene) -> None:
    stated = replace(phone("+447911123456"), zones=("Europe/Jersey",), zone_source=ZoneSource.STATED)
    scene.write(SaveLeads("moved", (NewLead((stated,)),), "", "", MONDAY_10))
    out = io.StringIO()
    export_list(scene.reader, "moved", out)
    assert next(csv.DictReader(io.StringIO(out.getvalue())))["timezone"] == "Europe/Jersey"


def test_a_list_is_shown_by_country_and_zone(scene: Scene) -> None:
    overview = show_list(scene.reader, "people", first=1)
    assert overview.regions == {"GB": 3}
    assert overview.zones == {"Europe/Berlin|Europe/London": 1, "Europe/London": 2}
    document = overview.as_dict()
    assert (document["leads"], document["numbers"], document["as_of"]) == (3, 4, "2026-11-01")
    assert [lead.external_id for lead in overview.first] == ["X1"]


def test_an_unknown_list_is_told(scene: Scene) -> None:
    with pytest.raises(UnknownName, match='did you mean "people"'):
        export_list(scene.reader, "peopel", io.StringIO())
    with pytest.raises(UnknownName):
        show_list(scene.reader, "none")
