"""A campaign file before it is added: is it right, and does this home have what it names?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from campaigns.campaign import Campaign
from campaigns.errors import Problem
from campaigns.loader import load_campaign, parse_campaign
from campaigns.toml_source import TomlSource
from campaigns.toml_table import suggestion


@dataclass(frozen=True, slots=True)
class Checked:
    """A campaign file that is right in itself. `missing_lists`, `missing_trunks`: what it names and the home
    does not have, each with its place in the file."""

    campaign: Campaign
    body: str
    missing_lists: tuple[Problem, ...]
    missing_trunks: tuple[Problem, ...]

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Everything that the home does not have, in file order."""
        found = (*self.missing_lists, *self.missing_trunks)
        return tuple(sorted(found, key=lambda problem: (problem.line, problem.column)))


def check_campaign(
    path: Path, *, lists: Collection[str] | None = None, trunks: Collection[str] | None = None
) -> Checked:
    """Raises `CampaignFileError` with every problem of the file. `lists`, `trunks`: names that the home knows;
    None: there is no home to compare with."""
    load_campaign(path)  # tells a file that cannot be read, or is not text, with its place
    body = path.read_bytes().decode("utf-8-sig")
    campaign = parse_campaign(body, str(path))
    return Checked(
        campaign,
        body,
        _missing(body, path, "lists", "list", lists, "`dialer list import` makes one"),
        _missing(body, path, "trunks", "trunk", trunks, "describe it in dialer.toml under [[trunk]]"),
    )


def _missing(
    body: str, path: Path, key: str, kind: str, known: Collection[str] | None, advice: str
) -> tuple[Problem, ...]:
    if known is None:
        return ()
    source = TomlSource(body, str(path))
    for index, name in enumerate(source.data[key]):
        if name not in known:
            help_text = suggestion(name, sorted(known)) if known else advice
            source.at_value((key, index), f'this home has no {kind} "{name}"', help_text)
    return tuple(source.problems)
