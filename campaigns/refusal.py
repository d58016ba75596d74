"""Why an attempt is refused, and until when."""

from __future__ import annotations

from enum import StrEnum

from lists.value import value


class Refusal(StrEnum):
    """Why an attempt is refused. Documented in `docs/reference/reasons.md`."""

    NO_ZONE = "no_zone"  # no candidate time zone: not dialed until somebody supplies one
    NO_RULE = "no_rule"  # the campaign's rule set says nothing about this country
    NO_CALENDAR = "no_calendar"  # closed on public holidays of a place whose holidays are not known
    RULE_EXPIRED = "rule_expired"  # the rule set is past its validity
    WINDOW_CLOSED = "window_closed"  # outside the calling window in at least one candidate zone
    WINDOW_CLOSING = "window_closing"  # ring time no longer fits before the window closes
    LEAD_LIMIT = "lead_limit"  # the campaign's attempts on this lead are used up
    NUMBER_LIMIT = "number_limit"  # the campaign's attempts on this number are used up
    CAP = "cap"  # a cap of the rule set or a rolling limit of the campaign is reached
    COOLOFF = "cooloff"  # too soon after a conversation, a refusal, an abandoned call or a machine
    DNC = "dnc"  # on a do-not-call register
    CONSENT = "consent"  # the rules want a consent, and none is in force
    NOT_DUE = "not_due"  # a retry is scheduled for later
    FINAL = "final"  # the lead is closed
    IN_CALL = "in_call"  # another call to this number is open: the engine alone knows
    CALLER_ID = "caller_id"  # the caller id may not be shown
    LIST_EXPIRED = "list_expired"  # the last day of its list is over where the person may be
    NUMBER_KIND = "number_kind"  # premium, shared cost or another kind that is never dialed
    EMERGENCY = "emergency"  # an emergency number of some country, in whatever writing
    SHORT_CODE = "short_code"  # too few digits for a subscriber's number
    NOT_VALID = "not_valid"  # not in use in its country's numbering plan
    PREMIUM = "premium"  # a range that costs extra
    PRERECORDED = "prerecorded"  # a campaign without agents, over a trunk that is no simulated one
    DESTINATION = "destination"  # outside the destinations of the house, the client, the trunk or the campaign
    CALLER_ID_NOT_OURS = "caller_id_not_ours"  # not declared, another client's, or never called back
    CALLER_ID_COUNTRY = "caller_id_country"  # may not be shown at this destination
    CALLER_ID_LIMIT = "caller_id_limit"  # every caller id has been shown as often as it may, or rests
    NO_ROUTE = "no_route"  # none of the campaign's trunks carries it
    ROUTE_DOWN = "route_down"  # those that do are stopped, held or paused
    CALLS_CEILING = "calls_ceiling"  # as many calls as are allowed in an hour or a day
    SPEND_CEILING = "spend_ceiling"  # as much spent as is allowed in an hour or a day


@value
class Refused:
    """No. `until`: when it may change (seconds UTC), None for never or not by time alone."""

    reason: Refusal
    until: float | None
    detail: str
