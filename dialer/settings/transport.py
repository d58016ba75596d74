"""How SIP travels: connections, TLS, the address that others see."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import TypedDict

from campaigns.toml_table import Table
from dialer.settings.addresses import read_address, read_certificate, read_file, read_sip_address
from dialer.settings.secrets import read_secret
from dialer.settings.values import Address, SipSettings

SRTP = ("off", "optional", "required")
TRANSPORTS = ("", "udp", "tcp", "tls")
_PHONE = re.compile(
    r"sips?:[^@\s<>\"]+@(?P<host>\[[0-9A-Fa-f:.]+\]|[0-9.]+)(?::\d{1,5})?(?:;transport=(?:udp|tcp|tls))?", re.ASCII
)
_LEAST_SESSION_S, _LONGEST_SESSION_S = 90, 86_400  # RFC 4028 § 4; a day is as good as none


class Phone(TypedDict):
    """Of `AgentSettings`."""

    phone: str
    password: str
    nailed_up: bool
    srtp: str
    srtp_without_tls: bool


class Transport(TypedDict):
    """Of `TrunkSettings`."""

    transport: str
    session_expires_s: int
    register: bool
    srtp: str


def read_sip(table: Table, home: Path, listen: Address) -> SipSettings:
    """`[sip]`, but for `listen`, which is this."""
    certificate, key = read_certificate(table, home)
    tls_listen = read_address(table, "", "192.0.2.7:5061", "tls_listen") if table.text("tls_listen", "") else None
    if tls_listen is not None and certificate is None:
        table.missing("tls_certificate", "who is called over TLS has to show a certificate")
    return SipSettings(
        listen_also=_read_also(table, listen),
        tcp=table.flag("tcp"),
        tls_listen=tls_listen,
        tls_certificate=certificate,
        tls_key=key,
        tls_ca=read_file(table, home, "tls_ca"),
        public_address=_read_public(table),
        phones_md5_only=table.flag("phones_md5_only"),
    )


def _read_also(table: Table, listen: Address) -> Address | None:
    if not table.text("listen_also", ""):
        return None
    also = read_sip_address(table, "listen_also", "[2001:db8::7]:5060")
    if also is not None and ip_address(also.host).version == ip_address(listen.host).version:
        text = f"{also.host} and {listen.host} are of one IP version"
        table.wrong("listen_also", text, "name one IPv4 and one IPv6 address, or leave it out")
    return also


def _read_public(table: Table) -> str:
    text = table.text("public_address", "")
    if not text:
        return ""
    try:
        address = ip_address(text.strip("[]"))
    except ValueError:
        table.wrong("public_address", f'"{text}" is no IP address', 'write one without a port: "198.51.100.4"')
        return ""
    if address.is_unspecified:
        table.wrong("public_address", f'"{text}" leads nowhere', "name the address that carriers see")
    return str(address)


def read_transport(table: Table) -> Transport:
    """Of a `[[trunk]]`."""
    session_s = table.duration("session_expires", 0.0, 0.0, _LONGEST_SESSION_S)
    if 0 < session_s < _LEAST_SESSION_S:
        table.wrong(
            "session_expires", "no session may expire sooner than after 90 seconds", 'write "30m", or leave it'
        )
    transport = table.choice("transport", "", TRANSPORTS)
    return Transport(
        transport=transport,
        session_expires_s=int(session_s),
        register=_read_register(table),
        srtp=_read_srtp(table, transport),
    )


def _read_srtp(table: Table, transport: str) -> str:
    """Keys stand in session descriptions, so whoever reads these can hear the calls (RFC 4568 § 8.3)."""
    srtp = table.choice("srtp", "off", SRTP)
    in_clear = table.flag("srtp_without_tls")
    if srtp != "off" and transport != "tls" and not in_clear:
        _keys_in_clear(table, 'write transport = "tls"')
    return srtp


def _keys_in_clear(table: Table, advice: str) -> None:
    advice = f"{advice}, or srtp_without_tls = true where the way is protected otherwise (a VPN)"
    table.wrong("srtp", "without TLS, whoever sees the signalling sees the keys", advice)


def _read_register(table: Table) -> bool:
    register = table.flag("register")
    if register and not table.text("username", ""):
        table.missing("username", "it is the account to register as")
    return register


def read_phone(table: Table, home: Path) -> Phone:
    """Of an `[[agent]]`."""
    phone, password = table.text("phone", ""), read_secret(table, home, "password")
    if phone and password:
        table.wrong("phone", "goes not with password: a phone that registers says itself where it is", "keep one")
    match = _PHONE.fullmatch(phone)
    if phone and (match is None or not _is_ip(match["host"])):
        advice = 'write phone = "sip:ana@192.0.2.31:5060"; a phone whose address changes registers with a password'
        table.wrong("phone", f'"{phone}" is no SIP URI with an IP address', advice)
    line = table.choice("line", "nailed_up", ("nailed_up", "per_call"))
    srtp, in_clear = table.choice("srtp", "off", SRTP), table.flag("srtp_without_tls")
    if srtp != "off" and phone and not in_clear and not phone.endswith(";transport=tls"):
        _keys_in_clear(table, "end phone with ;transport=tls")
    return Phone(
        phone=phone,
        password=password,
        nailed_up=line == "nailed_up",
        srtp=srtp,
        srtp_without_tls=in_clear,
    )


def _is_ip(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
