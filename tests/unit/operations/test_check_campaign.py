"""Whose a campaign is, and whose caller ids it shows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from campaigns.errors import CampaignFileError
from campaigns.prompt import Prompt
from campaigns.spoken import SIMULATED_ONLY
from campaigns.walls import OwnedCallerId, TrunkWall, Walls
from dialer.operations.check_campaign import check_campaign, check_text
from dialer.settings import ClientSettings, Settings, TrunkSettings
from tests.unit.operations.scene import BODY


def test_a_client_and_its_caller_ids_must_be_granted(tmp_path: Path) -> None:
    acme = ClientSettings("acme", "Acme", ("+12025550100",))
    zoo = ClientSettings("zoo", "Zoo", ("+12025550199",))
    house, file = BODY, tmp_path / "spring.toml"

    def problem(text: str, *clients: ClientSettings) -> tuple[str, str]:
        file.write_text(text)
        with pytest.raises(CampaignFileError) as caught:
            check_campaign(file, settings=Settings(clients=clients))
        (found,) = caught.value.problems
        return found.field, found.text

    of_acme, of_zoo = f'client = "acme"\n{house}', f'client = "zoo"\n{house}'
    assert problem(of_acme) == ("client", 'dialer.toml has no client "acme"')
    assert problem(of_zoo, acme, zoo)[1].endswith('a caller id of client "acme" alone')
    assert problem(house, acme)[0] == "caller_ids[0]"
    assert problem(of_zoo, zoo)[1].endswith('gives client "zoo"')
    file.write_text(of_acme)
    assert check_campaign(file, settings=Settings(clients=(acme, zoo))).campaign.name == "acme/spring"
    file.write_text(house)
    assert check_campaign(file, settings=Settings(clients=(zoo,))).campaign.name == "spring"


SIM = TrunkSettings("sim", "127.0.0.1", 5080)
SHOWN = '"+12025550100"'


@pytest.mark.parametrize(
    ("declared", "simulated", "warning"),
    [
        ((), True, ""),
        ((), False, "is not declared as ours: [[caller_id]] in dialer.toml"),
        ((OwnedCallerId("+12025550100"),), False, "nobody has called +12025550100 back yet"),
        ((OwnedCallerId("+12025550100", verified_on="2026-11-30"),), False, "kept free for films"),
    ],
)
def test_caller_ids_that_no_real_trunk_would_show_are_warned_of(
    declared: tuple[OwnedCallerId, ...], simulated: bool, warning: str
) -> None:
    walls = Walls(trunks=(TrunkWall("sim", None, simulated=simulated),), caller_ids=declared)
    warnings = check_text(BODY, "spring.toml", settings=Settings(walls=walls)).warnings
    found = [problem for problem in warnings if problem.field != "rules"]
    assert [problem.field for problem in found] == ["caller_ids[0]"] * bool(warning)
    assert all(warning in problem.text and SHOWN in BODY.splitlines()[problem.line - 1] for problem in found)


FLOW = f"""delivery = "prerecorded"
{BODY.replace('mode = "power"', 'mode = "lines"').replace("ratio = 2.0", "")}
[flow.hello]
do = "play"
file = "hello.wav"
next = "bye"
[flow.bye]
do = "hang_up"
"""


@pytest.mark.parametrize(("simulated", "warned"), [(True, False), (False, True)])
def test_invented_rules_over_a_real_trunk_are_warned_of(simulated: bool, warned: bool) -> None:
    ours = OwnedCallerId("+12025550100", verified_on="2026-11-30")
    walls = Walls(trunks=(TrunkWall("sim", None, simulated=simulated),), caller_ids=(ours,))
    found = check_text(BODY, "spring.toml", settings=Settings(walls=walls)).warnings
    found = tuple(problem for problem in found if problem.field != "caller_ids[0]")
    assert [problem.field for problem in found] == ["rules"] * warned
    assert all("nobody is called by them over sim" in problem.text for problem in found)


def test_recordings_are_for_the_simulated_trunk_alone() -> None:
    simulated = Settings(trunks=(SIM,), walls=Walls(trunks=(TrunkWall("sim", None, simulated=True),)))
    assert check_text(FLOW, "spring.toml", settings=simulated).campaign.name == "spring"
    real = Settings(trunks=(SIM,), walls=Walls(trunks=(TrunkWall("sim"),)))
    with pytest.raises(CampaignFileError) as caught:
        check_text(FLOW, "spring.toml", settings=real)
    assert [(problem.field, problem.text) for problem in caught.value.problems] == [("trunks[0]", SIMULATED_ONLY)]


def test_a_prompt_that_cannot_be_played_is_told_with_its_place() -> None:
    tried: list[tuple[str, Prompt]] = []

    def fault(client: str, prompt: Prompt) -> str:
        tried.append((client, prompt))
        return "prompts/hello.wav: cannot be read"

    with pytest.raises(CampaignFileError) as caught:
        check_text(FLOW, "spring.toml", try_prompt=fault)
    (problem,) = caught.value.problems
    assert (problem.field, FLOW.splitlines()[problem.line - 1]) == ("flow.hello.file", 'file = "hello.wav"')
    assert tried == [("", Prompt(file="hello.wav"))]


def test_a_message_that_the_rules_want_is_warned_of() -> None:
    text = BODY.replace('"fictional"', '"us-federal-telemarketing"')
    (warning,) = check_text(text, "spring.toml").warnings
    assert (warning.field, "[abandoned]" in warning.advice) == ("rules", True)
    assert check_text(text + '[abandoned]\ntext = "This is Example Ltd."\n', "spring.toml").warnings == ()


def test_hours_that_leave_no_time_to_call_are_warned_of_with_their_place() -> None:
    body = BODY + '[hours.region.US-TX]\ndaily = "20:00-22:00"\n'
    (warning,) = check_text(body, "c.toml").warnings
    assert (warning.line, warning.field) == (body.count("\n") - 1, "hours.region.US-TX")
    assert "leaves no time to call together with [hours]" in warning.text
    assert warning.advice


def test_rules_that_nobody_has_checked_for_a_year_are_warned_of() -> None:
    body = BODY.replace('rules = "fictional"', 'purpose = "debt"')
    later = datetime(2027, 12, 1, tzinfo=UTC).timestamp()
    warned = [str(problem.text) for problem in check_text(body, "c.toml", now=later).lacking]
    assert "rule set ru-debt was last checked on 2026-11-22: it permits nothing any more" in warned
    assert check_text(body, "c.toml", now=later - 90 * 86_400).lacking == ()


def test_what_a_held_contact_does_not_tell_is_said() -> None:
    """No words make a machine within 1.8 s: whoever wants voice mails found is told what to do."""
    (plain,) = check_text(f'{BODY}[amd]\npolicy = "hold"\n', "spring.toml").warnings
    assert (plain.field, plain.advice) == (
        "amd.policy",
        'agents get voice mails too; policy = "joined" holds nobody and tells agents when it is one',
    )
    message = '[amd]\npolicy = "hold"\nmachine = "message"\nmessage_text = "Call us."\n'
    (leaves,) = check_text(f"{BODY}{message}", "spring.toml").warnings
    assert leaves.text.endswith("hardly any is left the message")
    assert check_text(f'{BODY}[amd]\npolicy = "joined"\n', "spring.toml").warnings == ()
