"""Commands beside a running service, in real processes: what goes through it, what it refuses, and its end."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import pytest

from dialer.api import requests as ask
from dialer.api.client import ControlClient, is_running
from dialer.api.endpoint import Endpoint
from dialer.app.installation import read_home
from dialer.errors import ANSWER_IS_NO, DONE, NOT_RUNNING, WRONG_INPUT
from lists.sample import csv_text, generate
from tests.brisk import BRISK_CAMPAIGN, BRISK_POPULATION
from tests.integration.command import Dialer
from tests.integration.service_world import settings_text, write_home

PATIENCE_S = 60.0
CLIENTS = '[[client]]\nid = "acme"\ncaller_ids = ["+12025550188"]\n[[client]]\nid = "zoo"\n'
CAMPAIGN_OF_ACME = (
    BRISK_CAMPAIGN.read_text("utf-8")
    .replace('name = "demo"', 'name = "spring"\nclient = "acme"', 1)
    .replace('lists = ["demo"]', 'lists = ["people"]', 1)
)


def read_line(stream: IO[str]) -> str:
    """The next line, or a failure: never waited for beyond patience."""
    found: list[str] = []
    reading = threading.Thread(target=lambda: found.append(stream.readline()), daemon=True)
    reading.start()
    reading.join(PATIENCE_S)
    assert found, "nothing was said in time"
    return found[0]


@contextmanager
def program(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """`python -m …` as a process, killed at the end if it has not ended by then."""
    with subprocess.Popen(
        [sys.executable, "-m", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


@contextmanager
def service(home: Path) -> Iterator[subprocess.Popen[str]]:
    """`dialer run`, from its ready line on; its log goes beside the home."""
    log = home.with_suffix(".log")
    with log.open("a") as errors, subprocess.Popen(
        [sys.executable, "-m", "dialer", "run", "--home", str(home)],
        stdout=subprocess.PIPE, stderr=errors, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            assert "at work" in read_line(process.stdout), log.read_text()
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "it did not come to be in time"
        time.sleep(0.1)


def unused_port() -> int:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with a service at work on it, and two clients; its trunk leads nowhere."""
    home = tmp_path_factory.mktemp("served") / "home"
    write_home(home, trunk_port=unused_port(), media="41000-41099")
    (home / "dialer.toml").write_text(
        settings_text(trunk_port=unused_port(), media="41000-41099", drain="1s", more=CLIENTS)
    )
    (home / "few.csv").write_text(csv_text(generate(40, 7)))
    with service(home):
        yield home


@pytest.fixture
def niced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The tests' own process keeps its priority; what commands would have set it to."""
    found: list[int] = []
    monkeypatch.setattr(os, "setpriority", lambda which, who, niceness: found.append(niceness))
    return found


@pytest.fixture
def dialer(
    capsys: pytest.CaptureFixture[str], served: Path, niced: list[int], monkeypatch: pytest.MonkeyPatch
) -> Dialer:
    monkeypatch.delenv("DIALER_TOKEN", raising=False)
    return Dialer(capsys, served)


def newest_change(dialer: Dialer) -> dict[str, str]:
    (change,) = dialer("changes", "--limit", 1, "--json").json
    return dict(change)


def test_an_import_goes_through_the_service_and_makes_way_for_it(dialer: Dialer, niced: list[int]) -> None:
    ran = dialer("list", "import", dialer.home / "few.csv", "--list", "few", "--json")  # type: ignore[operator]
    assert (ran.status, ran.json["read"], ran.json["accepted"]) == (DONE, 40, 40)
    assert niced == [10]
    again = dialer("list", "import", dialer.home / "few.csv", "--list", "few", "--json")  # type: ignore[operator]
    assert (again.json["accepted"], again.json["duplicates"]) == (0, 40)
    assert {"name": "few", "leads": 40}.items() <= dialer("list", "ls", "--json").json[-1].items()
    change = newest_change(dialer)
    assert (change["action"], change["subject"], change["via"]) == ("list.imported", "few", "command")
    assert change["by"].startswith("os:")


