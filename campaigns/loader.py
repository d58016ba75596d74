"""A campaign file (TOML) to a `Campaign`. Format: `docs/reference/campaign-file.md`.

Every problem of a file is reported at once, each with file, line, column, field, and what to do about it.
"""

from __future__ import annotations

import re
from pathlib import Path

from campaigns.campaign import AttemptLimits, Campaign, LeadOrder, Mode, Pacing, source_hash_of
from campaigns.compliance import RuleSet, load_rule_set, rule_set_names
from campaigns.disposition import NO_DISPOSITION, STANDARD, Disposition
from campaigns.eligibility import reach_of
from campaigns.errors import CampaignFileError, Problem
from campaigns.outcome import Outcome
from campaigns.retry import DEFAULT_SCHEDULE, RetryRule, RetrySchedule
from campaigns.toml_source import TomlSource
from campaigns.toml_table import Table, suggestion
from campaigns.window import DAY_GROUPS, WEEKDAYS, WeeklyHours, intersect, parse_hours

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_CODE = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_BUILT_MODES = frozenset({Mode.POWER, Mode.PROGRESSIVE})
_MAX_DELAY_S = 366 * 86_400.0
_OUTCOMES = tuple(outcome.value for outcome in Outcome)


def load_campaign(path: str | Path) -> Campaign:
    """The campaign of a file. Raises `CampaignFileError`, also when it cannot be read or is not UTF-8."""
    filename = str(path)
    try:
        body = Path(path).read_bytes()
    except OSError as error:
        text = f"cannot be read: {error.strerror or error}"
        raise CampaignFileError([Problem(filename, 1, 1, "", text, "check the path")]) from error
    try:
        return parse_campaign(body.decode("utf-8-sig"), filename)
    except UnicodeDecodeError as error:
        line_start = body.rfind(b"\n", 0, error.start) + 1
        line, column = body.count(b"\n", 0, error.start) + 1, error.start - line_start + 1
        problem = Problem(filename, line, column, "", "not UTF-8 text", "save the file as UTF-8")
        raise CampaignFileError([problem]) from None


def parse_campaign(text: str, filename: str = "<campaign>") -> Campaign:
    """The campaign of a file's text; `filename` appears in messages. Raises `CampaignFileError`."""
    source = TomlSource(text, filename)
    top = Table(source, (), source.data)
    name = top.text("name", advice='write name = "spring-renewals"')
    if name and not _NAME.fullmatch(name):
        top.wrong("name", f'"{name}" is no name', "use up to 64 letters, digits, dots, dashes and underscores")
    title = top.text("title", "")
    lists = top.texts("lists", 'write lists = ["customers"]')
    rule_set = _read_rules(top)
    order = LeadOrder(top.choice("order", LeadOrder.OLDEST, [order.value for order in LeadOrder]))
    trunks = top.texts("trunks", 'write trunks = ["sim"]')
    e164_advice = 'write international numbers: caller_ids = ["+12025550123"]'
    caller_ids = top.texts("caller_ids", e164_advice, _E164)
    ring_timeout_s = top.duration("ring_timeout", 25.0, 1.0, 180.0)
    wrapup_limit_s = top.duration("wrapup_limit", 60.0, 1.0, 3_600.0)
    script = top.text("script", "")
    pacing = _read_pacing(top.table("pacing"))
    hours = _read_hours(top.table("hours"))
    limits = _read_limits(top.table("limits"))
    dispositions = _read_dispositions(top)
    retry = _read_retry(top.table("retry"), dispositions)
    top.finish()
    campaign = Campaign(
        name=name,
        lists=lists,
        rules=rule_set.name if rule_set else "",
        hours=hours,
        pacing=pacing,
        trunks=trunks,
        caller_ids=caller_ids,
        retry=retry,
        limits=limits,
        order=order,
        ring_timeout_s=ring_timeout_s,
        wrapup_limit_s=wrapup_limit_s,
        dispositions=dispositions,
        script=script,
        title=title,
        source_hash=source_hash_of(text),
    )
    _check_against_rules(source, campaign, rule_set)
    source.raise_problems()
    return campaign


def _read_rules(top: Table) -> RuleSet | None:
    name = top.text("rules", advice='write rules = "fictional", or the preset of the country called')
    if not name:
        return None
    if name not in rule_set_names():
        top.wrong("rules", f'no rule set is named "{name}"', suggestion(name, rule_set_names()))
        return None
    return load_rule_set(name)


def _read_pacing(table: Table) -> Pacing:
    if "mode" not in table:
        table.missing("mode", 'write [pacing] and mode = "progressive" below it')
    mode = Mode(table.choice("mode", Mode.POWER, [mode.value for mode in Mode]))
    if mode not in _BUILT_MODES:
        table.wrong("mode", f"{mode.value} pacing is not built yet", "use progressive, or power")
    if "ratio" in table and mode is Mode.PROGRESSIVE:
        table.wrong(
            "ratio", "progressive pacing dials one line per free agent", 'remove it, or use mode = "power"'
        )
    pacing = Pacing(
        mode=mode,
        ratio=table.number("ratio", 1.0, 1.0, 15.0),
        abandon_target=table.number("abandon_target", 0.03, 0.0, 1.0),
        grace_s=table.duration("grace", 2.0, 0.0, 60.0),
    )
    table.finish()
    return pacing


