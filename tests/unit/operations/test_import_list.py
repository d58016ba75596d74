from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from dialer.errors import EnvironmentFault
from dialer.operations.import_list import CHUNK, ImportOptions, ImportSummary, import_list
from dialer.operations.numbering_plans import import_plan
from dialer.ports.store import Answer, BlockNumbers, NewLead, SaveLeads, Write
from dialer.storage.memory import MemoryStore
from lists.errors import ColumnError, ListError, ListFileError, OptionError
from lists.sample import csv_text, generate


class Store(MemoryStore):
    """Keeps what it was asked to write. `room`: how many writes succeed before the disk is full."""

    def __init__(self, blocked: Iterable[str] = (), room: int = 1_000_000) -> None:
        super().__init__()
        if blocked:
            super().write(BlockNumbers(tuple(blocked), "a register", 0.0))
        self.saved: list[SaveLeads] = []
        self.room = room

    @property
    def stored(self) -> list[NewLead]:
        return [lead for write in self.saved for lead in write.leads]

    def write(self, write: Write) -> Answer:
        assert isinstance(write, SaveLeads)
        if len(self.saved) >= self.room:
            raise OSError("disk full")
        self.saved.append(write)
        return super().write(write)


def options(
    *, region: str | None = None, mapping: tuple[str, ...] = (), dry_run: bool = False, rejects: Path | None = None
) -> ImportOptions:
    return ImportOptions(
        list_name="spring",
        region=region,
        mapping=mapping,
        source="bought",
        as_of="2026-10-01",
        dry_run=dry_run,
        rejects=rejects,
    )


def run(
    path: Path,
    store: Store,
    chosen: ImportOptions | None = None,
    *,
    alone: bool = False,
    plans: Path | None = None,
) -> ImportSummary:
    """An import that takes two seconds by its clock."""
    ticks = iter([100.0, 102.0])
    return import_list(
        path, chosen or options(), write=store.write, reader=store, now=1_800_000_000.0,
        clock=lambda: next(ticks), alone=alone, plans=plans,
    )  # fmt: skip


