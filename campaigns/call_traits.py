"""What is known of a call before it is placed that may tell how likely it is to be answered."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.answer_chance import Traits
from campaigns.hours import DAY_S, SATURDAY, weekday
from campaigns.outcome import Contact
from campaigns.permission.past import PastAttempt
from campaigns.zone_offsets import unknown_zones, utc_offset
from lists.lead import PhoneNumber

_PEOPLE = frozenset({Contact.CONVERSATION.value, Contact.REFUSAL.value, Contact.ABANDONED.value})
_MOST_TRIES, _MOST_ANSWERS = 6, 3
"""Beyond these more make no difference that a list has calls enough to show."""
_SINCE_S = (3_600.0, 4 * 3_600.0, DAY_S, 3 * DAY_S, 7 * DAY_S, 30 * DAY_S)


def traits_of(phone: PhoneNumber, list_name: str, history: Sequence[PastAttempt], now: float) -> Traits:
    """Of a call to this number at `now` (seconds UTC): list, kind of number, hour and kind of day on its first
    zone's clock, how many of the attempts on it a person answered, what the last came to and how long ago that is.
    `history`: attempts on the lead's numbers, oldest first. A zone that is not known has no hour."""
    mine = [past for past in history if past.number == phone.e164]
    people = sum(past.contact in _PEOPLE for past in mine)
    traits: Traits = (
        ("list", list_name),
        ("kind", phone.kind.value),
        ("answered", min(people, _MOST_ANSWERS), min(len(mine), _MOST_TRIES)),
    )
    if phone.zones and not unknown_zones(phone.zones[:1]):
        day, second = divmod(now + utc_offset(phone.zones[0], now), DAY_S)
        is_weekend = weekday(int(day)) >= SATURDAY
        traits += (("hour", is_weekend, int(second // 3_600)),)
    if mine:
        last = mine[-1]
        since = sum(now - last.at >= edge for edge in _SINCE_S)
        traits += (("last", last.outcome), ("since", since))
    return traits
