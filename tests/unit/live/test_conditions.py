from __future__ import annotations

from dataclasses import dataclass

import pytest

from campaigns.compliance import REVERIFY_AFTER_DAYS, midnight
from campaigns.life import CampaignState
from campaigns.refusal import Refusal
from campaigns.rule_library import RuleLibrary
from dialer.api.schemas import CampaignRow, Figures, LeadFigures, TrunkRow, WaitReason
from dialer.engine.commands import Notice
from dialer.live.alarms import NOTICED_FOR_S, Alarms, Condition
from dialer.live.conditions import FAULTS_IN_A_ROW, WHY, TrunkFaults, of_campaign, of_media, of_rules, of_trunks


def row(**changes: object) -> CampaignRow:
    values: dict[str, object] = {
        "name": "spring",
        "client": "",
        "title": "",
        "mode": "power",
        "state": CampaignState.RUNNING,
        "state_reason": "",
        "state_since": 0.0,
        "figures": Figures(since=0.0, abandon_cap=0.03),
        "leads": LeadFigures(total=1000, at_hand=5),
        "agents": {"ready": 2},
    }
    return CampaignRow.model_validate(values | changes)


def codes(found: CampaignRow, *, failed: bool = False) -> list[str]:
    return [condition.code for condition in of_campaign(found, failed=failed)]


def test_all_is_well() -> None:
    assert codes(row()) == []


@pytest.mark.parametrize(
    ("changes", "code", "told"),
    [
        ({"agents": {}}, "no_agents", "no agent on duty"),
        ({"agents": {"paused": 2}}, "agents_paused", "until one is back"),
        ({"leads": LeadFigures(total=1000, final=960, at_hand=3)}, "list_nearly_done", "40 of 1,000"),
        ({"leads": LeadFigures(total=1000, next_in_s=300.0)}, "leads_wait", "in 5 min"),
    ],
)
def test_what_keeps_a_running_campaign_from_dialing_is_said(
    changes: dict[str, object], code: str, told: str
) -> None:
    (condition,) = of_campaign(row(**changes), failed=False)
    assert condition.code == code
    assert told in condition.text
    assert codes(row(state=CampaignState.PAUSED, **changes)) == [], "nobody wants it to dial"


def test_why_leads_wait_is_said_with_it() -> None:
    waits = [WaitReason(code="window_closed", text=WHY["window_closed"], count=9)]
    (condition,) = of_campaign(
        row(leads=LeadFigures(total=10, next_in_s=5400.0), waits_because=waits), failed=False
    )
    assert condition.text == (
        "No lead of spring may be dialed now (outside their calling hours); the next one may in 1 h 30 min."
    )


def test_every_refusal_has_its_words() -> None:
    assert WHY.keys() == {refusal.value for refusal in Refusal}


def test_a_failure_is_said_until_it_is_started_again() -> None:
    failed = row(state=CampaignState.PAUSED, state_reason="the journal could not be written")
    (condition,) = of_campaign(failed, failed=True)
    assert (condition.code, condition.level) == ("campaign_failed", "alarm")
    assert "the journal could not be written" in condition.text
    assert codes(failed, failed=False) == [], "somebody paused it"


@pytest.mark.parametrize(
    ("abandoned", "live", "too_many"), [(0, 0, False), (1, 2, False), (4, 100, False), (5, 100, True)]
)
def test_one_abandoned_person_early_on_is_no_alarm(abandoned: int, live: int, too_many: bool) -> None:
    figures = Figures(
        since=0.0, live=live, abandoned=abandoned, abandonment_rate=abandoned / max(1, live), abandon_cap=0.03
    )
    assert codes(row(figures=figures)) == (["abandon_cap"] if too_many else [])


def trunk(**changes: object) -> TrunkRow:
    values = {"name": "main", "address": "192.0.2.1:5060", "channels": 30, "in_use": 3, "cps": 5.0}
    return TrunkRow.model_validate(values | changes)


