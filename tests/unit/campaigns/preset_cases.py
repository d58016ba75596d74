"""Cases of rule sets, written by hand from the texts of the laws (`tests/data/rules/*.toml`): one line each.

* `2026-11-18 07:59:59 closed`: may a call be placed at that local time? `open`, `closed`, `cap`, `cooloff`,
  `expired`, `early`; `after 11-17 12:00, 11-17 13:00 refusal`: calls before it (of its year), answered by nobody
  unless it says what they came to; `other`: of another campaign.
* `sales in US-FL applies`, or `not`: are calls for this purpose to somebody there under the rule set?
* `abandoned 3 of 100 kept`, or `broken`; `rang 15 s kept`, or `broken`; `clock 2 s`; `message required`, or `not`;
  `recording announce`: what the rule set says of these.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from campaigns.amd import Amd, AmdPolicy
from campaigns.applicable import applicable
from campaigns.campaign import AttemptLimits, Campaign
from campaigns.compliance import RuleSet
from campaigns.consent import Consent
from campaigns.eligibility import decide
from campaigns.outcome import Contact
from campaigns.permission.past import PastAttempt
from campaigns.permission.proposed import Proposed
from campaigns.preset_files import load_rule_set, rule_set_names
from campaigns.purpose import Purpose, Reaches
from campaigns.refusal import Refusal, Refused
from campaigns.rule_choice import rules_for
from lists.lead import Lead, NumberKind, PhoneNumber, ZoneSource
from tests.unit.campaigns.samples import ALWAYS, CAMPAIGN, reference_zone
from tests.walls import SIMULATED

FOLDER = Path(__file__).parents[2] / "data" / "rules"
_NUMBERS = {
    "US": "+18005550100", "CA": "+18005550100", "GB": "+442079460001", "IE": "+35312345678", "RU": "+74951234567",
    "UA": "+380441234567", "DE": "+493023125000", "FR": "+33142345678", "IT": "+390612345678",
    "ES": "+34912345678", "IN": "+911123456789", "AU": "+61255501234", "BR": "+551123456789", "AT": "+43123456789",
    "PT": "+351212345678", "NZ": "+6498765432", "BE": "+3221234567", "PK": "+92211234567", "AR": "+541123456789",
}  # fmt: skip
"""One for each country; where there is a choice, one that says nothing about the state."""
_ANSWERS = {
    "closed": Refusal.WINDOW_CLOSED,
    "cap": Refusal.CAP,
    "cooloff": Refusal.COOLOFF,
    "expired": Refusal.RULE_EXPIRED,
    "early": Refusal.NO_RULE,
}
_CONTACTS = {
    "conversation": Contact.CONVERSATION,
    "refusal": Contact.REFUSAL,
    "abandoned": Contact.ABANDONED,
    "machine": Contact.MACHINE,
}
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (open|closed|cap|cooloff|expired|early)(?: after (.+))?")
_PLACE = re.compile(r"(sales|debt|research|service) in ([A-Z]{2}(?:-[A-Z0-9]+)?) (applies|not)")
_ABANDONED = re.compile(r"abandoned (\d+) of (\d+) (kept|broken)")
_RANG = re.compile(r"rang ([\d.]+) s (kept|broken)")


def campaign_at_any_hour() -> Campaign:
    """One whose own limits forbid nothing, and that listens for machines."""
    return replace(
        CAMPAIGN,
        amd=Amd(AmdPolicy.HOLD),
        hours=ALWAYS,
        limits=AttemptLimits(per_lead=999, per_number=999, per_number_day=99),
    )


class PresetCases:
    """The file of one rule set."""

    def __init__(self, path: Path) -> None:
        data = tomllib.loads(path.read_text())
        self.name: str = data["preset"]
        self.lines: list[str] = data["cases"]
        self._place: str = data["place"]
        self._zone: str = data["zone"]
        self._rule_set = load_rule_set(self.name)

    def check(self, line: str) -> None:
        """Raises `AssertionError` where the rule set says otherwise than the line, `ValueError` for a line that is
        none."""
        if found := _MOMENT.fullmatch(line):
            self._check_moment(found[1], found[2], found[3] or "")
        elif found := _PLACE.fullmatch(line):
            names = [name for name, _ in _chosen(Purpose(found[1]), found[2], self._validity_of()).made_of]
            assert (self.name in names) == (found[3] == "applies"), names
        elif found := _ABANDONED.fullmatch(line):
            assert (int(found[1]) / int(found[2]) <= self._rule_set.abandon_max) == (found[3] == "kept")
        elif found := _RANG.fullmatch(line):
            assert (float(found[1]) >= self._rule_set.ring_min_s) == (found[2] == "kept")
        elif line.startswith("clock "):
            assert line == f"clock {self._rule_set.abandon_clock_s:g} s"
        elif line.startswith("message "):
            assert (line == "message required") == self._rule_set.abandoned_message
        elif line.startswith("recording "):
            assert line == f"recording {self._rule_set.recording.value}"
        else:
            raise ValueError(f"{self.name}: {line!r} is no case")

    def _validity_of(self) -> float:
        """A moment at which it is in force."""
        since, until = self._rule_set.validity()
        at = datetime(2026, 11, 23, 12, 0, tzinfo=UTC).timestamp()
        return min(max(at, since), until - 1.0)

    def _check_moment(self, text: str, expected: str, before: str) -> None:
        at = self._utc(text)
        number = number_in(self._place, self._zone)
        lead = lead_in(self._place, number)
        alone = rules_for((self._rule_set,), (), Purpose.SALES, (Reaches.AGENTS,))
        history = tuple(self._past(call.strip(), number, text[:5]) for call in before.split(",") if call.strip())
        answer = decide(
            Proposed(
                campaign=campaign_at_any_hour(),
                rule_set=applicable(alone, lead, number, at) if self._rule_set.hours else self._rule_set,
                lead=lead,
                number=number,
                trunk="sim",
                caller_id=CAMPAIGN.caller_ids[0],
                walls=SIMULATED,
                history=history,
                consents=(Consent(number.e164, "call", "", 0.0),),
            ),
            at,
            reach_s=0.0,
        )
        if expected == "open":
            assert not isinstance(answer, Refused), answer
        else:
            assert isinstance(answer, Refused), "permitted"
            assert answer.reason is _ANSWERS[expected], answer

    def _past(self, call: str, number: PhoneNumber, year: str) -> PastAttempt:
        day, time, *words = call.split()
        at = self._utc(f"{year}{day} {time}:00")
        campaign = "another" if "other" in words else CAMPAIGN.name
        contact = next((_CONTACTS[word] for word in words if word in _CONTACTS), Contact.NONE)
        lead = lead_in(self._place, number)
        return PastAttempt(
            number.e164, campaign, at, "no_answer", contact=contact.value, ended_at=at,
            person=lead.party, debt=lead.debt, purpose="sales",
        )  # fmt: skip

    def _utc(self, text: str) -> float:
        return datetime.fromisoformat(text).replace(tzinfo=reference_zone(self._zone)).timestamp()


def number_in(place: str, zone: str) -> PhoneNumber:
    country = place.partition("-")[0]
    return PhoneNumber(_NUMBERS[country], country, NumberKind.FIXED, (zone,), ZoneSource.STATED)


def lead_in(place: str, number: PhoneNumber) -> Lead:
    country, dash, _ = place.partition("-")
    return Lead(7, "sample", (number,), country=country, region=place if dash else "", debt_id="42")


def _chosen(purpose: Purpose, place: str, at: float) -> RuleSet:
    number = number_in(place, "UTC")
    rules = rules_for((), map(load_rule_set, rule_set_names()), purpose, (Reaches.AGENTS,))
    return applicable(rules, lead_in(place, number), number, at)
