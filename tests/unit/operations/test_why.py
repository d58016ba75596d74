from __future__ import annotations

from typing import Any

import pytest

from dialer.errors import InputError, UnknownName
from dialer.operations.moments import iso
from dialer.operations.why import Explanation, why
from dialer.ports.store import FINAL, BlockNumbers, LeadUpdate, NewLead, ReturnLeads, SaveLeads
from lists.errors import OptionError
from tests.unit.operations.scene import BERLIN, LONDON, MONDAY_10, REACH_S, Scene, phone, utc
from tests.walls import SIMULATED


def ask(scene: Scene, who: str, at: float = MONDAY_10, region: str | None = None) -> Explanation:
    return why(scene.reader, "spring", who, at, region, walls=SIMULATED)


def test_a_number_inside_its_window_is_allowed_until_ringing_would_not_fit(scene: Scene) -> None:
    answer = ask(scene, LONDON[0])
    assert (answer.allowed, answer.reason) == (True, None)
    assert answer.until == utc("2026-11-23T20:00:00") - REACH_S
    evidence: dict[str, Any] = answer.evidence
    assert evidence["lead_id"] == scene.ids[0]
    assert evidence["zones"] == [{"zone": "Europe/London", "utc_offset_s": 0, "local_time": "2026-11-23T10:00:00"}]
    assert (evidence["trunk"], evidence["caller_id"]) == ("sim", "+12025550100")
    assert {"cap": "per_number_day", "used": 0, "limit": 2} in evidence["counters"]


def test_the_answer_changes_at_the_moment_it_names(scene: Scene) -> None:
    closed = ask(scene, LONDON[0], utc("2026-11-22T12:00:00"))  # a Sunday
    assert (closed.allowed, closed.reason) == (False, "window_closed")
    assert closed.until == utc("2026-11-23T09:00:00")
    assert not ask(scene, LONDON[0], closed.until - 0.001).allowed
    opened = ask(scene, LONDON[0], closed.until)
    assert opened.allowed
    assert opened.until is not None
    assert ask(scene, LONDON[0], opened.until).allowed
    assert ask(scene, LONDON[0], opened.until + 0.001).reason == "window_closing"


def test_a_cap_that_is_reached_comes_free_when_it_says(scene: Scene) -> None:
    scene.attempt(0, MONDAY_10)
    scene.attempt(0, MONDAY_10 + 600)
    refused = ask(scene, LONDON[0], MONDAY_10 + 1_200)
    assert refused.reason == "cap"
    assert refused.until == pytest.approx(MONDAY_10 + 86_400.251)
    assert refused.until is not None
    assert ask(scene, LONDON[0], refused.until).allowed
    assert ask(scene, LONDON[0], MONDAY_10 + 300).allowed  # the second attempt was not made yet


def test_an_attempt_whose_end_was_not_seen_counts(scene: Scene) -> None:
    scene.attempt(0, MONDAY_10, close=False)
    scene.attempt(0, MONDAY_10 + 600)
    assert ask(scene, LONDON[0], MONDAY_10 + 1_200).reason == "cap"


def test_an_attempt_that_was_never_placed_does_not(scene: Scene) -> None:
    scene.attempt(0, MONDAY_10, "withdrawn", counted=False, dialed_at=None)
    scene.attempt(0, MONDAY_10 + 600)
    answer = ask(scene, LONDON[0], MONDAY_10 + 1_200)
    assert answer.allowed
    assert answer.evidence["lead_attempts"] == 1


def test_a_retry_is_not_due_before_its_moment(scene: Scene) -> None:
    scene.attempt(1, MONDAY_10, "busy", next_at=MONDAY_10 + 900)
    refused = ask(scene, LONDON[1], MONDAY_10 + 60)
    assert (refused.reason, refused.until) == ("not_due", MONDAY_10 + 900)
    assert ask(scene, LONDON[1], MONDAY_10 + 900).allowed


def test_a_retry_due_at_night_waits_for_the_window(scene: Scene) -> None:
    scene.attempt(1, MONDAY_10, "busy", next_at=utc("2026-11-23T23:00:00"))
    refused = ask(scene, LONDON[1], MONDAY_10 + 60)
    assert (refused.reason, refused.until) == ("not_due", utc("2026-11-24T09:00:00"))


def test_a_closed_lead_stays_closed(scene: Scene) -> None:
    scene.attempt(0, MONDAY_10, "connected", disposition="sale", final=True)
    refused = ask(scene, LONDON[0], MONDAY_10 + 86_400)
    assert (refused.reason, refused.until) == ("final", None)
    assert "sale" in str(refused.evidence["detail"])


def test_a_number_on_the_register_is_refused_for_good(scene: Scene) -> None:
    scene.write(BlockNumbers((LONDON[0],), "a test", MONDAY_10))
    refused = ask(scene, LONDON[0])
    assert (refused.reason, refused.until, refused.evidence["on_dnc"]) == ("dnc", None, True)


