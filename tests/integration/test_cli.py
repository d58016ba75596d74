"""The commands as a user or a script meets them: exit status, standard output, standard error."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from campaigns.life import CampaignState
from campaigns.record import AttemptRecord
from dialer.app import reach
from dialer.app.installation import open_home
from dialer.cli import main
from dialer.errors import ANSWER_IS_NO, DONE, INTERRUPTED, NOT_RUNNING, WRONG_INPUT
from dialer.operations.funnel import Stage
from dialer.operations.moments import iso
from dialer.ports.store import SetCampaignState
from tests.unit.operations.scene import BODY, LONDON, MONDAY_10, REACH_S, Scene, utc


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Dialer = Callable[..., Ran]


@pytest.fixture
def dialer(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Dialer:
    monkeypatch.delenv("DIALER_HOME", raising=False)

    def run(*arguments: object) -> Ran:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return run


@pytest.fixture(scope="module")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `dialer init` and the commands that it tells to type next leave it."""
    home = tmp_path_factory.mktemp("first") / "home"
    assert main(["init", str(home)]) == DONE
    assert main(["list", "import", f"{home}/lists/sample.csv", "--list", "sample", "--home", str(home)]) == DONE
    assert main(["campaign", "add", f"{home}/campaigns/sample.toml", "--home", str(home)]) == DONE
    return home


@pytest.fixture
def home(first_home: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(first_home, tmp_path / "home"))


@pytest.fixture
def worked(tmp_path: Path, dialer: Dialer) -> Path:
    """A home whose campaign `spring` has made two attempts."""
    home = tmp_path / "worked"
    assert dialer("init", home).status == DONE
    with open_home(home, "a test") as owned:
        scene = Scene(owned.write, owned.reader)
        scene.attempt(0, MONDAY_10, "connected", live=True, rpc=True, disposition="sale", final=True)
        scene.attempt(1, MONDAY_10 + 60, "busy")
        scene.agent_time("talking", MONDAY_10, MONDAY_10 + 3_600)
    return home


# --- the program ------------------------------------------------------------------------------------------


def test_help_lists_the_commands(dialer: Dialer) -> None:
    ran = dialer("--help")
    assert ran.status == DONE
    for name in (
        "demo",
        "init",
        "list",
        "dnc",
        "campaign",
        "simulate",
        "report",
        "audit",
        "why",
        "funnel",
        "carrier",
    ):
        assert f"  {name} " in ran.out
    assert "--home" in ran.out


@pytest.mark.parametrize(
    "command",
    ["demo", "simulate", "init", "list", "list import", "list ls", "list show", "list export", "dnc", "dnc add",
     "dnc import", "dnc check", "campaign", "campaign check", "campaign add", "campaign ls", "campaign show",
     "report", "audit", "why", "funnel", "carrier"],
)  # fmt: skip
def test_every_command_takes_help(dialer: Dialer, command: str) -> None:
    ran = dialer(*command.split(), "--help")
    assert ran.status == DONE
    assert "usage: " in ran.out.lower()


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("frobnicate", "No such command"),
        ("list", "Missing command"),
        ("list import x.csv", "--list"),
        ("list ls --no-such", "No such option"),
        ("report", "CAMPAIGN"),
        ("report x --format pdf", "pdf"),
        ("list ls --home", "--home"),
    ],
)
def test_a_wrong_command_line_is_told(dialer: Dialer, command: str, says: str) -> None:
    ran = dialer(*command.split())
    assert ran.status == WRONG_INPUT
    assert says in ran.err or (command == "list" and "Usage" in ran.err + ran.out)


@pytest.mark.parametrize(
    "command",
    ["list ls", "list show x", "list export x", "dnc check +12025550123", "dnc add +12025550123", "campaign ls",
     "campaign show x", "report x", "audit x", "why +12025550123 --campaign x"],
)  # fmt: skip
def test_a_missing_home_is_told_and_not_made(dialer: Dialer, tmp_path: Path, command: str) -> None:
    ran = dialer(*command.split(), "--home", tmp_path / "none")
    assert (ran.status, ran.out) == (WRONG_INPUT, "")
    assert f"{tmp_path}/none" in ran.err
    assert "dialer init" in ran.err
    assert not (tmp_path / "none").exists()


def test_settings_that_are_wrong_stop_every_command(dialer: Dialer, home: Path) -> None:
    (home / "dialer.toml").write_text('[[trunk]]\nname = "sim"\nhost = "h"\nchanels = 3\n')
    ran = dialer("list", "ls", "--json", "--home", home)
    assert (ran.status, ran.out) == (WRONG_INPUT, "")
    assert f'{home}/dialer.toml:4:1: trunk[0].chanels: unknown key (did you mean "channels"?)' in ran.err


