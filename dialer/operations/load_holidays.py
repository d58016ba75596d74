"""Have the holidays at hand that a campaign's hours ask for, before decisions ask for them in the event loop."""

from __future__ import annotations

from collections.abc import Collection

from campaigns.campaign import Campaign
from campaigns.holiday_calendar import calendars_within, load_calendars
from campaigns.hours import DAY_S
from campaigns.hours_rule import HolidayScope, HoursRule
from campaigns.rule_choice import Rules, sets_of, within
from campaigns.window import OPENING_HORIZON_S


def asking_for_holidays(campaign: Campaign, rules: Rules, regions: Collection[str]) -> tuple[HoursRule, ...]:
    """The rules about hours that may ask for a public holiday when numbers of these countries (ISO 3166-1 alpha-2)
    are called."""
    laws = [rule for one in sets_of(within(rules, regions)) for rule in one.hours]
    return tuple(rule for rule in (campaign.hours, *campaign.narrower_hours, *laws) if rule.asks_for_holidays)


def load_holidays(asking: Collection[HoursRule], regions: Collection[str], now: float) -> None:
    """Of all parts of these countries, for as long from `now` (seconds UTC) as an opening is looked for. The first
    time it takes tenths of a second, and should be given a thread of its own."""
    calendars = [rule.calendar for rule in asking if rule.calendar not in frozenset(HolidayScope)]
    if len(calendars) < len(asking):
        calendars += [calendar for region in sorted(regions) for calendar in calendars_within(region)]
    load_calendars(calendars, int(now // DAY_S), int((now + OPENING_HORIZON_S) // DAY_S))
