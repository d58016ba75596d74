from __future__ import annotations

import pytest

from campaigns.preset_files import load_rule_set, rule_set_names
from tests.unit.campaigns.preset_cases import FOLDER, PresetCases

FILES = {path.stem: PresetCases(path) for path in sorted(FOLDER.glob("*.toml"))}
LINES = [(name, line) for name, cases in FILES.items() for line in cases.lines]


@pytest.mark.parametrize(("name", "line"), LINES, ids=[f"{name}: {line[:50]}" for name, line in LINES])
def test_a_rule_set_says_what_its_law_says(name: str, line: str) -> None:
    FILES[name].check(line)


def test_every_rule_set_of_a_real_place_has_twenty_cases() -> None:
    real = {name for name in rule_set_names() if not load_rule_set(name).fictional}
    assert set(FILES) == real
    assert {name: len(cases.lines) for name, cases in FILES.items() if len(set(cases.lines)) < 20} == {}
    assert all(cases.name == name for name, cases in FILES.items())
