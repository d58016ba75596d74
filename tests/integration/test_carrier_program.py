"""`python -m sim_trunk` as a program of its own: what it prints, how it ends, what it says to wrong input."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest

from dialer.engine.events import CallEnded
from dialer.telephony.udp import bind_udp
from sim_trunk.__main__ import main, parse_listen
from tests.integration.floor import HOST, floor


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
async def test_it_says_where_it_listens_and_ends_cleanly(tmp_path: Path, stop: signal.Signals) -> None:
    log = tmp_path / "calls.jsonl"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "sim_trunk", "--listen", f"{HOST}:0", "--seed", "7", "--log", str(log), "--json"),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30.0):
            said = json.loads(await process.stdout.readline())
        assert said == {"listening": f"{HOST}:{said['port']}", "host": HOST, "port": said["port"], "seed": 7}
        async with floor(port=said["port"]) as f:
            call_id = f.call(1)
            await f.carrier.hang_up_all(5.0)
            await f.event(CallEnded, 1)
        process.send_signal(stop)
        async with asyncio.timeout(10.0):
            assert await process.wait() == 0
        [line] = [json.loads(text) for text in log.read_text().splitlines()]
        assert (line["call_id"], line["ended_by"]) == (call_id, "caller")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def test_a_port_already_taken_is_wrong_input(capsys: pytest.CaptureFixture[str]) -> None:
    with bind_udp(HOST, 0) as other:
        port = other.getsockname()[1]
        assert main(["--listen", f"{HOST}:{port}"]) == 2
    captured = capsys.readouterr()
    assert f"cannot listen on {HOST}:{port} (UDP): the port is already taken" in captured.err
    assert captured.out == ""


def test_a_population_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--population", str(tmp_path / "nobody.toml")]) == 2
    assert "nobody.toml" in capsys.readouterr().err


def test_a_population_with_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "people.toml"
    path.write_text("[numbers]\nno_such_key = 1\n")
    assert main(["--population", str(path)]) == 2
    assert "people.toml:2" in capsys.readouterr().err


def test_a_log_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--listen", f"{HOST}:0", "--log", str(tmp_path / "no" / "such" / "folder")]) == 2
    assert "No such file or directory" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["5060", "localhost", ":5060", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "h:²"]
)
def test_listen_wants_host_and_port(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--listen", text])
    assert caught.value.code == 2
    assert "is not HOST:PORT" in capsys.readouterr().err


def test_listen() -> None:
    assert parse_listen("127.0.0.1:0") == ("127.0.0.1", 0)