def write(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "people.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


MIXED = """id,name,phone,phone2,city
1,Ana Popescu,+1 212-555-0101,,New York
2,Bo Lind,+1 212-555-0102,123,Albany
3,Cy Roe,+1 212-155-0103,,Utica
4,Di Poe,(212) 555-0101,,Rome
1,Ed Moe,+1 212-555-0105,,Troy
6,Fay Coe,+1 212-555-0106,+1 212-555-0199,Ithaca
7,short
8,Gus Doe,+44 20 7946 0123,+1 213-555-0108,"=cmd|'/c calc'!A1"
9,"=HYPERLINK(""http://x.invalid"")",none,,Delhi
10,too,+1 212-555-0110,,many,columns
"""


def test_the_summary_adds_up_and_is_the_documented_json(tmp_path: Path) -> None:
    store = Store(blocked={"+12125550199"})
    summary = run(write(tmp_path, MIXED), store, options(region="US"))
    assert summary.to_json() == {
        "read": 10,
        "accepted": 3,
        "rejected": 4,
        "duplicates": 2,
        "suppressed": 1,
        "registers": {"house: a register": 1},
        "reasons": {
            "do_not_call": 1,
            "duplicate_id": 1,
            "duplicate_number": 1,
            "not_a_number": 1,
            "not_valid": 1,
            "too_few_columns": 1,
            "too_many_columns": 1,
        },
        "rows_per_s": 5.0,
        "warnings": {"too_short": 1},
        "consents": 0,
        "updated": 0,
        "at_hand": 0,
        "zones": {"America/Los_Angeles|Europe/London": 1, "America/New_York": 2},
    }
    assert summary.warnings == {"too_short": 1}


def test_what_is_stored(tmp_path: Path) -> None:
    store = Store()
    run(write(tmp_path, "id;name;phone;city\n1;Ana Popescu;+1 212-555-0101;New York\n"), store)
    (saved,) = store.saved
    assert (saved.list_name, saved.source, saved.as_of, saved.now) == (
        "spring",
        "bought",
        "2026-10-01",
        1_800_000_000.0,
    )
    (lead,) = saved.leads
    assert [phone.e164 for phone in lead.phones] == ["+12125550101"]
    assert (lead.first_name, lead.last_name, lead.external_id) == ("Ana", "Popescu", "1")
    assert (lead.fields, lead.details.city) == ((), "New York")


def test_leads_go_to_the_store_in_chunks_and_progress_is_told(tmp_path: Path) -> None:
    count = 2 * CHUNK + 7
    store = Store()
    told: list[tuple[int, int]] = []
    import_list(
        write(tmp_path, csv_text(generate(count))),
        options(),
        write=store.write,
        reader=store,
        now=1_800_000_000.0,
        clock=lambda: 0.0,
        progress=lambda done, total: told.append((done, total)),
    )
    assert [len(saved.leads) for saved in store.saved] == [CHUNK, CHUNK, 7]
    assert told == [(CHUNK, count), (2 * CHUNK, count), (count, count)]


def test_a_clock_that_stands_still_makes_no_rate(tmp_path: Path) -> None:
    store = Store()
    summary = import_list(
        write(tmp_path, "phone\n+12125550101\n"),
        options(),
        write=store.write,
        reader=store,
        now=1_800_000_000.0,
        clock=lambda: 5.0,
    )
    assert summary.rows_per_s == 0.0


def test_a_number_without_a_known_zone_is_counted_as_such(tmp_path: Path) -> None:
    assert run(write(tmp_path, "phone\n+800 1234 5678\n"), Store()).zones == {"unknown": 1}


def test_the_same_file_again_brings_nothing(tmp_path: Path) -> None:
    store = Store()
    path = write(tmp_path, csv_text(generate(20)))
    assert run(path, store).accepted == 20
    again = run(path, store)
    assert (again.accepted, again.duplicates, again.reasons) == (0, 20, {"already_in_list": 20})
    assert len(store.stored) == 20


def test_an_id_that_the_list_has_from_another_file_is_a_duplicate(tmp_path: Path) -> None:
    store = Store()
    run(write(tmp_path, "id,phone\nA7,+1 212 555 0101\n"), store)
    again = run(write(tmp_path, "id,phone\nA7,+1 212 555 0102\n,+1 212 555 0103\nA8,+1 212 555 0104\n"), store)
    assert (again.accepted, again.reasons) == (2, {"duplicate_id": 1})
    elsewhere = run(
        write(tmp_path, "id,phone\nA7,+1 212 555 0105\n"), store, replace(options(), list_name="autumn")
    )
    assert elsewhere.accepted == 1


def test_a_full_disk_half_way_and_the_import_again(tmp_path: Path) -> None:
    count = 3 * CHUNK
    path = write(tmp_path, csv_text(generate(count)))
    store = Store(room=1)
    rejects = tmp_path / "rejects.csv"
    with pytest.raises(OSError, match="disk full"):
        run(path, store, options(rejects=rejects))
    assert len(store.stored) == CHUNK
    assert not rejects.exists()
    store.room = 1_000_000
    assert run(path, store).accepted == count - CHUNK
    numbers = [phone.e164 for lead in store.stored for phone in lead.phones]
    assert len(store.stored) == count
    assert len(numbers) == len(set(numbers))


def test_what_cuts_an_import_short_carries_a_note_of_what_is_there(tmp_path: Path) -> None:
    path = write(tmp_path, csv_text(generate(CHUNK * 2, 1)))

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    store = Store()
    with pytest.raises(KeyboardInterrupt) as caught:
        import_list(
            path,
            options(),
            write=store.write,
            reader=store,
            now=1_800_000_000.0,
            clock=lambda: 0.0,
            progress=interrupt,
        )
    (note,) = caught.value.__notes__
    assert f"at least {len(store.stored):,} leads are in list spring already; import the file again" in note
    with pytest.raises(OSError, match="disk full") as failed:
        run(path, Store(room=0))
    assert not hasattr(failed.value, "__notes__")


def test_an_interrupt_in_the_first_write_says_that_there_may_be_leads(tmp_path: Path) -> None:
    path = write(tmp_path, csv_text(generate(5)))

    def interrupted(saved: Write) -> Answer:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        import_list(path, options(), write=interrupted, reader=Store(), now=1_800_000_000.0, clock=lambda: 0.0)
    assert "maybe some leads are in list spring already" in caught.value.__notes__[0]


@pytest.mark.parametrize("in_place", [True, False])
def test_a_file_changed_between_two_chunks_with_as_many_rows_as_before(tmp_path: Path, in_place: bool) -> None:
    """The rows after it would be of another list, under the columns of this one."""
    rows = [f"{row},+1212{2_000_000 + row}" for row in range(2 * CHUNK)]
    path = write(tmp_path, "id,phone\n" + "\n".join(rows))
    other = tmp_path / "other.csv"
    other.write_text("id,phone\n" + "\n".join(row.replace("+1212", "+1213") for row in rows))
    store = Store()

    def change(done: int, total: int) -> None:
        if in_place:
            path.write_bytes(other.read_bytes())
            os.utime(path, ns=(0, 0))  # however coarse the file system's clock is
        else:
            other.replace(path)

    with pytest.raises(ListFileError, match="changed while it was imported") as caught:
        import_list(
            path,
            options(),
            write=store.write,
            reader=store,
            now=1_800_000_000.0,
            clock=lambda: 0.0,
            progress=change,
        )
    assert len(store.stored) == CHUNK
    assert "at least 500 leads are in list spring already" in caught.value.__notes__[0]


def test_a_dry_run_says_the_same_and_stores_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, MIXED)
    dry, real = Store(), Store()
    rejects = tmp_path / "rejects.csv"
    assert run(path, dry, options(dry_run=True, rejects=rejects)) == run(path, real)
    assert dry.saved == []
    assert rejects.exists()


