from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from campaigns.callback import Callback, wall_of
from campaigns.consent import Consent
from campaigns.refusal import Refusal
from dialer.errors import InputError, UnknownName
from dialer.operations.funnel import Stage, funnel
from dialer.operations.moments import iso
from dialer.operations.remedies import REMEDIES
from dialer.operations.why import Explanation, why
from dialer.ports.store import (
    FINAL,
    BlockNumbers,
    LeadUpdate,
    NewLead,
    ReturnLeads,
    SaveCampaign,
    SaveConsents,
    SaveLeads,
    UnblockNumbers,
)
from lists.errors import OptionError
from lists.lead import NumberKind
from tests.unit.operations.scene import BERLIN, BODY, LONDON, MONDAY_10, REACH_S, Scene, phone, utc
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


def promise(scene: Scene, due_at: float, consent: str = "") -> None:
    """A call at that time, to the first lead, in an attempt of ten o'clock."""
    attempt_id = scene.attempt(0, MONDAY_10, close=False)
    callback = Callback(
        attempt_id, "spring", scene.ids[0], LONDON[0], wall_of(due_at, "Europe/London"), "Europe/London",
        due_at, MONDAY_10, "ana", "", consent,
    )  # fmt: skip
    scene.close(attempt_id, disposition="callback", next_at=due_at, callback=callback)
    if consent:
        scene.write(SaveConsents((Consent(LONDON[0], "callback", "sales", MONDAY_10, source="ana"),), MONDAY_10))


def test_a_promised_call_outside_the_hours_is_made_by_consent_and_for_half_an_hour(scene: Scene) -> None:
    night = utc("2026-11-23T21:30:00")
    promise(scene, night, "I am home then")
    before = ask(scene, str(scene.ids[0]), night - 1.0)
    assert (before.reason, before.until) == ("not_due", night)
    assert ask(scene, str(scene.ids[0]), night).allowed
    assert funnel(scene.reader, "spring", night, night, walls=SIMULATED, trunks=()).dialable == 1
    after = ask(scene, str(scene.ids[0]), night + 1_800.0)
    assert (after.reason, after.until) == ("window_closed", utc("2026-11-24T09:00:00"))


def test_without_consent_a_promised_call_waits_for_the_hours(scene: Scene) -> None:
    night = utc("2026-11-23T21:30:00")
    promise(scene, night)
    answer = ask(scene, LONDON[0], night)
    assert (answer.reason, answer.until) == ("window_closed", utc("2026-11-24T09:00:00"))


def test_before_it_is_due_a_promised_call_says_what_will_keep_it_waiting(scene: Scene) -> None:
    night = utc("2026-11-23T21:30:00")
    promise(scene, night)
    answer = ask(scene, LONDON[0], night - 7_200)
    assert (answer.reason, answer.until) == ("not_due", utc("2026-11-24T09:00:00"))
    assert "refused then (window_closed: outside the calling window" in str(answer.evidence["detail"])


def test_a_number_that_may_never_be_dialed_stands_before_the_others_until_its_hours_open(scene: Scene) -> None:
    """The lead is leased by it: the engine comes to the next one then."""
    scene.write(BlockNumbers((LONDON[2],), "a register", MONDAY_10 - 86_400))
    early = utc("2026-11-23T08:30:00")  # half past nine in Berlin
    assert ask(scene, BERLIN, early).allowed
    answer = ask(scene, str(scene.ids[2]), early)
    assert (answer.allowed, answer.reason, answer.until) == (False, "window_closed", utc("2026-11-23T09:00:00"))
    assert "next in turn" in str(answer.evidence["detail"])
    assert ask(scene, str(scene.ids[2]), answer.until or 0.0).allowed


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
    with pytest.raises(UnknownName, match=r'no lead is called "999" \(write a telephone number'):
        ask(scene, "999")
    with pytest.raises(UnknownName, match='did you mean "spring"'):
        why(scene.reader, "sprong", LONDON[0], MONDAY_10, walls=SIMULATED)
    with pytest.raises(OptionError, match="region"):
        ask(scene, LONDON[0], region="XX")


