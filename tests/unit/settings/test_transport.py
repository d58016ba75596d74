from __future__ import annotations

from pathlib import Path

import pytest

from dialer.errors import SettingsError
from dialer.settings.reading import parse_settings
from dialer.settings.values import Address


def test_connections_and_tls(tmp_path: Path) -> None:
    for name in ("cert.pem", "key.pem", "ca.pem"):
        (tmp_path / name).write_text("x")
    settings = parse_settings(
        """
[sip]
listen = "[2001:db8::7]:5060"
listen_also = "192.0.2.7:5060"
tcp = true
tls_listen = "[2001:db8::7]:5061"
tls_certificate = "cert.pem"
tls_key = "key.pem"
tls_ca = "ca.pem"
public_address = "2001:db8::8"

[[trunk]]
name = "t"
host = "carrier.example"
transport = "tls"
session_expires = "30m"
""",
        home=tmp_path,
    )
    assert settings.sip_listen == Address("2001:db8::7", 5060)
    assert settings.sip.listen_also == Address("192.0.2.7", 5060)
    assert (settings.sip.tcp, settings.sip.tls_listen) == (True, Address("2001:db8::7", 5061))
    assert settings.sip.tls_ca == tmp_path / "ca.pem"
    assert settings.sip.public_address == "2001:db8::8"
    trunk = settings.trunk("t")
    assert (trunk.transport, trunk.session_expires_s, trunk.port) == ("tls", 1_800, 0)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('[sip]\ntls_listen = "192.0.2.7:5061"', "sip.tls_certificate"),
        ('[sip]\nlisten_also = "127.0.0.2:5060"', "127.0.0.2 and 127.0.0.1 are of one IP version"),
        ('[sip]\nlisten_also = "[::]:5060"', "sip.listen_also: every address of this machine"),
        ('[sip]\ntls_listen = "here"', 'sip.tls_listen: "here" is not an address and a port'),
        ('[sip]\npublic_address = "sip.example"', 'sip.public_address: "sip.example" is no IP address'),
        ('[sip]\npublic_address = "0.0.0.0"', "leads nowhere"),
        ('[sip]\ntls_ca = "gone.pem"', "sip.tls_ca"),
        ('[[trunk]]\nname = "t"\nhost = "h"\ntransport = "sctp"', "transport"),
        ('[[trunk]]\nname = "t"\nhost = "h"\nsession_expires = "30s"', "90 seconds"),
        ('[[trunk]]\nname = "t"\nhost = "h"\nport = 0', "port"),
        ('[[trunk]]\nname = "t"\nhost = "h"\nregister = true', "username"),
        ('[[trunk]]\nname = "t"\nhost = "h"\nsrtp = "required"', "whoever sees the signalling sees the keys"),
        ('[[trunk]]\nname = "t"\nhost = "h"\nsrtp = "optional"\ntransport = "tcp"', "srtp_without_tls = true"),
        ('[[trunk]]\nname = "t"\nhost = "h"\nsrtp = "always"', "srtp"),
        ('[[agent]]\nid = "ana"\nphone = "sip:ana@phone.example"', "no SIP URI with an IP address"),
        ('[[agent]]\nid = "ana"\nphone = "sip:ana@192.0.2.999"', "no SIP URI with an IP address"),
        ('[[agent]]\nid = "ana"\nphone = "sip:a@192.0.2.1"\npassword = "x"', "goes not with password"),
        ('[[agent]]\nid = "ana"\nline = "always"', "line"),
        ('[[agent]]\nid = "ana"\nphone = "sip:a@192.0.2.1"\nsrtp = "optional"', "sees the keys"),
    ],
)
def test_what_makes_no_sense(text: str, where: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_settings(text, home=tmp_path)
    assert where in str(refused.value)


@pytest.mark.parametrize("more", ['transport = "tls"', "srtp_without_tls = true"])
def test_keys_go_over_tls_or_where_somebody_says_so(more: str) -> None:
    settings = parse_settings(f'[[trunk]]\nname = "t"\nhost = "h"\nsrtp = "optional"\n{more}')
    assert settings.trunk("t").srtp == "optional"