GOOD = "phone,name\n" + "".join(f"+1212555{n:04d},x\n" for n in range(100, 200)) + "+13125550100,y\n" * 2000


@pytest.mark.parametrize(
    ("last", "text"),
    [
        (b"+12135550100,a\0b\n", "line 2102: NUL byte"),
        ("+12135550100,Zoë\n".encode("cp1252"), "line 2102: byte 16 of the line (0xEB) is not UTF-8"),
        (b'+12135550100,"a\n', 'line 2102: a quote (") opened'),
    ],
)
def test_a_fault_in_the_last_line_leaves_nothing_behind(tmp_path: Path, last: bytes, text: str) -> None:
    store = Store()
    rejects = tmp_path / "rejects.csv"
    path = write(tmp_path, GOOD.encode() + last)
    with pytest.raises(ListFileError) as caught:
        run(path, store, options(rejects=rejects))
    assert f"{path}, {text}" in str(caught.value)
    assert store.saved == []
    assert [entry.name for entry in tmp_path.iterdir()] == ["people.csv"]


@pytest.mark.parametrize(
    ("content", "error", "text"),
    [
        ("", ListFileError, "is empty"),
        ("phone,name\n\n", ListFileError, "no row of data"),
        ("name,city\nAna,Rome\n", ColumnError, "--map COLUMN=phone"),
        ("phone,phone\n1,2\n", ColumnError, "rename one"),
    ],
)
def test_files_that_hold_no_list(tmp_path: Path, content: str, error: type[ListError], text: str) -> None:
    store = Store()
    with pytest.raises(error, match=text):
        run(write(tmp_path, content), store)
    assert store.saved == []


@pytest.mark.parametrize(
    ("chosen", "text"),
    [
        (ImportOptions(list_name=" "), "--list"),
        (ImportOptions(list_name="a", region="UK"), "--region"),
        (ImportOptions(list_name="a", as_of="last week"), "--as-of"),
        (ImportOptions(list_name="a", mapping=("Tel",)), "--map"),
        (ImportOptions(list_name="a", encoding="klingon"), "--encoding"),
        (ImportOptions(list_name="a", delimiter="ab"), "--delimiter"),
        (ImportOptions(list_name="a", rejects=Path("/nowhere/at/all.csv")), "--rejects"),
    ],
)
def test_options_that_make_no_sense(tmp_path: Path, chosen: ImportOptions, text: str) -> None:
    store = Store()
    with pytest.raises(OptionError, match=text):
        run(write(tmp_path, "phone\n+12125550101\n"), store, chosen)
    assert store.saved == []


def test_the_rejects_file_is_never_the_list_itself(tmp_path: Path) -> None:
    path = write(tmp_path, MIXED)
    with pytest.raises(OptionError, match="--rejects"):
        run(path, Store(), options(rejects=tmp_path / "." / "people.csv"))
    assert path.read_text() == MIXED


def rejected_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("rows", [1, 2_000])
def test_a_rejects_file_on_a_full_disk_is_named(tmp_path: Path, rows: int) -> None:
    path = write(tmp_path, "phone\n+12125550101\n" + "12\n" * rows)
    with pytest.raises(EnvironmentFault, match="rejects: /dev/full cannot be written: No space left"):
        run(path, Store(), options(rejects=Path("/dev/full")))


