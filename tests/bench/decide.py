"""Eligibility: the permit of one attempt, with its evidence, on a lead with and without a history."""

from __future__ import annotations

from campaigns.campaign import Campaign
from campaigns.eligibility import Permitted, decide
from campaigns.loader import parse_campaign
from campaigns.permission.past import PastAttempt
from campaigns.permission.proposed import Proposed
from campaigns.preset_files import load_rule_set
from lists.lead import Lead
from tests.bench.lists import CAMPAIGN, NOON, londoners
from tests.bench.measure import Result, Stopwatch
from tests.walls import SIMULATED


def bench(count: int = 20_000) -> list[Result]:
    campaign = parse_campaign(CAMPAIGN)
    return [_decide(campaign, "fresh lead", 0, count), _decide(campaign, "3 past attempts", 3, count)]


def _decide(campaign: Campaign, name: str, past: int, count: int) -> Result:
    rule_set = load_rule_set("fictional")
    leads = [Lead(n, "people", new.phones) for n, new in enumerate(londoners(1_000), 1)]
    histories = [
        tuple(
            PastAttempt(lead.phones[0].e164, campaign.name, NOON - day * 172_800.0, "no_answer")
            for day in range(past, 0, -1)
        )
        for lead in leads
    ]
    watch = Stopwatch()
    for n in range(count):
        lead = leads[n % len(leads)]
        verdict = decide(
            Proposed(
                campaign=campaign,
                rule_set=rule_set,
                lead=lead,
                number=lead.phones[0],
                trunk="sim",
                caller_id=campaign.caller_ids[0],
                walls=SIMULATED,
                history=histories[n % len(leads)],
                lead_attempts=past,
            ),
            NOON + n * 0.01,
            dnc_version=1,
        )
        if not isinstance(verdict, Permitted):
            raise TypeError(f"refused: {verdict.detail}")
    cpu_s = watch.stop()
    return Result(f"decide, {name}", cpu_s / count * 1e6, "µs CPU", None, None, "", watch.calibration_us, count)
