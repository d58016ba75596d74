"""`dialer run` as it is used: a process that signals, files, commands and kills happen to, over a real carrier."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sqlite3
import sys
from pathlib import Path

import pytest

from campaigns.life import CampaignState
from dialer.api import requests as ask
from dialer.app.installation import read_home
from dialer.cli import main
from tests.integration.books import assert_books_agree, carrier_log
from tests.integration.service_world import (
    carrier_process,
    desks,
    service_process,
    settings_text,
    write_home,
)
from tests.unit.campaigns.test_declared_rules import GOOD as DECLARED

MEDIA = "17000-17999"
LOST_TRUNK = '[[trunk]]\nname = "lost"\nhost = "no.such.host.invalid"\n'


@pytest.mark.long
async def test_a_campaign_is_started_paused_and_stopped_and_a_sigterm_drops_no_call(tmp_path: Path) -> None:
    """And a trunk whose host nobody knows is in nobody's way."""
    home, log = tmp_path / "home", tmp_path / "carrier.jsonl"
    async with carrier_process(log) as port:
        write_home(home, trunk_port=port, media=MEDIA, more=LOST_TRUNK)
        async with service_process(home) as service:
            found = await service.overview()
            assert {trunk.name: trunk.state for trunk in found.trunks} == {"sim": "open", "lost": "unresolved"}
            assert any(one.code == "trunk_unresolved" and "no.such.host" in one.text for one in found.alarms)
            assert "no campaign yet" in service.ready
            assert (await service.row()).state is CampaignState.READY
            moved = await service.ask(ask.start_campaign("demo"))
            assert moved.state is CampaignState.RUNNING
            async with desks(service, 4):
                await service.until(lambda o: o.campaigns[0].figures.attempts >= 3)
                assert (await service.ask(ask.pause_campaign("demo"))).state is CampaignState.PAUSED
                await service.until(lambda o: not o.calls)
                before = stored(home, "SELECT max(attempt_id) FROM attempts")
                await asyncio.sleep(1.0)  # time in which it would dial
                assert stored(home, "SELECT max(attempt_id) FROM attempts") == before
                await service.ask(ask.start_campaign("demo"))
                await service.until(lambda o: any(call.state == "talking" for call in o.calls))
                service.signal(signal.SIGTERM)
                await service.until_logged("stopping")
                assert await service.ended() == 0
            records = service.records()
    assert not [r for r in records if r.outcome in ("cut", "unknown")]
    assert not [r for r in records if r.outcome == "withdrawn" and (r.dialed_at is not None or r.counted)]
    assert [r for r in records if r.disposition is not None]
    assert_books_agree(records, carrier_log(log))
    with read_home(home) as view:
        steps = [(one.change.action, one.change.via) for one in reversed(view.reader.changes())]
    moves = [step for step in steps if step[0].startswith("campaign.") and step[1] == "api"]
    assert moves == [("campaign.start", "api"), ("campaign.pause", "api"), ("campaign.start", "api")]


