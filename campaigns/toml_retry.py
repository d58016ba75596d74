"""What an attempt may end with, and when it is tried again: `[[dispositions]]` and `[retry]`."""

from __future__ import annotations

import re

from campaigns.disposition import NO_DISPOSITION, STANDARD, Disposition
from campaigns.outcome import Outcome
from campaigns.retry import DEFAULT_SCHEDULE, RetryRule, RetrySchedule
from campaigns.toml_table import Table, suggestion

_CODE = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)
_MAX_DELAY_S = 366 * 86_400.0
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


def read_retry(table: Table, dispositions: tuple[Disposition, ...]) -> RetrySchedule:
    """`[retry]`: its rules replace single ones of the usual schedule."""
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