def test_a_register_is_that_of_the_moment(scene: Scene) -> None:
    scene.write(BlockNumbers((LONDON[0],), "a test", MONDAY_10 + 60))
    scene.write(UnblockNumbers((LONDON[0],), MONDAY_10 + 600))
    assert [ask(scene, LONDON[0], MONDAY_10 + s).reason for s in (0, 60, 599, 600)] == [None, "dnc", "dnc", None]


def test_a_campaign_is_asked_about_by_the_text_it_had(scene: Scene) -> None:
    later = BODY.replace('weekdays = "09:00-20:00"', 'weekdays = "12:00-20:00"')
    scene.write(SaveCampaign("spring", later, ("people",), "oldest", MONDAY_10 + 60))
    assert ask(scene, LONDON[0], MONDAY_10).allowed
    refused = ask(scene, LONDON[0], MONDAY_10 + 60)
    assert (refused.reason, refused.until) == ("window_closed", utc("2026-11-23T12:00:00"))
    assert ask(scene, LONDON[0], MONDAY_10 - 7 * 86_400).allowed  # before it was there: by its first


def gates(answer: Explanation) -> dict[str, tuple[bool | None, object]]:
    shown = answer.evidence["gates"]
    assert isinstance(shown, list)
    return {gate["gate"]: (gate["open"], gate.get("reason")) for gate in shown}


def test_every_gate_in_the_way_is_told_not_only_the_first(scene: Scene) -> None:
    scene.attempt(0, MONDAY_10)
    scene.attempt(0, MONDAY_10 + 600)
    scene.write(BlockNumbers((LONDON[0],), "a test", MONDAY_10))
    answer = ask(scene, LONDON[0], utc("2026-11-23T20:30:00"))
    assert answer.reason == "dnc"
    found = gates(answer)
    assert list(found) == [stage.value for stage in Stage if stage is not Stage.LEASED]
    assert {gate: reason for gate, (is_open, reason) in found.items() if is_open is False} == {
        "dnc": "dnc", "caps": "cap", "window": "window_closed",
    }  # fmt: skip
    assert all(is_open for is_open, _ in gates(ask(scene, LONDON[1])).values())


def test_a_closed_lead_and_one_that_waits_have_their_gates(scene: Scene) -> None:
    scene.attempt(0, MONDAY_10, "connected", disposition="sale", final=True)
    assert gates(ask(scene, LONDON[0], MONDAY_10 + 60))["status"] == (False, "final")
    scene.attempt(1, MONDAY_10, "busy", next_at=MONDAY_10 + 900)
    assert gates(ask(scene, LONDON[1], MONDAY_10 + 60))["waiting"] == (False, "not_due")


def test_what_cannot_be_thought_away_hides_what_is_behind_it(scene: Scene) -> None:
    pager = replace(phone("+442079460777"), kind=NumberKind.PAGER)
    scene.write(SaveLeads("people", (NewLead((pager,)),), "", "", MONDAY_10))
    refused = ask(scene, pager.e164)
    assert refused.reason == "number_kind"
    found = gates(refused)
    assert found["never"] == (False, "number_kind")
    assert found["window"] == (None, None)


def test_every_reason_has_a_remedy() -> None:
    assert set(REMEDIES) == set(Refusal)


def test_a_running_service_has_the_lead_at_hand_or_in_a_call(scene: Scene) -> None:
    def standing(who: str, *, served: bool = True) -> object:
        found = why(scene.reader, "spring", who, MONDAY_10 + 10, walls=SIMULATED, served=served)
        return found.evidence.get("standing")

    assert standing(LONDON[0]) is None
    attempt = scene.attempt(0, MONDAY_10, close=False)
    assert standing(LONDON[0]) == "in a call"
    assert standing(LONDON[1]) == "at hand, and dialed when the pace and a line allow"
    assert standing(LONDON[1], served=False) is None, "of another moment, or where no service runs"
    scene.close(attempt, next_at=MONDAY_10 + 7_200)
    assert standing(LONDON[0]) is None
    assert standing("+442079460009") is None, "no lead has it"
