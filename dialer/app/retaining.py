"""Leads past their time erased from a home, through its service or without one."""

from __future__ import annotations

import asyncio
from pathlib import Path

from dialer.api.person import RetentionAsked, RetentionDone, RetentionRow
from dialer.api.requests import apply_retention
from dialer.app.installation import read_home
from dialer.app.reach import Tell, reach_home
from dialer.clock import SystemClock
from dialer.live.lead_retention import erase_idle, retention_done
from dialer.operations.retention import due_leads, rules_of
from dialer.ports.store import Answer, Write
from dialer.telephony.call_folders import CallFolders


def run_retention(home: Path, tell: Tell, *, dry_run: bool) -> RetentionDone:
    """Raises as `reach_home`."""
    now = SystemClock().now()
    if dry_run:
        with read_home(home) as view:
            due = due_leads(view.reader, rules_of(view.settings), now)
        return RetentionDone(stored=False, clients=[RetentionRow.model_validate(one.as_dict()) for one in due])
    with reach_home(home, "dialer person retention", tell) as reached:
        if reached.service is not None:
            return reached.service.call(apply_retention(RetentionAsked()))

        async def write(asked: Write) -> Answer:
            return reached.write(asked)

        rules, folder = rules_of(reached.settings), CallFolders.of_home(home).recordings
        work = erase_idle(reached.reader, rules, write=write, actor=reached.actor, now=now, folder=folder)
        return retention_done(rules, asyncio.run(work))
