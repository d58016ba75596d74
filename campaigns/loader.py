"""A campaign file (TOML) to a `Campaign`. Format: `docs/reference/campaign-file.md`.

Every problem of a file is reported at once, each with file, line, column, field, and what to do about it.
"""

from __future__ import annotations

import re
from functools import reduce
from pathlib import Path

from campaigns.amd import LONGEST_HOLD_S, Amd, AmdPolicy, MachineAction
from campaigns.campaign import (
    AttemptLimits,
    Campaign,
    Delivery,
    LeadOrder,
    Mode,
    Pacing,
    Recording,
    Routing,
    source_hash_of,
)
from campaigns.destinations import FORM, Destinations
from campaigns.hours import common_hours
from campaigns.purpose import Purpose
from campaigns.reach import reach_of
from campaigns.recording_rule import RecordingRule, narrower
from campaigns.refusal_rule import USUAL, RefusalBlocks, RefusalReaches, RefusalRule
from campaigns.retention import MOST_KEEP_DAYS
from campaigns.rule_choice import Rules, reaches_of, recordings_allowed, strictest
from campaigns.rule_library import PRESETS, RuleLibrary
from campaigns.toml_file import read_toml
from campaigns.toml_flow import read_abandoned, read_flow
from campaigns.toml_hours import read_hours
from campaigns.toml_prompt import read_prompt
from campaigns.toml_retry import read_callbacks, read_dayparts, read_dispositions, read_retry
from campaigns.toml_source import TomlSource
from campaigns.toml_table import Table, suggestion
from lists.client import HOUSE, SEPARATOR, client_of, full_name, is_client

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
SHORTEST_HOLD_S = 0.5
"""In less nobody has said a word."""

_BUILT_MODES = frozenset({Mode.POWER, Mode.PROGRESSIVE, Mode.PREDICTIVE, Mode.LINES})


def load_campaign(path: str | Path) -> Campaign:
    """The campaign of a file. Raises `CampaignFileError`, also when it cannot be read or is not UTF-8."""
    return parse_campaign(read_toml(Path(path)), str(path))


def parse_campaign(text: str, filename: str = "<campaign>", library: RuleLibrary | None = PRESETS) -> Campaign:
    """The campaign of a file's text; `filename` appears in messages. `library`: the rule sets that it may name,
    and has to keep to; None for a text that was checked before. Raises `CampaignFileError`."""
    source = TomlSource(text, filename)
    top = Table(source, (), source.data)
    client = _read_client(top)
    name = _read_name(top, client)
    title = top.text("title", "")
    lists = _read_lists(top, client)
    named, purpose = _read_rules(top, library)
    order = LeadOrder(top.choice("order", LeadOrder.OLDEST, [order.value for order in LeadOrder]))
    trunks = top.texts("trunks", 'write trunks = ["sim"]')
    e164_advice = 'write international numbers: caller_ids = ["+12025550123"]'
    caller_ids = top.texts("caller_ids", e164_advice, _E164)
    routing = Routing(top.choice("routing", Routing.ORDER, [routing.value for routing in Routing]))
    destinations = read_destinations(top, "destinations")
    local_presence, withhold = top.flag("local_presence"), top.flag("withhold_caller_id")
    ring_timeout_s = top.duration("ring_timeout", 25.0, 1.0, 180.0)
    wrapup_limit_s = top.duration("wrapup_limit", 60.0, 1.0, 3_600.0)
    script = top.text("script", "")
    delivery = Delivery(top.choice("delivery", Delivery.AGENTS, [delivery.value for delivery in Delivery]))
    pacing = _read_pacing(top.table("pacing"), delivery)
    amd = _read_amd(top.table("amd"), delivery)
    rules = None if library is None or named is None else library.rules(named, purpose, reaches_of(delivery, amd))
    recording = _read_recording(top.table("recording"), rules)
    hours, narrower_hours = read_hours(top.table("hours"), client, lists)
    limits = _read_limits(top.table("limits"))
    dispositions = read_dispositions(top)
    retry = read_retry(top.table("retry"), dispositions)
    dayparts = read_dayparts(top.table("dayparts"))
    callbacks = read_callbacks(top.table("callbacks"))
    abandoned, flow = read_abandoned(top), read_flow(top, dispositions)
    refusal = _read_refusal(top)
    top.finish()
    campaign = Campaign(
        name=name,
        lists=lists,
        rules=named or (),
        hours=hours,
        narrower_hours=narrower_hours,
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
        routing=routing,
        destinations=destinations,
        local_presence=local_presence,
        withhold_caller_id=withhold,
        amd=amd,
        delivery=delivery,
        flow=flow,
        abandoned=abandoned,
        recording=recording,
        dayparts=dayparts,
        purpose=purpose,
        callbacks=callbacks,
        refusal=refusal,
    )
    _check_delivery(top, campaign)
    if rules is not None:
        _check_against_rules(source, campaign, rules)
    source.raise_problems()
    return campaign


