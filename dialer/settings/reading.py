"""Reading `dialer.toml`.

Field by field rather than into a model, because each problem has to name its line, and all of them are to be
reported at once; the campaign files are read the same way.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path

import pytz

from campaigns.errors import CampaignFileError
from campaigns.toml_file import read_toml
from campaigns.toml_source import TomlSource
from campaigns.toml_table import Table
from dialer.errors import SettingsError
from dialer.settings.addresses import LAST_PORT, read_api, read_media_ports, read_sip_listen
from dialer.settings.database_address import read_database_address
from dialer.settings.secrets import read_secret
from dialer.settings.transport import read_phone, read_sip, read_transport
from dialer.settings.values import FILE_NAME, AgentSettings, ClientSettings, Settings, TrunkSettings

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", re.ASCII)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
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
    service, api = top.table("service"), top.table("api")
    settings = Settings(
        database_url=read_database_address(database, home),
        sip_listen=read_sip_listen(sip),
        sip=read_sip(sip, home),
        media_ports=read_media_ports(media),
        trunks=_read_trunks(top, home),
        agents=_read_agents(top, home),
        log_level=log.choice("level", "info", _LEVELS),
        log_full_numbers=log.flag("full_numbers"),
        drain_s=service.duration("drain", 60.0, 0.0, 86_400.0),
        desk_grace_s=service.duration("desk_grace", 15.0, 1.0, 3_600.0),
        timezone=_read_timezone(service),
        api=read_api(api, home),
        clients=_read_clients(top),
    )
    for table in (database, sip, media, log, service, api, top):
        table.finish()
    return settings


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


def _read_trunks(top: Table, home: Path) -> tuple[TrunkSettings, ...]:
    found: dict[str, TrunkSettings] = {}
    for table in top.tables("trunk"):
        name = _name(table, "name", 'write name = "main"', found)
        host = table.text("host", advice='write host = "sip.example.net", as your carrier told you')
        if host and not (_HOST.fullmatch(host) or _is_address(host)):
            table.wrong("host", f'"{host}" is neither a host name nor an address', "leave out sip: and the port")
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
        )
        if trunk.password and not trunk.username:
            table.missing("username", "a password without a user name is of no use")
        table.finish()
        found.setdefault(name, trunk)
    return tuple(found.values())


def _read_agents(top: Table, home: Path) -> tuple[AgentSettings, ...]:
    found: dict[str, AgentSettings] = {}
    for table in top.tables("agent"):
        agent_id = _name(table, "id", 'write id = "ana"', found)
        found.setdefault(
            agent_id, AgentSettings(agent_id, table.text("name", agent_id), **read_phone(table, home))
        )
        table.finish()
    return tuple(found.values())


def _read_clients(top: Table) -> tuple[ClientSettings, ...]:
    found: dict[str, ClientSettings] = {}
    holders: dict[str, str] = {}
    for table in top.tables("client"):
        client_id = _name(table, "id", 'write id = "acme"', found)
        name = table.text("name", client_id)
        advice = 'write international numbers: caller_ids = ["+12025550123"]'
        caller_ids = table.texts("caller_ids", advice, _E164) if "caller_ids" in table else ()
        for caller_id in caller_ids:
            holder = holders.setdefault(caller_id, client_id)
            if holder != client_id:
                text = f'{caller_id} is that of client "{holder}" already'
                table.wrong("caller_ids", text, "a caller id belongs to one client")
        table.finish()
        found.setdefault(client_id, ClientSettings(client_id, name, caller_ids))
    return tuple(found.values())


def _name(table: Table, key: str, advice: str, taken: Collection[str]) -> str:
    name = table.text(key, advice=advice)
    if name and not _NAME.fullmatch(name):
        table.wrong(key, f'"{name}" is no name', "use up to 64 letters, digits, dots, dashes and underscores")
    elif name and name in taken:
        table.wrong(key, f'"{name}" stands here twice', "each has a name of its own")
    return name


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
