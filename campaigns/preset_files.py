"""The rule sets that come with the product: one file each in `presets`."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from campaigns.compliance import RuleSet
from campaigns.errors import UnknownRuleSet
from campaigns.toml_rules import parse_rule_set


@lru_cache(maxsize=1)
def rule_set_names() -> tuple[str, ...]:
    """Names of the presets that come with the product, sorted."""
    files = resources.files("campaigns").joinpath("presets").iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def preset_text(name: str) -> str:
    """The text of the preset of this name. Raises `UnknownRuleSet`."""
    if name not in rule_set_names():
        raise UnknownRuleSet(name, rule_set_names())
    return resources.files("campaigns").joinpath("presets", f"{name}.toml").read_bytes().decode()


@lru_cache(maxsize=256)
def load_rule_set(name: str) -> RuleSet:
    """The preset of this name. Raises `UnknownRuleSet`."""
    return parse_rule_set(preset_text(name).encode(), name)
