"""`[flow]` and `[abandoned]`: what is read, and what is wrong with its place."""

from __future__ import annotations

import pytest

from campaigns.abandoned import AbandonedMessage
from campaigns.campaign import Campaign, Delivery, Mode
from campaigns.errors import CampaignFileError
from campaigns.flow import GatherStep, HangUpStep, OptOutStep, ToAgentsStep
from campaigns.loader import parse_campaign
from campaigns.prompt import Prompt

TOP = """
name = "one"
lists = ["people"]
rules = "fictional"
trunks = ["sim"]
caller_ids = ["+442079460000"]
"""
HOURS = """
[hours]
daily = "09:00-20:00"
"""
FLOW = """
[flow.greeting]
do = "gather"
text = "Press 1 or 9."
on = { 1 = "agent", 9 = "stop", timeout = "bye" }
[flow.agent]
do = "to_agents"
[flow.stop]
do = "opt_out"
file = "stop.wav"
[flow.bye]
do = "hang_up"
disposition = "not_interested"
"""


def prerecorded(flow: str = FLOW, more: str = "") -> Campaign:
    return parse_campaign(f'{TOP}delivery = "prerecorded"\n{HOURS}{flow}{more}', "one.toml")


def problems(text: str) -> list[str]:
    with pytest.raises(CampaignFileError) as caught:
        parse_campaign(text, "one.toml")
    return [str(problem) for problem in caught.value.problems]


def faults(flow: str) -> list[str]:
    return problems(f'{TOP}delivery = "prerecorded"\n{HOURS}{flow}')


def test_a_flow_is_read_step_by_step() -> None:
    campaign = prerecorded()
    flow = campaign.flow
    assert flow is not None
    assert (campaign.delivery, campaign.pacing.mode, campaign.pacing.lines) == (
        Delivery.PRERECORDED,
        Mode.LINES,
        20,
    )
    assert flow.start == "greeting"
    greeting = GatherStep(
        prompt=Prompt(text="Press 1 or 9."),
        digits=1,
        finish="",
        timeout_s=5.0,
        between_s=3.0,
        barge_in=True,
        repeat=0,
        branches=(("1", "agent"), ("9", "stop")),
        any="",
        invalid="bye",
        timeout="bye",
    )
    assert dict(flow.steps) == {
        "greeting": greeting,
        "agent": ToAgentsStep(),
        "stop": OptOutStep(Prompt(file="stop.wav")),
        "bye": HangUpStep("not_interested"),
    }
    assert campaign.needs_agents
    assert campaign.prompts == (Prompt(text="Press 1 or 9."), Prompt(file="stop.wav"))


def test_the_message_of_the_abandoned_is_read() -> None:
    text = f"""{TOP}[pacing]
mode = "progressive"
{HOURS}
[abandoned]
file = "nobody.wav"
wait = "3s"
confirmation_text = "Gone."
confirmation_voice = "en-us"
"""
    assert parse_campaign(text).abandoned == AbandonedMessage(
        Prompt(file="nobody.wav"), "9", 3.0, Prompt(text="Gone.", voice="en-us")
    )


