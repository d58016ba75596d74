"""Reading `dialer.toml`.

Field by field rather than into a model, because each problem has to name its line, and all of them are to be
reported at once; the campaign files are read the same way.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

import pytz

from campaigns.errors import CampaignFileError
from campaigns.loader import read_destinations
from campaigns.toml_file import read_toml
from campaigns.toml_source import TomlSource
from campaigns.toml_table import Table
from dialer.errors import SettingsError
from dialer.settings.addresses import read_api, read_file, read_media_ports, read_sip_listen
from dialer.settings.database_address import read_database_address
from dialer.settings.rules import read_rules
from dialer.settings.transport import read_phone, read_sip
from dialer.settings.trunks import read_trunks
from dialer.settings.values import FILE_NAME, USUAL_PROOF_DAYS, AgentSettings, ClientSettings, Settings
from dialer.settings.walls import E164, read_ceiling, read_currency, read_walls

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
LEAST_PHONE_SILENT_S, LEAST_CONTACT_SILENT_S = 2.0, 5.0
_LEVELS = ("debug", "info", "warning", "error")


def load_settings(home: Path) -> Settings:
    """The settings of a home; `password_file`s are read, relative to it. Raises `SettingsError`."""
    path = home / FILE_NAME
    try:
        text = read_toml(path, "name a home with --home or DIALER_HOME, or make one with `dialer init DIR`")
    except CampaignFileError as error:
        raise SettingsError(error.problems) from error
    return parse_settings(text, str(path), home)


def parse_settings(text: str, filename: str = FILE_NAME, home: Path = Path()) -> Settings:
    """The settings of a file's text; `filename` appears in messages. Raises `SettingsError`."""
    try:
        source = TomlSource(text, filename)
        settings = _read(Table(source, (), source.data), home)
        source.raise_problems()
    except CampaignFileError as error:
        raise SettingsError(error.problems) from None
    return settings


def _read(top: Table, home: Path) -> Settings:
    database, sip, media, log = (top.table(key) for key in ("database", "sip", "media", "log"))
    service, api, recordings = top.table("service"), top.table("api"), top.table("recordings")
    retention = top.table("retention")
    currency, rules = read_currency(top), top.table("rules")
    trunks, clients = read_trunks(top, home, currency, _name), _read_clients(top, currency)
    listen = read_sip_listen(sip)
    settings = Settings(
        database_url=read_database_address(database, home),
        sip_listen=listen,
        sip=read_sip(sip, home, listen),
        media_ports=read_media_ports(media),
        trunks=trunks,
        agents=_read_agents(top, home),
        log_level=log.choice("level", "info", _LEVELS),
        log_full_numbers=log.flag("full_numbers"),
        drain_s=service.duration("drain", 60.0, 0.0, 86_400.0),
        desk_grace_s=service.duration("desk_grace", 15.0, 1.0, 3_600.0),
        contact_silent_s=_read_silence(service, "contact_silent", 30.0, LEAST_CONTACT_SILENT_S),
        phone_silent_s=_read_silence(service, "phone_silent", 5.0, LEAST_PHONE_SILENT_S),
        phone_grace_s=service.duration("phone_grace", 10.0, 0.0, 300.0),
        hold_music=read_file(media, home, "hold_music"),
        keep_days=recordings.whole("keep_days", 90, 1, 3_650),
        lead_days=_read_lead_days(retention),
        proof_days=retention.whole("proof_days", USUAL_PROOF_DAYS, LEAST_PROOF_DAYS, MOST_DAYS),
        timezone=_read_timezone(service),
        api=read_api(api, home),
        clients=clients,
        walls=read_walls(top, trunks, clients, currency),
        rules=read_rules(rules, home),
    )
    for table in (database, sip, media, log, service, api, recordings, retention, rules, top):
        table.finish()
    return settings


LEAST_PROOF_DAYS = 94
"""For so long a law's cool-off may count a call."""
MOST_DAYS = 36_500


def _read_lead_days(table: Table) -> int | None:
    return table.whole("lead_days", MOST_DAYS, 1, MOST_DAYS) if "lead_days" in table else None


def _read_timezone(table: Table) -> str:
    name = table.text("timezone", "UTC")
    try:
        pytz.timezone(name)
    except pytz.UnknownTimeZoneError:
        near = get_close_matches(name, pytz.all_timezones, n=1)
        advice = f'did you mean "{near[0]}"?' if near else 'write one like "Europe/Berlin", or "UTC"'
        table.wrong("timezone", f'"{name}" is no time zone', advice)
        return "UTC"
    return name


def _read_silence(table: Table, key: str, default_s: float, least_s: float) -> float:
    silent_s = table.duration(key, default_s, 0.0, 600.0)
    if 0.0 < silent_s < least_s:
        text = f"{silent_s:g} s without audio tell of no lost call"
        table.wrong(key, text, f'write at least "{least_s:g}s", or "0s" where no silence is sent')
    return silent_s


def _read_agents(top: Table, home: Path) -> tuple[AgentSettings, ...]:
    found: dict[str, AgentSettings] = {}
    for table in top.tables("agent"):
        agent_id = _name(table, "id", 'write id = "ana"', found)
        found.setdefault(
            agent_id, AgentSettings(agent_id, table.text("name", agent_id), **read_phone(table, home))
        )
        table.finish()
    return tuple(found.values())


def _read_clients(top: Table, currency: str) -> tuple[ClientSettings, ...]:
    found: dict[str, ClientSettings] = {}
    holders: dict[str, str] = {}
    for table in top.tables("client"):
        client_id = _name(table, "id", 'write id = "acme"', found)
        name = table.text("name", client_id)
        advice = 'write international numbers: caller_ids = ["+12025550123"]'
        caller_ids = table.texts("caller_ids", advice, E164) if "caller_ids" in table else ()
        for caller_id in caller_ids:
            holder = holders.setdefault(caller_id, client_id)
            if holder != client_id:
                text = f'{caller_id} is that of client "{holder}" already'
                table.wrong("caller_ids", text, "a caller id belongs to one client")
        client = ClientSettings(
            client_id,
            name,
            caller_ids,
            destinations=read_destinations(table, "destinations"),
            ceiling=read_ceiling(table, "client", client_id, currency),
            lead_days=_read_lead_days(table),
        )
        table.finish()
        found.setdefault(client_id, client)
    return tuple(found.values())


def _name(table: Table, key: str, advice: str, taken: Collection[str]) -> str:
    name = table.text(key, advice=advice)
    if name and not _NAME.fullmatch(name):
        table.wrong(key, f'"{name}" is no name', "use up to 64 letters, digits, dots, dashes and underscores")
    elif name and name in taken:
        table.wrong(key, f'"{name}" stands here twice', "each has a name of its own")
    return name