def test_a_lead_is_allowed_when_one_of_its_numbers_is(scene: Scene) -> None:
    scene.write(BlockNumbers((LONDON[2],), "a test", MONDAY_10))
    answer = ask(scene, str(scene.ids[2]))
    assert answer.allowed
    assert answer.evidence["number"] == BERLIN
    assert answer.evidence["numbers"] == [
        {"number": LONDON[2], "reason": "dnc", "until": None},
        {"number": BERLIN, "reason": None, "until": iso(utc("2026-11-23T19:00:00") - REACH_S)},
    ]


def test_of_a_refused_lead_the_number_whose_turn_it_is_is_told(scene: Scene) -> None:
    """The engine does not dial Berlin an hour before London opens: it waits for the number in turn."""
    refused = ask(scene, str(scene.ids[2]), utc("2026-11-23T06:00:00"))
    assert (refused.evidence["number"], refused.until) == (LONDON[2], utc("2026-11-23T09:00:00"))
    assert refused.evidence["numbers"] == [
        {"number": LONDON[2], "reason": "window_closed", "until": "2026-11-23T09:00:00Z"},
        {"number": BERLIN, "reason": "window_closed", "until": "2026-11-23T08:00:00Z"},
    ]


def test_a_number_that_two_leads_share_is_allowed_when_it_is_for_one_of_them(scene: Scene) -> None:
    scene.write(SaveLeads("people", (NewLead((phone(LONDON[0]),)),), "", "", MONDAY_10))
    twin = [lead.lead_id for lead in scene.reader.leads("people")][-1]
    scene.attempt(0, MONDAY_10, "connected", disposition="sale", final=True)
    answer = ask(scene, LONDON[0], MONDAY_10 + 60)
    assert (answer.allowed, answer.evidence["lead_id"]) == (True, twin)
    assert answer.evidence["leads"] == [
        {"lead_id": scene.ids[0], "reason": "final", "until": None},
        {"lead_id": twin, "reason": None, "until": iso(answer.until)},
    ]
    assert ask(scene, str(scene.ids[0]), MONDAY_10 + 60).reason == "final"


def test_a_lead_that_the_store_has_closed_is_closed_whatever_the_file_says_now(scene: Scene) -> None:
    """The engine is never given it again: a limit raised later does not open it."""
    first = scene.reader.lead(scene.ids[0])
    assert first is not None
    scene.write(ReturnLeads((LeadUpdate(
        "spring", first.lead_id, FINAL, MONDAY_10, 0, first.phones[0].zone_group, 0, (), "number_limit",
    ),)))  # fmt: skip
    refused = ask(scene, LONDON[0], MONDAY_10 + 60)
    assert (refused.reason, refused.until) == ("final", None)
    assert "number_limit" in str(refused.evidence["detail"])
    scene.write(BlockNumbers((LONDON[0],), "a test", MONDAY_10))
    assert ask(scene, LONDON[0], MONDAY_10 + 60).reason == "dnc"  # what forbids it goes before what closed it


def test_a_closed_lead_was_open_before_it_was_called(scene: Scene) -> None:
    scene.attempt(0, MONDAY_10, "connected", disposition="sale", final=True)
    assert ask(scene, LONDON[0], MONDAY_10).allowed


def test_a_number_found_wrong_is_not_the_one_to_dial(scene: Scene) -> None:
    scene.attempt(2, MONDAY_10, "connected", disposition="wrong_number", position=1)
    refused = ask(scene, LONDON[2], MONDAY_10 + 60)
    assert (refused.reason, refused.until) == ("final", None)
    assert "wrong" in str(refused.evidence["detail"])
    answer = ask(scene, str(scene.ids[2]), MONDAY_10 + 60)
    assert (answer.allowed, answer.evidence["number"]) == (True, BERLIN)


def test_only_what_concerns_the_number_is_read(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """`why` is asked of homes with millions of leads and attempts."""
    for name in ("attempts", "leads", "zone_groups", "places", "records", "lists", "campaigns"):
        monkeypatch.setattr(scene.reader, name, lambda *_: pytest.fail("reads a whole table"))
    assert ask(scene, LONDON[0]).allowed
    assert ask(scene, str(scene.ids[2])).allowed


def test_a_number_that_no_lead_has_stands_for_itself(scene: Scene) -> None:
    answer = ask(scene, "020 7946 0777", region="GB")
    assert answer.allowed
    assert (answer.evidence["number"], answer.evidence["lead_id"]) == ("+442079460777", None)


def test_the_document_has_the_contracts_keys(scene: Scene) -> None:
    document = ask(scene, LONDON[0], utc("2026-11-22T12:00:00")).as_dict()
    assert set(document) == {"allowed", "reason", "until", "evidence"}
    assert document["until"] == "2026-11-23T09:00:00Z"


@pytest.mark.parametrize("who", ["+44", "hello", "+44 20 7946", ""])
def test_what_is_no_number_is_told_so(scene: Scene, who: str) -> None:
    with pytest.raises(InputError, match="write it as"):
        ask(scene, who)


def test_unknown_names_are_told(scene: Scene) -> None:
    with pytest.raises(UnknownName, match='no lead is called "999"'):
        ask(scene, "999")
    with pytest.raises(UnknownName, match='did you mean "spring"'):
        why(scene.reader, "sprong", LONDON[0], MONDAY_10, walls=SIMULATED)
    with pytest.raises(OptionError, match="region"):
        ask(scene, LONDON[0], region="XX")
