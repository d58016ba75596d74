"""Session timers (RFC 4028): what both sides agree on with each INVITE and UPDATE, and the clock that has the
session refreshed, or ended when nobody did."""

from __future__ import annotations

from typing import Protocol

from dialer.sip.errors import MalformedMessage
from dialer.sip.extensions import TIMER, SessionExpires, option_tags, parse_seconds
from dialer.sip.message import Request, Response
from dialer.sip.timers import TimerQueue
from lists.value import value

MIN_SE_S = 90
"""Seconds; no session may have to be refreshed more often (§ 5)."""

MAX_INTERVAL_S = 86_400
"""Longer ones are as good as none; a 422 that wants more is not followed."""


@value
class Agreement:
    """The session ends after `interval_s` seconds without a refresh, 90 or more. `we_refresh`: that is our
    part."""

    interval_s: int
    we_refresh: bool


@value
class Reply:
    """Our part of the answer to an INVITE or UPDATE: `lines` for the 2xx, and what that agrees on. `too_brief`:
    the request asked for less than we bear and is to be answered 422."""

    lines: bytes = b""
    agreement: Agreement | None = None
    too_brief: bool = False


TOO_BRIEF_LINES = b"Min-SE: %d\r\n" % MIN_SE_S


def reply_to(request: Request, wanted_s: int, current: Agreement | None) -> Reply:
    """§ 9. `wanted_s`: what we would ask for ourselves, 0 for nothing. `current`: what is agreed so far, which a
    request without Session-Expires does not end. Raises MalformedMessage."""
    supported = TIMER in option_tags(request, b"supported")
    text = request.get(b"session-expires")
    if text is None:
        if not supported or not (wanted_s or current):
            return Reply()
        asked = SessionExpires(current.interval_s if current else wanted_s)
        if current is not None:
            asked = SessionExpires(asked.interval_s, "uas" if current.we_refresh else "uac")
    else:
        asked = SessionExpires.parse(text)
        if asked.interval_s < MIN_SE_S:
            if supported:
                return Reply(too_brief=True)  # § 9; one that knows nothing of it could do nothing with a 422
            asked = SessionExpires(MIN_SE_S, asked.refresher)
    # § 9, table 2: who cannot refresh need not; who can and left it open does it.
    refresher = (asked.refresher or "uac") if supported else "uas"
    agreed = SessionExpires(asked.interval_s, refresher)
    lines = f"Session-Expires: {agreed}\r\n".encode()
    if refresher == "uac":
        lines += b"Require: timer\r\n"  # § 9: "MUST"
    return Reply(lines, Agreement(agreed.interval_s, refresher == "uas"))


def agreed_by(response: Response) -> Agreement | None:
    """What a 2xx to an INVITE or UPDATE of ours says (§ 7.2). None: the session does not expire, also when the
    value cannot be read, or is below what the RFC lets anybody ask for."""
    text = response.get(b"session-expires")
    if text is None:
        return None
    try:
        agreed = SessionExpires.parse(text)
    except MalformedMessage:
        return None
    if agreed.interval_s < MIN_SE_S:
        return None
    return Agreement(agreed.interval_s, agreed.refresher != "uas")


def longer_interval(response: Response, asked_s: int) -> int:
    """What to ask for after a 422 (§ 7.3): its Min-SE; 0 when that leads nowhere."""
    text = response.get(b"min-se")
    try:
        least_s = parse_seconds(text) if text is not None else 0
    except MalformedMessage:
        return 0
    return least_s if asked_s < least_s <= MAX_INTERVAL_S else 0


def asking_lines(interval_s: int, least_s: int, refresher: str = "") -> bytes:
    """For a request of ours. `least_s`: what a 422 named, 0 when none came (§ 7.1, § 7.3)."""
    lines = f"Session-Expires: {SessionExpires(interval_s, refresher)}\r\n"
    if least_s:
        lines += f"Min-SE: {least_s}\r\n"
    return lines.encode()


class Refreshed(Protocol):
    """The session, as its timer sees it."""

    def refresh(self, now: float) -> None: ...

    def expire(self, now: float) -> None: ...


class SessionTimer:
    """`start` after each agreement, `stop` with the session. The refresher is asked half way (§ 7.2); the session
    is ended the shorter of 32 seconds and a third of the interval before it expires (§ 10)."""

    __slots__ = ("_end_at", "_queue", "_refreshed", "agreement", "due_at")

    def __init__(self, queue: TimerQueue, session: Refreshed) -> None:
        self._queue = queue
        self._refreshed = session
        self._end_at = 0.0
        self.agreement: Agreement | None = None
        self.due_at: float | None = None

    def start(self, agreement: Agreement | None, now: float) -> None:
        """From now on this holds; None: the session does not expire."""
        self.agreement = agreement
        if agreement is None:
            self.stop()
            return
        interval_s = agreement.interval_s
        self._end_at = now + interval_s - min(32.0, interval_s / 3)
        self._queue.wake(self, now + interval_s / 2 if agreement.we_refresh else self._end_at)

    def stop(self) -> None:
        self._queue.wake(self, None)

    def on_timer(self, now: float) -> None:
        if now >= self._end_at:
            self._refreshed.expire(now)
        else:
            self._queue.wake(self, self._end_at)
            self._refreshed.refresh(now)
