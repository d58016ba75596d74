"""The connection to the service: where it stands, and when it is tried again. No I/O, no clock: both are told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from dialer.api.access import Me
from dialer.api.errors import NotAllowed, NotAuthenticated, ServiceLost, Unavailable
from dialer.api.schemas import Overview
from dialer.errors import DialerError, ServiceNotRunning

BACKOFF_S = (0.5, 1.0, 2.0, 4.0, 5.0)
"""Waits between tries; the last one goes on."""

BACK_SHOWN_S = 10.0
"""How long it is said that the service is back."""

GONE_AFTER_S = 3.0
"""With nobody listening for so long, a service that was there has ended for good."""


class LinkState(StrEnum):
    WAITING = "waiting"  # no picture yet
    LIVE = "live"
    LOST = "lost"  # the picture shown is the last one


@dataclass(frozen=True, slots=True)
class Link:
    """Moments are seconds of the console's monotonic clock. `since`: of the present state. `received_at`: of the
    picture. `cause`: why there is none. `back_after_s`: how long it had been away, for a while after its return;
    `restarted`: another process answers than before."""

    since: float
    state: LinkState = LinkState.WAITING
    overview: Overview | None = None
    me: Me | None = None
    received_at: float = 0.0
    cause: DialerError | None = None
    tries: int = 0
    next_try_at: float = 0.0
    back_after_s: float | None = None
    restarted: bool = False

    def received(self, overview: Overview, me: Me | None, now: float) -> Link:
        """A picture came."""
        fresh = replace(
            self,
            state=LinkState.LIVE,
            overview=overview,
            me=me,
            received_at=now,
            cause=None,
            tries=0,
            next_try_at=0.0,
        )
        if self.state is LinkState.LIVE:
            over = self.back_after_s is not None and now - self.since >= BACK_SHOWN_S
            return replace(fresh, back_after_s=None, restarted=False) if over else fresh
        before = self.overview
        restarted = before is not None and before.service.started_at != overview.service.started_at
        away = now - self.since if self.state is LinkState.LOST else None
        return replace(fresh, since=now, back_after_s=away, restarted=restarted)

    def failed(self, cause: DialerError, now: float) -> Link:
        """A try failed; `next_try_at` says when the next one is due."""
        wait = BACKOFF_S[min(self.tries, len(BACKOFF_S) - 1)]
        state = LinkState.WAITING if self.overview is None else LinkState.LOST
        since = now if self.state is not state else self.since
        return replace(
            self,
            state=state,
            since=since,
            cause=cause,
            tries=self.tries + 1,
            next_try_at=now + wait,
            back_after_s=None,
        )

    def gone_for_good(self, now: float) -> bool:
        """Whether a service that was there has ended: it was stopping, or nobody has listened for a while. It may
        have ended before it was seen."""
        if self.state is LinkState.LIVE or not isinstance(self.cause, ServiceNotRunning):
            return False
        was_stopping = self.overview is not None and self.overview.service.state == "draining"
        return was_stopping or now - self.since >= GONE_AFTER_S

    def age_s(self, now: float) -> float:
        """How old the picture is."""
        return max(0.0, now - self.received_at)


def cause_in_words(cause: DialerError | None) -> str:
    """What kind of absence it is."""
    match cause:
        case None:
            return "there is no answer yet"
        case ServiceNotRunning():
            return "it is not running"
        case ServiceLost():
            return "it does not answer"
        case NotAuthenticated():
            return "it does not accept the token"
        case NotAllowed():
            return "it does not permit you to see the floor"
        case Unavailable():
            return "it is not ready"
        case _:
            return "it cannot be asked"


def remedy(cause: DialerError | None, where: str) -> str:
    """What to do about it, beyond what the cause itself says; empty where there is nothing to add."""
    match cause:
        case ServiceNotRunning():
            how = "" if "://" in where else f"In another terminal: dialer run --home {where}\n"
            return f"{how}This screen fills as soon as the service is there."
        case NotAuthenticated():
            return "Give a token with --token-file FILE, or in the variable DIALER_TOKEN; an admin can make one."
        case NotAllowed():
            return (
                "Missing permission: floor.read, which supervisors, managers, admins and auditors have."
                " An admin can give you a token with it."
            )
        case _:
            return f"The console keeps asking at {where}."