def test_a_full_trunk_and_a_faulty_one() -> None:
    faults = TrunkFaults()
    for _ in range(FAULTS_IN_A_ROW - 1):
        faults.count("timeout")
    assert not list(of_trunks([trunk()], {"main": faults}))
    faults.count("withdrawn")  # never left: says nothing of the trunk
    faults.count("congestion")
    (faulty,) = of_trunks([trunk(campaigns=["acme/spring", "autumn"])], {"main": faults})
    assert (faulty.code, faulty.subject) == ("trunk_faulty", "main")
    assert "192.0.2.1:5060" in faulty.text
    assert "acme/spring and autumn dial over it" in faulty.text
    (idle,) = of_trunks([trunk()], {"main": faults})
    assert "no running campaign dials over it" in idle.text
    faults.count("busy")
    assert not list(of_trunks([trunk()], {"main": faults})), "somebody's phone was reached"
    (full,) = of_trunks([trunk(in_use=30)], {})
    assert full.code == "trunk_full"
    assert not list(of_trunks([trunk(in_use=30, removed=True)], {}))


@dataclass
class Seen:
    codes: list[str]
    since: list[float]


def look(alarms: Alarms, conditions: list[Condition], now: float) -> Seen:
    shown = alarms.look(conditions, now)
    return Seen([alarm.code for alarm in shown], [alarm.at for alarm in shown])


def test_audio_that_is_not_carried_and_as_much_as_can_be() -> None:
    assert [list(of_media(room, 5, lost=False)) for room in (None, 6)] == [[], []]
    assert [condition.code for condition in of_media(5, 5, lost=False)] == ["media_full"]
    assert [condition.code for condition in of_media(0, 0, lost=True)] == ["media_lost"]


def test_a_machine_that_is_too_busy_for_a_single_call_is_not_told_as_lost_audio() -> None:
    (strained,) = of_media(0, 0, lost=False)
    assert (strained.code, strained.level) == ("media_full", "warning")
    assert "too busy" in strained.text
    assert "media.ports" in strained.text


def test_a_condition_stands_since_it_was_first_met_and_goes_with_its_cause() -> None:
    alarms = Alarms()
    full = Condition("trunk_full", "warning", "", "full", "main")
    other = Condition("trunk_full", "warning", "", "full", "spare")
    assert look(alarms, [full], 10.0).since == [10.0]
    assert look(alarms, [full, other], 20.0) == Seen(["trunk_full", "trunk_full"], [20.0, 10.0])
    assert look(alarms, [], 30.0) == Seen([], [])
    assert look(alarms, [full], 40.0).since == [40.0]


def test_a_notice_is_shown_for_a_while_and_what_was_lost_until_the_restart() -> None:
    alarms = Alarms()
    alarms.notice(Notice("spring", "unknown_disposition", "Agent ana gave …"), 10.0)
    alarms.notice(Notice("spring", "unknown_disposition", "Agent ana gave …"), 20.0)
    alarms.notice(Notice("spring", "records_lost", "3 records …"), 30.0)
    assert look(alarms, [], 40.0) == Seen(["records_lost", "unknown_disposition"], [30.0, 20.0])
    assert look(alarms, [], 20.0 + NOTICED_FOR_S).codes == ["records_lost"]


def test_started_anew_what_was_noticed_before_is_over() -> None:
    alarms = Alarms()
    alarms.notice(Notice("spring", "call_fault", "no port"), 10.0)
    alarms.notice(Notice("autumn", "call_fault", "no port at all"), 10.0)
    alarms.forget("spring")
    assert [alarm.campaign for alarm in alarms.look([], 11.0)] == ["autumn"]


def test_a_recording_is_not_missing_agents() -> None:
    alone = row(agents={})
    assert [condition.code for condition in of_campaign(alone, failed=False)] == ["no_agents"]
    assert list(of_campaign(alone, failed=False, needs_agents=False)) == []


def test_rules_that_nobody_has_checked_for_a_year_are_told_of_until_they_are_refused() -> None:
    outdated = midnight("2026-11-22") + REVERIFY_AFTER_DAYS * 86_400.0
    rules = RuleLibrary((), 86_400.0).named("us-fl-sales")
    assert list(of_rules("spring", rules, outdated - 1)) == []
    (warned,) = of_rules("spring", rules, outdated)
    (refused,) = of_rules("spring", rules, outdated + 86_400.0)
    assert (warned.code, warned.level, refused.level) == ("rules_outdated", "warning", "alarm")
    assert "us-fl-sales" in warned.text
    assert "refused" in refused.text
