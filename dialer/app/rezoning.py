"""The zones of a list's leads found anew in a home: by this process, or through the service that owns it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from dialer.app.installation import read_home
from dialer.app.reach import Tell, make_way, reach_home
from dialer.clock import SystemClock
from dialer.operations.numbering_plans import plans_of
from dialer.operations.rezone import Rezoned, rezone
from dialer.ports.store import SaveChange
from lists.client import client_of


def run_rezone(
    home: Path, name: str, tell: Tell, progress: Callable[[int, int], None] | None = None, *, dry_run: bool = False
) -> Rezoned:
    """Raises as `rezone` and `reach_home`."""
    now = SystemClock().now()
    if dry_run:
        with read_home(home) as view:
            return rezone(view.reader, name, write=None, plans=plans_of(home), now=now, progress=progress)
    make_way(home)
    with reach_home(home, "dialer list rezone", tell) as reached:
        found = rezone(reached.reader, name, write=reached.write, plans=plans_of(home), now=now, progress=progress)
        counts = {key: value for key, value in asdict(found).items() if isinstance(value, int)}
        if reached.service is not None:
            from dialer.api.edits import ImportEnd
            from dialer.api.requests import end_import

            reached.service.call(end_import(name, ImportEnd(file="list rezone", summary={**counts})))
        else:
            said = {key: str(value) for key, value in counts.items()}
            reached.write(SaveChange(reached.actor.change(now, "list.rezoned", name, client_of(name), **said)))
    return found