def _read_refusal(top: Table) -> RefusalRule:
    """That everybody in the house leaves a person alone is not for one client's campaign to say."""
    of_campaign = [RefusalReaches.PURPOSE.value, RefusalReaches.CLIENT.value]
    return RefusalRule(
        RefusalReaches(top.choice("refusal_reaches", USUAL.reaches, of_campaign)),
        RefusalBlocks(top.choice("refusal_blocks", USUAL.blocks, [blocks.value for blocks in RefusalBlocks])),
    )


def read_destinations(table: Table, key: str) -> Destinations | None:
    """None when the key is not there; what is wrong with it is noted in the table."""
    if key not in table:
        return None
    good: list[str] = []
    for index, entry in enumerate(table.texts(key, FORM)):
        try:
            good += Destinations.parse([entry]).entries
        except ValueError as error:
            table.source.at_value((*table.path, key, index), str(error), FORM)
    return Destinations(tuple(good))


def _read_client(top: Table) -> str:
    client = top.text("client", HOUSE)
    if client and not is_client(client):
        top.wrong("client", f'"{client}" is no client', "write its id of dialer.toml; leave it out for the house")
        return HOUSE
    return client


def _read_name(top: Table, client: str) -> str:
    """In full: `acme/spring` for client acme."""
    name = top.text("name", advice='write name = "spring-renewals"')
    holder, separator, own = name.partition(SEPARATOR)
    if separator and _NAME.fullmatch(own) and is_client(holder):
        top.wrong("name", f'"{name}" says whose it is', f'write client = "{holder}" and name = "{own}"')
    elif name and not _NAME.fullmatch(name):
        top.wrong("name", f'"{name}" is no name', "use up to 64 letters, digits, dots, dashes and underscores")
    return full_name(client, name)


def _read_lists(top: Table, client: str) -> tuple[str, ...]:
    """In full. A campaign dials lists of its own client only."""
    lists = tuple(full_name(client, name) for name in top.texts("lists", 'write lists = ["customers"]'))
    for index, name in enumerate(lists):
        holder = client_of(name)
        if holder != client:
            whose = f'client "{holder}"' if holder else "the house"
            mine = f'client "{client}"' if client else "the house"
            text = f'"{name}" is a list of {whose}, and this campaign is of {mine}'
            advice = f'write client = "{holder}" above, or name a list of {mine}'
            top.source.at_value((*top.path, "lists", index), text, advice)
        elif lists.index(name) < index:
            top.source.at_value((*top.path, "lists", index), f'"{name}" stands here twice', "remove one")
    return lists


def _read_rules(top: Table, library: RuleLibrary | None) -> tuple[tuple[str, ...] | None, Purpose]:
    """The rule sets it names, None when something is wrong with them, and what it calls for; one of the two has to
    be there."""
    if "rules" not in top and "purpose" not in top:
        top.missing("rules", 'write purpose = "sales", and they are chosen for each number; or name a rule set')
    purpose = Purpose(top.choice("purpose", Purpose.SALES, [purpose.value for purpose in Purpose]))
    names = top.words("rules", 'write rules = "fictional", or the rule sets of the countries called')
    known = names if library is None else library.names
    unknown = [name for name in names if name not in known]
    for name in unknown:
        top.wrong("rules", f'no rule set is named "{name}"', suggestion(name, known))
    right = not unknown and ("purpose" in top or names)
    return names if right else None, purpose


