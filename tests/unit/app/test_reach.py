from __future__ import annotations

import os
from pathlib import Path

import pytest

from dialer.app.installation import example_files, open_home
from dialer.app.reach import NICENESS, change_of, make_way, reach_home, this_user
from dialer.operations.make_home import make_home
from dialer.ports.access import Actor
from dialer.ports.store import BlockNumbers, SaveCampaign, SaveLeads, UnblockNumbers, Write
from dialer.storage.memory import MemoryStore

ANA = Actor("os:ana", "admin", "", "command")
NUMBERS = tuple(f"+4420794600{n:02}" for n in range(30))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_home(tmp_path / "home", example_files())
    return tmp_path / "home"


@pytest.mark.parametrize(
    ("write", "action", "subject", "client", "detail"),
    [
        (
            BlockNumbers(NUMBERS[:1], "law", 1.0), "dnc.block", "dnc", "",
            {"count": "1", "source": "law", "numbers": NUMBERS[0]},
        ),
        (
            UnblockNumbers(NUMBERS[:2], 1.0, "acme"), "dnc.unblock", "dnc of acme", "acme",
            {"count": "2", "numbers": f"{NUMBERS[0]} {NUMBERS[1]}"},
        ),
        (BlockNumbers(NUMBERS, "a file", 1.0), "dnc.block", "dnc", "", {"count": "30", "source": "a file"}),
        (
            SaveCampaign("acme/new", "text", ("acme/people",), "oldest", 1.0), "campaign.add", "acme/new", "acme",
            {"source_hash": "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1"},
        ),
    ],
)  # fmt: skip
def test_what_a_command_writes_is_logged_as_the_api_words_it(
    write: Write, action: str, subject: str, client: str, detail: dict[str, str]
) -> None:
    change = change_of(write, MemoryStore(), ANA, 5.0)
    assert change is not None
    assert (change.at, change.by, change.role, change.via) == (5.0, "os:ana", "admin", "command")
    assert (change.action, change.subject, change.client, dict(change.detail)) == (action, subject, client, detail)


def test_a_portion_of_an_import_has_no_entry_of_its_own() -> None:
    assert change_of(SaveLeads("people", (), "", "", 1.0), MemoryStore(), ANA, 5.0) is None


def test_the_write_and_its_entry_are_one(home: Path) -> None:
    with reach_home(home, "dialer dnc add", pytest.fail) as reached:
        assert reached.service is None
        reached.write(BlockNumbers(NUMBERS[:1], "by hand", 1.0))
        (entry,) = reached.reader.changes()
    assert (entry.change.by, entry.change.action) == (this_user().name, "dnc.block")
    assert entry.change.by.startswith("os:")


def test_only_an_owned_home_is_made_way_for(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(os, "setpriority", lambda which, who, niceness: asked.append(niceness))
    assert not make_way(home)
    assert asked == []
    with open_home(home, "dialer run"):
        assert make_way(home)
    assert asked == [NICENESS]
