"""Trunks that come, go and change while campaigns are dialed over them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.campaign import Campaign, Mode, Pacing
from campaigns.preset_files import load_rule_set
from dialer.engine import events as ev
from dialer.engine.commands import CampaignEnded, Notice, Originate, SaveAttempt
from dialer.engine.engine import Engine
from tests.unit.engine.world import LONDON, NOON, TRUNK, World, campaign, candidate
from tests.walls import SIMULATED

OTHER = replace(TRUNK, name="other")
POWER = campaign(pacing=Pacing(Mode.POWER, ratio=3.0))


def running(of: Campaign = POWER, agents: int = 1) -> World:
    """A campaign that dials as many calls as its trunks have room for."""
    world = World(of, agents=agents)
    world.leads(*(candidate(n) for n in range(1, 20)))
    for save in world.all(SaveAttempt):
        world.tell(ev.AttemptSaved(save.intent.attempt_id))
    return world


def test_fewer_channels_hold_for_the_next_call_and_end_none() -> None:
    world = running()
    assert world.engine.state.trunks["sim"].in_use == 3
    world.tell(ev.TrunksChanged((replace(TRUNK, channels=2),)))
    assert world.engine.state.trunks["sim"].in_use == 3, "calls go on"
    world.tell(ev.CallEnded(1, "callee", 486), after=1)
    world.wait(2)
    assert len(world.all(SaveAttempt)) == 3, "two are open, as many as there may be"
    world.tell(ev.CallEnded(2, "callee", 486), after=1)
    world.wait(2)
    assert len(world.all(SaveAttempt)) == 4
    assert world.engine.state.trunks["sim"].in_use == 2


def test_more_channels_are_used_at_once() -> None:
    world = World(POWER)
    world.tell(ev.TrunksChanged((replace(TRUNK, channels=1),)))
    world.leads(*(candidate(n) for n in range(1, 9)))
    assert len(world.all(SaveAttempt)) == 1
    world.tell(ev.TrunksChanged((TRUNK,)))
    world.wait(0.3)
    assert len(world.all(SaveAttempt)) == 3


def test_a_campaign_goes_on_with_the_trunks_it_has_left() -> None:
    world = World(replace(POWER, trunks=("other", "sim")))
    assert world.last(Notice).code == "trunk_missing"
    assert "other" in world.last(Notice).text
    world.tell(ev.TrunksChanged((TRUNK, OTHER)))
    world.leads(*(candidate(n) for n in range(1, 20)))
    saves = world.all(SaveAttempt)
    assert [save.intent.trunk for save in saves] == ["other"] * 3
    world.tell(ev.AttemptSaved(1))
    world.tell(ev.TrunksChanged((TRUNK,)))
    assert [notice.code for notice in world.all(Notice)] == ["trunk_missing"] * 2
    world.tell(ev.AttemptSaved(2))
    assert [placed.attempt_id for placed in world.all(Originate)] == [1], "the second had not left yet"
    assert world.record.outcome == "withdrawn"
    world.wait(1)
    assert world.last(SaveAttempt).intent.trunk == "sim"


def test_calls_on_a_removed_trunk_go_on_to_their_end_and_then_it_is_forgotten() -> None:
    world = running(replace(POWER, trunks=("sim", "other")))
    world.tell(ev.TrunksChanged((OTHER,)))
    assert world.engine.state.trunks["sim"].removed
    for attempt_id in (1, 2, 3):
        assert "sim" in world.engine.state.trunks
        world.tell(ev.CallEnded(attempt_id, "callee", 486), after=1)
    assert list(world.engine.state.trunks) == ["other"]


def test_a_trunk_that_comes_back_still_has_its_calls() -> None:
    world = running(replace(POWER, trunks=("sim", "other")))
    world.tell(ev.TrunksChanged((OTHER,)))
    world.tell(ev.TrunksChanged((OTHER, TRUNK)))
    assert world.engine.state.trunks["sim"].in_use == 3
    world.tell(ev.CallEnded(1, "callee", 486), after=1)
    world.wait(1)
    assert world.last(SaveAttempt).intent.trunk == "sim", "its first trunk"


def test_a_campaign_without_any_trunk_stops_and_says_what_to_do() -> None:
    world = running(agents=1)
    world.tell(ev.TrunksChanged((OTHER,)))
    notice = world.last(Notice)
    assert (notice.code, notice.campaign) == ("no_trunk", "spring")
    for word in ("sim", "dialer.toml", "start it again"):
        assert word in notice.text
    assert not world.all(CampaignEnded), "calls in progress finish"
    for attempt_id in (1, 2, 3):
        world.tell(ev.CallEnded(attempt_id, "callee", 486), after=1)
        world.tell(ev.RecordSaved("spring", attempt_id))
    assert world.last(CampaignEnded).reason == "failed"
    world.tell(ev.TrunksChanged((TRUNK,)))
    world.tell(ev.CampaignOpened(POWER, load_rule_set("fictional"), (LONDON,)))
    world.leads(candidate(30))
    assert world.last(SaveAttempt).intent.lead_id == 30


def test_a_campaign_that_is_stopping_does_not_fail_for_want_of_a_trunk() -> None:
    world = running()
    world.tell(ev.DrainRequested("spring"))
    world.tell(ev.TrunksChanged(()))
    for attempt_id in (1, 2, 3):
        world.tell(ev.CallEnded(attempt_id, "callee", 486), after=1)
        world.tell(ev.RecordSaved("spring", attempt_id))
    assert world.last(CampaignEnded).reason == "drained"
    assert not world.engine.state.trunks


def test_a_campaign_changed_to_trunks_that_are_not_there_stops() -> None:
    world = World()
    world.leads(candidate(1))
    world.tell(ev.CampaignChanged(campaign(trunks=("elsewhere",)), load_rule_set("fictional")))
    assert "elsewhere" in world.last(Notice).text
    world.tell(ev.AttemptSaved(1))
    assert not world.all(Originate)


def test_one_that_was_never_dialed_over_any_configured_trunk_is_not_opened() -> None:
    engine = Engine([OTHER], walls=SIMULATED, next_attempt_id=1, call_id_of=str)
    with pytest.raises(ValueError, match="none of its trunks"):
        engine.handle(ev.CampaignOpened(campaign(), load_rule_set("fictional"), (LONDON,)), NOON)
    assert not engine.state.runs


def test_what_cannot_be_heard_is_not_dialed_whatever_the_trunks_have_room_for() -> None:
    world = World(POWER)
    world.tell(ev.MediaRoomChanged(2))
    world.leads(*(candidate(n) for n in range(1, 9)))
    assert len(world.all(SaveAttempt)) == 2
    for save in world.all(SaveAttempt):
        world.tell(ev.AttemptSaved(save.intent.attempt_id))
    world.tell(ev.MediaRoomChanged(1))  # both go on
    world.tell(ev.CallEnded(1, "callee", 486), after=1)
    world.wait(2)
    assert len(world.all(SaveAttempt)) == 2
    world.tell(ev.MediaRoomChanged(3))
    world.wait(0.3)
    assert len(world.all(SaveAttempt)) == 4
