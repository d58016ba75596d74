from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dialer.errors import UnknownName
from dialer.operations.run_audit import AuditReport, run_audit
from dialer.ports.store import (
    BlockNumbers,
    ExpireList,
    MoveLeads,
    NewLead,
    SaveCampaign,
    SaveLeads,
    UnblockNumbers,
    UpdateLeads,
)
from lists.lead import ZoneSource
from tests.unit.operations.scene import BODY, LONDON, MONDAY_10, Scene, phone


def codes(report: AuditReport) -> list[tuple[int, str]]:
    return [(found.violation.attempt_id, found.violation.code) for found in report.findings]


def test_permitted_attempts_are_no_violations(scene: Scene) -> None:
    scene.attempt(0, MONDAY_10)
    scene.attempt(1, MONDAY_10 + 1, close=False)  # its end was not seen: audited all the same
    scene.attempt(2, MONDAY_10 + 2, "withdrawn", counted=False, dialed_at=None)  # never left
    report = run_audit(scene.reader, "spring")
    assert codes(report) == []
    assert report.audited == 2
    chain = {"links": 0, "outside": 3, "erased": 0, "head": "", "against": "", "found": None}
    assert report.as_dict() == {
        "campaign": "spring", "audited": 2, "violating": 0, "chain": chain, "violations": [],
    }  # fmt: skip


def test_a_dial_beyond_a_cap_is_found(scene: Scene) -> None:
    for minute in range(3):
        scene.attempt(0, MONDAY_10 + 60 * minute)
    report = run_audit(scene.reader, "spring")
    assert set(codes(report)) == {(3, "cap")}
    assert report.violating() == 1


def test_a_dial_after_the_number_was_blocked_is_found(scene: Scene) -> None:
    scene.attempt(0, MONDAY_10)
    scene.attempt(1, MONDAY_10)
    # Put on the register with an earlier moment afterwards: the writer itself would have refused the dial.
    scene.write(BlockNumbers((LONDON[1],), "a test", MONDAY_10 - 30))
    assert codes(run_audit(scene.reader, "spring")) == [(2, "dnc")]


def test_taken_off_the_register_later_the_number_was_on_it_all_the_same(scene: Scene) -> None:
    for lead in range(3):
        scene.attempt(lead, MONDAY_10)
    scene.write(BlockNumbers((LONDON[0], LONDON[1]), "a test", MONDAY_10 - 30))
    scene.write(UnblockNumbers((LONDON[0],), MONDAY_10 + 3_600))
    scene.write(UnblockNumbers((LONDON[1],), MONDAY_10 - 20))
    scene.write(BlockNumbers((LONDON[2],), "another client's", MONDAY_10 - 30, "acme"))
    assert codes(run_audit(scene.reader, "spring")) == [(1, "dnc")]


def test_a_dial_after_the_last_day_of_the_list_that_the_lead_was_in_is_found(scene: Scene) -> None:
    day_before = datetime.fromtimestamp(MONDAY_10 - 86_400.0, UTC).date().isoformat()
    for lead in range(2):
        scene.attempt(lead, MONDAY_10)
    moved = list(scene.reader.leads("people"))[1].lead_id
    scene.write(ExpireList("people", day_before, MONDAY_10 - 3_600))
    assert codes(run_audit(scene.reader, "spring")) == [(1, "list_expired"), (2, "list_expired")]
    scene.write(MoveLeads("people", "others", (moved,), MONDAY_10 + 1))
    assert codes(run_audit(scene.reader, "spring")) == [(1, "list_expired"), (2, "list_expired")], (
        "it was there then"
    )
    scene.write(ExpireList("people", "", MONDAY_10 - 1_800))
    assert codes(run_audit(scene.reader, "spring")) == [], "it had been taken back"


def test_another_caller_id_than_the_permits_is_found(scene: Scene) -> None:
    scene.attempt(0, MONDAY_10, caller_id="+12025550177")
    found = {code for _, code in codes(run_audit(scene.reader, "spring"))}
    assert found == {"permit_mismatch", "caller_id"}


