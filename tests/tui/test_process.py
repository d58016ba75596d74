"""The real process on a real terminal, against a service over its socket: how it ends, and what it leaves."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.cli import main
from tests.tui.service import served
from tests.tui.terminal import Terminal

SOON_S = 15.0


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("h")
    with served(folder):
        yield folder


def left_clean(terminal: Terminal) -> bool:
    """Whether the other screen was left, the cursor shown, and the terminal's settings are as before."""
    written = terminal.written
    return b"\x1b[?1049l" in written and b"\x1b[?25h" in written and terminal.modes == terminal.modes_before


@pytest.mark.parametrize(("key", "status"), [("q", 0), ("\x03", 130)])
def test_keys_that_end_it(home: Path, key: str, status: int) -> None:
    with Terminal("console", "--home", str(home)) as terminal:
        terminal.read_until("live")
        assert terminal.modes != terminal.modes_before
        terminal.send(key)
        assert terminal.wait(SOON_S) == status
        assert left_clean(terminal)


def test_screens_are_drawn_each_time_one_comes_back_to_them(home: Path) -> None:
    """On the terminal itself: a screen taken apart is drawn by nobody, and yet knows what it would show."""
    with Terminal("console", "--home", str(home)) as terminal:
        terminal.read_until("live")
        for _ in range(2):
            for key, sign in (("2", "by time"), ("3", "Number"), ("4", "what to do"), ("1", "Idle/ag")):
                terminal.send(key)
                terminal.read_until(sign, within_s=SOON_S)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_that_end_it(home: Path, number: signal.Signals) -> None:
    with Terminal("console", "--home", str(home)) as terminal:
        terminal.read_until("live")
        terminal.process.send_signal(number)
        assert terminal.wait(SOON_S) == 0
        assert left_clean(terminal)


def test_a_terminal_that_goes_away(home: Path) -> None:
    with Terminal("console", "--home", str(home)) as terminal:
        terminal.read_until("live")
        terminal.hang_up()
        assert terminal.process.wait(SOON_S) == 0


@pytest.mark.long
def test_a_service_that_is_killed_and_comes_back(tmp_path: Path) -> None:
    with Terminal("console", "--home", str(tmp_path)) as terminal:
        terminal.read_until("dialer run --home")
        with served(tmp_path) as server:
            terminal.read_until("live")
            server.kill()
            server.wait()
            terminal.read_until("Lost the service", within_s=SOON_S)
        with served(tmp_path):
            terminal.read_until("The service is back", within_s=SOON_S)
        terminal.send("q")
        assert terminal.wait(SOON_S) == 0


def test_a_home_without_a_service_shows_what_it_has_and_makes_nothing(tmp_path: Path) -> None:
    (tmp_path / "dialer.toml").touch()
    with Terminal("console", "--home", str(tmp_path)) as terminal:
        terminal.read_until("None yet:  dialer list import", within_s=SOON_S)
        assert [file.name for file in tmp_path.iterdir()] == ["dialer.toml"]
        with served(tmp_path):
            terminal.read_until("live", within_s=SOON_S)
        terminal.send("q")
        assert terminal.wait(SOON_S) == 0


def test_it_ends_with_its_service_when_told_to(tmp_path: Path) -> None:
    ending = ("--home", str(tmp_path), "--until-service-ends")
    with served(tmp_path) as server, Terminal("console", *ending) as terminal:
        terminal.read_until("live")
        server.kill()
        server.wait()
        assert terminal.wait(SOON_S) == 0
        assert left_clean(terminal)


def test_a_terminal_that_cannot_draw(home: Path) -> None:
    with Terminal("console", "--home", str(home), term="dumb") as terminal:
        assert terminal.wait(SOON_S) == 2
        assert b"set it to yours" in terminal.written


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "needs a terminal"),
        (("--home", "/nowhere/at/all"), "there is no home here; make one with `dialer init`"),
        (("--token-file", "/nowhere/token"), "the token cannot be read: No such file or directory"),
        (("--token-file", "/dev/null"), "holds no token"),
        (("--token-file", "/dev/zero"), "/dev/zero: the token cannot be read: larger than 16 KiB"),
        (("--url", "ftp://x"), "is no address of a service"),
        (("--url", "https://x:1", "--home", "."), "name two services"),
        (("--url", "https://x:1"), "asks for a token"),
        (("--authority", "ca.pem"), "--authority goes with --url"),
        (("--url", "https://x:1", "--token-file", "/nowhere/token"), "the token cannot be read"),
    ],
)
def test_wrong_input(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    words: str,
) -> None:
    """Found out before anything is drawn, and so in this process, which has no terminal."""
    monkeypatch.setenv("DIALER_HOME", str(tmp_path))
    monkeypatch.delenv("DIALER_TOKEN", raising=False)
    assert main(["console", *arguments]) == 2
    assert words in capsys.readouterr().err
