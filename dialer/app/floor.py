"""The floor as commands show it: asked of the service while it runs, else what is configured and stored."""

from __future__ import annotations

from pathlib import Path

from dialer.api.client import is_running
from dialer.api.requests import agents
from dialer.app.home import load_home
from dialer.app.remote import connect


def agents_of(home: Path) -> list[dict[str, object]]:
    """Every agent of `dialer.toml` and every one on duty, by id; `state` and what goes with it are None for who is
    not on duty or when no service runs. Raises `HomeError`, `SettingsError`, and what the service refuses."""
    off_duty: dict[str, object] = {
        "campaign": None, "state": None, "for_s": None, "attempt_id": None, "contact": None, "pause_code": None,
        "phone": None,
    }  # fmt: skip
    rows = {
        agent.agent_id: {"agent_id": agent.agent_id, "name": agent.name, **off_duty}
        for agent in load_home(home).agents
    }
    if is_running(home):
        with connect(home) as service:
            rows |= {row.agent_id: row.model_dump(mode="json") for row in service.call(agents()).agents}
    return [rows[agent_id] for agent_id in sorted(rows)]