def test_the_rejects_file(tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    store = Store(blocked={"+12125550199"})
    run(write(tmp_path, MIXED), store, options(region="US", rejects=rejects))
    found = rejected_rows(rejects)
    assert [
        (row["reject_row"], row["reject_line"], row["reject_result"], row["reject_reason"]) for row in found
    ] == [
        ("2", "3", "number_left_out", "too_short"),
        ("3", "4", "rejected", "not_valid"),
        ("4", "5", "duplicate", "duplicate_number"),
        ("5", "6", "duplicate", "duplicate_id"),
        ("6", "7", "suppressed", "do_not_call"),
        ("7", "8", "rejected", "too_few_columns"),
        ("9", "10", "rejected", "not_a_number"),
        ("10", "11", "rejected", "too_many_columns"),
    ]
    assert (found[1]["reject_field"], found[1]["reject_value"]) == ("phone", "'+1 212-155-0103")
    assert "not in use" in found[1]["reject_text"]
    assert (found[1]["name"], found[1]["city"]) == ("Cy Roe", "Utica")
    assert found[7]["city"] == "many,columns"
    assert [entry.name for entry in sorted(tmp_path.iterdir())] == ["people.csv", "rejects.csv"]


def test_no_cell_of_the_rejects_file_is_a_formula(tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    content = 'phone,=name\nnone,"=HYPERLINK(""http://x.invalid"")"\n@none,+1\n'
    run(write(tmp_path, content), Store(), options(rejects=rejects))
    with rejects.open(encoding="utf-8-sig", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert '\'=HYPERLINK("http://x.invalid")' in cells


def test_a_mended_rejects_file_can_be_imported(tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    store = Store()
    run(write(tmp_path, "phone,note\n+1 212-155-0101,=1+1\n"), store, options(rejects=rejects))
    rejects.write_text(rejects.read_text(encoding="utf-8-sig").replace("212-155", "212-555", 1), encoding="utf-8")
    again = tmp_path / "again.csv"
    assert run(rejects, store, options(rejects=again)).accepted == 1
    (lead,) = store.stored
    assert [phone.e164 for phone in lead.phones] == ["+12125550101"]
    assert lead.fields == (("note", "=1+1"),)
    assert again.read_text(encoding="utf-8-sig").splitlines()[0].count("reject_row") == 1


def test_a_place_that_is_not_known_is_told_with_the_nearest_ones(tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    text = "phone,state\n+12125550101,Florda\n+12125550102,Texas\n+12125550103,ZZ\n"
    summary = run(write(tmp_path, text), Store(), options(rejects=rejects))
    assert (summary.accepted, summary.warnings, summary.reasons) == (2, {"unknown_place": 1}, {"unknown_place": 1})
    left_out, rejected = rejected_rows(rejects)
    assert (left_out["reject_result"], left_out["reject_value"]) == ("place_left_out", "Florda")
    assert "US-FL (Florida)" in left_out["reject_text"]
    assert rejected["reject_result"] == "rejected"


@pytest.mark.parametrize("apart", [False, True])
def test_zones_of_a_numbering_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, apart: bool) -> None:
    table = tmp_path / "plan.csv"
    table.write_text("code,from,to,operator,region\n916,0000000,9999999,MTS,Омская область\n")
    import_plan(tmp_path / "plans", [table], region="RU")
    if apart:
        monkeypatch.setattr("dialer.operations.import_list.APART_FROM", 1)
        monkeypatch.setattr("os.cpu_count", lambda: 2)
    store = Store()
    run(
        write(tmp_path, "phone,state\n+79161234567,\n+79161234568,Саха\n"), store, options(),
        plans=tmp_path / "plans", alone=True,
    )  # fmt: skip
    leads = [lead for saved in store.saved for lead in saved.leads]
    assert [(lead.phones[0].zones[0], lead.phones[0].zone_source) for lead in leads] == [
        ("Asia/Omsk", "numbering_plan"),
        ("Asia/Srednekolymsk", "region"),
    ]


def test_costly_numbers_are_kept_where_that_is_said(tmp_path: Path) -> None:
    path = write(tmp_path, "phone,phone2\n+19002345678,\n+12125550101,+12129761234\n112,\n")
    strict, store = Store(), Store()
    without = run(path, strict, options(region="US"))
    assert (without.accepted, without.reasons, without.warnings) == (
        1,
        {"emergency": 1, "premium": 1},
        {"premium": 1},
    )
    summary = run(path, store, replace(options(region="US"), accept=("premium",)))
    assert (summary.accepted, summary.reasons, summary.warnings) == (2, {"emergency": 1}, {})
    kinds = [phone.kind for saved in store.saved for lead in saved.leads for phone in lead.phones]
    assert kinds == ["premium", "fixed_or_mobile", "fixed_or_mobile"]
    with pytest.raises(OptionError, match="--accept: 'fax' is no kind"):
        run(path, Store(), replace(options(), accept=("fax",)))