def test_home_is_found_by_option_by_variable_and_by_default(
    dialer: Dialer, first_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    expected = dialer("--home", first_home, "list", "ls", "--json").out
    assert dialer("list", "--home", first_home, "ls", "--json").out == expected
    assert dialer("list", "ls", "--json", f"--home={first_home}").out == expected
    monkeypatch.setenv("DIALER_HOME", str(first_home))
    assert dialer("list", "ls", "--json").out == expected
    assert dialer("list", "ls", "--home", tmp_path / "none").status == WRONG_INPUT  # the option counts
    monkeypatch.delenv("DIALER_HOME")
    monkeypatch.chdir(tmp_path)
    assert "dialer-home" in dialer("list", "ls").err


def test_a_home_that_somebody_owns_can_be_read_but_not_written(
    dialer: Dialer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "WAIT_S", 0.2)
    monkeypatch.setattr(reach, "SAY_AFTER_S", 0.0)
    with open_home(home, "dialer list import"):
        assert dialer("list", "ls", "--home", home).status == DONE
        refused = dialer("dnc", "add", "+12025550123", "--home", home)
    assert refused.status == WRONG_INPUT
    assert f"waiting for process {os.getpid()} (dialer list import)" in refused.err
    assert f"in use by process {os.getpid()} (dialer list import)" in refused.err


def test_a_command_waits_until_another_is_through_with_the_home(
    dialer: Dialer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as other:
        other.enter_context(open_home(home, "dialer list import"))
        monkeypatch.setattr(time, "sleep", lambda _: other.close())
        assert dialer("dnc", "add", "+12025550123", "--home", home).out.startswith("1 added")


def test_only_the_service_dials(dialer: Dialer, home: Path) -> None:
    for command in (("campaign", "start", "sample"), ("status",), ("reload",), ("stop",)):
        ran = dialer(*command, "--json", "--home", home)
        assert (ran.status, ran.out) == (NOT_RUNNING, "")
        assert "no service is running on this home; start it with `dialer run --home" in ran.err


def test_what_runs_is_paused_and_stopped_without_the_service(dialer: Dialer, home: Path) -> None:
    refused = dialer("campaign", "pause", "sample", "--home", home)
    assert (refused.status, "is ready and cannot pause" in refused.err) == (WRONG_INPUT, True)
    with open_home(home, "a test") as owned:
        owned.write(SetCampaignState("sample", CampaignState.RUNNING, MONDAY_10))
    paused = dialer("campaign", "pause", "sample", "--json", "--home", home)
    assert paused.json["state"] == "paused"
    assert "the service is not running" in paused.err
    (row,) = dialer("campaign", "ls", "--json", "--home", home).json
    assert (row["state"], row["state_reason"]) == ("paused", "paused while the service was not running")
    assert dialer("campaign", "stop", "sample", "--home", home).out == "Campaign sample is done (stopped)\n"
    unknown = dialer("campaign", "stop", "sampel", "--home", home)
    assert (unknown.status, 'did you mean "sample"?' in unknown.err) == (WRONG_INPUT, True)
    actions = [change["action"] for change in dialer("changes", "--json", "--home", home).json]
    assert actions == ["campaign.stop", "campaign.pause", "campaign.add", "list.imported"]


def test_names_of_clients(dialer: Dialer, home: Path) -> None:
    csv = home / "lists" / "sample.csv"
    unknown = dialer("list", "import", csv, "--list", "acme/people", "--home", home)
    assert (unknown.status, "describe it in dialer.toml under [[client]]" in unknown.err) == (WRONG_INPUT, True)
    with (home / "dialer.toml").open("a") as settings:
        settings.write('[[client]]\nid = "acme"\n[[client]]\nid = "zoo"\n')
    imported = dialer("list", "import", csv, "--list", "people", "--client", "acme", "--home", home)
    assert (imported.status, imported.out.startswith("Imported into acme/people: 400")) == (DONE, True)
    lists = dialer("list", "ls", "--client", "acme", "--json", "--home", home).json
    assert [(entry["name"], entry["client"]) for entry in lists] == [("acme/people", "acme")]
    assert dialer("list", "show", "people", "--client", "acme", "--home", home).status == DONE
    assert dialer("list", "show", "people", "--client", "zoo", "--home", home).status == WRONG_INPUT
    crossed = dialer("list", "show", "acme/people", "--client", "zoo", "--home", home)
    assert (crossed.status, 'of client "acme", and --client says "zoo"' in crossed.err) == (WRONG_INPUT, True)
    odd = dialer("list", "import", csv, "--list", "acme/x/y", "--home", home)
    assert (odd.status, "a slash stands between" in odd.err) == (WRONG_INPUT, True)


def test_numbers_on_the_houses_register_stay_out_of_every_clients_list(dialer: Dialer, home: Path) -> None:
    with (home / "dialer.toml").open("a") as settings:
        settings.write('[[client]]\nid = "acme"\n[[client]]\nid = "zoo"\n')
    leads = home / "leads.csv"
    leads.write_text("phone\n+442079460001\n+442079460002\n+442079460003\n")
    dialer("dnc", "add", "+442079460001", "--home", home)
    dialer("dnc", "add", "+442079460002", "--client", "acme", "--home", home)
    for client, suppressed in (("acme", 2), ("zoo", 1)):
        ran = dialer("list", "import", leads, "--list", "new", "--client", client, "--json", "--home", home)
        assert (ran.json["accepted"], ran.json["suppressed"]) == (3 - suppressed, suppressed)
    removed = dialer("dnc", "remove", "+442079460001", "--client", "acme", "--home", home)
    assert (removed.out, "house's register" in removed.err) == (
        "0 removed, 1 were not on the register\n", True,
    )  # fmt: skip


def test_users_and_tokens_without_a_service(dialer: Dialer, home: Path, tmp_path: Path) -> None:
    made = dialer("token", "add", "crm", "--role", "manager", "--scope", "lists.edit", "--expires", "30d",
                  "--json", "--home", home)  # fmt: skip
    assert made.json["token"].startswith(f"rp_{made.json['token_id']}_")
    (row,) = dialer("token", "ls", "--json", "--home", home).json
    assert (row["name"], row["role"], row["scopes"], row["state"]) == ("crm", "manager", ["lists.edit"], "holds")
    assert made.json["token"] not in (home / "dialer.db").read_bytes().decode("latin-1")
    assert dialer("token", "revoke", row["token_id"], "--home", home).status == DONE
    assert dialer("token", "ls", "--json", "--home", home).json == []
    assert dialer("token", "ls", "--all", "--json", "--home", home).json[0]["state"] == "revoked"
    short = tmp_path / "short"
    short.write_text("hunter2\n")
    refused = dialer("user", "add", "ana", "--role", "agent", "--password-file", short, "--home", home)
    assert (refused.status, "has 7 characters; use 12" in refused.err) == (WRONG_INPUT, True)
    assert "hunter2" not in refused.err
    short.write_text("correct horse battery\n")
    assert dialer("user", "add", "ana", "--role", "agent", "--password-file", short, "--home", home).status == DONE
    again = dialer("user", "add", "ana", "--role", "admin", "--password-file", short, "--json", "--home", home)
    assert again.json == {"name": "ana", "role": "admin", "client": "", "replaced": True}
    assert dialer("user", "remove", "ana", "--home", home).status == DONE
    actions = [change["action"] for change in dialer("changes", "--limit", 5, "--json", "--home", home).json]
    assert actions == ["user.remove", "user.replace", "user.add", "token.revoke", "token.make"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("token", "add", "x", "--role", "king"), "'king'"),
        (("token", "add", "x", "--role", "agent", "--scope", "everything"), "'everything'"),
        (("token", "add", "x", "--role", "agent", "--expires", "soon"), "--expires"),
        (("token", "add", "x", "--role", "agent", "--client", "acme"), "no client is called"),
        (("token", "revoke", "0123"), "`dialer token ls`"),
        (("user", "remove", "bo"), "`dialer user ls`"),
        (
            ("user", "add", "a/b", "--role", "agent", "--password-file", "/dev/null"),
            "the password has 0 characters",
        ),
        (
            ("user", "add", "ana", "--role", "agent", "--password-file", "/dev/zero"),
            "--password-file: /dev/zero cannot be read: larger than 16 KiB, so it holds no password or token",
        ),
        (("dnc", "remove", "123"), "--region"),
        (("changes", "--from", "yesterday"), "--from"),
        (("agent", "simulate", "--campaign", "sample", "--count", "3"), "dialer.toml has 2 agents"),
        (("agent", "simulate", "--campaign", "none"), "no campaign is called"),
    ],
)
def test_what_is_asked_wrongly_is_said(dialer: Dialer, home: Path, arguments: tuple[str, ...], says: str) -> None:
    ran = dialer(*arguments, "--home", home)
    assert (ran.status, ran.out) == (WRONG_INPUT, "")
    assert says in ran.err
    assert "Traceback" not in ran.err


