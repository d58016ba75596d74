"""How the steps of a call flow hang together."""

from __future__ import annotations

from campaigns.abandoned import AbandonedMessage
from campaigns.flow import (
    Flow,
    GatherStep,
    HangUpStep,
    OptOutStep,
    PlayStep,
    RecordStep,
    ToAgentsStep,
    circle,
    unreached,
)
from campaigns.prompt import Prompt, prompt_name

HELLO = Prompt(text="one two three")
END = HangUpStep()


def ask(timeout: str, **branches: str) -> GatherStep:
    return GatherStep(HELLO, 1, "", 5.0, 3.0, True, 0, tuple(branches.items()), "", timeout, timeout)


def test_a_step_that_no_way_leads_to_is_found() -> None:
    flow = Flow("a", (("a", PlayStep(HELLO, "b")), ("b", END), ("c", PlayStep(HELLO, "b"))))
    assert unreached(flow) == ["c"]


def test_whoever_presses_nothing_comes_to_an_end() -> None:
    assert circle(Flow("a", (("a", ask("b")), ("b", END)))) == ""
    assert circle(Flow("a", (("a", ask("a")), ("b", END)))) == "a"
    round_about = Flow("a", (("a", ask("b")), ("b", PlayStep(HELLO, "a")), ("c", END)))
    assert circle(round_about) == "a"


def test_a_menu_that_a_key_says_once_more_is_no_circle() -> None:
    flow = Flow("a", (("a", GatherStep(HELLO, 1, "", 5.0, 3.0, True, 0, (("5", "a"),), "", "b", "b")), ("b", END)))
    assert circle(flow) == ""
    assert unreached(flow) == []


def test_only_a_step_to_agents_leads_to_agents() -> None:
    assert not Flow("a", (("a", END),)).reaches_agents
    assert Flow("a", (("a", ToAgentsStep()),)).reaches_agents


def test_a_recording_is_gone_on_from() -> None:
    flow = Flow("a", (("a", RecordStep(HELLO, 30.0, "b")), ("b", OptOutStep(None))))
    assert circle(flow) == ""
    assert unreached(flow) == []


def test_the_message_of_the_abandoned_is_a_flow_that_ends() -> None:
    flow = AbandonedMessage(HELLO, opt_out_digit="7", confirmation=Prompt(file="bye.wav")).flow
    assert circle(flow) == ""
    assert unreached(flow) == []
    message = flow.step(flow.start)
    assert isinstance(message, GatherStep)
    assert message.branches == (("7", "opt_out"),)


def test_a_prompt_is_known_by_client_and_content() -> None:
    names = {
        prompt_name(client, prompt)
        for client in ("", "acme")
        for prompt in (HELLO, Prompt(file="one two three"), Prompt(text="one two three", speed=120))
    }
    assert len(names) == 6
    assert prompt_name("", HELLO) == prompt_name("", Prompt(text="one two three"))


def test_a_text_takes_about_as_long_as_its_words() -> None:
    assert Prompt(text="a b c", speed=180).spoken_s == 1.0
    assert Prompt(file="a.wav").spoken_s == 0.0
