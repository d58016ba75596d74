"""`dialer.toml`: one installation's database, addresses, trunks and agents. See `docs/reference/dialer-toml.md`.

Read field by field rather than into a model, because each problem has to name its line, and all of them are to
be reported at once; the campaign files are read the same way.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path

import pytz

from campaigns.errors import CampaignFileError, Problem
from campaigns.toml_source import TomlSource
from campaigns.toml_table import Table
from dialer.errors import SettingsError

FILE_NAME = "dialer.toml"
DATABASE_NAME = "dialer.db"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", re.ASCII)
_PORTS = re.compile(r"(\d{1,5})-(\d{1,5})", re.ASCII)
_LISTEN = re.compile(r"(\[[^\]]+\]|[^:\[\]]+):(\d{1,5})", re.ASCII)
_LEVELS = ("debug", "info", "warning", "error")
_LAST_PORT = 65_535
_FIRST_MEDIA_PORT = 1_024
_MEDIA_PORTS = (20_000, 29_999)


@dataclass(frozen=True, slots=True)
class Address:
    """An address to listen on. Port 0: any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


_ANY_PORT = Address("127.0.0.1", 0)


@dataclass(frozen=True, slots=True)
class TrunkSettings:
    """A way out to a carrier. `host`, `port`: its SIP address, over UDP. `channels`: calls open at once;
    `cps`: calls placed per second. `from_domain`: host part of our From; empty: our own address."""

    name: str
    host: str
    port: int = 5060
    username: str = ""
    password: str = ""
    channels: int = 30
    cps: float = 5.0
    from_domain: str = ""

    def __repr__(self) -> str:  # a password must not reach a log by way of a repr
        return f"TrunkSettings(name={self.name!r}, host={self.host!r}, port={self.port})"


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """An agent: `agent_id` as it appears in records, `name` as people call them."""

    agent_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation. `media_ports`: first and last UDP port for RTP; a call takes an even one and the odd one
    above it. `database_url` is empty for the home's own SQLite file. `drain_s`: how long calls in progress may go
    on once the service is asked to stop. `timezone`: whose midnight the day's figures begin at."""

    database_url: str = ""
    sip_listen: Address = _ANY_PORT
    media_ports: tuple[int, int] = _MEDIA_PORTS
    trunks: tuple[TrunkSettings, ...] = ()
    agents: tuple[AgentSettings, ...] = ()
    log_level: str = "info"
    log_full_numbers: bool = False
    drain_s: float = 60.0
    timezone: str = "UTC"

    def trunk(self, name: str) -> TrunkSettings:
        """Raises `KeyError` for an unknown one."""
        for trunk in self.trunks:
            if trunk.name == name:
                return trunk
        raise KeyError(name)


def load_settings(home: Path) -> Settings:
    """The settings of a home; `password_file`s are read, relative to it. Raises `SettingsError`."""
    path = home / FILE_NAME
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
        raise SettingsError([Problem(str(path), 1, 1, "", problem, "`dialer init` makes one")]) from error
    except UnicodeDecodeError as error:
        raise SettingsError([Problem(str(path), 1, 1, "", "not UTF-8 text", "save it as UTF-8")]) from error
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
    database = top.table("database")
    url = database.text("url", "")
    if url and "://" not in url:
        database.wrong(
            "url",
            f'"{url}" is no database address',
            'write "sqlite:////var/lib/dialer/dialer.db", or leave it out',
        )
    database.finish()

    sip = top.table("sip")
    listen = _read_listen(sip)
    sip.finish()

    media = top.table("media")
    ports = _read_ports(media)
    media.finish()

    log = top.table("log")
    level = log.choice("level", "info", _LEVELS)
    full_numbers = log.flag("full_numbers")
    log.finish()

    service = top.table("service")
    drain_s = service.duration("drain", 60.0, 0.0, 86_400.0)
    timezone = _read_timezone(service)
    service.finish()

    trunks = _read_trunks(top, home)
    agents = _read_agents(top)
    top.finish()
    return Settings(url, listen, ports, trunks, agents, level, full_numbers, drain_s, timezone)


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


def _read_listen(table: Table) -> Address:
    text = table.text("listen", str(_ANY_PORT))
    advice = 'write an address and a port: "127.0.0.1:5060"; port 0 takes any free one'
    match = _LISTEN.fullmatch(text)
    if match is None:
        table.wrong("listen", f'"{text}" is not an address and a port', advice)
        return _ANY_PORT
    host, port = match[1].strip("[]"), int(match[2])
    try:
        address = ip_address(host)
    except ValueError:
        table.wrong("listen", f'"{host}" is not an IP address of this machine', advice)
    else:
        if address.version == 6:
            table.wrong("listen", f'"{host}" is IPv6, which is not spoken yet', "name an IPv4 address")
        elif address.is_unspecified:
            text = "every address of this machine is none that a carrier could answer to"
            table.wrong("listen", text, "name the one that carriers reach, or 127.0.0.1 for this machine alone")
    if port > _LAST_PORT:
        table.wrong("listen", f"there is no port {port}", f"use 0 to {_LAST_PORT}")
    return Address(host, port)


def _read_ports(table: Table) -> tuple[int, int]:
    text = table.text("ports", "{}-{}".format(*_MEDIA_PORTS))
    match = _PORTS.fullmatch(text.replace(" ", ""))
    if match is None:
        table.wrong("ports", f'"{text}" is not a range of ports', 'write ports = "20000-29999"')
        return _MEDIA_PORTS
    first, last = int(match[1]), int(match[2])
    if not _FIRST_MEDIA_PORT <= first < last <= _LAST_PORT:
        text = f"{first}-{last} is no range of free UDP ports"
        table.wrong("ports", text, f"use two ports from {_FIRST_MEDIA_PORT} to {_LAST_PORT}, the smaller first")
    return first, last


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
            port=table.whole("port", 5060, 1, _LAST_PORT),
            username=table.text("username", ""),
            password=_password(table, home),
            channels=table.whole("channels", 30, 1, 100_000),
            cps=table.number("cps", 5.0, 0.01, 10_000.0),
            from_domain=table.text("from_domain", ""),
        )
        if trunk.password and not trunk.username:
            table.missing("username", "a password without a user name is of no use")
        table.finish()
        found.setdefault(name, trunk)
    return tuple(found.values())


def _password(table: Table, home: Path) -> str:
    password = table.text("password", "")
    file = table.text("password_file", "")
    if not file:
        return password
    if password:
        table.wrong("password_file", "goes not with password", "keep one of them")
    try:
        return (home / file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        table.wrong("password_file", f"{home / file} cannot be read: {reason}", "paths are relative to the home")
        return ""


def _read_agents(top: Table) -> tuple[AgentSettings, ...]:
    found: dict[str, AgentSettings] = {}
    for table in top.tables("agent"):
        agent_id = _name(table, "id", 'write id = "ana"', found)
        found.setdefault(agent_id, AgentSettings(agent_id, table.text("name", agent_id)))
        table.finish()
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
