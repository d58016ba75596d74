"""SIP status and Q.850 cause of an unanswered call -> `Outcome`. One table; `docs/reference/outcomes.md`."""

from __future__ import annotations

from campaigns.outcome import Outcome

BY_CAUSE: dict[int, Outcome] = {
    1: Outcome.INVALID,  # unallocated number
    17: Outcome.BUSY,  # user busy
    18: Outcome.NO_ANSWER,  # no user responding
    19: Outcome.NO_ANSWER,  # alerted, no answer
    20: Outcome.UNREACHABLE,  # subscriber absent
    21: Outcome.REJECTED,  # call rejected
    22: Outcome.CHANGED,  # number changed
    23: Outcome.CHANGED,  # redirection to new destination
    27: Outcome.CONGESTION,  # destination out of order
    28: Outcome.INCOMPLETE,  # invalid number format
    31: Outcome.NO_ANSWER,  # normal, unspecified
    34: Outcome.CONGESTION,  # no circuit available
    38: Outcome.CONGESTION,  # network out of order
    41: Outcome.CONGESTION,  # temporary failure
    42: Outcome.CONGESTION,  # switching equipment congestion
    47: Outcome.CONGESTION,  # resource unavailable
    55: Outcome.BARRED,  # incoming calls barred within closed user group
    87: Outcome.BARRED,  # user not member of closed user group
    102: Outcome.TIMEOUT,  # recovery on timer expiry
}
"""ITU-T Q.850 causes that say more than the status they came with."""

BY_STATUS: dict[int, Outcome] = {
    301: Outcome.CHANGED,
    302: Outcome.CHANGED,
    401: Outcome.TRUNK_FAULT,
    402: Outcome.TRUNK_FAULT,
    403: Outcome.REJECTED,
    404: Outcome.INVALID,
    407: Outcome.TRUNK_FAULT,
    408: Outcome.NO_ANSWER,
    410: Outcome.CHANGED,
    415: Outcome.TRUNK_FAULT,
    480: Outcome.NO_ANSWER,
    484: Outcome.INCOMPLETE,
    485: Outcome.INVALID,
    486: Outcome.BUSY,
    487: Outcome.NO_ANSWER,
    488: Outcome.TRUNK_FAULT,
    500: Outcome.CONGESTION,
    501: Outcome.TRUNK_FAULT,
    502: Outcome.CONGESTION,
    503: Outcome.CONGESTION,
    504: Outcome.TIMEOUT,
    600: Outcome.BUSY,
    603: Outcome.REJECTED,
    604: Outcome.INVALID,
    607: Outcome.UNWANTED,
    608: Outcome.BLOCKED,
}

REASON_DECIDES = frozenset({404, 408, 480, 486, 500, 503, 603})
"""Statuses that gateways use for several Q.850 causes: there the Reason header (RFC 3326) is the better word."""


def outcome_of(status: int | None, q850: int | None, *, alerted: bool) -> Outcome:
    """The outcome of a call that was not answered.

    `status`: final SIP status, None when none was seen; `q850`: cause of its Reason header; `alerted`: a
    provisional 18x had come. A 408 or silence without any 18x says something of the signalling, not of the
    person. Unknown statuses are judged by their class (RFC 3261 §8.1.3.2).
    """
    if status is None:
        return Outcome.NO_ANSWER if alerted else Outcome.TIMEOUT
    if q850 is not None and status in REASON_DECIDES and q850 in BY_CAUSE:
        return BY_CAUSE[q850]
    if status == 408 and not alerted:
        return Outcome.TIMEOUT
    if status in BY_STATUS:
        return BY_STATUS[status]
    if 300 <= status < 400:
        return Outcome.CHANGED
    if 500 <= status < 600:
        return Outcome.CONGESTION
    if status >= 600:
        return Outcome.REJECTED
    return Outcome.TRUNK_FAULT
