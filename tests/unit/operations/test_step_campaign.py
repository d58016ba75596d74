from __future__ import annotations

import pytest

from campaigns.life import NEXT, CampaignState, Step, StepRefused
from dialer.errors import UnknownName
from dialer.operations.step_campaign import step_campaign
from dialer.ports.access import Actor
from dialer.ports.store import SetCampaignState
from tests.unit.operations.scene import MONDAY_10, Scene

ANA = Actor("os:ana", "admin", "", "command")


def take(scene: Scene, step: Step, name: str = "spring") -> CampaignState:
    return step_campaign(name, step, reader=scene.reader, write=scene.write, actor=ANA, now=MONDAY_10 + 5)


@pytest.mark.parametrize("state", list(CampaignState))
@pytest.mark.parametrize("step", [Step.PAUSE, Step.STOP])
def test_every_state_allows_what_its_life_allows(scene: Scene, state: CampaignState, step: Step) -> None:
    scene.write(SetCampaignState("spring", state, MONDAY_10))
    before = len(scene.reader.changes())
    if (state, step) not in NEXT:
        with pytest.raises(StepRefused):
            take(scene, step)
        stored = scene.reader.campaign("spring")
        assert stored is not None
        assert (stored.state, len(scene.reader.changes())) == (state, before)
        return
    reached = take(scene, step)
    assert reached is (CampaignState.PAUSED if step is Step.PAUSE else CampaignState.DONE)
    stored = scene.reader.campaign("spring")
    assert stored is not None
    assert (stored.state, stored.state_at) == (reached, MONDAY_10 + 5)
    newest = scene.reader.changes()[0].change
    assert (newest.by, newest.action, newest.subject) == ("os:ana", f"campaign.{step}", "spring")


def test_an_unknown_campaign_is_told(scene: Scene) -> None:
    with pytest.raises(UnknownName, match='did you mean "spring"'):
        take(scene, Step.STOP, "sprung")
