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
    if standing.status == 408:
        refused = "nobody answered REGISTER"
    elif standing.status < 300:
        refused = "REGISTER was granted no time"
    else:
        refused = f"REGISTER was refused with {standing.status}"
    again = "" if standing.again_at is None else f", tried again in {max(0.0, standing.again_at - now):,.0f} s"
    stands = (
        f"; an earlier one holds for {standing.until - now:,.0f} s"
        if standing.until is not None and is_registered(standing, now)
        else ""
    )
    return refused + again + stands


def is_registered(standing: Standing, now: float) -> bool:
    """Whether the carrier has us at this moment, whatever it says now."""
    return standing.until is not None and now < standing.until


def advice_on_registration(standing: Standing) -> str:
    """What to change, "" when nothing has to be."""
    return "" if standing.status is None else about_registration(standing.status)


def of_servers(passed_over: Iterable[tuple[Hop, float, bool]]) -> str:
    """One clause, "" when none is. Each: the server, for how many seconds more, and whether it asked for that."""
    return ", ".join(
        f"{shown(hop)} {'rests' if asked else 'failed, comes last'} for {left_s:.0f} s"
        for hop, left_s, asked in passed_over
    )