def _check_delivery(top: Table, campaign: Campaign) -> None:
    """A call flow and its delivery, its pacing and its agents belong together."""
    flow, prerecorded = campaign.flow, campaign.delivery is Delivery.PRERECORDED
    if prerecorded and "flow" not in top:
        top.missing("flow", "write [flow] and its steps: what is said to whoever answers")
    elif "flow" in top and not prerecorded:
        top.wrong_key(
            "flow", "agents take the calls of this campaign", 'write delivery = "prerecorded", or remove it'
        )
    if flow is not None and not flow.reaches_agents:
        if campaign.pacing.mode is not Mode.LINES:
            text = f"{campaign.pacing.mode.value} pacing goes by agents, and no step leads to any"
            top.source.at_value(("pacing", "mode"), text, 'use mode = "lines"')
        if campaign.abandoned is not None:
            top.wrong_key("abandoned", "nobody waits for an agent here", "remove it")


def _read_pacing(table: Table, delivery: Delivery) -> Pacing:
    prerecorded = delivery is Delivery.PRERECORDED
    if "mode" not in table and not prerecorded:
        table.missing("mode", 'write [pacing] and mode = "progressive" below it')
    usual = Mode.LINES if prerecorded else Mode.POWER
    mode = Mode(table.choice("mode", usual, [mode.value for mode in Mode]))
    if mode is Mode.LINES and not prerecorded:
        table.wrong("mode", "lines pacing asks for no agent", "use predictive, progressive, or power")
    lines = table.whole("lines", 20, 1, 10_000)
    if mode is not Mode.LINES and "lines" in table:
        table.wrong("lines", f"{mode.value} pacing goes by agents", 'remove it, or use mode = "lines"')
    if mode not in _BUILT_MODES:
        table.wrong("mode", f"{mode.value} pacing is not built yet", "use predictive, progressive, or power")
    if "ratio" in table and mode in (Mode.PROGRESSIVE, Mode.LINES):
        why = "one line per free agent" if mode is Mode.PROGRESSIVE else "as many lines as are allowed"
        table.wrong("ratio", f"{mode.value} pacing dials {why}", 'remove it, or use mode = "power"')
    pacing = Pacing(
        mode=mode,
        ratio=table.number("ratio", 1.0, 1.0, 15.0),
        abandon_target=table.number("abandon_target", 0.03, 0.001, 0.99),
        grace_s=table.duration("grace", 2.0, 0.0, 60.0),
        lines=lines if mode is Mode.LINES else 0,
    )
    table.finish()
    return pacing


def _read_amd(table: Table, delivery: Delivery) -> Amd:
    usual = Amd()
    machine = MachineAction(table.choice("machine", usual.machine, [action.value for action in MachineAction]))
    leaves = machine is MachineAction.MESSAGE
    amd = Amd(
        policy=AmdPolicy(table.choice("policy", usual.policy, [policy.value for policy in AmdPolicy])),
        hold_s=table.duration("hold", usual.hold_s, SHORTEST_HOLD_S, LONGEST_HOLD_S),
        checked=table.number("checked", usual.checked, 0.0, 1.0),
        machine=machine,
        message=read_prompt(table, "message_", needed=leaves),
    )
    if amd.message is not None and not leaves:
        table.wrong("machine", "nothing is left on a machine that is hung up", 'write machine = "message"')
    if leaves and (
        amd.policy is AmdPolicy.OFF or (amd.policy is AmdPolicy.JOINED and delivery is Delivery.AGENTS)
    ):
        why = "nobody listens" if amd.policy is AmdPolicy.OFF else "the agent decides what becomes of the call"
        advice = 'remove it; policy = "hold" would leave it on the few machines that beep at once'
        if delivery is not Delivery.AGENTS:
            advice = 'use policy = "joined"'
        table.wrong("machine", f"with policy {amd.policy.value} {why}", advice)
    for key in ("hold", "checked"):
        if key in table and amd.policy is not AmdPolicy.HOLD:
            table.wrong(key, f"{amd.policy.value} holds nobody", 'remove it, or use policy = "hold"')
    table.finish()
    return amd