@pytest.mark.parametrize(
    ("flow", "expected"),
    [
        ('[flow.a]\ndo = "play"\ntext = "x"\nnext = "b"\n', 'one.toml:14:8: flow.a.next: there is no step "b"'),
        ('[flow.a]\ndo = "play"\ntext = "x"\n', "one.toml:11:1: flow.a.next: missing (dead end: write next"),
        ('[flow.a]\ndo = "hang_up"\n[flow.b]\ndo = "hang_up"\n', "one.toml:13:1: flow.b: no step leads here"),
        (
            '[flow.a]\ndo = "gather"\ntext = "x"\non = { 1 = "b", timeout = "a" }\n[flow.b]\ndo = "hang_up"\n',
            "one.toml:11:1: flow.a: somebody who presses nothing goes round here without end",
        ),
        (
            '[flow.a]\ndo = "play"\ntext = "x"\nfile = "x.wav"\nnext = "b"\n[flow.b]\ndo = "hang_up"\n',
            "one.toml:13:8: flow.a.text: stands beside file (keep one of the two)",
        ),
        ('[flow.a]\ndo = "sing"\n', 'one.toml:12:6: flow.a.do: "sing" is nothing that a step does'),
        ('[flow.a]\ntext = "x"\n', "one.toml:11:1: flow.a.do: missing"),
        (
            '[flow.a]\ndo = "play"\nfile = "../x.wav"\nnext = "b"\n[flow.b]\ndo = "hang_up"\n',
            'one.toml:13:8: flow.a.file: "../x.wav" is no file name',
        ),
        (
            '[flow.a]\ndo = "gather"\ntext = "x"\non = { 12 = "b", timeout = "b" }\n[flow.b]\ndo = "hang_up"\n',
            "one.toml:14:8: flow.a.on.12: is nothing that can be pressed here (use one digit",
        ),
        (
            '[flow.a]\ndo = "gather"\ntext = "x"\non = { timeout = "b" }\n[flow.b]\ndo = "hang_up"\n',
            "one.toml:14:1: flow.a.on.any: missing",
        ),
        ('[flow.a]\ndo = "hang_up"\ndisposition = "sal"\n', 'flow.a.disposition: "sal" is no disposition'),
        ('[flow]\nstart = "b"\n[flow.a]\ndo = "hang_up"\n', 'one.toml:12:9: flow.start: there is no step "b"'),
        ("[flow]\n", "one.toml:11:1: flow: has no step"),
        ('[flow.a]\ndo = "to_agents"\ntext = "x"\n', "one.toml:13:1: flow.a.text: unknown key"),
        (
            '[flow.a]\ndo = "record"\nvoice = "en"\nnext = "b"\n[flow.b]\ndo = "hang_up"\n',
            "one.toml:13:9: flow.a.voice: belongs to a text, and there is none",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(flow: str, expected: str) -> None:
    assert any(expected in fault for fault in faults(flow)), faults(flow)


def test_a_flow_and_its_delivery_belong_together() -> None:
    agents = f'{TOP}[pacing]\nmode = "progressive"\n{HOURS}{FLOW}'
    assert "flow: agents take the calls of this campaign" in problems(agents)[0]
    assert "flow: missing" in faults("")[0]


def test_without_a_step_to_agents_nothing_goes_by_agents() -> None:
    silent = '[flow.a]\ndo = "hang_up"\n'
    assert not prerecorded(silent).needs_agents
    assert "no step leads to any" in faults(silent + '[pacing]\nmode = "progressive"\n')[0]
    assert "nobody waits for an agent here" in faults(silent + '[abandoned]\ntext = "x"\n')[0]


def test_lines_pacing_is_for_flows() -> None:
    text = f'{TOP}[pacing]\nmode = "lines"\n{HOURS}'
    assert "lines pacing asks for no agent" in problems(text)[0]
    assert "goes by agents" in problems(f'{TOP}[pacing]\nmode = "progressive"\nlines = 3\n{HOURS}')[0]
    assert prerecorded(more="[pacing]\nlines = 3\n").pacing.lines == 3
    assert prerecorded(more='[pacing]\nmode = "power"\nratio = 2\n').pacing.mode is Mode.POWER


AGENTS = f'{TOP}[pacing]\nmode = "progressive"\n{HOURS}'


def test_a_message_for_machines_is_read_with_its_prompt() -> None:
    text = f'{AGENTS}[amd]\npolicy = "hold"\nmachine = "message"\nmessage_file = "call-back.wav"\n'
    campaign = parse_campaign(text)
    assert campaign.amd.message == Prompt(file="call-back.wav")
    assert campaign.prompts == (Prompt(file="call-back.wav"),)
    joined = prerecorded(more='[amd]\npolicy = "joined"\nmachine = "message"\nmessage_text = "x"\n')
    assert joined.amd.message == Prompt(text="x")


@pytest.mark.parametrize(
    ("amd", "expected"),
    [
        ('policy = "hold"\nmachine = "message"\n', "amd.message_text: missing"),
        ('machine = "message"\nmessage_text = "x"\n', "with policy off nobody listens"),
        ('policy = "joined"\nmachine = "message"\nmessage_text = "x"\n', "the agent decides"),
        ('policy = "hold"\nmessage_text = "x"\n', 'write machine = "message"'),
    ],
)
def test_a_message_needs_somebody_who_hears_the_beep(amd: str, expected: str) -> None:
    assert expected in problems(f"{AGENTS}[amd]\n{amd}")[0]


def test_a_message_for_machines_is_for_rules_that_allow_it() -> None:
    text = AGENTS.replace('"fictional"', '"us-federal-telemarketing"')
    amd = '[amd]\npolicy = "hold"\nmachine = "message"\nmessage_text = "x"\n'
    assert "does not allow messages on answering machines" in problems(text + amd)[0]
