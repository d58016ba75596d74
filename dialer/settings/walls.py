"""What `dialer.toml` says about where calls may go, whose caller ids they may show, and how many and how dear
they may be in an hour and a day."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from decimal import Decimal, InvalidOperation

from campaigns.loader import read_destinations
from campaigns.toml_table import Table
from campaigns.walls import Ceiling, OwnedCallerId, TrunkWall, Walls
from dialer.settings.rates import MICRO
from dialer.settings.values import ClientSettings, TrunkSettings

E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_MOST_CALLS = 100_000_000
_MOST_MONEY = Decimal(1_000_000_000)


def read_currency(top: Table) -> str:
    """ISO 4217, "" for none."""
    currency = top.text("currency", "")
    if currency and not _CURRENCY.fullmatch(currency):
        top.wrong("currency", f'"{currency}" is no currency', 'write three capital letters: currency = "EUR"')
        return ""
    return currency


def read_ceiling(table: Table, scope: str, name: str, currency: str) -> Ceiling | None:
    """`calls_per_hour`, `calls_per_day`, `spend_per_hour`, `spend_per_day` of a table; None when it has none."""
    ceiling = Ceiling(
        scope,
        name,
        calls_hour=_calls(table, "calls_per_hour"),
        calls_day=_calls(table, "calls_per_day"),
        spend_hour_micro=_money(table, "spend_per_hour", currency),
        spend_day_micro=_money(table, "spend_per_day", currency),
    )
    return None if ceiling == Ceiling(scope, name) else ceiling


def read_walls(
    top: Table,
    trunks: Collection[TrunkSettings],
    clients: Collection[ClientSettings],
    currency: str,
) -> Walls:
    """`[walls]` and `[[caller_id]]`, with what trunks and clients say."""
    table = top.table("walls")
    house = read_destinations(table, "destinations")
    ceilings = [
        read_ceiling(table, "house", "", currency),
        *(client.ceiling for client in clients),
        *(trunk.ceiling for trunk in trunks),
    ]
    table.finish()
    return Walls(
        house=house,
        clients=tuple((c.client_id, c.destinations) for c in clients if c.destinations is not None),
        trunks=tuple(TrunkWall(trunk.name, trunk.destinations, trunk.simulated) for trunk in trunks),
        caller_ids=_read_caller_ids(top, {client.client_id for client in clients}),
        ceilings=tuple(ceiling for ceiling in ceilings if ceiling is not None),
        currency=currency,
    )


def _read_caller_ids(top: Table, clients: Collection[str]) -> tuple[OwnedCallerId, ...]:
    found: dict[str, OwnedCallerId] = {}
    for table in top.tables("caller_id"):
        number = table.text("number", advice='write number = "+12025550100"')
        if number and not E164.fullmatch(number):
            table.wrong("number", f'"{number}" is no international number', 'write it as "+12025550100"')
        elif number in found:
            table.wrong("number", f"{number} stands here twice", "remove one")
        client = table.text("client", "")
        if client and client not in clients:
            table.wrong("client", f'there is no client "{client}"', "describe it under [[client]]")
        owned = OwnedCallerId(
            number,
            client,
            verified_on=_day(table, "verified_on"),
            shown_in=read_destinations(table, "shown_in"),
            local_to=read_destinations(table, "local_to"),
            per_hour=_calls(table, "per_hour"),
            per_day=_calls(table, "per_day"),
        )
        table.finish()
        found.setdefault(number, owned)
    return tuple(found.values())


def _day(table: Table, key: str) -> str:
    text = table.text(key, "")
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        table.wrong(key, f'"{text}" is no day', f'write {key} = "2026-12-01", the day on which you called it')
        return ""


def _calls(table: Table, key: str) -> int | None:
    return table.whole(key, 0, 0, _MOST_CALLS) if key in table else None


def _money(table: Table, key: str, currency: str) -> int | None:
    if key not in table:
        return None
    text = table.text(key, "")
    advice = f'write an amount as a text: {key} = "250.00"'
    try:
        amount = Decimal(text)
    except InvalidOperation:
        table.wrong(key, f'"{text}" is no amount', advice)
        return None
    scaled = amount * MICRO
    if not amount.is_finite() or not 0 <= amount <= _MOST_MONEY or scaled != scaled.to_integral_value():
        table.wrong(key, f'"{text}" is no amount', advice)
        return None
    if not currency:
        table.wrong(key, "has no currency", 'write currency = "EUR" at the top of the file')
    return int(scaled)
