"""What the console's end comes to as an exit status."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.api.endpoint import Endpoint
from dialer.errors import DONE, FAULT, INTERRUPTED, ServiceNotRunning
from dialer.tui.app import ConsoleApp
from dialer.tui.run import run_console


@pytest.mark.parametrize(("ended", "status"), [(None, DONE), (0, DONE), (INTERRUPTED, INTERRUPTED), (1, FAULT)])
def test_exit_status(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ended: int | None, status: int) -> None:
    def run(app: ConsoleApp, *, mouse: bool) -> None:
        assert not mouse
        if ended is not None:
            app.exit(return_code=ended)

    monkeypatch.setattr(ConsoleApp, "run", run)
    assert run_console(Endpoint.of_home(tmp_path), str(tmp_path)) == status


def test_a_socket_that_no_service_can_have(tmp_path: Path) -> None:
    with pytest.raises(ServiceNotRunning, match="shorter path"):
        run_console(Endpoint.of_home(tmp_path / ("x" * 120)), "x")
