"""`open_campaign`, `check_campaign`, `add_campaign`, `show_campaign`."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.compliance import RuleSet
from campaigns.errors import CampaignFileError
from campaigns.life import CampaignState
from campaigns.zone_group import Grouping
from dialer.errors import UnknownName
from dialer.operations.add_campaign import add_campaign
from dialer.operations.check_campaign import check_campaign
from dialer.operations.open_campaign import open_campaign
from dialer.operations.place_leads import place_leads
from dialer.operations.show_campaign import campaign_rows, show_campaign
from dialer.ports.store import Answer, PlaceLeads, SaveCampaign, SaveLeads, SetCampaignState, Write
from dialer.storage.errors import DiskFull
from tests.unit.operations.scene import BODY, MONDAY_10, Scene


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "spring.toml"
    path.write_text(BODY.replace('mode = "power"', 'mode = "progressive"').replace("ratio = 2.0\n", ""))
    return path


def test_a_stored_campaign_comes_with_rules_and_zone_groups(scene: Scene) -> None:
    opened = open_campaign(scene.reader, "spring")
    assert isinstance(opened.rules, RuleSet)
    assert (opened.campaign.name, opened.rules.name) == ("spring", "fictional")
    assert opened.zone_groups == ("DE:Europe/Berlin", "GB:Europe/London")


def test_an_unknown_campaign_names_those_there_are(scene: Scene) -> None:
    with pytest.raises(UnknownName, match="there is spring"):
        open_campaign(scene.reader, "autumn")


def test_without_a_home_only_the_file_itself_is_checked(file: Path) -> None:
    checked = check_campaign(file)
    assert (checked.campaign.name, checked.warnings) == ("spring", ())


def test_what_the_home_does_not_have_is_told_with_its_place(file: Path) -> None:
    checked = check_campaign(file, lists=["peeple"], trunks=[])
    missing_list, missing_trunk = checked.warnings
    assert (missing_list.line, missing_list.column, missing_list.field) == (4, 10, "lists[0]")
    assert missing_list.advice == 'did you mean "peeple"?'
    assert (missing_trunk.line, missing_trunk.field) == (6, "trunks[0]")
    assert "dialer.toml" in missing_trunk.advice


def test_a_campaign_is_added_and_its_leads_with_it(scene: Scene, file: Path) -> None:
    file.write_text(file.read_text().replace('"spring"', '"summer"'))
    added = add_campaign(file, write=scene.write, reader=scene.reader, now=MONDAY_10, trunks=["sim"])
    assert (added.replaced, added.leads.total, added.warnings) == (False, 3, ())
    assert open_campaign(scene.reader, "summer").campaign == added.campaign


def test_a_campaign_is_replaced_and_its_leads_keep_their_place(scene: Scene, file: Path) -> None:
    scene.attempt(0, MONDAY_10, final=True)
    added = add_campaign(file, write=scene.write, reader=scene.reader, now=MONDAY_10, trunks=[])
    assert (added.replaced, added.leads.total, added.leads.final) == (True, 3, 1)
    assert [warning.field for warning in added.warnings] == ["trunks[0]"]
    assert open_campaign(scene.reader, "spring").campaign.pacing.mode == "progressive"


def test_a_campaign_without_its_list_is_not_added(scene: Scene, file: Path) -> None:
    file.write_text(file.read_text().replace('["people"]', '["people", "strangers"]').replace('"spring"', '"new"'))
    with pytest.raises(CampaignFileError, match=r'spring.toml:4:20: lists\[1\]: .* no list "strangers"'):
        add_campaign(file, write=scene.write, reader=scene.reader, now=MONDAY_10)
    assert scene.reader.campaign("new") is None


def test_a_file_saved_by_a_windows_editor_is_the_same_campaign(scene: Scene, file: Path) -> None:
    plain = check_campaign(file).campaign
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    added = add_campaign(file, write=scene.write, reader=scene.reader, now=MONDAY_10)
    assert added.campaign.hours == plain.hours
    assert open_campaign(scene.reader, "spring").campaign.source_hash == added.campaign.source_hash


def test_campaigns_are_shown_with_how_far_they_have_come(scene: Scene) -> None:
    scene.attempt(0, MONDAY_10, final=True)
    scene.write(SaveCampaign("broken", "what = ", ("people",), "oldest", MONDAY_10))
    broken, spring = campaign_rows(scene.reader)
    assert (broken["name"], broken["mode"], broken["leads"]) == ("broken", None, 0)
    assert (spring["mode"], spring["lists"], spring["attempted"], spring["final"]) == ("power", ["people"], 1, 1)
    shown = show_campaign(scene.reader, "spring")
    assert (shown["toml"], shown["ratio"]) == (BODY, 2.0)


# --- leads by portions, and the state ----------------------------------------------------------------------


def test_leads_are_placed_by_portions_and_whoever_waits_is_told(scene: Scene, file: Path) -> None:
    file.write_text(file.read_text().replace('"spring"', '"summer"'))
    told: list[int] = []
    add_campaign(file, write=scene.write, reader=scene.reader, now=MONDAY_10, progress=told.append, portion=2)
    assert told == [2, 3]


def test_cut_short_it_is_a_draft_and_goes_on_when_added_again(scene: Scene, file: Path) -> None:
    file.write_text(file.read_text().replace('"spring"', '"summer"'))
    portions: list[Write] = []

    def dies(write: Write) -> Answer:
        portions.extend([write] if isinstance(write, PlaceLeads) else [])
        if len(portions) == 2:
            raise DiskFull("no space left")
        return scene.write(write)

    with pytest.raises(DiskFull):
        add_campaign(file, write=dies, reader=scene.reader, now=MONDAY_10, portion=1)
    stored = scene.reader.campaign("summer")
    assert stored is not None
    assert (stored.state, scene.reader.lead_counts("summer").total) == (CampaignState.DRAFT, 1)
    added = add_campaign(file, write=scene.write, reader=scene.reader, now=MONDAY_10 + 60, portion=1)
    assert (added.replaced, added.leads.total, added.state) == (True, 3, CampaignState.READY)


def test_two_who_replace_a_campaign_at_once_do_not_put_its_leads_in_groups_for_ever(
    scene: Scene, file: Path
) -> None:
    others = [PlaceLeads("spring", 1, Grouping(lists=("other",)).to_text())]

    def at_once(write: Write) -> Answer:
        answer = scene.write(write)
        if others:
            scene.write(others.pop())
        return answer

    place_leads("spring", write=at_once, grouping=Grouping(lists=("people",)), portion=1)
    groups = scene.reader.zone_group_names("spring")
    assert groups
    assert not [name for name in groups if ";list=" in name], "the later word counts"


def state_of(scene: Scene, name: str) -> tuple[CampaignState, str, float]:
    stored = scene.reader.campaign(name)
    assert stored is not None
    return stored.state, stored.state_reason, stored.state_at


def test_a_campaign_with_all_it_needs_is_ready(scene: Scene, file: Path) -> None:
    added = add_campaign(file, write=scene.write, reader=scene.reader, now=MONDAY_10, trunks=["sim", "other"])
    assert (added.state, added.reason) == (CampaignState.READY, "")
    assert state_of(scene, "spring") == (CampaignState.READY, "", MONDAY_10)
    # Nothing has changed: it has been ready since then.
    add_campaign(file, write=scene.write, reader=scene.reader, now=MONDAY_10 + 60, trunks=["sim"])
    assert state_of(scene, "spring") == (CampaignState.READY, "", MONDAY_10)


def test_a_campaign_that_lacks_something_is_a_draft_that_says_what(scene: Scene, file: Path) -> None:
    scene.write(SaveLeads("nobody", (), "", "", MONDAY_10))
    file.write_text(file.read_text().replace('["people"]', '["nobody"]').replace('"spring"', '"summer"'))
    added = add_campaign(file, write=scene.write, reader=scene.reader, now=MONDAY_10, trunks=["other"])
    assert added.state is CampaignState.DRAFT
    assert "none of its trunks (sim)" in added.reason
    assert "dialer list import FILE --list nobody" in added.reason
    assert state_of(scene, "summer") == (CampaignState.DRAFT, added.reason, MONDAY_10)
    again = add_campaign(file, write=scene.write, reader=scene.reader, now=MONDAY_10 + 60, trunks=["sim"])
    assert "trunk" not in again.reason
    assert state_of(scene, "summer") == (CampaignState.DRAFT, again.reason, MONDAY_10 + 60)


def test_what_was_ready_and_lost_its_trunk_is_a_draft_again(scene: Scene, file: Path) -> None:
    add_campaign(file, write=scene.write, reader=scene.reader, now=MONDAY_10, trunks=["sim"])
    added = add_campaign(file, write=scene.write, reader=scene.reader, now=MONDAY_10 + 60, trunks=[])
    assert added.state is CampaignState.DRAFT


@pytest.mark.parametrize("state", ["running", "paused", "draining", "done"])
def test_what_is_under_way_or_over_stays_so(scene: Scene, file: Path, state: str) -> None:
    scene.write(SetCampaignState("spring", CampaignState(state), MONDAY_10 - 60, "because"))
    for trunks in (["sim"], []):
        added = add_campaign(file, write=scene.write, reader=scene.reader, now=MONDAY_10, trunks=trunks)
        assert (added.state, added.reason) == (state, "because")
    assert state_of(scene, "spring") == (state, "because", MONDAY_10 - 60)
