from __future__ import annotations

from pathlib import Path

import pytest

from dialer.errors import SettingsError
from dialer.settings import Address, AgentSettings, ClientSettings, Settings, load_settings, parse_settings

WHOLE = """
[database]
url = "postgresql://dialer@db.example/dialer"

[sip]
listen = "192.0.2.7:5060"

[media]
ports = "30000-30999"

[log]
level = "debug"
full_numbers = true

[[trunk]]
name = "main"
host = "sip.example.net"
port = 5080
username = "u"
password = "p"
channels = 60
cps = 2.5
from_domain = "us.example"

[[trunk]]
name = "spare"
host = "192.0.2.9"

[[agent]]
id = "ana"
name = "Ana Popescu"

[[agent]]
id = "bo"
"""


LISTEN = '[api]\nlisten = "127.0.0.1:8470"\n'


def problems(text: str, home: Path = Path()) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        parse_settings(text, "dialer.toml", home)
    return [str(problem) for problem in caught.value.problems]


def test_an_empty_file_has_the_defaults() -> None:
    settings = parse_settings("")
    assert settings == Settings()
    assert settings.sip_listen == Address("127.0.0.1", 0)
    assert settings.trunks == ()


def test_every_field_is_read() -> None:
    settings = parse_settings(WHOLE)
    assert settings.database_url == "postgresql+psycopg://dialer@db.example/dialer"
    assert str(settings.sip_listen) == "192.0.2.7:5060"
    assert settings.media_ports == (30_000, 30_999)
    assert (settings.log_level, settings.log_full_numbers) == ("debug", True)
    main = settings.trunk("main")
    assert (main.host, main.port, main.username, main.password) == ("sip.example.net", 5080, "u", "p")
    assert (main.channels, main.cps, main.from_domain) == (60, 2.5, "us.example")
    assert settings.trunk("spare").port == 0  # what DNS says
    assert settings.agents == (AgentSettings("ana", "Ana Popescu"), AgentSettings("bo", "bo"))
    with pytest.raises(KeyError):
        settings.trunk("none")


def test_a_password_shows_in_no_repr() -> None:
    assert "secret" not in repr(parse_settings(WHOLE.replace('"p"', '"secret"')))


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ('[sip]\nlisten = "localhost"', "dialer.toml:2:10: sip.listen", "not an address and a port"),
        ('[sip]\nlisten = "example.net:5060"', "dialer.toml:2:10: sip.listen", "not an IP address"),
        ('[sip]\nlisten = "[::]:5060"', "dialer.toml:2:10: sip.listen", "none that a carrier could answer to"),
        ('[sip]\nlisten = "0.0.0.0:5060"', "dialer.toml:2:10: sip.listen", "none that a carrier could answer to"),
        ('[sip]\nlisten = "127.0.0.1:70000"', "dialer.toml:2:10: sip.listen", "no port 70000"),
        ("[sip]\nlisten = 5060", "dialer.toml:2:10: sip.listen", "is a number, not a text"),
        ('[sip]\nlisten = "127.0.0.1:5060"\nlistn = 1', "dialer.toml:3:1: sip.listn", 'did you mean "listen"?'),
        ('[media]\nports = "30000"', "dialer.toml:2:9: media.ports", "not a range"),
        ('[media]\nports = "30000-20000"', "dialer.toml:2:9: media.ports", "the smaller first"),
        ('[media]\nports = "80-90"', "dialer.toml:2:9: media.ports", "from 1024"),
        ('[log]\nlevel = "loud"', "dialer.toml:2:9: log.level", "debug, info"),
        ('[database]\nurl = "/var/db"', "dialer.toml:2:7: database.url", "no database address"),
        ('[[trunk]]\nhost = "a"', "dialer.toml:1:1: trunk[0].name", "missing"),
        ('[[trunk]]\nname = "a"', "dialer.toml:1:1: trunk[0].host", "missing"),
        ('[[trunk]]\nname = "a b"\nhost = "h"', "dialer.toml:2:8: trunk[0].name", "no name"),
        ('[[trunk]]\nname = "a"\nhost = "sip:h"', "dialer.toml:3:8: trunk[0].host", "leave out sip:"),
        ('[[trunk]]\nname = "a"\nhost = "h"\nport = 0', "dialer.toml:4:8: trunk[0].port", "use 1 to 65535"),
        ('[[trunk]]\nname = "a"\nhost = "h"\ncps = 0', "dialer.toml:4:7: trunk[0].cps", "out of range"),
        ('[[trunk]]\nname = "a"\nhost = "h"\npassword = "x"', "dialer.toml:1:1: trunk[0].username", "no use"),
        ('[[agent]]\nid = "a"\n[[agent]]\nid = "a"', "dialer.toml:4:6: agent[1].id", "stands here twice"),
        ('trunk = "sim"', "dialer.toml:1:9: trunk", "write [[trunk]]"),
        ("[sip", "dialer.toml:1:", "not TOML"),
        ('[database]\nurl = "mysql://h/d"', "dialer.toml:2:7: database.url", "mysql is not a kind"),
        ('[database]\nurl = "postgresql://h"', "dialer.toml:2:7: database.url", "names no database"),
        ('[database]\nurl = "postgresql://h:port/d"', "dialer.toml:2:7: database.url", "cannot be read"),
        ('[database]\nurl = "postgresql://h/d"\npassword = "x"', "dialer.toml:2:7: database.url", "no user"),
        ('[database]\nurl = "sqlite://"', "dialer.toml:2:7: database.url", "names no file"),
        ('[database]\npassword = "x"', "dialer.toml:1:1: database.url", "of no use"),
        ('[api]\nlisten = "8470"', "dialer.toml:2:10: api.listen", '"127.0.0.1:8470"'),
        ('[api]\nlisten = "0.0.0.0:8470"', "dialer.toml:2:10: api.listen", "give tls_certificate and tls_key"),
        ('[api]\nlisten = "[2001:db8::1]:1"', "dialer.toml:2:10: api.listen", "reached from outside"),
        ('[service]\ndrain = "soon"', "dialer.toml:2:9: service.drain", '"25s"'),
        ('[service]\ndrain = "2d"', "dialer.toml:2:9: service.drain", "out of range"),
        ('[[client]]\nname = "Acme"', "dialer.toml:1:1: client[0].id", "missing"),
        ('[[client]]\nid = "a/b"', "dialer.toml:2:6: client[0].id", "no name"),
        ('[[client]]\nid = "a"\n[[client]]\nid = "a"', "dialer.toml:4:6: client[1].id", "stands here twice"),
        ('[[client]]\nid = "a"\ncaller_ids = ["123"]', "dialer.toml:3:15: client[0].caller_ids[0]", "right form"),
        ('[[client]]\nid = "a"\ncaller_ids = []', "dialer.toml:3:14: client[0].caller_ids", "is empty"),
    ],
)
def test_a_problem_names_its_place_and_says_what_to_do(text: str, place: str, says: str) -> None:
    found = problems(text)
    assert len(found) == 1
    assert found[0].startswith(place)
    assert says in found[0]


