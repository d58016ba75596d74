"""Long work in a process of its own (`python -m dialer.web.worker`), at low priority: dialing must not feel it.

It reads the database by itself and writes through the service, in small portions with pauses between them.
"""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path

from dialer.api.client import ControlClient
from dialer.api.edits import ImportEnd
from dialer.api.endpoint import Endpoint
from dialer.api.requests import end_import
from dialer.api.schemas import Fault
from dialer.clock import monotonic
from dialer.operations.funnel import funnel
from dialer.operations.import_list import ImportOptions, import_list
from dialer.operations.numbering_plans import plans_of
from dialer.operations.routes_at import OutOfUse, RoutesAt
from dialer.operations.run_report import run_report
from dialer.ports.store import Answer, LeadsStored, Reader, SaveLeads, Write
from dialer.settings import load_settings
from dialer.storage.database import open_reader
from dialer.web.lead_sender import send_leads
from dialer.web.refusals import refusal_of
from dialer.web.work import FunnelWork, ImportWork, Order, ReportWork, Said

NICENESS = 10
_TOLD_EACH_S = 0.25


def main() -> int:
    os.nice(NICENESS)
    order = Order.model_validate_json(sys.stdin.buffer.read())
    try:
        reader = open_reader(order.database if "://" in order.database else Path(order.database))
        try:
            result = _carry_out(order, reader)
        finally:
            reader.close()
    except Exception as error:
        fault = getattr(error, "fault", None)  # what the service itself refused
        if not isinstance(fault, Fault):
            known = refusal_of(error)
            if known is None:
                raise
            fault = known[1]
        text = "\n".join([fault.text, *getattr(error, "__notes__", ())])
        if isinstance(order.work, ImportWork):  # whoever sent the file knows it by the name they gave it
            text = text.replace(str(order.work.file), order.work.name)
        _say(Said(fault=fault.model_copy(update={"text": text})))
        return 0
    _say(Said(result=result))
    return 0


def _carry_out(order: Order, reader: Reader) -> dict[str, object]:
    if isinstance(order.work, ReportWork):
        return _report(order, order.work, reader)
    if isinstance(order.work, FunnelWork):
        return _funnel(order, order.work, reader)
    return _import(order, order.work, reader)


def _report(order: Order, work: ReportWork, reader: Reader) -> dict[str, object]:
    told = -_TOLD_EACH_S

    def progress(read: int) -> None:
        nonlocal told
        if monotonic() - told >= _TOLD_EACH_S:
            told = monotonic()
            _say(Said(done=read))

    library = load_settings(order.home).rules
    return run_report(reader, work.campaign, work.since, work.until, progress, library=library).as_dict()


def _funnel(order: Order, work: FunnelWork, reader: Reader) -> dict[str, object]:
    settings = load_settings(order.home)
    at = order.now if work.at is None else work.at
    down = {name: OutOfUse(out.words, out.until) for name, out in work.down.items()}
    routes = RoutesAt(reader, settings.walls, settings.trunks, at, down)
    found = funnel(
        reader,
        work.campaign,
        at,
        order.now,
        walls=settings.walls,
        trunks=settings.trunks,
        routes=routes,
        library=settings.rules,
    )
    return found.as_dict()


def _import(order: Order, work: ImportWork, reader: Reader) -> dict[str, object]:
    options = ImportOptions(
        list_name=work.list_name,
        region=work.region,
        mapping=tuple(work.mapping),
        source=work.source or work.name,
        as_of=work.as_of,
        delimiter=work.delimiter,
        encoding=work.encoding,
    )
    told = -_TOLD_EACH_S

    def progress(done: int, total: int) -> None:
        nonlocal told
        if done == total or monotonic() - told >= _TOLD_EACH_S:
            told = monotonic()
            _say(Said(done=done, total=total))

    with ControlClient(Endpoint.of_home(order.home, token=order.token)) as client:

        def write(write: Write) -> Answer:
            if not isinstance(write, SaveLeads):
                raise TypeError(f"an import does not write {write!r}")
            send_leads(client, write)
            return LeadsStored()

        summary = import_list(
            work.file, options, write=write, reader=reader, now=order.now, clock=monotonic, progress=progress,
            plans=plans_of(order.home),
        )  # fmt: skip
        client.call(end_import(work.list_name, ImportEnd(file=work.name, summary=asdict(summary))))
    return summary.to_json()


def _say(said: Said) -> None:
    sys.stdout.write(said.model_dump_json(exclude_none=True) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
