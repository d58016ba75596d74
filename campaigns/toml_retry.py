"""What an attempt may end with, and when it is tried again: `[[dispositions]]`, `[retry]`, `[dayparts]`
and `[callbacks]`."""

from __future__ import annotations

import re

from campaigns.callback_rule import CallbackRule
from campaigns.dayparts import USUAL, Dayparts
from campaigns.disposition import NO_DISPOSITION, STANDARD, Disposition
from campaigns.hours import parse_hours
from campaigns.outcome import Outcome
from campaigns.retry import DAYPART_WITHIN_S, DEFAULT_SCHEDULE, NO_MORE, RetryRule, RetrySchedule
from campaigns.toml_table import Table, suggestion

_CODE = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)
_MAX_DELAY_S = 366 * 86_400.0
_MAX_WITHIN_S = 14 * 86_400.0
_WHICH = ("any", "another")
_OUTCOMES = tuple(outcome.value for outcome in Outcome)


def read_dispositions(top: Table) -> tuple[Disposition, ...]:
    """`[[dispositions]]`; the usual ones when there are none."""
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
            soft_refusal=table.flag("soft_refusal"),
            vicidial=table.text("vicidial", ""),
        )
        for first, second, why in _CONTRADICTIONS:
            if getattr(disposition, first) and getattr(disposition, second):
                table.wrong(second, f"goes not with {first}", why)
        if disposition.rpc and not disposition.live:
            table.wrong("rpc", "needs live = true", "the right party is a person who answered")
        if disposition.soft_refusal and not disposition.live:
            table.wrong("soft_refusal", "needs live = true", "it is a person who refuses")
        table.finish()
        found.setdefault(code, disposition)
    return tuple(found.values()) if "dispositions" in top else STANDARD


_CONTRADICTIONS = (
    ("live", "machine", "a person answered, or a machine"),
    ("callback", "final", "who is to be called back is not finished"),
    ("rpc", "wrong_number", "the right party is not a wrong number"),
    ("dnc", "soft_refusal", "who wants no more calls gets none"),
    ("callback", "soft_refusal", "who asks to be called back does not refuse"),
)


def read_retry(table: Table, dispositions: tuple[Disposition, ...]) -> RetrySchedule:
    """`[retry]`: its rules replace single ones of the usual schedule."""
    codes = [disposition.code for disposition in dispositions]
    keys = [*_OUTCOMES, *codes, NO_DISPOSITION.code]
    rules = dict(DEFAULT_SCHEDULE.rules)
    # A rule for a disposition that this campaign does not have would only confuse who reads it.
    rules = {key: rule for key, rule in rules.items() if key in keys}
    soft = [disposition.code for disposition in dispositions if disposition.soft_refusal]
    rules |= dict.fromkeys(soft, NO_MORE)
    closing = [said.code for said in dispositions if said.dnc or (said.final and not said.soft_refusal)]
    default = DEFAULT_SCHEDULE.default
    for key in table.keys():  # noqa: SIM118 - a table is not iterable
        rule = _read_retry_rule(table.table(key))
        if key in closing and rule.delays_s:
            text = "closes the lead: nobody is called again after it"
            table.wrong_key(
                key, text, "remove it, or write soft_refusal = true for a no that may be asked about again"
            )
        elif key in soft and (len(rule.delays_s) > 1 or rule.maximum > 1 or rule.next_number):
            text = "is a refusal, and after one a lead is called once more at most"
            table.wrong_key(key, text, 'write one delay, after = ["30d"], and maximum = 1')
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
        jitter_s=table.duration("jitter", 0.0, 0.0, _MAX_DELAY_S),
        other_daypart=table.choice("daypart", "any", _WHICH) == "another",
        within_s=table.duration("within", DAYPART_WITHIN_S, 3_600.0, _MAX_WITHIN_S),
        other_caller_id=table.choice("caller_id", "any", _WHICH) == "another",
    )
    if "within" in table and not rule.other_daypart:
        table.wrong("within", "says how long another daypart is waited for", 'write daypart = "another" as well')
    if "jitter" in table and rule.other_daypart:
        table.wrong("jitter", "another daypart spreads the leads already", "remove one of the two")
    table.finish()
    return rule


def read_callbacks(table: Table) -> CallbackRule:
    """`[callbacks]`."""
    rule = CallbackRule(patience_s=table.duration("patience", CallbackRule().patience_s, 0.0, 7 * 86_400.0))
    table.finish()
    return rule


def read_dayparts(table: Table) -> Dayparts:
    """`[dayparts]`; the usual ones when there are none."""
    found: dict[str, tuple[int, int]] = {}
    for key in table.keys():  # noqa: SIM118 - a table is not iterable
        try:
            intervals = parse_hours(table.text(key))
        except ValueError as error:
            table.wrong(key, str(error), 'write one stretch of the day, "17:00-20:00"')
            continue
        if not _CODE.fullmatch(key):
            table.wrong_key(key, f'"{key}" is no name', "use up to 32 small letters, digits and underscores")
        if len(intervals) != 1:
            table.wrong(key, "is not one stretch of the day", "give each stretch a name of its own")
            continue
        overlapping = [
            name
            for name, other in found.items()
            if max(other[0], intervals[0][0]) < min(other[1], intervals[0][1])
        ]
        if overlapping:
            table.wrong(key, f"overlaps {overlapping[0]}", "a moment is in one daypart")
            continue
        found[key] = intervals[0]
    if not table.keys():
        return USUAL
    parts = sorted((start, end, name) for name, (start, end) in found.items())
    return Dayparts(tuple((name, start, end) for start, end, name in parts))
