"""The OpenAPI document: whole, stable, and the one that the reference holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dialer.web.app import create_app
from dialer.web.server import make_control
from tests.integration.api_world import CHEAP, FakeService

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "openapi.json"
ADVICE = "make it anew: python -m tests.unit.web.write_openapi"


@pytest.fixture
async def document(tmp_path: Path) -> dict[str, Any]:
    return create_app(make_control(FakeService(), tmp_path, passwords=CHEAP)).openapi()


async def test_the_reference_is_that_of_this_version(document: dict[str, Any]) -> None:
    stored = json.loads(REFERENCE.read_text())
    stored["info"]["version"] = document["info"]["version"]
    assert stored == document, ADVICE


async def test_every_operation_is_described_and_says_how_it_is_refused(document: dict[str, Any]) -> None:
    ids = set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert operation["tags"], where
            assert operation["operationId"] not in ids, where
            ids.add(operation["operationId"])
            for status in ("401", "403", "404", "409", "422", "429"):
                schema = operation["responses"][status]["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Fault"}, f"{where} {status}"
    assert {"overview", "stream", "start_campaign", "login", "agent_disposition", "put_campaign"} <= ids
    assert all(tag in {one["name"] for one in document["tags"]} for path in document["paths"].values()
               for operation in path.values() for tag in operation["tags"])  # fmt: skip


async def test_tokens_are_part_of_the_document(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]
    assert [(one["type"], one["scheme"]) for one in schemes.values()] == [("http", "bearer")]
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert bool(operation.get("security")) == (path not in ("/healthz", "/readyz", "/v1/login")), path
