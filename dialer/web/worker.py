"""Long work in a process of its own (`python -m dialer.web.worker`), at low priority: dialing must not feel it.

It reads the database by itself and writes through the service, in small portions with pauses between them.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from dialer.api.client import ControlClient
from dialer.api.edits import ImportEnd
from dialer.api.endpoint import Endpoint
from dialer.api.requests import end_import
from dialer.api.schemas import Fault
from dialer.clock import monotonic
from dialer.operations.collection import rare_collections
from dialer.operations.freshness_words import document_of
from dialer.operations.funnel import funnel
from dialer.operations.import_list import ImportOptions, import_list
from dialer.operations.list_freshness import list_freshness
from dialer.operations.list_mapping import FOLDER, with_mapping
from dialer.operations.numbering_plans import plans_of
from dialer.operations.routes_at import OutOfUse, RoutesAt
from dialer.operations.run_report import run_report
from dialer.operations.source_history import source_warning
from dialer.ports.store import Reader
from dialer.settings import load_settings
from dialer.storage.database import open_reader
from dialer.web.refusals import refusal_of
from dialer.web.remote_writer import RemoteWriter
from dialer.web.work import FreshnessWork, FunnelWork, ImportWork, Order, ReportWork, Said
from lists.dedupe import Duplicates, read_match_by

NICENESS = 10
_TOLD_EACH_S = 0.25


def main() -> int:
    os.nice(NICENESS)
    order = Order.model_validate_json(sys.stdin.buffer.read())
    try:
        reader = open_reader(order.database if "://" in order.database else Path(order.database))
        try:
            with rare_collections():
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
    if isinstance(order.work, FreshnessWork):
        return _freshness(order, order.work, reader)
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


def _freshness(order: Order, work: FreshnessWork, reader: Reader) -> dict[str, object]:
    at = order.now if work.at is None else work.at
    found = list_freshness(reader, work.list_name, at, work.verify_below, work.worth_from)
    return document_of(found)


def _import(order: Order, work: ImportWork, reader: Reader) -> dict[str, object]:
    options = ImportOptions(
        list_name=work.list_name,
        region=work.region,
        mapping=tuple(work.mapping),
        source=work.source,
        as_of=work.as_of,
        delimiter=work.delimiter,
        encoding=work.encoding,
        dates=work.dates,
        duplicates=Duplicates(read_match_by(work.duplicates_by), work.on_duplicate, work.across_lists),
        accept=tuple(work.accept),
    )
    if work.saved:
        options = with_mapping(options, order.home / FOLDER / f"{work.saved}.toml")
    warning = source_warning(reader, options, order.now)
    options = replace(options, source=options.source or work.name)
    told = -_TOLD_EACH_S

    def progress(done: int, total: int) -> None:
        nonlocal told
        if done == total or monotonic() - told >= _TOLD_EACH_S:
            told = monotonic()
            _say(Said(done=done, total=total))

    with ControlClient(Endpoint.of_home(order.home, token=order.token)) as client:
        summary = import_list(
            work.file, options, write=RemoteWriter(client).write, reader=reader, now=order.now, clock=monotonic,
            progress=progress, plans=plans_of(order.home),
        )  # fmt: skip
        document = replace(summary, source_warning=warning).to_json()
        said = {key: value for key, value in document.items() if key != "zones"}
        client.call(end_import(work.list_name, ImportEnd(file=work.name, summary=said)))
    return document


def _say(said: Said) -> None:
    sys.stdout.write(said.model_dump_json(exclude_none=True) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
