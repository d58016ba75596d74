"""What a shell may do to a command's standard streams, and when it may be interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dialer.cli import main

DIALER = (sys.executable, "-m", "dialer")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One list, in which somebody has a name that is not ASCII."""
    home = tmp_path_factory.mktemp("streams") / "home"
    people = home.with_name("people.csv")
    people.write_text("phone,first name\n+442079460000,Zoë\n", "utf-8")
    assert main(["init", str(home)]) == 0
    assert main(["list", "import", str(people), "--list", "people", "--home", str(home)]) == 0
    return home


def shell(home: Path, line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A line of bash, in which $dialer is the program and its home is set."""
    ours = {"dialer": " ".join(DIALER), "DIALER_HOME": str(home)}
    command = ["bash", "-o", "pipefail", "-c", line]
    return subprocess.run(
        command, capture_output=True, check=False, timeout=30.0, env=os.environ | ours | environment
    )


@pytest.mark.parametrize("command", ["list export people", "agent ls --json", "--help"])
@pytest.mark.parametrize("streams", [">&-", "2>&-", "<&-", ">&- 2>&- <&-", "| true", "| head -c 1"])
def test_a_closed_stream_is_nobodys_fault(home: Path, command: str, streams: str) -> None:
    ran = shell(home, f"$dialer {command} {streams}")

    assert (ran.returncode, ran.stderr) == (0, b"")


@pytest.mark.parametrize("command", ["list export people", "list ls --json", "list ls", "--help"])
def test_a_result_without_room_is_told_and_no_success(home: Path, command: str) -> None:
    ran = shell(home, f"$dialer {command} >/dev/full")

    told = "dialer: the result cannot be written: No space left on device; make room, or send it elsewhere\n"
    assert (ran.returncode, ran.stderr.decode()) == (2, told)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_file_is_utf_8_in_every_locale(home: Path, encoding: str) -> None:
    commands = [["list", "export", "people"], ["list", "export", "people", "--json"], ["list", "show", "people"]]
    code = (
        "import sys; from dialer.cli import main\n"
        f"for command in {commands}:\n"
        "    if main(command): sys.exit(1)\n"
        "    print('--', flush=True)"
    )
    ran = shell(home, f'{sys.executable} -c "{code}"', PYTHONIOENCODING=encoding)

    assert (ran.returncode, ran.stderr) == (0, b"")
    *told, rest = ran.stdout.decode("utf-8").split("--\n")
    assert (["Zoë" in one for one in told], rest) == ([True] * len(commands), "")


def test_no_file_gets_the_number_of_a_stream_that_is_closed(home: Path) -> None:
    """A database with number 1 would be written to by whoever prints."""
    code = "from dialer.cli import main; import os; main(['list', 'ls']); print(os.readlink('/proc/self/fd/1'))"
    ran = shell(home, f'{sys.executable} -c "{code}" 2>&1 >&-; {sys.executable} -c "{code}" 2>&1 | tail -1')

    assert ran.returncode == 0
    assert ran.stdout.startswith(b"pipe:")  # the second's; of the first one nothing is to be seen


def test_interrupted_while_it_loads_it_says_nothing(home: Path) -> None:
    """From the first line of ours on; what comes before is the interpreter's."""
    code = (
        "import sys, dialer.cli, builtins; load = builtins.__import__\n"
        "def slow(*args, **more):\n"
        "    if args[0] == 'dialer.cli.program': print('now', flush=True); import time; time.sleep(30)\n"
        "    return load(*args, **more)\n"
        "builtins.__import__ = slow; sys.exit(dialer.cli.main(['list', 'ls']))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"now\n"
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=10.0)

    assert (process.returncode, told) == (130, b"")


@pytest.mark.parametrize("after_s", [0.05, 0.3, 0.8])
def test_interrupted_at_work_it_ends_with_130_and_no_traceback(home: Path, tmp_path: Path, after_s: float) -> None:
    numbers = tmp_path / "numbers.csv"
    numbers.write_text("phone\n" + "".join(f"+4420{n:08d}\n" for n in range(70_000_000, 70_200_000)), "utf-8")
    arguments = ["list", "import", str(numbers), "--list", f"cut-{after_s}", "--home", str(home)]
    # Before its own first line Python alone decides how it ends.
    code = f"import sys, dialer.cli; print('now', flush=True); sys.exit(dialer.cli.main({arguments!r}))"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"now\n"
    time.sleep(after_s)
    process.send_signal(signal.SIGINT)
    said, told = process.communicate(timeout=20.0)

    assert (process.returncode, said) == (130, b"")
    assert b"Traceback" not in told
