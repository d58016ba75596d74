"""The application: every route of the control API, behind its guard."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from dialer.api.edits import LeadPortion
from dialer.web.control import Control
from dialer.web.guard import OPEN, Guard
from dialer.web.refusals import tell_refusals
from dialer.web.routes import (
    access,
    agents,
    callbacks,
    campaigns,
    consents,
    conversations,
    jobs,
    lists,
    mappings,
    people,
    person,
    rules,
    service,
    trunks,
)

ROUTERS = (
    service.router,
    access.router,
    campaigns.router,
    callbacks.router,
    lists.router,
    mappings.router,
    people.router,
    person.router,
    consents.router,
    rules.router,
    agents.router,
    conversations.router,
    jobs.router,
    trunks.router,
)

_COMPONENT = "#/components/schemas/{model}"
_TAGS = {
    "floor": "What happens now.",
    "campaigns": "What is called, and its life.",
    "reports": "What came of it.",
    "lists": "Who is called.",
    "rules": "What laws say of calls.",
    "leads": "One person.",
    "dnc": "Who must not be called.",
    "consents": "Who has agreed to be called.",
    "agents": "Desks.",
    "calls": "Calls in progress.",
    "trunks": "The ways out to carriers.",
    "jobs": "Long work.",
    "access": "Users, tokens, sessions.",
    "changes": "Who changed what.",
    "service": "The service itself.",
}


def create_app(control: Control) -> FastAPI:
    """The routes of a running service. The document of them all is `create_app(…).openapi()`."""
    app = ControlApp(
        title="Control API of the dialer",
        version=version("rightparty"),
        description="Names are full (`client/name`), moments are seconds UTC. See docs/reference/control-api.md.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
    )
    app.state.control = control
    for router in ROUTERS:
        app.router.routes.extend(router.routes)  # as they are: included, each is made anew at its first request
    tell_refusals(app)
    app.add_middleware(Guard, access=control.access, clock=control.service.clock, done=control.metrics.requested)
    return app


class ControlApp(FastAPI):
    """FastAPI, whose document says which routes take a token: the guard stands before them, unseen by it; and what
    a portion of leads is, which is read beside the event loop."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            document = super().openapi()
            _, read = models_json_schema([(LeadPortion, "validation")], ref_template=_COMPONENT)
            document["components"]["schemas"] |= read["$defs"]
            document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            for path, methods in document["paths"].items():
                for method, operation in methods.items():
                    if (method.upper(), path) not in OPEN:
                        operation["security"] = [{"token": []}]
        return self.openapi_schema or {}