def _read_hours(table: Table) -> WeeklyHours:
    days: dict[str, str] = {}
    for key in (*DAY_GROUPS, *WEEKDAYS):
        value = table.text(key, "closed")
        try:
            parse_hours(value)
        except ValueError as error:
            table.wrong(key, str(error), 'write windows like "09:00-13:00, 14:00-20:00", or "closed"')
        else:
            if key in table:
                days[key] = value
    if not table.keys():
        table.source.at_key(table.path, "missing", 'write [hours] and weekdays = "09:00-20:00" below it')
    table.finish()
    hours = WeeklyHours.parse(days)
    if days and hours.empty:
        table.source.at_key(table.path, "is closed on every day", "open at least one")
    return hours


def _read_limits(table: Table) -> AttemptLimits:
    default = AttemptLimits()
    limits = AttemptLimits(
        per_lead=table.whole("per_lead", default.per_lead, 1, 1_000),
        per_number=table.whole("per_number", default.per_number, 1, 1_000),
        per_number_day=table.whole("per_number_day", default.per_number_day, 1, 100),
    )
    table.finish()
    return limits


def _read_dispositions(top: Table) -> tuple[Disposition, ...]:
    found: dict[str, Disposition] = {}
    for table in top.tables("dispositions"):
        code = table.text("code", advice='write code = "sale"')
        if code and not _CODE.fullmatch(code):
            table.wrong("code", f'"{code}" is no code', "use up to 32 small letters, digits and underscores")
        elif code in {NO_DISPOSITION.code, "default", *_OUTCOMES}:
            table.wrong("code", f'"{code}" is taken by the product', "choose another code")
        elif code in found:
            table.wrong("code", f'"{code}" stands here twice', "codes are different from each other")
        disposition = Disposition(
            code=code,
            label=table.text("label", advice='write label = "Sale", as the agent shall see it'),
            live=table.flag("live"),
            rpc=table.flag("rpc"),
            machine=table.flag("machine"),
            final=table.flag("final"),
            dnc=table.flag("dnc"),
            callback=table.flag("callback"),
            wrong_number=table.flag("wrong_number"),
            vicidial=table.text("vicidial", ""),
        )
        for first, second, why in _CONTRADICTIONS:
            if getattr(disposition, first) and getattr(disposition, second):
                table.wrong(second, f"goes not with {first}", why)
        if disposition.rpc and not disposition.live:
            table.wrong("rpc", "needs live = true", "the right party is a person who answered")
        table.finish()
        found.setdefault(code, disposition)
    return tuple(found.values()) if "dispositions" in top else STANDARD


_CONTRADICTIONS = (
    ("live", "machine", "a person answered, or a machine"),
    ("callback", "final", "who is to be called back is not finished"),
    ("rpc", "wrong_number", "the right party is not a wrong number"),
)


def _read_retry(table: Table, dispositions: tuple[Disposition, ...]) -> RetrySchedule:
    codes = [disposition.code for disposition in dispositions]
    keys = [*_OUTCOMES, *codes, NO_DISPOSITION.code]
    rules = dict(DEFAULT_SCHEDULE.rules)
    # A rule for a disposition that this campaign does not have would only confuse who reads it.
    rules = {key: rule for key, rule in rules.items() if key in keys}
    default = DEFAULT_SCHEDULE.default
    for key in table.keys():  # noqa: SIM118 - a table is not iterable
        rule = _read_retry_rule(table.table(key))
        if key == "default":
            default = rule
        elif key in keys:
            rules[key] = rule
        else:
            text = "is neither an outcome nor a disposition of this campaign"
            table.wrong_key(key, text, suggestion(key, [*keys, "default"]))
    return RetrySchedule(tuple(rules.items()), default)


def _read_retry_rule(table: Table) -> RetryRule:
    delays_s = table.durations("after", _MAX_DELAY_S)
    rule = RetryRule(
        delays_s=delays_s,
        maximum=table.whole("maximum", len(delays_s) or 10, 0, 1_000),
        next_number=table.flag("next_number"),
    )
    table.finish()
    return rule


def _check_against_rules(source: TomlSource, campaign: Campaign, rule_set: RuleSet | None) -> None:
    """What the rule set does not allow is refused here, rather than at each dial."""
    if rule_set is None:
        return
    pacing, rules = campaign.pacing, f"rule set {rule_set.name}"
    if campaign.ring_timeout_s < rule_set.ring_min_s:
        text = f"{campaign.ring_timeout_s:g} s is too short: {rules} wants {rule_set.ring_min_s:g} s of ringing"
        source.at_value(("ring_timeout",), text, f'use at least "{rule_set.ring_min_s:g}s"')
    if pacing.abandon_target > rule_set.abandon_max:
        text = f"{rules} allows {rule_set.abandon_max:g} of live answers"
        source.at_value(("pacing", "abandon_target"), text, f"use at most {rule_set.abandon_max:g}")
    if pacing.grace_s > rule_set.abandon_clock_s:
        text = f"{rules} counts a call as abandoned after {rule_set.abandon_clock_s:g} s"
        source.at_value(("pacing", "grace"), text, f'use at most "{rule_set.abandon_clock_s:g}s"')
    if campaign.hours.empty:
        return
    hours = intersect(campaign.hours, rule_set.hours)
    longest_s = max((end - start for day in hours.days for start, end in day), default=0) * 60
    if longest_s < reach_of(campaign):
        text = f"leaves no time to call within {rules} ({rule_set.hours})"
        source.at_key(("hours",), text, "open longer, or use other rules")
