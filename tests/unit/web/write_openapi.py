"""Writes `docs/reference/openapi.json`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from dialer.web.app import create_app
from dialer.web.server import make_control
from tests.integration.api_world import CHEAP, FakeService
from tests.unit.web.test_openapi import REFERENCE


async def write() -> None:
    document = create_app(make_control(FakeService(), Path(), passwords=CHEAP)).openapi()
    REFERENCE.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    asyncio.run(write())
