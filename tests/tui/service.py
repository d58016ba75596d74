"""`python -m tests.tui.service HOME [--campaigns N] [--agents N] [--calls N]`: a control API that serves an
invented floor, to look at the console and to measure it."""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Response

from campaigns.life import CampaignState
from dialer.api.access import Me
from dialer.api.edits import CampaignMoved
from dialer.api.endpoint import SOCKET_NAME
from dialer.api.roles import Role
from dialer.api.schemas import Overview
from tests.tui import floors

PICTURES = 60
START_WITHIN_S = 60.0


def serve(home: Path, pictures: list[Overview], role: Role = Role.MANAGER) -> None:
    """Until a signal ends it. The pictures are made into JSON once: the server is not what is measured."""
    app = FastAPI()
    texts = [picture.model_dump_json() for picture in pictures]
    started = time.monotonic()

    @app.get("/v1/me")
    async def me() -> Me:
        return floors.me(role)

    @app.get("/v1/overview")
    async def overview() -> Response:
        return Response(texts[int(time.monotonic() - started) % len(texts)], media_type="application/json")

    @app.post("/v1/campaigns/{name:path}/{step}")
    async def move(name: str, step: str) -> CampaignMoved:
        states = {"start": CampaignState.RUNNING, "pause": CampaignState.PAUSED, "stop": CampaignState.DRAINING}
        return CampaignMoved(campaign=name, state=states[step], state_reason="by maria")

    socket = home / SOCKET_NAME
    socket.unlink(missing_ok=True)
    uvicorn.run(app, uds=str(socket), log_level="warning")


def pictures(campaigns: int, agents: int, calls: int) -> list[Overview]:
    """A minute of such a floor."""
    found = []
    for second in range(PICTURES):
        rows = [
            floors.campaign(
                f"campaign-{n:02d}" if n else "acme/spring-renewals",
                figures={"attempts": 12_345 + 7 * second + 1_000 * n, "live": 3_210 + 2 * second},
                dialing=(n * 3 + second) % 40,
            )
            for n in range(campaigns)
        ]
        found.append(floors.overview(rows, second=second, agent_count=agents, call_count=calls))
    return found


@contextlib.contextmanager
def served(home: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """Such a service as a process of its own, once it listens."""
    socket = home / SOCKET_NAME
    socket.unlink(missing_ok=True)
    server = subprocess.Popen([sys.executable, "-m", "tests.tui.service", str(home), *options])
    try:
        deadline = time.monotonic() + START_WITHIN_S
        while not socket.exists():
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the served floor did not come up")
            time.sleep(0.02)
        yield server
    finally:
        server.kill()
        server.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--campaigns", type=int, default=3)
    parser.add_argument("--agents", type=int, default=40)
    parser.add_argument("--calls", type=int, default=60)
    parser.add_argument("--role", type=Role, default=Role.MANAGER)
    options = parser.parse_args()
    serve(options.home, pictures(options.campaigns, options.agents, options.calls), options.role)


if __name__ == "__main__":
    main()
