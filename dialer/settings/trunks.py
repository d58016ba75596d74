"""`[[trunk]]`: the ways out to carriers."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from ipaddress import ip_address
from pathlib import Path

from campaigns.loader import read_destinations
from campaigns.toml_table import Table
from dialer.errors import SettingsError
from dialer.settings.addresses import LAST_PORT
from dialer.settings.rates import Rate, read_rates
from dialer.settings.secrets import read_secret
from dialer.settings.transport import read_transport
from dialer.settings.values import TrunkSettings
from dialer.settings.walls import E164, read_ceiling

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", re.ASCII)
_LOOPBACK = re.compile(r"localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[?::1\]?", re.ASCII)

ReadName = Callable[[Table, str, str, Collection[str]], str]


def read_trunks(top: Table, home: Path, currency: str, read_name: ReadName) -> tuple[TrunkSettings, ...]:
    """In the order of the file. Rate tables are read, relative to the home."""
    found: dict[str, TrunkSettings] = {}
    for table in top.tables("trunk"):
        name = read_name(table, "name", 'write name = "main"', found)
        host = table.text("host", advice='write host = "sip.example.net", as your carrier told you')
        if host and not (_HOST.fullmatch(host) or _is_address(host)):
            table.wrong("host", f'"{host}" is neither a host name nor an address', "leave out sip: and the port")
        simulated = table.flag("simulated")
        if simulated and host and not _LOOPBACK.fullmatch(host):
            text = f"{host} is not this machine, and the simulator runs here"
            table.wrong("simulated", text, "remove it: without it the walls hold for this trunk")
        health = table.table("health")
        trunk = TrunkSettings(
            name=name,
            host=host,
            port=table.whole("port", 0, 1, LAST_PORT) if "port" in table else 0,
            **read_transport(table),
            username=table.text("username", ""),
            password=read_secret(table, home, "password"),
            channels=table.whole("channels", 30, 1, 100_000),
            cps=table.number("cps", 5.0, 0.01, 10_000.0),
            from_domain=table.text("from_domain", ""),
            destinations=read_destinations(table, "destinations"),
            rates=_read_rates(table, home, currency),
            ceiling=read_ceiling(table, "trunk", name, currency),
            asserted_identity=_read_identity(table),
            options_every_s=table.duration("options_every", 0.0, 0.0, 86_400.0),
            simulated=simulated,
            ner_min=health.number("ner_min", 0.3, 0.0, 1.0),
            ner_window_s=health.duration("window", 300.0, 10.0, 86_400.0),
            ner_sample=health.whole("sample", 30, 1, 10_000),
            pause_s=health.duration("pause", 60.0, 1.0, 3_600.0),
            options_missed=health.whole("options_missed", 3, 1, 100),
        )
        health.finish()
        if trunk.password and not trunk.username:
            table.missing("username", "a password without a user name is of no use")
        table.finish()
        found.setdefault(name, trunk)
    return tuple(found.values())


def _read_rates(table: Table, home: Path, currency: str) -> tuple[Rate, ...]:
    file = table.text("rates", "")
    if not file:
        return ()
    if not currency:
        table.wrong("rates", "prices have no currency", 'write currency = "EUR" at the top of the file')
        return ()
    try:
        return read_rates(home / file, currency)
    except SettingsError as error:
        table.source.problems += error.problems
        return ()


def _read_identity(table: Table) -> str:
    identity = table.text("asserted_identity", "")
    if identity not in ("", "caller_id") and not E164.fullmatch(identity):
        advice = 'write "caller_id", or the number that your carrier gave you, as "+12025550100"'
        table.wrong("asserted_identity", f'"{identity}" is neither', advice)
        return ""
    return identity


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
