"""`[walls]`, `[[caller_id]]`, and what trunks and clients say about where calls may go and what they may cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.destinations import Destinations
from campaigns.walls import Ceiling, OwnedCallerId, TrunkWall
from dialer.errors import SettingsError
from dialer.settings import parse_settings
from dialer.settings.rates import Rate

WHOLE = """
currency = "EUR"

[walls]
destinations = ["GB", "-+4470"]
calls_per_hour = 100
spend_per_day = "250.50"

[[client]]
id = "acme"
destinations = ["+4420"]
calls_per_day = 7

[[caller_id]]
number = "+442079460999"
client = "acme"
verified_on = "2026-11-01"
shown_in = ["GB"]
local_to = ["+4420"]
per_hour = 5
per_day = 50

[[trunk]]
name = "main"
host = "sip.example.net"
destinations = ["GB"]
rates = "rates.csv"
spend_per_hour = "10"
asserted_identity = "caller_id"
options_every = "30s"
[trunk.health]
ner_min = 0.4
window = "10m"
sample = 50
pause = "2m"
options_missed = 5

[[trunk]]
name = "sim"
host = "127.0.0.1"
simulated = true
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "rates.csv").write_text("prefix,per_minute,currency\n44,0.01,EUR\n")
    return tmp_path


def test_every_field_is_read(home: Path) -> None:
    settings = parse_settings(WHOLE, home=home)
    walls = settings.walls
    assert walls.house == Destinations(("GB", "-+4470"))
    assert walls.clients == (("acme", Destinations(("+4420",))),)
    assert walls.trunks == (TrunkWall("main", Destinations(("GB",))), TrunkWall("sim", None, True))
    uk, london = Destinations(("GB",)), Destinations(("+4420",))
    assert walls.caller_ids == (OwnedCallerId("+442079460999", "acme", "2026-11-01", uk, london, 5, 50),)
    assert walls.ceilings == (
        Ceiling("house", "", calls_hour=100, spend_day_micro=250_500_000),
        Ceiling("client", "acme", calls_day=7),
        Ceiling("trunk", "main", spend_hour_micro=10_000_000),
    )
    assert walls.currency == "EUR"
    main = settings.trunk("main")
    assert main.rates == (Rate("44", 10_000, 0, 60, 60, "EUR"),)
    assert (main.asserted_identity, main.options_every_s, main.simulated) == ("caller_id", 30.0, False)
    assert (main.ner_min, main.ner_window_s, main.ner_sample, main.pause_s, main.options_missed) == (
        0.4, 600.0, 50, 120.0, 5,
    )  # fmt: skip
    assert settings.holder_of_caller_id("+442079460999") == "acme"


TRUNK = '[[trunk]]\nname = "a"\nhost = "192.0.2.1"\n'


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ('currency = "Euro"', "dialer.toml:1:12: currency", "is no currency"),
        ('[walls]\ndestinations = ["UK", "gb"]', "dialer.toml:2:23: walls.destinations[1]", "is no destination"),
        ("[walls]\ndestinations = []", "dialer.toml:2:16: walls.destinations", "is empty"),
        ("[walls]\nspend_per_day = 250.5", "dialer.toml:2:17: walls.spend_per_day", "is a number, not a text"),
        ('[walls]\nspend_per_day = "250"', "dialer.toml:2:17: walls.spend_per_day", "has no currency"),
        ('[walls]\nspend_per_day = "a lot"', "dialer.toml:2:17: walls.spend_per_day", '"a lot" is no amount'),
        ('[walls]\nspend_per_day = "-1"', "dialer.toml:2:17: walls.spend_per_day", "is no amount"),
        ('[walls]\nspend_per_day = "Infinity"', "dialer.toml:2:17: walls.spend_per_day", "is no amount"),
        ("[walls]\ncalls_per_hour = -1", "dialer.toml:2:18: walls.calls_per_hour", "out of range"),
        ("[walls]\ncalls = 1", "dialer.toml:2:1: walls.calls", "unknown key"),
        ('[[caller_id]]\nnumber = "0207"', "dialer.toml:2:10: caller_id[0].number", "no international number"),
        ("[[caller_id]]\n", "dialer.toml:1:1: caller_id[0].number", "missing"),
        (
            '[[caller_id]]\nnumber = "+442079460999"\nclient = "zoo"',
            "dialer.toml:3:10: caller_id[0].client",
            'there is no client "zoo"',
        ),
        (
            '[[caller_id]]\nnumber = "+442079460999"\nverified_on = "yesterday"',
            "dialer.toml:3:15: caller_id[0].verified_on",
            "is no day",
        ),
        (
            '[[caller_id]]\nnumber = "+442079460999"\n[[caller_id]]\nnumber = "+442079460999"',
            "dialer.toml:4:10: caller_id[1].number",
            "stands here twice",
        ),
        (TRUNK + "simulated = true", "dialer.toml:4:13: trunk[0].simulated", "is not this machine"),
        (TRUNK + 'asserted_identity = "me"', "dialer.toml:4:21: trunk[0].asserted_identity", "is neither"),
        (TRUNK + 'rates = "r.csv"', "dialer.toml:4:9: trunk[0].rates", "prices have no currency"),
        ('currency = "EUR"\n' + TRUNK + 'rates = "gone.csv"', "gone.csv:1:1", "cannot be read"),
        (TRUNK + "[trunk.health]\nner_min = 2", "dialer.toml:5:11: trunk[0].health.ner_min", "out of range"),
        (TRUNK + "[trunk.health]\nner = 1", "dialer.toml:5:1: trunk[0].health.ner", "unknown key"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, place: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings(text, "dialer.toml")
    found = [str(problem) for problem in caught.value.problems]
    assert any(place in problem and says in problem for problem in found), found


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "localhost", "::1"])
def test_only_a_trunk_of_this_machine_may_be_simulated(host: str) -> None:
    text = f'[[trunk]]\nname = "a"\nhost = "{host}"\nsimulated = true'
    assert parse_settings(text).walls.simulated("a")
    assert not parse_settings(text.replace("simulated = true", "")).walls.simulated("a")


@pytest.mark.parametrize("host", ["127.0.0.1.example.net", "localhost.example.net", "10.0.0.1"])
def test_a_name_that_only_looks_like_it_is_not(host: str) -> None:
    with pytest.raises(SettingsError, match="is not this machine"):
        parse_settings(f'[[trunk]]\nname = "a"\nhost = "{host}"\nsimulated = true')


def test_problems_of_a_rate_table_are_told_with_those_of_the_settings(home: Path) -> None:
    (home / "rates.csv").write_text("prefix,per_minute,currency\n44,dear,EUR\n")
    with pytest.raises(SettingsError) as caught:
        parse_settings(WHOLE.replace("calls_per_hour = 100", "calls_per_hour = 'many'"), "dialer.toml", home)
    found = "\n".join(map(str, caught.value.problems))
    assert "walls.calls_per_hour" in found
    assert f"{home / 'rates.csv'}:2:1: per_minute" in found
