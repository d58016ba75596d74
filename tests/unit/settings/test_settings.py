from __future__ import annotations

from pathlib import Path

import pytest

from dialer.errors import SettingsError
from dialer.settings import Address, AgentSettings, Settings, load_settings, parse_settings

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
    assert settings.database_url == "postgresql://dialer@db.example/dialer"
    assert str(settings.sip_listen) == "192.0.2.7:5060"
    assert settings.media_ports == (30_000, 30_999)
    assert (settings.log_level, settings.log_full_numbers) == ("debug", True)
    main = settings.trunk("main")
    assert (main.host, main.port, main.username, main.password) == ("sip.example.net", 5080, "u", "p")
    assert (main.channels, main.cps, main.from_domain) == (60, 2.5, "us.example")
    assert settings.trunk("spare").port == 5060
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
        ('[sip]\nlisten = "[::1]:5060"', "dialer.toml:2:10: sip.listen", "IPv6, which is not spoken yet"),
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


def test_a_home_without_the_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="`dialer init`"):
        load_settings(tmp_path)
    (tmp_path / "dialer.toml").write_bytes(b"\xef\xbb\xbf" + WHOLE.encode())
    assert load_settings(tmp_path).trunk("main").cps == 2.5
    (tmp_path / "dialer.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_settings(tmp_path)


def test_how_long_a_drain_lasts_and_whose_day_it_is() -> None:
    settings = parse_settings('[service]\ndrain = "5m"\ntimezone = "Europe/Berlin"\n')
    assert (settings.drain_s, settings.timezone) == (300.0, "Europe/Berlin")


def test_a_zone_that_nobody_knows_is_told_with_the_nearest() -> None:
    (problem,) = problems('[service]\ntimezone = "Europe/Berlln"\n')
    assert problem.startswith("dialer.toml:2:")
    assert "no time zone" in problem
    assert '"Europe/Berlin"' in problem
