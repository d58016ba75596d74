"""Addresses and ports to listen on."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path

from campaigns.toml_table import Table
from dialer.settings.values import ANY_PORT, MEDIA_PORTS, Address, ApiSettings

LAST_PORT = 65_535
_PORTS = re.compile(r"(\d{1,5})-(\d{1,5})", re.ASCII)
_LISTEN = re.compile(r"(\[[^\]]+\]|[^:\[\]]+):(\d{1,5})", re.ASCII)
_FIRST_MEDIA_PORT = 1_024


def read_sip_listen(table: Table) -> Address:
    """`[sip] listen`."""
    return read_sip_address(table, "listen", "127.0.0.1:5060", str(ANY_PORT)) or ANY_PORT


def read_sip_address(table: Table, key: str, example: str, default: str = "") -> Address | None:
    """One address that carriers can answer to, None when it is no address; what is wrong with it is noted."""
    address = read_address(table, default, example, key)
    if address is not None and ip_address(address.host).is_unspecified:
        text = "every address of this machine is none that a carrier could answer to"
        table.wrong(key, text, "name the one that carriers reach, or 127.0.0.1 for this machine alone")
    return address


def read_api(table: Table, home: Path) -> ApiSettings:
    """`[api]`: beyond this machine only with TLS, since tokens go over it."""
    listen = read_address(table, "", "127.0.0.1:8470") if table.text("listen", "") else None
    certificate, key = read_certificate(table, home)
    if listen is not None and not ip_address(listen.host).is_loopback and not certificate and not key:
        text = f"{listen} can be reached from outside, and without TLS tokens would be read on the way"
        table.wrong("listen", text, "give tls_certificate and tls_key, or listen on 127.0.0.1")
    return ApiSettings(listen, certificate, key)


def read_certificate(table: Table, home: Path) -> tuple[Path | None, Path | None]:
    """`tls_certificate` and `tls_key`: both or none."""
    certificate, key = read_file(table, home, "tls_certificate"), read_file(table, home, "tls_key")
    for given, other, name in ((certificate, key, "tls_key"), (key, certificate, "tls_certificate")):
        if given is not None and other is None and name not in table:
            table.missing(name, "TLS needs a certificate and its key")
    return certificate, key


def read_file(table: Table, home: Path, key: str) -> Path | None:
    name = table.text(key, "")
    if not name:
        return None
    path = home / name
    try:
        path.open("rb").close()
    except OSError as error:
        table.wrong(key, f"{path} cannot be read: {error.strerror}", "paths are relative to the home")
    return path


def read_address(table: Table, default: str, example: str, key: str = "listen") -> Address | None:
    """An address to listen on, None when it is not one; then that is noted."""
    text = table.text(key, default)
    advice = f'write an address and a port: "{example}"; port 0 takes any free one'
    match = _LISTEN.fullmatch(text)
    if match is None:
        table.wrong(key, f'"{text}" is not an address and a port', advice)
        return None
    host, port = match[1].strip("[]"), int(match[2])
    try:
        ip_address(host)
    except ValueError:
        table.wrong(key, f'"{host}" is not an IP address of this machine', advice)
        return None
    if port > LAST_PORT:
        table.wrong(key, f"there is no port {port}", f"use 0 to {LAST_PORT}")
        return None
    return Address(host, port)


def read_media_ports(table: Table) -> tuple[int, int]:
    """`[media] ports`: first and last."""
    text = table.text("ports", "{}-{}".format(*MEDIA_PORTS))
    match = _PORTS.fullmatch(text.replace(" ", ""))
    if match is None:
        table.wrong("ports", f'"{text}" is not a range of ports', 'write ports = "20000-29999"')
        return MEDIA_PORTS
    first, last = int(match[1]), int(match[2])
    if not _FIRST_MEDIA_PORT <= first < last <= LAST_PORT:
        text = f"{first}-{last} is no range of free UDP ports"
        table.wrong("ports", text, f"use two ports from {_FIRST_MEDIA_PORT} to {LAST_PORT}, the smaller first")
    return first, last
