"""A campaign file before it is added: is it right, and does this home have what it names?"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from campaigns.amd import AmdPolicy
from campaigns.campaign import Campaign, Delivery, prompts_of
from campaigns.errors import Problem
from campaigns.loader import parse_campaign
from campaigns.never_open import never_open
from campaigns.prompt import Prompt
from campaigns.rule_choice import Rules, outdated_sets, strictest
from campaigns.rule_library import PRESETS, RuleLibrary
from campaigns.spoken import SIMULATED_ONLY, lacks
from campaigns.toml_file import read_toml
from campaigns.toml_source import TomlSource
from campaigns.toml_table import suggestion
from campaigns.walls import Walls
from dialer.settings import Settings
from lists.client import HOUSE, client_of
from lists.sample.ranges import is_fictional

TryPrompt = Callable[[str, Prompt], str]
"""Why a client's prompt cannot be played; "" when it can."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A campaign file that is right in itself. `missing_lists`, `missing_trunks`: what it names and the home
    does not have, each with its place in the file. `not_ours`: caller ids that its trunks may not, or should not,
    show; `lacking`: what the rules want and it has not; `closed`: hours that leave no time to call; `undetected`:
    machines that its way of looking for them does not find."""

    campaign: Campaign
    body: str
    missing_lists: tuple[Problem, ...]
    missing_trunks: tuple[Problem, ...]
    not_ours: tuple[Problem, ...]
    lacking: tuple[Problem, ...]
    closed: tuple[Problem, ...]
    undetected: tuple[Problem, ...] = ()

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What keeps it, or some of its leads, from being dialed, or machines from being told, in file order."""
        found = (
            *self.missing_lists,
            *self.missing_trunks,
            *self.not_ours,
            *self.lacking,
            *self.closed,
            *self.undetected,
        )
        return tuple(sorted(found, key=lambda problem: (problem.line, problem.column)))


def check_campaign(
    path: Path,
    *,
    lists: Collection[str] | None = None,
    trunks: Collection[str] | None = None,
    settings: Settings | None = None,
    try_prompt: TryPrompt | None = None,
    library: RuleLibrary | None = PRESETS,
    now: float | None = None,
) -> Checked:
    """The file checked, as `check_text`; also raises when it cannot be read."""
    body, file = read_toml(path), str(path)
    return check_text(
        body, file, lists=lists, trunks=trunks, settings=settings, try_prompt=try_prompt, library=library, now=now
    )


def check_text(
    body: str,
    filename: str,
    *,
    lists: Collection[str] | None = None,
    trunks: Collection[str] | None = None,
    settings: Settings | None = None,
    told: str = HOUSE,
    try_prompt: TryPrompt | None = None,
    library: RuleLibrary | None = PRESETS,
    now: float | None = None,
) -> Checked:
    """Raises `CampaignFileError` with every problem of the text. `lists` (full names), `trunks`: what the home
    knows; `settings`: whose clients and caller ids it must keep to. None: there is no home to compare with.
    `told`: the client whose people read the problems, which then name no other one. `try_prompt`: says why a
    client's prompt cannot be played, None where nobody can say. `library`: the rule sets that there are, where no
    `settings` say so; None: whoever will store the campaign knows. `now`: warns of rules that are outdated
    then."""
    library = settings.rules if settings is not None else library
    campaign = parse_campaign(body, filename, library)
    if settings is not None:
        _check_client(campaign, body, filename, settings, told)
        _check_trunks(campaign, body, filename, settings)
    if try_prompt is not None:
        _check_prompts(campaign, body, filename, try_prompt)
    source = TomlSource(body, filename)
    missing_lists = _missing(
        source, "lists", "list", campaign.lists, lists, f"`dialer list import FILE --list {campaign.lists[0]}`"
    )
    source = TomlSource(body, filename)
    missing_trunks = _missing(
        source, "trunks", "trunk", campaign.trunks, trunks, "describe it in dialer.toml under [[trunk]]"
    )
    source = TomlSource(body, filename)
    not_ours = _not_ours(campaign, source, settings.walls) if settings is not None else ()
    rules = None if library is None else library.rules_of(campaign)
    source = TomlSource(body, filename)
    for lack in () if rules is None else lacks(campaign, strictest(rules)):
        source.at_value(("rules" if campaign.rules else "purpose",), lack.text, lack.advice)
    if rules is not None and settings is not None:
        _warn_of_invented(campaign, rules, source, settings.walls)
    if rules is not None and now is not None:
        _warn_of_outdated(campaign, rules, source, now)
    lacking = tuple(source.problems)
    source = TomlSource(body, filename)
    _warn_of_hold(campaign, source)
    undetected = tuple(source.problems)
    source = TomlSource(body, filename)
    for found in () if rules is None else never_open(campaign, rules):
        source.at_key(found.path, found.text, "open longer on some day")
    closed = tuple(source.problems)
    return Checked(campaign, body, missing_lists, missing_trunks, not_ours, lacking, closed, undetected)


