"""Routers of the control API: what is so of every route is said once."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.routing import APIRoute

from dialer.web.control import FAULTS


class Router(APIRouter):
    """`prefix`: of the paths of its routes. `tag`: of all of them, "" where each has its own."""

    def __init__(self, prefix: str = "", tag: str = "") -> None:
        super().__init__(
            prefix=prefix,
            tags=[tag] if tag else None,
            responses=FAULTS,
            generate_unique_id_function=_operation_id,
        )


def _operation_id(route: APIRoute) -> str:
    """The name of the route's function: it stays when the path or the summary changes."""
    return route.name