def test_all_problems_are_reported_at_once_in_file_order() -> None:
    found = problems('colour = 1\n[sip]\nlisten = ""\n[[trunk]]\nport = "x"\n')
    assert [text.split(": ")[1] for text in found] == [
        "colour", "sip.listen", "trunk[0].name", "trunk[0].host", "trunk[0].port",
    ]  # fmt: skip


def test_a_password_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "main.secret").write_text("s3cret\n")
    trunk = '[[trunk]]\nname = "a"\nhost = "h"\nusername = "u"\npassword_file = "main.secret"\n'
    assert parse_settings(trunk, home=tmp_path).trunk("a").password == "s3cret"
    assert "keep one of them" in problems(trunk + 'password = "x"', tmp_path)[0]
    missing = problems(trunk.replace("main.secret", "gone"), tmp_path)
    assert "dialer.toml:5:17: trunk[0].password_file" in missing[0]
    assert "No such file" in missing[0]
    assert "larger than 16 KiB" in problems(trunk.replace("main.secret", "/dev/zero"), tmp_path)[0]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("-5", "-5 is not a duration"),
        ("inf", "inf is not a duration"),
        ("true", "is true or false, not a duration"),
    ],
)
def test_a_duration_says_what_it_is_instead(value: str, says: str) -> None:
    (problem,) = problems(f"[service]\ndrain = {value}\n")
    assert f"dialer.toml:2:9: service.drain: {says}" in problem


