"""How it stands with a trunk beside its calls, in words: its registration, and which of its servers are passed
over."""

from __future__ import annotations

from collections.abc import Iterable

from dialer.sip.hop import Hop, shown
from dialer.telephony.registrations import Standing
from dialer.trunks.advice import about_registration


def of_registration(standing: Standing, now: float) -> str:
    """One clause. `now`: of the same clock as the standing's moments."""
    if standing.until is not None and standing.status is None:
        return f"registered for {max(0.0, standing.until - now):,.0f} s"
    if standing.status is None:
        return "no answer to REGISTER yet"
    refused = (
        "nobody answered REGISTER" if standing.status == 408 else f"REGISTER was refused with {standing.status}"
    )
    again = "" if standing.again_at is None else f", tried again in {max(0.0, standing.again_at - now):,.0f} s"
    stands = (
        "" if standing.until is None else f"; an earlier one holds for {max(0.0, standing.until - now):,.0f} s"
    )
    return refused + again + stands


def advice_on_registration(standing: Standing) -> str:
    """What to change, "" when nothing has to be."""
    return "" if standing.status is None else about_registration(standing.status)


def of_servers(passed_over: Iterable[tuple[Hop, float, bool]]) -> str:
    """One clause, "" when none is. Each: the server, for how many seconds more, and whether it asked for that."""
    return ", ".join(
        f"{shown(hop)} {'rests' if asked else 'failed, comes last'} for {left_s:.0f} s"
        for hop, left_s, asked in passed_over
    )