def stored(home: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{home / 'dialer.db'}?mode=ro", uri=True) as database:
        return list(database.execute(query))


@pytest.mark.long
async def test_settings_are_reloaded_during_calls_and_a_wrong_file_changes_nothing(tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "carrier.jsonl"
    async with carrier_process(log) as port:
        write_home(home, trunk_port=port, media=MEDIA)
        async with service_process(home) as service:
            await service.ask(ask.start_campaign("demo"))
            async with desks(service, 4):
                await service.until(lambda o: any(call.state == "talking" for call in o.calls))
                (home / "dialer.toml").write_text("[[trunk]]\nname = 7\n")
                service.signal(signal.SIGHUP)
                refused = json.loads(await service.until_logged("not reloaded"))
                assert "dialer.toml:2" in refused["cause"]
                assert [t.name for t in (await service.overview()).trunks] == ["sim"]
                more = '[[agent]]\nid = "zoe"\nname = "Zoë"\n[sip]\nlisten = "127.0.0.1:5999"\n'
                (home / "dialer.toml").write_text(
                    settings_text(trunk_port=port, media=MEDIA, channels=50, more=more)
                )
                service.signal(signal.SIGHUP)
                done = json.loads(await service.until_logged("settings reloaded"))
                assert done["changed"] == ["trunk", "agent"]
                assert done["needs_restart"] == ["sip.listen"]
                overview = await service.overview()
                assert [t.channels for t in overview.trunks] == [50]
                assert "Zoë" in [agent.name for agent in overview.agents]
                attempts = overview.campaigns[0].figures.attempts
                await service.until(lambda o: o.campaigns[0].figures.attempts >= attempts + 3)
                service.signal(signal.SIGTERM)
                assert await service.ended() == 0
            records = service.records()
    assert not [r for r in records if r.outcome in ("cut", "unknown", "trunk_fault")]
    assert_books_agree(records, carrier_log(log))


@pytest.mark.long
async def test_declared_rules_are_read_with_the_settings_and_their_texts_are_kept(tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "carrier.jsonl"
    async with carrier_process(log) as port:
        write_home(home, trunk_port=port, media=MEDIA)
        async with service_process(home) as service:
            (home / "rules").mkdir()
            (home / "rules" / "ro-sales.toml").write_text(DECLARED.replace("declared_on", "on"))
            service.signal(signal.SIGHUP)
            refused = json.loads(await service.until_logged("not reloaded"))
            assert "ro-sales.toml:1:1: declared_on: missing" in refused["cause"]
            (home / "rules" / "ro-sales.toml").write_text(DECLARED)
            service.signal(signal.SIGHUP)
            assert json.loads(await service.until_logged("settings reloaded"))["changed"] == ["rules"]
            service.signal(signal.SIGTERM)
            assert await service.ended() == 0
    kept = stored(home, "SELECT name, body FROM rule_sets WHERE basis = 'declared'")
    assert kept == [("ro-sales", DECLARED)]


@pytest.mark.long
async def test_killed_it_dials_again_and_what_it_did_not_see_counts(tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "carrier.jsonl"
    async with carrier_process(log) as port:
        write_home(home, trunk_port=port, media=MEDIA)
        async with service_process(home) as service:
            await service.ask(ask.start_campaign("demo"))
            async with desks(service, 4):
                seen = await service.until(lambda o: any(call.state == "talking" for call in o.calls))
                service.signal(signal.SIGKILL)
                await service.ended()
        assert (home / "control.sock").exists(), "nobody took the socket away"
        left = stored(home, "SELECT attempt_id, lead_id FROM attempts WHERE closed_at IS NULL")
        assert left
        async with service_process(home) as service:
            assert "dialing demo" in service.ready
            report = json.loads(await service.until_logged("left behind by the process before"))
            assert "hung_up" in report["ends"], "somebody was talking"
            assert (await service.row()).state is CampaignState.RUNNING
            async with desks(service, 4):
                attempts = (await service.row()).figures.attempts
                assert attempts >= seen.campaigns[0].figures.attempts
                await service.until(lambda o: o.campaigns[0].figures.attempts >= attempts + 3)
                service.signal(signal.SIGTERM)
                assert await service.ended() == 0
            records = service.records()
    unknown = {(r.attempt_id, r.lead_id) for r in records if r.outcome == "unknown"}
    assert unknown == set(left)
    assert all(r.counted for r in records if r.outcome == "unknown")
    later = {r.lead_id for r in records if r.attempt_id > max(attempt for attempt, _ in unknown)}
    assert not later & {lead for _, lead in unknown}, "a lead whose call nobody saw end was dialed again"
    calls = carrier_log(log)
    assert all(call["ended_at"] is not None for call in calls.values())


@pytest.mark.long
async def test_a_second_service_is_told_who_has_the_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "dialer.toml").write_text("")
    async with service_process(home) as service:
        second = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "dialer", "run", "--home", str(home)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await second.communicate()
        assert second.returncode == 2
        assert not out
        assert f"process {service.process.pid} (dialer run)" in err.decode()
        assert "Traceback" not in err.decode()
        service.signal(signal.SIGINT)
        assert await service.ended() == 0
    assert not (home / "control.sock").exists()


async def test_twice_asked_it_hangs_up(tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "carrier.jsonl"
    async with carrier_process(log) as port:
        write_home(home, trunk_port=port, media=MEDIA, drain="10m")
        async with service_process(home) as service:
            await service.ask(ask.start_campaign("demo"))
            async with desks(service, 4):
                await service.until(lambda o: any(call.state == "talking" for call in o.calls))
                service.signal(signal.SIGTERM)
                await service.until_logged("stopping")
                service.signal(signal.SIGTERM)
                assert await service.ended() == 0
            records = service.records()
    assert [r for r in records if r.ended_by == "dialer"]
    assert_books_agree(records, carrier_log(log))


def test_a_home_whose_socket_would_have_too_long_a_path_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / ("h" * 90)
    home.mkdir()
    (home / "dialer.toml").write_text("")
    assert main(["run", "--home", str(home)]) == 2
    told = capsys.readouterr().err
    assert "too long for a socket" in told
    assert "at most 107" in told
    assert not (home / "dialer.db").exists()


async def test_a_socket_of_a_dead_process_is_replaced(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "dialer.toml").write_text("")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(home / "control.sock"))
    async with service_process(home) as service:
        assert (await service.overview()).service.state == "running"
        service.signal(signal.SIGTERM)
        assert await service.ended() == 0


async def test_it_says_who_has_its_api_port_and_ends(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        (home / "dialer.toml").write_text(f'[api]\nlisten = "127.0.0.1:{port}"\n')
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "dialer", "run", "--home", str(home)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            out, err = await process.communicate()
    assert (process.returncode, out) == (2, b"")
    assert f"127.0.0.1:{port}" in err.decode()
    assert "Traceback" not in err.decode()
    assert not (home / "control.sock").exists()
