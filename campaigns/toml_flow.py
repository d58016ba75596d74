"""`[flow]` and `[abandoned]` of a campaign file: what is said to people whom no agent speaks with."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from campaigns.abandoned import AbandonedMessage
from campaigns.disposition import NO_DISPOSITION, Disposition
from campaigns.flow import (
    Flow,
    GatherStep,
    HangUpStep,
    OptOutStep,
    PlayStep,
    RecordStep,
    Step,
    ToAgentsStep,
    circle,
    goes_to,
    unreached,
)
from campaigns.toml_prompt import read_prompt
from campaigns.toml_table import Table, suggestion

_STEP_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)
_DIGITS = re.compile(r"[0-9*#]{1,32}", re.ASCII)
_OWN_KEYS = ("start", "longest")
_AFTER = ("any", "timeout", "invalid")

LONGEST_S = 3_600.0


def read_abandoned(top: Table) -> AbandonedMessage | None:
    """`[abandoned]`; None when there is none."""
    if "abandoned" not in top:
        return None
    table = top.table("abandoned")
    prompt = read_prompt(table, needed=True)
    digit = table.text("opt_out_digit", "9")
    if not re.fullmatch(r"[0-9*#]", digit, re.ASCII):
        table.wrong("opt_out_digit", f'"{digit}" is no key of a phone', 'write opt_out_digit = "9"')
    wait_s = table.duration("wait", 4.0, 1.0, 30.0)
    confirmation = read_prompt(table, "confirmation_", needed=False)
    table.finish()
    return None if prompt is None else AbandonedMessage(prompt, digit, wait_s, confirmation)


def read_flow(top: Table, dispositions: Collection[Disposition]) -> Flow | None:
    """`[flow]`; None when there is none, or what is wrong with it leaves none."""
    if "flow" not in top:
        return None
    table = top.table("flow")
    names = [key for key in table.keys() if key not in _OWN_KEYS]  # noqa: SIM118 - a table is not iterable
    longest_s = table.duration("longest", 600.0, 10.0, LONGEST_S)
    start = table.text("start", names[0] if names else "")
    if not names:
        table.source.at_key(table.path, "has no step", 'write [flow.greeting] and do = "play" below it')
        return None
    before = len(table.source.problems)
    steps: dict[str, Step] = {}
    for name in names:
        if not _STEP_NAME.fullmatch(name):
            table.wrong_key(name, "is no name for a step", "use small letters, digits and underscores")
        read = _read_step(table.table(name), dispositions)
        if read is not None:
            steps[name] = read
    if start not in names:
        table.wrong("start", f'there is no step "{start}"', suggestion(start, names))
    for name, step in steps.items():
        for key, following in goes_to(step):
            if following and following not in names:
                path = (name, key) if key == "next" else (name, "on", key)
                text = f'there is no step "{following}"'
                table.source.at_value((*table.path, *path), text, suggestion(following, names))
    table.finish()
    if len(table.source.problems) > before:
        return None  # how the steps hang together is looked at once each of them is right
    flow = Flow(start, tuple(steps.items()), longest_s)
    for name in unreached(flow):
        table.wrong_key(name, "no step leads here", "let one lead here, or remove it")
    if name := circle(flow):
        text = "somebody who presses nothing goes round here without end"
        table.wrong_key(name, text, 'lead "next" or "timeout" to a step that hangs up')
    return flow


def _read_step(table: Table, dispositions: Collection[Disposition]) -> Step | None:
    kinds: dict[str, Callable[[], Step | None]] = {
        "play": lambda: _read_play(table),
        "gather": lambda: _read_gather(table),
        "record": lambda: _read_record(table),
        "to_agents": ToAgentsStep,
        "opt_out": lambda: OptOutStep(read_prompt(table, needed=False)),
        "hang_up": lambda: _read_hang_up(table, dispositions),
    }
    do = table.text("do", advice=f"say what it does: do = one of {', '.join(kinds)}")
    if do and do not in kinds:
        table.wrong("do", f'"{do}" is nothing that a step does', suggestion(do, list(kinds)))
        return None
    step = kinds[do]() if do else None
    if do:
        table.finish()
    return step


def _next(table: Table) -> str:
    return table.text(
        "next", advice='dead end: write next = "bye", the step that follows, or a step that hangs up'
    )


def _read_play(table: Table) -> PlayStep | None:
    prompt, following = read_prompt(table, needed=True), _next(table)
    return None if prompt is None else PlayStep(prompt, following)


def _read_record(table: Table) -> RecordStep:
    return RecordStep(
        prompt=read_prompt(table, needed=False),
        longest_s=table.duration("longest", 30.0, 1.0, 600.0),
        next=_next(table),
    )


def _read_hang_up(table: Table, dispositions: Collection[Disposition]) -> HangUpStep:
    code = table.text("disposition", "")
    codes = [disposition.code for disposition in dispositions]
    if code and code not in codes:
        table.wrong("disposition", f'"{code}" is no disposition of this campaign', suggestion(code, codes))
    elif code == NO_DISPOSITION.code:
        code = ""
    return HangUpStep(code)


def _read_finish(table: Table, default: str) -> str:
    finish = table.text("finish", default)
    if finish and not re.fullmatch(r"[0-9*#]", finish, re.ASCII):
        table.wrong("finish", f'"{finish}" is no key of a phone', 'write finish = "#", or "" for none')
    return finish


def _read_gather(table: Table) -> GatherStep:
    digits = table.whole("digits", 1, 1, 32)
    finish = _read_finish(table, "" if digits == 1 else "#")
    prompt = read_prompt(table, needed=False)
    timeout_s = table.duration("timeout", 5.0, 0.5, 60.0)
    between_s = table.duration("between", 3.0, 0.5, 60.0)
    barge_in, repeat = table.flag("barge_in", True), table.whole("repeat", 0, 0, 9)
    on = table.table("on")
    branches = []
    for key in on.keys():  # noqa: SIM118 - a table is not iterable
        if key in _AFTER:
            continue
        following = on.text(key)
        if not _DIGITS.fullmatch(key) or len(key) > digits or (finish and finish in key):
            what = f"up to {digits} digits" if digits > 1 else "one digit"
            on.wrong_key(key, "is nothing that can be pressed here", f"use {what}, any, timeout or invalid")
        branches.append((key, following))
    timeout = on.text("timeout", advice='dead end: write timeout = "bye", the step for who presses nothing')
    step = GatherStep(
        prompt=prompt,
        digits=digits,
        finish=finish,
        timeout_s=timeout_s,
        between_s=between_s,
        barge_in=barge_in,
        repeat=repeat,
        branches=tuple(branches),
        any=on.text("any", ""),
        invalid=on.text("invalid", timeout),
        timeout=timeout,
    )
    if not branches and "any" not in on:
        on.missing(
            "any", 'say what follows what is pressed: on = { 1 = "agent", any = "thanks", timeout = "bye" }'
        )
    on.finish()
    return step