def test_a_campaign_of_a_client_is_added_and_steps_through_its_life(dialer: Dialer, tmp_path: Path) -> None:
    file = tmp_path / "spring.toml"
    file.write_text(CAMPAIGN_OF_ACME)
    wrong = dialer("campaign", "add", file)
    assert wrong.status == WRONG_INPUT
    assert f"{file}:" in wrong.err
    assert "caller_ids[0]" in wrong.err
    own = 'caller_ids = ["+12025550188"]'
    file.write_text(re.sub(r"^caller_ids = .*$", own, CAMPAIGN_OF_ACME, flags=re.MULTILINE))
    missing = dialer("campaign", "add", file)
    assert (missing.status, 'no list "acme/people"' in missing.err) == (WRONG_INPUT, True)
    csv = Path(str(dialer.home)) / "few.csv"
    assert dialer("list", "import", csv, "--list", "people", "--client", "acme").status == DONE
    added = dialer("campaign", "add", file, "--json")
    assert added.json == {
        "campaign": "acme/spring",
        "replaced": False,
        "state": "ready",
        "leads": 40,
        "warnings": [],
    }
    assert dialer("campaign", "start", "spring", "--client", "acme").out == "Campaign acme/spring is running\n"
    again = dialer("campaign", "start", "acme/spring")
    assert (again.status, "possible now: pause, stop" in again.err) == (WRONG_INPUT, True)
    paused = dialer("campaign", "pause", "acme/spring", "--json").json
    assert (paused["campaign"], paused["state"]) == ("acme/spring", "paused")
    (row,) = dialer("campaign", "ls", "--client", "acme", "--json").json
    assert (row["client"], row["state"], row["lists"]) == ("acme", "paused", ["acme/people"])
    assert dialer("campaign", "stop", "acme/spring").status == DONE
    until(lambda: dialer("campaign", "show", "acme/spring", "--json").json["state"] == "done")
    actions = [change["action"] for change in dialer("changes", "--client", "acme", "--json").json]
    assert {"campaign.add", "campaign.start", "campaign.pause", "campaign.stop", "list.imported"} <= set(actions)


def test_registers_are_kept_apart_through_the_service(dialer: Dialer) -> None:
    number = "+442079460123"
    assert dialer("dnc", "add", number, "--client", "acme").out.startswith("1 added")
    assert dialer("dnc", "check", number, "--client", "acme").status == ANSWER_IS_NO
    assert dialer("dnc", "check", number, "--client", "zoo").status == DONE
    assert dialer("dnc", "check", number).status == DONE
    removed = dialer("dnc", "remove", number, "--client", "acme", "--json")
    assert (removed.json["removed"], removed.json["held"]) == (1, [])
    assert dialer("dnc", "check", number, "--client", "acme").status == DONE
    change = newest_change(dialer)
    assert (change["action"], change["client"], change["via"]) == ("dnc.unblock", "acme", "command")
    unknown = dialer("dnc", "add", number, "--client", "acne")
    assert (unknown.status, 'did you mean "acme"?' in unknown.err) == (WRONG_INPUT, True)


def test_reports_and_questions_are_answered_beside_it(dialer: Dialer, niced: list[int]) -> None:
    assert dialer("report", "demo", "--json").json["attempts"] == 0
    assert dialer("audit", "demo", "--json").json["audited"] == 0
    assert niced == [10, 10]
    assert dialer("why", "1", "--campaign", "demo").status in {DONE, ANSWER_IS_NO}
    agents = dialer("agent", "ls", "--json").json
    assert [agent["agent_id"] for agent in agents] == ["agent-01", "agent-02", "agent-03", "agent-04"]


def test_its_status_is_one_screen_or_the_overview(dialer: Dialer) -> None:
    found = dialer("status", "--json").json
    assert found["service"]["state"] == "running"
    assert "demo" in {row["name"] for row in found["campaigns"]}
    shown = dialer("status")
    assert (shown.status, "service" in shown.out, "demo" in shown.out) == (DONE, True, True)


def test_a_token_narrows_what_a_command_may_do(dialer: Dialer, monkeypatch: pytest.MonkeyPatch) -> None:
    made = dialer("token", "add", "audit", "--role", "auditor", "--expires", "1h", "--json").json
    monkeypatch.setenv("DIALER_TOKEN", made["token"])
    assert dialer("status").status == DONE
    refused = dialer("campaign", "start", "demo")
    assert (refused.status, refused.out) == (WRONG_INPUT, "")
    assert "lacks the permission campaigns.run" in refused.err
    monkeypatch.delenv("DIALER_TOKEN")
    assert dialer("token", "revoke", made["token_id"]).status == DONE
    monkeypatch.setenv("DIALER_TOKEN", made["token"])
    assert (dialer("status").status, "token" in dialer("status").err) == (WRONG_INPUT, True)


