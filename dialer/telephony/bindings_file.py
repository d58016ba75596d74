"""Where agents' phones are, kept over a restart: a small file in the home, written anew with each change.

A phone that registers for an hour would be out of reach for that long otherwise. Passwords are not in it.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import structlog

from dialer.sip.hop import STREAMS, Hop, StreamHop
from dialer.sip.registrar import Binding, Registrar

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

FIRST = "phones 1"
"""The layout's number."""


def save_bindings(path: Path, registrar: Registrar, names: Iterable[str], now: float, wall: float) -> None:
    """All that stands. `now`: as the registrar counts; `wall`: the same moment, in seconds since the epoch. A file
    that cannot be written is said; phones register again by themselves sooner or later."""
    standing = {name: registrar.bindings(name, now) for name in names}
    phones = {name: [_as_dict(it, wall - now) for it in found] for name, found in standing.items() if found}
    beside = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"layout": FIRST, "phones": phones}, file)
        beside.replace(path)
    except OSError as error:
        log.warning(
            "phones are not being written down; after a restart they must register again",
            path=str(path),
            cause=error.strerror or str(error),
        )


def load_bindings(path: Path, registrar: Registrar, now: float, wall: float) -> None:
    """Give the registrar back what was kept. A file that is damaged is said, and ignored."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        if read["layout"] != FIRST:
            raise ValueError(f"layout {read['layout']!r}")
        for name, found in read["phones"].items():
            registrar.restore(str(name), tuple(_binding(it, now - wall) for it in found))
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning(
            "the file of phones cannot be read; they must register again",
            path=str(path),
            cause=str(error),
        )


def _as_dict(it: Binding, to_wall_s: float) -> dict[str, Any]:
    hop = it.hop
    more = [hop.transport, hop.name] if isinstance(hop, StreamHop) else []
    return {
        "contact": it.contact,
        "hop": [hop[0], hop[1], *more],
        "expires_at": it.expires_at + to_wall_s,
        "order": list(it.order),
        "path": list(it.path),
        "instance": it.instance,
    }


def _binding(it: dict[str, Any], to_now_s: float) -> Binding:
    host, port, *more = it["hop"]
    if not isinstance(host, str) or not isinstance(port, int) or not 0 < port < 65_536:
        raise ValueError("not an address")
    hop: Hop = (host, port)
    if more:
        transport, name = map(str, more)
        if transport not in STREAMS:
            raise ValueError(f"not a transport: {transport!r}")
        hop = StreamHop(host, port, transport, name)
    call_id, number = it["order"]
    return Binding(
        contact=str(it["contact"]),
        hop=hop,
        expires_at=float(it["expires_at"]) + to_now_s,
        order=(str(call_id), int(number)),
        path=tuple(map(str, it["path"])),
        instance=str(it["instance"]),
    )