def test_a_home_of_a_newer_version_is_left_alone(dialer: Dialer, home: Path) -> None:
    with closing(sqlite3.connect(home / "dialer.db")) as database:
        database.execute("update alembic_version set version_num = '9999'")
        database.commit()
    for command in (("list", "ls"), ("dnc", "add", "+12025550123"), ("run",)):
        ran = dialer(*command, "--home", home)
        assert (ran.status, "Update the program" in ran.err) == (WRONG_INPUT, True)


def test_a_database_that_is_away_is_told_without_its_password(dialer: Dialer, home: Path) -> None:
    text = (home / "dialer.toml").read_text()
    away = 'url = "postgresql://dialer:s3cret@127.0.0.1:1/dialer"\n'
    (home / "dialer.toml").write_text(text.replace("[database]\n", f"[database]\n{away}"))
    for command in (("list", "ls"), ("dnc", "add", "+12025550123"), ("run",)):
        ran = dialer(*command, "--home", home)
        assert (ran.status, ran.out) == (WRONG_INPUT, "")
        assert "postgresql://dialer@127.0.0.1:1/dialer" in ran.err
        assert "s3cret" not in ran.err


def test_a_database_that_is_none_is_told(dialer: Dialer, home: Path) -> None:
    (home / "dialer.db").write_bytes(b"this is no database, " * 400)
    ran = dialer("list", "ls", "--home", home)
    assert (ran.status, ran.out) == (WRONG_INPUT, "")
    assert "dialer.db" in ran.err
    assert "Traceback" not in ran.err