def test_users_come_and_go_through_the_service(dialer: Dialer, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("correct horse battery\n")
    assert (
        dialer("user", "add", "ana", "--role", "supervisor", "--client", "acme", "--password-file", secret).status
        == 0
    )
    (row,) = dialer("user", "ls", "--json").json
    assert (row["name"], row["role"], row["client"]) == ("ana", "supervisor", "acme")
    home = Path(str(dialer.home))
    with ControlClient(Endpoint.of_home(home, token="")) as client:
        bearer = client.call(ask.log_in("ana", "correct horse battery"))
    assert bearer.client == "acme"
    assert dialer("user", "remove", "ana").status == DONE
    assert dialer("user", "ls", "--json").json == []
    unknown = dialer("user", "remove", "ana")
    assert (unknown.status, "ana" in unknown.err) == (WRONG_INPUT, True)


def test_settings_are_read_again_and_what_is_wrong_in_them_is_told(dialer: Dialer) -> None:
    path = Path(str(dialer.home)) / "dialer.toml"
    text = path.read_text()
    try:
        path.write_text(text + '[[client]]\nid = "new"\n')
        assert "client" in dialer("reload").out
        path.write_text(text.replace("cps = 20", 'cps = "many"'))
        with ControlClient(Endpoint.of_home(Path(str(dialer.home)), token="")) as client:
            client.call(ask.overview())
        refused = dialer("reload")
        assert (refused.status, "trunk[0].cps" in refused.err) == (WRONG_INPUT, True)
    finally:
        path.write_text(text)
        assert dialer("reload").status == DONE


def test_a_second_service_says_who_owns_the_home(served: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "dialer", "run", "--home", str(served)],
        capture_output=True, text=True, check=False, timeout=PATIENCE_S,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (WRONG_INPUT, "")
    assert "(dialer run)" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_service_is_stopped_and_what_needs_it_says_that_it_is_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], niced: list[int]
) -> None:
    home = tmp_path / "home"
    write_home(home, trunk_port=unused_port(), media="41100-41199", leads=20, drain="1s")
    dialer = Dialer(capsys, home)
    with service(home) as process:
        assert dialer("campaign", "start", "demo").status == DONE
        stopped = dialer("stop", "--json")
        assert (stopped.status, stopped.json) == (DONE, {"stopped": True})
        assert process.wait(PATIENCE_S) == 0
    for command in (("status",), ("reload",), ("stop",), ("campaign", "start", "demo")):
        gone = dialer(*command)
        assert (gone.status, gone.out) == (NOT_RUNNING, "")
        assert f"`dialer run --home {dialer.home}`" in gone.err
    assert dialer("campaign", "show", "demo", "--json").json["state"] == "running"  # goes on when it is back
    assert "the service is not running" in dialer("campaign", "pause", "demo").err
    assert dialer("campaign", "show", "demo", "--json").json["state"] == "paused"


@pytest.mark.long
def test_a_socket_left_by_a_dead_service_is_no_service(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], niced: list[int]
) -> None:
    home = tmp_path / "home"
    write_home(home, trunk_port=unused_port(), media="41200-41299", leads=20)
    with service(home) as process:
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE_S)
    assert (home / "control.sock").exists()
    dialer = Dialer(capsys, home)
    gone = dialer("status")
    assert (gone.status, "without taking its socket away" in gone.err) == (NOT_RUNNING, True)
    assert dialer("dnc", "add", "+442079460123").status == DONE  # by itself
    with service(home):
        assert dialer("status").status == DONE


