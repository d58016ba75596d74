from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from campaigns.life import CampaignState
from dialer.app.holdings import read_holdings
from dialer.app.installation import example_files
from dialer.cli import main
from dialer.errors import DialerError, EnvironmentFault, HomeError
from dialer.operations.make_home import make_home
from dialer.settings import DATABASE_NAME


def dialer(home: Path, *command: str) -> None:
    assert main([*command, "--home", str(home)]) == 0


def test_what_a_home_holds_is_read_beside_whoever_owns_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    make_home(home, example_files())
    empty = read_holdings(home)
    assert (empty.campaigns, empty.lists) == ((), ())
    assert not (home / DATABASE_NAME).exists()  # looked at, and nothing prepared
    dialer(home, "list", "import", str(home / "lists" / "sample.csv"), "--list", "sample")
    dialer(home, "campaign", "add", str(home / "campaigns" / "sample.toml"))

    found = read_holdings(home)

    assert found.timezone == "UTC"
    (campaign,), (contacts,) = found.campaigns, found.lists
    assert (campaign.name, campaign.state, campaign.mode) == ("sample", CampaignState.READY, "progressive")
    assert (campaign.leads, campaign.attempted, campaign.lists) == (400, 0, ["sample"])
    assert (contacts.name, contacts.leads, contacts.numbers) == ("sample", 400, 450)


@pytest.mark.parametrize(
    ("revision", "says"), [("9999", "which this version does not know"), ("0001", "not prepared for this version")]
)
def test_a_home_of_another_version_says_so(tmp_path: Path, revision: str, says: str) -> None:
    home = tmp_path / "home"
    dialer(home, "init")
    dialer(home, "list", "ls")
    with sqlite3.connect(home / DATABASE_NAME) as database:
        database.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    database.close()

    with pytest.raises(EnvironmentFault, match=says):
        read_holdings(home)


def test_what_cannot_be_read_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(HomeError):
        read_holdings(tmp_path / "none")
    home = tmp_path / "home"
    dialer(home, "init")
    (home / DATABASE_NAME).write_bytes(b"no database" * 1_000)
    with pytest.raises(DialerError, match="file is not a database; move it away"):
        read_holdings(home)
