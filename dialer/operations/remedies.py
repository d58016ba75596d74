"""What a manager can do about a refusal."""

from __future__ import annotations

from campaigns.refusal import Refusal

REMEDIES: dict[Refusal, str] = {
    Refusal.FINAL: "nothing; import the lead anew in another list, if it is to be called again",
    Refusal.NOT_DUE: "wait; shorten the delays in [retry], if they are longer than meant",
    Refusal.IN_CALL: "wait for that call to end",
    Refusal.NO_ZONE: "import the lead with a time-zone column, or with the country of its number (--region)",
    Refusal.NO_RULE: "name a rule set that speaks for the country (rules), or declare one in the folder rules",
    Refusal.NO_CALENDAR: "say in the rule whose holidays count (calendar), or give the lead a region",
    Refusal.RULE_EXPIRED: "have the rules checked at their source; a longer grace: [rules] in dialer.toml",
    Refusal.WINDOW_CLOSED: "wait; widen [hours], where the law's own hours are wider",
    Refusal.WINDOW_CLOSING: "wait for the next opening; a shorter ring_timeout leaves more of this one",
    Refusal.LIST_EXPIRED: "say a later day, if the list is still good: `dialer list expire NAME DATE`",
    Refusal.LEAD_LIMIT: "raise [limits] per_lead, if more attempts are meant",
    Refusal.NUMBER_LIMIT: "raise [limits] per_number, if more attempts are meant",
    Refusal.CAP: "wait; no setting lifts the cap of a law",
    Refusal.COOLOFF: "wait; no setting lifts the rest that a law asks for",
    Refusal.CONSENT: "leave the person alone; it waits for a consent: `dialer consent add`, if they have agreed",
    Refusal.DNC: "leave the person alone; `dialer dnc remove`, if it was put there by mistake",
    Refusal.NUMBER_KIND: "give the lead another number",
    Refusal.EMERGENCY: "mend the number in the list",
    Refusal.SHORT_CODE: "mend the number in the list",
    Refusal.NOT_VALID: "mend the number in the list",
    Refusal.PREMIUM: "give the lead another number",
    Refusal.CALLER_ID: "name the caller id in the campaign (caller_ids)",
    Refusal.PRERECORDED: "let agents speak (delivery), or dial over a simulated trunk",
    Refusal.DESTINATION: "allow the destination: in dialer.toml for house, client and trunk, in the campaign",
    Refusal.CALLER_ID_NOT_OURS: "declare the caller id and call it back: [[caller_id]] in dialer.toml",
    Refusal.CALLER_ID_COUNTRY: "give the campaign a caller id that may be shown there (shown_in)",
    Refusal.CALLER_ID_LIMIT: "wait, or give the campaign more caller ids",
    Refusal.NO_ROUTE: "name a trunk that carries the number; with a ceiling on spending, add its rate",
    Refusal.ROUTE_DOWN: "look at the trunk: `dialer trunk ls`, `dialer trunk test NAME`",
    Refusal.CALLS_CEILING: "wait, or raise the ceiling in dialer.toml",
    Refusal.SPEND_CEILING: "wait, or raise the ceiling in dialer.toml",
}
"""For every reason (a test compares)."""