@pytest.mark.long
def test_simulated_agents_work_and_log_in_again_when_the_service_is_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], niced: list[int]
) -> None:
    home = tmp_path / "home"
    with program(
        "sim_trunk", "--listen", "127.0.0.1:0", "--json", "--seed", 1, "--population", BRISK_POPULATION
    ) as carrier:
        assert carrier.stdout is not None
        port = int(json.loads(read_line(carrier.stdout))["port"])
        write_home(home, trunk_port=port, media="41300-41499")
        (home / "population.toml").write_text(BRISK_POPULATION.read_text("utf-8"))
        dialer = Dialer(capsys, home)
        none = dialer("agent", "simulate", "--campaign", "demo")
        assert none.status == NOT_RUNNING
        with (
            service(home) as first,
            program(
                "dialer", "agent", "simulate", "--campaign", "demo", "--count", 2, "--json", "--home", home
            ) as agents,
        ):
            assert agents.stderr is not None
            assert "2 simulated agents are logging in for demo" in read_line(agents.stderr)
            until(lambda: _on_duty(home) == 2)
            others = dialer("agent", "simulate", "--campaign", "demo", "--seconds", 0.1, "--json")
            assert (others.status, others.json["agents"]) == (DONE, ["agent-03", "agent-04"])
            assert "demo; on duty elsewhere, and left there: agent-01, agent-02" in others.err
            assert _on_duty(home) == 2
            assert dialer("campaign", "start", "demo").status == DONE
            until(lambda: dialer("report", "demo", "--json").json["rpc"] >= 1)
            first.send_signal(signal.SIGKILL)
            first.wait(PATIENCE_S)
            with service(home):
                until(lambda: _on_duty(home) == 2)
                attempts = dialer("report", "demo", "--json").json["attempts"]
                until(lambda: dialer("report", "demo", "--json").json["attempts"] > attempts + 3)
                agents.send_signal(signal.SIGTERM)
                out, _ = agents.communicate(timeout=PATIENCE_S)
                assert agents.returncode == DONE
                worked = json.loads(out)
                assert (worked["agents"], worked["sessions"]) == (["agent-01", "agent-02"], 2)
                assert worked["contacts"] >= 1
                until(lambda: _on_duty(home) == 0)
        assert dialer("audit", "demo", "--json").json["violating"] == 0


@pytest.mark.long
def test_agents_whose_process_is_killed_get_no_more_calls_and_are_off_duty_after_the_grace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, talkative = tmp_path / "home", tmp_path / "talkative.toml"
    people = BRISK_POPULATION.read_text("utf-8")
    talkative.write_text(
        re.sub(r"^right_party = \{.*\}", "right_party = { mean_s = 60.0, cv = 0 }", people, flags=re.MULTILINE)
    )
    with program(
        "sim_trunk", "--listen", "127.0.0.1:0", "--json", "--seed", 1, "--population", talkative
    ) as carrier:
        assert carrier.stdout is not None
        port = int(json.loads(read_line(carrier.stdout))["port"])
        write_home(home, trunk_port=port, media="41500-41699")
        (home / "population.toml").write_text(people)
        settings = home / "dialer.toml"
        settings.write_text(settings.read_text().replace("[service]", '[service]\ndesk_grace = "1s"'))
        dialer = Dialer(capsys, home)
        with service(home):
            with program("dialer", "agent", "simulate", "--campaign", "demo", "--home", home) as agents:
                assert dialer("campaign", "start", "demo").status == DONE
                until(lambda: _talking(home) >= 3)  # machines are hung up on at once, people are not
                agents.kill()
                agents.wait(PATIENCE_S)
                killed_at = time.time()
            until(lambda: _on_duty(home) == 0)
            assert time.time() - killed_at < PATIENCE_S / 2
            with ControlClient(Endpoint.of_home(home, token="")) as client:
                alarms = client.call(ask.overview()).alarms
            gone = [alarm.text for alarm in alarms if alarm.code == "desk_gone"]
            assert len(gone) == 4
            assert any("was hung up" in text for text in gone)
            until(lambda: not _calls(home))
            changes = [one for one in dialer("changes", "--json").json if one["action"] == "agent.logout"]
            assert {one["subject"] for one in changes} == {f"agent-0{n}" for n in range(1, 5)}
            assert {(one["by"], one["detail"]["campaign"]) for one in changes} == {("service", "demo")}
            assert all("its desk was gone" in one["detail"]["reason"] for one in changes)
        with read_home(home) as view:
            records = list(view.reader.records("demo", 0.0, 1e12))
        assert records
        assert [r for r in records if r.assigned_at is not None and r.assigned_at > killed_at] == []
        assert [r for r in records if r.note == "desk lost without a disposition"]
        assert dialer("audit", "demo", "--json").json["violating"] == 0


def _talking(home: Path) -> int:
    with ControlClient(Endpoint.of_home(home, token="")) as client:
        return sum(agent.state == "talking" for agent in client.call(ask.overview()).agents)


def _calls(home: Path) -> int:
    with ControlClient(Endpoint.of_home(home, token="")) as client:
        return len(client.call(ask.calls()).calls)


def _on_duty(home: Path) -> int:
    if not is_running(home):
        return 0
    with ControlClient(Endpoint.of_home(home, token="")) as client:
        return sum(agent.state not in {"", "logged_out"} for agent in client.call(ask.overview()).agents)