def test_a_home_without_the_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="`dialer init DIR`"):
        load_settings(tmp_path)
    (tmp_path / "dialer.toml").write_bytes(b"\xef\xbb\xbf" + WHOLE.encode())
    assert load_settings(tmp_path).trunk("main").cps == 2.5
    (tmp_path / "dialer.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_settings(tmp_path)


def test_how_long_a_drain_lasts_and_whose_day_it_is() -> None:
    settings = parse_settings('[service]\ndrain = "5m"\ntimezone = "Europe/Berlin"\ndesk_grace = "40s"\n')
    assert (settings.drain_s, settings.timezone, settings.desk_grace_s) == (300.0, "Europe/Berlin", 40.0)


def test_when_a_phone_is_lost(tmp_path: Path) -> None:
    (tmp_path / "music.wav").write_bytes(b"RIFF")
    text = '[service]\nphone_silent = "3s"\nphone_grace = "0s"\n[media]\nhold_music = "music.wav"\n'
    settings = parse_settings(text, "dialer.toml", tmp_path)
    assert (settings.phone_silent_s, settings.phone_grace_s) == (3.0, 0.0)
    assert settings.hold_music == tmp_path / "music.wav"
    assert parse_settings('[service]\nphone_silent = "0s"\n').phone_silent_s == 0.0
    for key in ("phone_silent", "contact_silent"):
        with pytest.raises(SettingsError, match="1 s without audio tell of no lost call"):
            parse_settings(f'[service]\n{key} = "1s"\n')
    with pytest.raises(SettingsError, match="hold_music"):
        parse_settings('[media]\nhold_music = "none.wav"\n', "dialer.toml", tmp_path)


def test_a_zone_that_nobody_knows_is_told_with_the_nearest() -> None:
    (problem,) = problems('[service]\ntimezone = "Europe/Berlln"\n')
    assert problem.startswith("dialer.toml:2:")
    assert "no time zone" in problem
    assert '"Europe/Berlin"' in problem


def test_the_databases_password_may_stand_apart_and_shows_nowhere(tmp_path: Path) -> None:
    (tmp_path / "db.secret").write_text("s3/cr@t\n")
    text = '[database]\nurl = "postgresql://dialer@db.example:5433/dialer?sslmode=require"\n'
    settings = parse_settings(text + 'password_file = "db.secret"\n', home=tmp_path)
    plain = "postgresql+psycopg://dialer@db.example:5433/dialer?sslmode=require"
    assert settings.database_url == plain.replace("dialer@", "dialer:s3%2Fcr%40t@")
    assert settings.database_place == plain.replace("+psycopg", "")
    assert "s3" not in repr(settings)
    with_both = text.replace("dialer@", "dialer:open@") + 'password = "shut"\n'
    (problem,) = problems(with_both)
    assert "keep one of them" in problem
    assert "open" not in problem
    assert "shut" not in problem


def test_an_address_without_a_password_is_its_own_place() -> None:
    for url in ("sqlite:////var/lib/a@b:c/dialer.db", "postgresql+psycopg:///dialer?host=/run/postgresql"):
        settings = parse_settings(f'[database]\nurl = "{url}"\n')
        assert settings.database_url == url
        assert settings.database_place == url.replace("+psycopg", "")


def test_the_api_is_on_its_socket_alone_until_it_is_told_to_listen(tmp_path: Path) -> None:
    assert parse_settings("").api.listen is None
    assert parse_settings(LISTEN).api.listen == Address("127.0.0.1", 8470)
    for name in ("api.pem", "api.key"):
        (tmp_path / name).write_text("PEM")
    tls = '[api]\nlisten = "0.0.0.0:8470"\ntls_certificate = "api.pem"\ntls_key = "api.key"\n'
    api = parse_settings(tls, home=tmp_path).api
    assert (api.listen, api.tls_certificate, api.tls_key) == (
        Address("0.0.0.0", 8470), tmp_path / "api.pem", tmp_path / "api.key",
    )  # fmt: skip


def test_half_of_tls_is_told(tmp_path: Path) -> None:
    (tmp_path / "api.pem").write_text("PEM")
    (problem,) = problems(LISTEN + 'tls_certificate = "api.pem"\n', tmp_path)
    assert "api.tls_key: missing" in problem
    gone = problems(LISTEN + 'tls_certificate = "api.pem"\ntls_key = "gone"\n', tmp_path)
    assert ["dialer.toml:4:11: api.tls_key" in text and "No such file" in text for text in gone] == [True]


def test_clients_and_whose_caller_ids_they_are() -> None:
    text = '[[client]]\nid = "acme"\nname = "Acme Ltd"\ncaller_ids = ["+12025550123"]\n[[client]]\nid = "zoo"\n'
    settings = parse_settings(text)
    assert settings.clients == (
        ClientSettings("acme", "Acme Ltd", ("+12025550123",)),
        ClientSettings("zoo", "zoo"),
    )
    assert settings.holder_of_caller_id("+12025550123") == "acme"
    assert settings.holder_of_caller_id("+12025550124") is None
    assert [settings.knows_client(name) for name in ("", "acme", "zoo", "other")] == [True, True, True, False]
    (problem,) = problems(text + 'caller_ids = ["+12025550123"]\n')
    assert 'that of client "acme" already' in problem
