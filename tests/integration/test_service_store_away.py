"""A service whose PostgreSQL server has gone: the dialing can be stopped all the same, and so can the service."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.api import requests as ask
from dialer.api.errors import Unavailable
from dialer.errors import DONE
from tests.integration.command import Dialer
from tests.integration.service_world import service_process, write_home
from tests.postgres import Server

pytestmark = pytest.mark.needs("postgres")

NOBODY = 9
"""A port where no carrier is."""


@pytest.fixture
def server() -> Iterator[Server]:
    """One of its own: it is stopped here."""
    it = Server()
    it.start()
    it.prepare()
    try:
        yield it
    finally:
        it.remove()


@pytest.mark.long
async def test_campaign_and_service_are_stopped_without_it(
    tmp_path: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    with server.connect("postgres") as admin:
        admin.execute("CREATE DATABASE away OWNER dialer TEMPLATE migrated")
    more = f'[database]\nurl = "{server.url("away")}"\n'
    write_home(home, trunk_port=NOBODY, media="18500-18599", leads=20, drain="1s", more=more)
    dialer = Dialer(capsys, home)
    async with service_process(home) as service:
        await service.ask(ask.start_campaign("demo"))
        server.stop(signal.SIGQUIT)
        stopped = dialer("campaign", "stop", "demo")
        assert (stopped.status, "in force now, and not stored yet: the database" in stopped.err) == (DONE, True)
        await service.until(lambda o: o.campaigns[0].state in {"draining", "done"})
        with pytest.raises(Unavailable, match="the database cannot be used"):
            await service.ask(ask.start_campaign("demo"))
        server.start()
        await service.until_logged("state not committed")
        ended = dialer("stop")
        assert (ended.status, ended.out) == (DONE, "The service has stopped\n")
        assert await service.ended() == 0
    assert dialer("campaign", "show", "demo", "--json").json["state"] == "done"
    actions = [change["action"] for change in dialer("changes", "--json").json]
    assert {"service.stop", "campaign.stop"} <= set(actions)
