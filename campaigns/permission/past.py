"""What a decision has to know of the attempts before it."""

from __future__ import annotations

from campaigns.outcome import Contact, Stage
from lists.value import value


@value
class PastAttempt:
    """What is to be known of an earlier attempt, of whatever campaign. `at`: dialed, seconds UTC.
    `disposition`: what an agent said of it. `trunk`: over which it went. `stage`, `charged`, `contact`,
    `ended_at`: as in its record. `person`, `debt` (`lists.lead.Lead`), `purpose`: whom and what it was about, ""
    where that is not known.

    An attempt whose end was not seen is in here too, and counts as if it had been answered."""

    number: str
    campaign: str
    at: float
    outcome: str
    disposition: str | None = None
    trunk: str = ""
    stage: str = Stage.ANSWERED.value
    charged: bool = True
    contact: str = Contact.UNKNOWN.value
    ended_at: float | None = None
    person: str = ""
    debt: str = ""
    purpose: str = ""