def _warn_of_invented(campaign: Campaign, rules: Rules, source: TomlSource, walls: Walls) -> None:
    real = [wall.name for wall in walls.trunks if wall.name in campaign.trunks and not wall.simulated]
    if real and strictest(rules).fictional:
        text = f"these rules are invented: nobody is called by them over {', '.join(real)}, no simulated trunk"
        source.at_value(("rules",), text, "write purpose instead, or the rule sets of the countries called")


def _warn_of_hold(campaign: Campaign, source: TomlSource) -> None:
    """What is found within 1.8 s of an answer is less than one may think (docs/reference/amd.md)."""
    amd = campaign.amd
    if amd.policy is not AmdPolicy.HOLD:
        return
    text = (
        f"within {amd.hold_s:g} s machines are told by special information, fax and early beeps, none by its words"
    )
    advice = 'agents get voice mails too; policy = "joined" holds nobody and tells agents when it is one'
    if amd.message is not None:
        text, advice = f"{text}: hardly any is left the message", "let agents end such calls instead"
        if campaign.delivery is not Delivery.AGENTS:
            advice = 'use policy = "joined": the flow gives way when a machine is told, however late'
    source.at_value(("amd", "policy"), text, advice)


def _warn_of_outdated(campaign: Campaign, rules: Rules, source: TomlSource, now: float) -> None:
    key = "rules" if campaign.rules else "purpose"
    for one in outdated_sets(rules, now):
        then = "it goes on being kept to" if one.validity()[1] > now else "it permits nothing any more"
        text = f"rule set {one.name} was last checked on {one.verified_on}: {then}"
        source.at_value((key,), text, "have it checked")


def _not_ours(campaign: Campaign, source: TomlSource, walls: Walls) -> tuple[Problem, ...]:
    """Caller ids that no call over a real trunk may show."""
    real = {wall.name for wall in walls.trunks if not wall.simulated}
    if real.isdisjoint(campaign.trunks):
        return ()
    for index, caller_id in enumerate(campaign.caller_ids):
        if text := walls.not_ours(caller_id, client_of(campaign.name)):
            advice = "until then no call leaves with it over a trunk that is not simulated"
            source.at_value(("caller_ids", index), text, advice)
        elif is_fictional(caller_id):
            text = f"{caller_id} is kept free for films and teaching: nobody who is called can call back"
            source.at_value(("caller_ids", index), text, "name a number that the carrier has given you")
    return tuple(source.problems)


def _check_client(campaign: Campaign, body: str, filename: str, settings: Settings, told: str) -> None:
    """The client is one that `dialer.toml` knows, and the caller ids are its own. Raises `CampaignFileError`."""
    source = TomlSource(body, filename)
    client = client_of(campaign.name)
    if not settings.knows_client(client):
        known = [one.client_id for one in settings.clients if told in (HOUSE, one.client_id)]
        advice = suggestion(client, known) if known else "describe it in dialer.toml under [[client]]"
        source.at_value(("client",), f'dialer.toml has no client "{client}"', advice)
    else:
        own = settings.client(client).caller_ids if client != HOUSE else ()
        for index, caller_id in enumerate(campaign.caller_ids):
            holder = settings.holder_of_caller_id(caller_id)
            if holder is not None and holder != client:
                whose = f'client "{holder}"' if told == HOUSE else "somebody else"
                text = f"{caller_id} is a caller id of {whose} alone"
                source.at_value(("caller_ids", index), text, "use one of your own")
            elif own and caller_id not in own:
                text = f'{caller_id} is none of the caller ids that dialer.toml gives client "{client}"'
                source.at_value(("caller_ids", index), text, f"use {' or '.join(own)}, or add it there")
    source.raise_problems()


def _check_trunks(campaign: Campaign, body: str, filename: str, settings: Settings) -> None:
    """Prerecorded calls go to the simulated trunk alone. Raises `CampaignFileError`."""
    source = TomlSource(body, filename)
    if campaign.delivery is Delivery.PRERECORDED:
        known = {trunk.name for trunk in settings.trunks}
        for index, name in enumerate(campaign.trunks):
            if name in known and not settings.walls.simulated(name):
                source.at_value(("trunks", index), SIMULATED_ONLY, "name the simulated trunk")
    source.raise_problems()


def _check_prompts(campaign: Campaign, body: str, filename: str, try_prompt: TryPrompt) -> None:
    """Everything that is to be played can be. Raises `CampaignFileError`."""
    source = TomlSource(body, filename)
    for (*table, prefix), prompt in prompts_of(campaign):
        fault = try_prompt(client_of(campaign.name), prompt)
        if fault:
            key = f"{prefix}{'file' if prompt.file else 'text'}"
            source.at_value((*table, key), fault)
    source.raise_problems()


def _missing(
    source: TomlSource, key: str, kind: str, names: Collection[str], known: Collection[str] | None, advice: str
) -> tuple[Problem, ...]:
    if known is None:
        return ()
    for index, name in enumerate(names):
        if name not in known:
            help_text = suggestion(name, sorted(known)) if known else advice
            source.at_value((key, index), f'this home has no {kind} "{name}"', help_text)
    return tuple(source.problems)