def test_an_ordinary_process_ends_with_the_status_and_no_traceback(first_home: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "import sys; from dialer.cli import main; sys.exit(main())",
         "audit", "nothing", "--home", str(first_home)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (WRONG_INPUT, "")
    advice = "`dialer campaign add FILE` adds one"
    assert ran.stderr == f'dialer: no campaign is called "nothing" (there is sample; {advice})\n'


def test_a_reader_that_wants_no_more_is_no_failure(first_home: Path) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "w") as closed:
        ran = subprocess.run(
            [sys.executable, "-c", "import sys; from dialer.cli import main; sys.exit(main())",
             "list", "export", "sample", "--home", str(first_home)],
            stdout=closed, stderr=subprocess.PIPE, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (DONE, "")


def test_an_interrupt_ends_a_command_with_its_status(
    dialer: Dialer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dialer.operations.show_list.show_list", interrupted)
    assert dialer("list", "show", "sample", "--home", home).status == INTERRUPTED


# --- init -------------------------------------------------------------------------------------------------


def test_init_ends_with_the_three_commands_to_type_next(dialer: Dialer, tmp_path: Path) -> None:
    home = tmp_path / "my home"
    ran = dialer("init", home)
    assert ran.status == DONE
    commands = [line.strip() for line in ran.out.partition("Next:")[2].splitlines() if line.strip()]
    assert [command.split()[1] for command in commands] == ["list", "campaign", "simulate"]
    assert f"--home '{home}'" in commands[0]
    for name in ("dialer.toml", "campaigns/sample.toml", "lists/sample.csv", "population.toml", "dialer.db"):
        assert (home / name).is_file()


def test_init_overwrites_nothing(dialer: Dialer, home: Path) -> None:
    ran = dialer("init", home)
    assert ran.status == WRONG_INPUT
    assert "not empty" in ran.err


def test_init_takes_the_home_option_too_but_not_another(dialer: Dialer, tmp_path: Path) -> None:
    ran = dialer("init", "--json", "--home", tmp_path / "a")
    assert ran.json["home"] == f"{tmp_path}/a"
    assert dialer("init", tmp_path / "b", "--home", tmp_path / "c").status == WRONG_INPUT


def test_what_init_makes_is_right(dialer: Dialer, first_home: Path) -> None:
    ran = dialer("campaign", "check", first_home / "campaigns" / "sample.toml", "--home", first_home)
    assert (ran.status, ran.err) == (DONE, "")


# --- lists ------------------------------------------------------------------------------------------------


def test_import_counts_every_row_once(dialer: Dialer, home: Path, tmp_path: Path) -> None:
    assert dialer("dnc", "add", "+442079460009", "--home", home).status == DONE
    file = tmp_path / "new.csv"
    file.write_text(
        "Name;Telefon\nAna;020 7946 0001\nBo;+44 20 7946 0002\nCy;hello\nDi;02079460001\nEd;+442079460009\n",
        encoding="cp1252",
    )
    arguments = ["list", "import", file, "--list", "new", "--region", "GB", "--home", home]
    tried = dialer(*arguments, "--dry-run", "--json")
    ran = dialer(*arguments, "--rejects", tmp_path / "rejects.csv", "--source", "a fair", "--json")
    assert ran.status == DONE
    document = ran.json
    assert {key: document[key] for key in ("read", "accepted", "rejected", "duplicates", "suppressed")} == {
        "read": 5, "accepted": 2, "rejected": 1, "duplicates": 1, "suppressed": 1,
    }  # fmt: skip
    assert document["zones"] == {"Europe/London": 2}
    assert document["rows_per_s"] > 0
    preview = tried.json["preview"]  # of a trial alone
    assert (preview["encoding"], preview["delimiter"]) == ("utf-8", ";")
    assert {**tried.json, "rows_per_s": 0} == {**document, "rows_per_s": 0, "preview": preview}
    assert len((tmp_path / "rejects.csv").read_text().splitlines()) == 4
    listed = {entry["name"]: entry for entry in dialer("list", "ls", "--json", "--home", home).json}
    assert (listed["new"]["leads"], listed["new"]["source"]) == (2, "a fair")


@pytest.mark.parametrize(
    ("content", "options", "says"),
    [
        (b"", [], "is empty"),
        (b"phone\n", [], "no row of data"),
        (b"a,b\n1,2\n", [], "new.csv, line 1"),
        (b"phone\n+4420794\x0060001\n", [], "new.csv, line 2: NUL byte"),
        (b"phone,name\n+442079460001,Zo\xeb\n", [], "new.csv, line 2"),
        (b"phone\n1\n", ["--region", "XX"], "--region"),
        (b"phone\n1\n", ["--as-of", "yesterday"], "--as-of"),
        (b"phone\n1\n", ["--encoding", "klingon"], "--encoding"),
        (b"phone\n1\n", ["--map", "nothing"], "--map"),
    ],
)
def test_a_list_that_cannot_be_read_is_told_and_leaves_nothing(
    dialer: Dialer, home: Path, tmp_path: Path, content: bytes, options: list[str], says: str
) -> None:
    file = tmp_path / "new.csv"
    file.write_bytes(content)
    ran = dialer("list", "import", file, "--list", "new", *options, "--json", "--home", home)
    assert (ran.status, ran.out) == (WRONG_INPUT, "")
    assert says in ran.err
    assert [entry["name"] for entry in dialer("list", "ls", "--json", "--home", home).json] == ["sample"]


def test_lists_are_shown_and_exported(dialer: Dialer, first_home: Path, tmp_path: Path) -> None:
    shown = dialer("list", "show", "sample", "--leads", 2, "--json", "--home", first_home).json
    assert (shown["leads"], len(shown["first"])) == (400, 2)
    assert sum(shown["regions"].values()) == 400
    table = dialer("list", "show", "sample", "--home", first_home)
    assert "Europe/London" in table.out
    whole = dialer("list", "export", "sample", "--home", first_home)
    assert len(whole.out.splitlines()) == 401
    dialer("list", "export", "sample", "--output", tmp_path / "out.csv", "--home", first_home)
    assert (tmp_path / "out.csv").read_text() == whole.out
    leads = dialer("list", "export", "sample", "--json", "--home", first_home).json
    assert len(leads) == 400
    rows = list(csv.DictReader(io.StringIO(whole.out)))
    assert [row["phone"] for row in rows[:1]] == [leads[0]["phones"][0]["number"]]


def test_an_unknown_list_is_told(dialer: Dialer, first_home: Path) -> None:
    for command in ("show", "export"):
        ran = dialer("list", command, "smaple", "--home", first_home)
        assert (ran.status, ran.out) == (WRONG_INPUT, "")
        assert 'no list is called "smaple" (did you mean "sample"?)' in ran.err


# --- do not call ------------------------------------------------------------------------------------------


def test_a_number_is_put_on_the_register_and_refused(dialer: Dialer, home: Path) -> None:
    free = dialer("dnc", "check", "+442079460001", "--json", "--home", home)
    assert (free.status, free.json[0]["blocked"]) == (DONE, False)
    added = dialer("dnc", "add", "020 7946 0001", "+442079460002", "--region", "GB", "--json", "--home", home)
    assert (added.json["added"], added.json["already"]) == (2, 0)
    blocked = dialer("dnc", "check", "+442079460001", "+442079460003", "--json", "--home", home)
    assert (blocked.status, [entry["blocked"] for entry in blocked.json]) == (ANSWER_IS_NO, [True, False])
    refused = dialer("why", "+442079460001", "--campaign", "sample", "--json", "--home", home)
    assert (refused.status, refused.json["reason"], refused.json["until"]) == (ANSWER_IS_NO, "dnc", None)


def test_a_register_is_imported_whole_or_not_at_all(dialer: Dialer, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "register.txt"
    file.write_text("+442079460001\nnobody\n+442079460002\n")
    refused = dialer("dnc", "import", file, "--json", "--home", home)
    assert (refused.status, refused.out) == (WRONG_INPUT, "")
    assert "register.txt, line 2" in refused.err
    assert dialer("dnc", "check", "+442079460001", "--home", home).status == DONE
    taken = dialer("dnc", "import", file, "--skip-bad", "--json", "--home", home)
    assert (taken.json["read"], taken.json["added"], taken.json["bad"][0]["line"]) == (3, 2, 2)


def test_what_is_no_number_is_told(dialer: Dialer, home: Path) -> None:
    for command in ("add", "check"):
        ran = dialer("dnc", command, "12", "--home", home)
        assert (ran.status, ran.out) == (WRONG_INPUT, "")
        assert "+12025550123" in ran.err


# --- campaigns --------------------------------------------------------------------------------------------


def test_check_tells_every_problem_with_its_place(dialer: Dialer, tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text(BODY.replace("ratio = 2.0", "ratio = 99").replace("title =", "titel ="))
    ran = dialer("campaign", "check", file)
    assert (ran.status, ran.out) == (WRONG_INPUT, "")
    first, second = ran.err.splitlines()
    assert first.startswith(f"{file}:3:1: titel: unknown key")
    assert second.startswith(f"{file}:12:9: pacing.ratio: 99 is out of range")
    document = dialer("campaign", "check", file, "--json").json
    assert (document["ok"], [problem["line"] for problem in document["problems"]]) == (False, [3, 12])


def test_check_warns_of_what_the_home_does_not_have(dialer: Dialer, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text(BODY)
    assert dialer("campaign", "check", file).err == ""  # no home to compare with
    ran = dialer("campaign", "check", file, "--home", home)
    assert ran.status == DONE
    assert f"warning: {file}:4:10: lists[0]: this home has no list" in ran.err
    refused = dialer("campaign", "add", file, "--home", home)
    assert refused.status == WRONG_INPUT
    assert f"{file}:4:10: lists[0]" in refused.err
    assert [row["name"] for row in dialer("campaign", "ls", "--json", "--home", home).json] == ["sample"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('weekdays = "09:00-20:00"', 'weekdays = "20:00-09:00"', "hours.weekdays"),
        ('rules = "fictional"', 'rules = "atlantis"', 'no rule set is named "atlantis"'),
        ("ratio = 2.0", 'ratio = "two"', "not a number"),
        ('name = "spring"', "name = spring", "not TOML"),
    ],
)
def test_a_wrong_campaign_is_not_added(
    dialer: Dialer, home: Path, tmp_path: Path, old: str, new: str, says: str
) -> None:
    file = tmp_path / "c.toml"
    file.write_text(BODY.replace(old, new))
    ran = dialer("campaign", "add", file, "--home", home)
    assert (ran.status, ran.out) == (WRONG_INPUT, "")
    assert says in ran.err


def test_a_campaign_file_that_is_not_there_is_told(dialer: Dialer, tmp_path: Path) -> None:
    ran = dialer("campaign", "check", tmp_path / "none.toml")
    assert ran.status == WRONG_INPUT
    assert "cannot be read: No such file" in ran.err


def test_campaigns_are_listed_and_shown(dialer: Dialer, worked: Path) -> None:
    (row,) = dialer("campaign", "ls", "--json", "--home", worked).json
    assert (row["name"], row["leads"], row["attempted"], row["final"]) == ("spring", 3, 2, 1)
    assert "spring" in dialer("campaign", "ls", "--home", worked).out
    shown = dialer("campaign", "show", "spring", "--home", worked)
    assert shown.out.startswith("No call: no service is running; `dialer run` starts it\n")
    assert "mon 09:00-20:00" in shown.out
    assert dialer("campaign", "show", "spring", "--toml", "--home", worked).out == BODY.rstrip("\n") + "\n"
    assert dialer("campaign", "show", "spring", "--json", "--home", worked).json["ratio"] == 2.0


# --- results ----------------------------------------------------------------------------------------------


def test_a_report_is_text_json_or_records(dialer: Dialer, worked: Path, tmp_path: Path) -> None:
    document = dialer("report", "spring", "--json", "--home", worked)
    assert (document.status, document.err) == (DONE, "")
    assert (document.json["attempts"], document.json["rpc"], document.json["violations"]) == (2, 1, 0)
    assert dialer("report", "spring", "--format", "json", "--home", worked).out == document.out
    text = dialer("report", "spring", "--home", worked).out
    assert "right-party contacts per agent hour  1.0" in text
    header, *rows = dialer("report", "spring", "--format", "csv", "--home", worked).out.splitlines()
    assert header.split(",") == list(AttemptRecord.__dataclass_fields__)
    assert len(rows) == 2
    file = tmp_path / "report.json"
    written = dialer("report", "spring", "--json", "--output", file, "--home", worked)
    assert (written.out, file.read_text()) == ("", document.out)


def test_a_report_of_a_period(dialer: Dialer, worked: Path) -> None:
    ran = dialer("report", "spring", "--from", "2026-11-23T10:01:00Z", "--json", "--home", worked)
    assert ran.json["outcomes"] == {"busy": 1}
    local = dialer("report", "spring", "--to", "2026-11-23T11:01:00+01:00", "--json", "--home", worked)
    assert local.json["outcomes"] == {"connected": 1}
    for options in (
        ["--from", "2026-11-23T10:01:00"],
        ["--to", ""],
        ["--from", "2026-11-24", "--to", "2026-11-23"],
    ):
        wrong = dialer("report", "spring", *options, "--home", worked)
        assert (wrong.status, wrong.out) == (WRONG_INPUT, "")
        assert "--" in wrong.err


def test_an_audit_says_no_when_it_finds_a_violation(dialer: Dialer, worked: Path) -> None:
    clean = dialer("audit", "spring", "--json", "--home", worked)
    assert (clean.status, clean.json["audited"], clean.json["violations"]) == (DONE, 2, [])
    with open_home(worked, "a test") as owned:
        planted = Scene(owned.write, owned.reader).attempt(2, MONDAY_10 + 600, permit_at=MONDAY_10)
    found = dialer("audit", "spring", "--json", "--home", worked)
    assert found.status == ANSWER_IS_NO
    assert [(entry["attempt_id"], entry["code"]) for entry in found.json["violations"]] == [
        (planted, "permit_expired")
    ]
    shown = dialer("audit", "spring", "--home", worked)
    assert (shown.status, "permit_expired" in shown.out) == (ANSWER_IS_NO, True)
    assert dialer("report", "spring", "--json", "--home", worked).json["violations"] == 1


def test_why_answers_with_its_status(dialer: Dialer, worked: Path) -> None:
    arguments = ["why", LONDON[1], "--campaign", "spring", "--home", worked]
    allowed = dialer(*arguments, "--at", "2026-11-24T10:00:00Z", "--json")
    assert (allowed.status, allowed.json["allowed"], allowed.json["reason"]) == (DONE, True, None)
    refused = dialer(*arguments, "--at", "2026-11-24T20:00:00+00:00", "--json")
    assert refused.status == ANSWER_IS_NO
    assert (refused.json["reason"], refused.json["until"]) == ("window_closed", "2026-11-25T09:00:00Z")
    again = dialer(*arguments, "--at", refused.json["until"])
    closes = iso(utc("2026-11-25T20:00:00") - REACH_S)
    assert (again.status, f"may be dialed, until {closes}" in again.out) == (DONE, True)
    text = dialer(*arguments, "--at", "2026-11-24T20:00:00Z")
    assert "window_closed" in text.out
    assert "from 2026-11-25T09:00:00Z on it may" in text.out


def test_why_tells_of_every_lead_that_has_the_number(dialer: Dialer, worked: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text(f"phone\n{LONDON[0]}\n", encoding="utf-8")
    assert dialer("list", "import", more, "--list", "more", "--home", worked).status == DONE
    campaign = tmp_path / "spring.toml"
    campaign.write_text(BODY.replace('["people"]', '["people", "more"]'), encoding="utf-8")
    assert dialer("campaign", "add", campaign, "--home", worked).status == DONE
    arguments = ["why", LONDON[0], "--campaign", "spring", "--home", worked, "--at", "2027-01-05T10:00:00Z"]
    asked = dialer(*arguments, "--json")
    assert [entry["reason"] for entry in asked.json["evidence"]["leads"]] == ["final", None]
    lines = dialer(*arguments).out.splitlines()
    told = [" ".join(line.split()) for line in lines if line.startswith("lead ")]
    assert "lead 1 final" in told
    assert "lead 4 may be dialed" in told
    assert dialer("audit", "spring", "--home", worked).status == DONE  # the text was replaced after the calls


def test_why_without_a_campaign_tells_of_all_that_call_it(dialer: Dialer, worked: Path, tmp_path: Path) -> None:
    campaign = tmp_path / "autumn.toml"
    campaign.write_text(BODY.replace('"spring"', '"autumn"'), encoding="utf-8")
    assert dialer("campaign", "add", campaign, "--home", worked).status == DONE
    assert dialer("dnc", "add", LONDON[1], "--home", worked).status == DONE
    first = dialer("why", LONDON[0], "--at", "2026-11-24T10:00:00Z", "--json", "--home", worked)
    assert (first.status, first.json["allowed"], first.json["registers"]) == (DONE, True, [])
    assert {one["campaign"]: one["reason"] for one in first.json["campaigns"]} == {
        "autumn": None, "spring": "final",
    }  # fmt: skip
    assert [one["campaign"] for one in first.json["attempts"]] == ["spring"]
    listed = dialer("why", "2", "--json", "--home", worked)
    assert (listed.status, listed.json["registers"][0]["until"]) == (ANSWER_IS_NO, None)
    assert {one["reason"] for one in listed.json["campaigns"]} == {"dnc"}
    text = dialer("why", "2", "--home", worked).out
    assert "may not be dialed by any campaign" in text
    assert "house" in text
    nobody = dialer("why", "+442079460999", "--home", worked)
    assert (nobody.status, "No campaign calls it." in nobody.out) == (ANSWER_IS_NO, True)
    assert dialer("why", "999", "--home", worked).status == WRONG_INPUT


def test_why_names_everything_in_the_way(dialer: Dialer, worked: Path) -> None:
    asked = ["why", LONDON[1], "--campaign", "spring", "--home", worked, "--at", "2027-01-03T10:00:00Z"]
    assert dialer("dnc", "add", LONDON[1], "--home", worked).status == DONE
    gates = {gate["gate"]: gate for gate in dialer(*asked, "--json").json["evidence"]["gates"]}
    assert [name for name, gate in gates.items() if gate["open"] is False] == ["window", "dnc"]
    assert gates["window"]["until"] == "2027-01-04T09:00:00Z"
    text = dialer(*asked).out
    assert "not in the way: closed, can never be dialed" in text
    assert "dialer dnc remove" in text


def test_a_funnel_adds_up_and_says_what_opens_next(dialer: Dialer, worked: Path) -> None:
    at = ["--at", "2027-01-04T06:00:00Z"]  # a Monday: Berlin opens at 8, London at 9
    found = dialer("funnel", "spring", *at, "--json", "--home", worked)
    assert found.status == DONE
    document = found.json
    assert document["total"] == 3
    assert document["total"] == sum(stage["lost"] for stage in document["stages"]) + document["dialable"]
    assert [stage["stage"] for stage in document["stages"]] == [stage.value for stage in Stage]
    by_stage = {stage["stage"]: stage for stage in document["stages"]}
    assert [one["code"] for one in by_stage["status"]["reasons"]] == ["sale"]
    assert by_stage["window"]["reasons"] == [
        {"code": "window_closed", "leads": 1, "first_free": "2027-01-04T09:00:00Z"}
    ]
    assert document["next"] == "2027-01-04T09:00:00Z"
    assert [hour["leads"] for hour in document["hours"]] == [0, 0, 0, 1] + [0] * 20
    text = dialer("funnel", "spring", *at, "--home", worked).out
    assert "0 of 3 leads may be dialed" in text
    assert "GB:Europe/London" in text


def test_a_funnel_of_the_past_or_of_nothing_is_told(dialer: Dialer, worked: Path) -> None:
    past = dialer("funnel", "spring", "--at", "2026-11-20", "--home", worked)
    assert (past.status, past.out) == (WRONG_INPUT, "")
    assert "is not kept" in past.err
    assert 'no campaign is called "sprong"' in dialer("funnel", "sprong", "--home", worked).err


@pytest.mark.parametrize(
    ("who", "options", "says"),
    [
        ("+44", [], "+12025550123"),
        ("999", [], 'no lead is called "999"'),
        ("-1", [], "give a lead's id"),
        (LONDON[0], ["--at", "noon"], "--at"),
        (LONDON[0], ["--region", "XX"], "--region"),
    ],
)
def test_why_tells_wrong_input(dialer: Dialer, worked: Path, who: str, options: list[str], says: str) -> None:
    ran = dialer("why", who, "--campaign", "spring", *options, "--json", "--home", worked)
    assert (ran.status, ran.out) == (WRONG_INPUT, "")
    assert says in ran.err