def test_a_permit_that_was_too_old_is_found_and_counted_in_its_period(scene: Scene) -> None:
    scene.attempt(0, MONDAY_10 + 3_600, permit_at=MONDAY_10)
    scene.attempt(1, MONDAY_10 + 7_200)
    report = run_audit(scene.reader, "spring")
    assert codes(report) == [(1, "permit_expired")]
    assert report.violating(MONDAY_10, MONDAY_10 + 3_601) == 1
    assert report.violating(MONDAY_10 + 3_601) == 0
    assert report.as_dict()["violations"] == [
        {
            "attempt_id": 1,
            "code": "permit_expired",
            "text": report.findings[0].violation.text,
            "number": LONDON[0],
            "lead_id": scene.ids[0],
            "at": "2026-11-23T11:00:00.250Z",
        }
    ]


def test_leads_are_found_however_large_their_list(scene: Scene) -> None:
    scene.attempt(0, MONDAY_10)
    more = tuple(NewLead((phone(f"+44207946{number:04}"),)) for number in range(100, 160))
    scene.write(SaveLeads("people", more, "", "", MONDAY_10))
    assert codes(run_audit(scene.reader, "spring")) == []


def test_attempts_are_judged_by_the_text_they_were_permitted_under(scene: Scene) -> None:
    scene.attempt(0, MONDAY_10)
    narrower = BODY.replace("09:00-20:00", "15:00-20:00")
    scene.write(SaveCampaign("spring", narrower, ("people",), "oldest", MONDAY_10 + 60))
    assert codes(run_audit(scene.reader, "spring")) == []
    scene.attempt(1, MONDAY_10 + 6 * 3_600)
    wider = narrower.replace("per_number_day = 2", "per_number_day = 1").replace("15:00-20:00", "09:00-20:00")
    scene.write(SaveCampaign("spring", wider, ("people",), "oldest", MONDAY_10 + 7 * 3_600))
    assert codes(run_audit(scene.reader, "spring")) == []


def test_a_looser_text_does_not_excuse_what_an_earlier_one_forbade(scene: Scene) -> None:
    for minute in range(3):
        scene.attempt(0, MONDAY_10 + 60 * minute)
    looser = BODY.replace("per_number_day = 2", "per_number_day = 3")
    scene.write(SaveCampaign("spring", looser, ("people",), "oldest", MONDAY_10 + 3_600))
    assert set(codes(run_audit(scene.reader, "spring"))) == {(3, "cap")}


def test_a_text_that_is_not_understood_any_more_is_one_that_is_not_known(scene: Scene) -> None:
    scene.attempt(0, MONDAY_10)
    scene.write(SaveCampaign("spring", BODY + "\n# the same", ("people",), "oldest", MONDAY_10 + 60))
    scene.write(SaveCampaign("spring", "of another time", ("people",), "oldest", MONDAY_10 + 70))
    scene.write(SaveCampaign("spring", BODY + "\n# the same", ("people",), "oldest", MONDAY_10 + 80))
    assert codes(run_audit(scene.reader, "spring")) == []


def test_attempts_are_judged_by_the_lead_as_it_was(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later list says that they live elsewhere: calls from before were made by what was known then."""
    scene.attempt(0, MONDAY_10)
    before = scene.reader.lead(scene.ids[0])
    assert before is not None
    berlin = replace(before.phones[0], zones=("Europe/Berlin",), zone_source=ZoneSource.REGION)
    scene.write(UpdateLeads("people", (replace(before, phones=(berlin,)),), MONDAY_10 + 60))
    assert scene.reader.lead(before.lead_id) != before
    scene.attempt(0, MONDAY_10 + 1_800)
    assert codes(run_audit(scene.reader, "spring")) == []
    monkeypatch.setattr(scene.reader, "lead_versions", lambda lead_ids: {})
    assert {attempt_id for attempt_id, _ in codes(run_audit(scene.reader, "spring"))} == {1}


def test_an_unknown_campaign_is_told(scene: Scene) -> None:
    with pytest.raises(UnknownName, match="winter"):
        run_audit(scene.reader, "winter")
