"""`open_campaign`, `check_campaign`, `add_campaign`, `show_campaign`."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.errors import CampaignFileError
from dialer.errors import UnknownName
from dialer.operations.add_campaign import add_campaign
from dialer.operations.check_campaign import check_campaign
from dialer.operations.open_campaign import open_campaign
from dialer.operations.show_campaign import campaign_rows, show_campaign
from dialer.ports.store import SaveCampaign
from tests.unit.operations.scene import BODY, MONDAY_10, Scene


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "spring.toml"
    path.write_text(BODY.replace('mode = "power"', 'mode = "progressive"').replace("ratio = 2.0\n", ""))
    return path


def test_a_stored_campaign_comes_with_rules_and_zone_groups(scene: Scene) -> None:
    opened = open_campaign(scene.reader, "spring")
    assert (opened.campaign.name, opened.rule_set.name) == ("spring", "fictional")
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
