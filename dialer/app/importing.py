"""A contact list imported into a home: by this process, or through the service that owns it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from dialer.app.installation import read_home
from dialer.app.reach import Reached, Tell, make_way, reach_home
from dialer.clock import SystemClock, monotonic
from dialer.operations.collection import rare_collections
from dialer.operations.import_list import ImportOptions, ImportSummary, Progress, import_list
from dialer.operations.known_client import new_list_name
from dialer.operations.numbering_plans import plans_of
from dialer.operations.source_history import source_warning
from dialer.ports.store import Answer, Reader, SaveChange, SaveLeads, UpdateLeads, Write
from lists.client import client_of


def run_import(
    home: Path, file: Path, options: ImportOptions, tell: Tell, progress: Progress | None = None
) -> ImportSummary:
    """Import the file; what was stored goes into the log of changes, also when the import is cut short.

    Beside a running service this process steps back, so that dialing does not feel it. Raises as `import_list` and
    `reach_home`, and `UnknownName` for a client that is not configured."""
    owned = make_way(home)
    now = SystemClock().now()
    if options.dry_run:
        with read_home(home) as view, rare_collections():
            new_list_name(view.settings, options.list_name)
            warning = _warn_of_source(view.reader, options, now, tell)
            tried = import_list(
                file, options, write=_no_write, reader=view.reader, now=now, clock=monotonic, progress=progress,
                alone=not owned, plans=plans_of(home),
            )  # fmt: skip
            return replace(tried, source_warning=warning)
    with reach_home(home, "dialer list import", tell) as reached, rare_collections():
        new_list_name(reached.settings, options.list_name)
        warning = _warn_of_source(reached.reader, options, now, tell)
        counted = _Counted(reached.write)
        summary: ImportSummary | None = None
        try:
            summary = import_list(
                file, options, write=counted.write, reader=reached.reader, now=now, clock=monotonic,
                progress=progress, alone=reached.service is None, plans=plans_of(home),
            )  # fmt: skip
            summary = replace(summary, source_warning=warning)
        finally:
            if counted.leads:
                _note(reached, file, options.list_name, summary, counted.leads)
    return summary


def _warn_of_source(reader: Reader, options: ImportOptions, now: float, tell: Tell) -> str:
    """What was told; "" for nothing."""
    warning = source_warning(reader, options, now)
    if warning:
        tell(f"warning: {warning}")
    return warning


def _note(reached: Reached, file: Path, list_name: str, summary: ImportSummary | None, leads: int) -> None:
    """The entry in the log of changes. `summary`: None when the import was cut short after `leads`."""
    document: dict[str, object] = {"accepted": leads, "cut_short": True}
    if summary is not None:
        document = {key: value for key, value in summary.to_json().items() if key != "zones"}
    if reached.service is not None:
        from dialer.api.edits import ImportEnd
        from dialer.api.requests import end_import

        reached.service.call(end_import(list_name, ImportEnd(file=file.name, summary=document)))
        return
    change = reached.actor.change(
        SystemClock().now(),
        "list.imported",
        list_name,
        client_of(list_name),
        file=file.name,
        summary=json.dumps(document, sort_keys=True),
    )
    reached.write(SaveChange(change))


class _Counted:
    """Writes on their way, and how many leads were among them."""

    def __init__(self, write: Callable[[Write], Answer]) -> None:
        self._write = write
        self.leads = 0

    def write(self, write: Write) -> Answer:
        answer = self._write(write)
        if isinstance(write, SaveLeads | UpdateLeads):
            self.leads += len(write.leads)
        return answer


def _no_write(write: Write) -> NoReturn:
    raise AssertionError(f"a dry run wrote {write!r}")