def _read_recording(table: Table, rules: Rules | None) -> Recording:
    wish = RecordingRule(table.choice("policy", RecordingRule.NEVER, [rule.value for rule in RecordingRule]))
    allowed = {wish} if rules is None else recordings_allowed(rules)
    announced = any(narrower(wish, rule) is RecordingRule.ANNOUNCE for rule in allowed)
    announcement = read_prompt(table, "announcement_", needed=announced)
    keep_days = table.whole("keep_days", MOST_KEEP_DAYS, 1, MOST_KEEP_DAYS) if "keep_days" in table else None
    table.finish()
    return Recording(wish, announcement, keep_days)


def _read_limits(table: Table) -> AttemptLimits:
    default = AttemptLimits()
    limits = AttemptLimits(
        per_lead=table.whole("per_lead", default.per_lead, 1, 1_000),
        per_number=table.whole("per_number", default.per_number, 1, 1_000),
        per_number_day=table.whole("per_number_day", default.per_number_day, 1, 100),
    )
    table.finish()
    return limits


def _check_against_rules(source: TomlSource, campaign: Campaign, rules_: Rules) -> None:
    """What the rules do not allow is refused here, rather than at each dial."""
    rule_set = strictest(rules_)
    if rule_set.lack:
        source.at_value(("purpose",), rule_set.lack, "name a rule set, or declare one in the home's folder rules")
        return
    pacing = campaign.pacing
    rules = f"rule set {rule_set.name}" if rule_set is rules_ else rule_set.name
    if campaign.ring_timeout_s < rule_set.ring_min_s:
        text = f"{campaign.ring_timeout_s:g} s is too short: {rules} wants {rule_set.ring_min_s:g} s of ringing"
        source.at_value(("ring_timeout",), text, f'use at least "{rule_set.ring_min_s:g}s"')
    if pacing.abandon_target > rule_set.abandon_max:
        text = f"{rules} allows {rule_set.abandon_max:g} of live answers"
        source.at_value(("pacing", "abandon_target"), text, f"use at most {rule_set.abandon_max:g}")
    if pacing.grace_s > rule_set.abandon_clock_s:
        text = f"{rules} counts a call as abandoned after {rule_set.abandon_clock_s:g} s"
        source.at_value(("pacing", "grace"), text, f'use at most "{rule_set.abandon_clock_s:g}s"')
    amd = campaign.amd
    if amd.policy is AmdPolicy.HOLD and amd.hold_s > pacing.grace_s:
        text = f"{amd.hold_s:g} s is longer than the grace, which runs from the answer ({pacing.grace_s:g} s)"
        source.at_value(("amd", "hold"), text, f'use at most "{pacing.grace_s:g}s", or a longer pacing.grace')
    if campaign.amd.machine is MachineAction.MESSAGE and not rule_set.machine_message:
        text = f"{rules} does not allow messages on answering machines"
        source.at_value(("amd", "machine"), text, 'use machine = "hang_up"')
    if campaign.withhold_caller_id and not rule_set.may_withhold_caller_id:
        text = f"{rules} does not allow a call without a caller id"
        source.at_value(("withhold_caller_id",), text, "remove it")
    if campaign.hours.week.empty or rule_set is not rules_:  # else by where the number is: nobody knows that here
        return
    weeks = [rule.week.days for rule in (campaign.hours, *rule_set.hours)]
    days = [reduce(common_hours, same_day) for same_day in zip(*weeks, strict=True)]
    longest_s = max((end - start for day in days for start, end in day), default=0) * 60
    if longest_s < reach_of(campaign):
        text = f"leaves no time to call within {rules} ({'; '.join(map(str, rule_set.hours))})"
        source.at_key(("hours",), text, "open longer, or use other rules")
