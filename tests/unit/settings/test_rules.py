from __future__ import annotations

from pathlib import Path

import pytest

from dialer.errors import SettingsError
from dialer.settings import load_settings, parse_settings
from tests.unit.campaigns.test_declared_rules import GOOD

DAY_S = 86_400.0


def test_outdated_rules_are_refused_after_a_grace_or_never() -> None:
    assert parse_settings("").rules.outdated_for_s == 30 * DAY_S
    assert parse_settings('[rules]\ngrace = "5d"').rules.outdated_for_s == 5 * DAY_S
    assert parse_settings('[rules]\noutdated = "warn"').rules.outdated_for_s == float("inf")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('outdated = "ignore"', "not one of warn, refuse"),
        ('outdated = "warn"\ngrace = "1d"', "never refused here"),
        ('grace = "700d"', "out of range"),
        ("colour = 1", "unknown key"),
    ],
)
def test_what_makes_no_sense(body: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        parse_settings(f"[rules]\n{body}")


def test_the_rules_of_a_home_are_read_with_its_settings(tmp_path: Path) -> None:
    (tmp_path / "dialer.toml").write_text("")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "ro-sales.toml").write_text(GOOD)
    library = load_settings(tmp_path).rules
    assert "ro-sales" in library.names
    assert library.named("ro-sales").title == "Romania, sales calls"
    (tmp_path / "rules" / "ro-sales.toml").write_text(GOOD.replace("declared_by", "by"))
    with pytest.raises(SettingsError, match=r"ro-sales\.toml:1:1: declared_by: missing"):
        load_settings(tmp_path)
