"""What asking the service may come to, besides an answer.

DialerError
├── ServiceNotRunning     nobody answers where the service should be (`dialer.errors`)
├── ServiceLost           the connection broke, or no answer came in time: whether it was done is not known
└── ApiRefused            the service said no; `fault` is what it said
    ├── NotAuthenticated  401: no token, or one that is wrong, expired or revoked
    ├── NotAllowed        403: the role, the scope or the client of the caller does not go so far
    ├── NotFound          404: no such name, or it is another client's
    ├── Conflict          409: not from the state it is in
    └── Unavailable       503: the store failed, or the service is not ready
"""

from __future__ import annotations

from campaigns.errors import Problem
from dialer.api.schemas import Fault
from dialer.errors import DialerError


class ServiceLost(DialerError):
    """The service went away in the middle, or did not answer in time."""


class ApiRefused(DialerError):
    """The service refused. `status`: of HTTP. The text is the fault's, with every problem of a file below it."""

    def __init__(self, status: int, fault: Fault) -> None:
        problems = [
            str(Problem(one.file, one.line, one.column, one.field, one.text, one.advice)) for one in fault.problems
        ]
        super().__init__("\n".join([fault.text, *problems]))
        self.status = status
        self.fault = fault


class NotAuthenticated(ApiRefused):
    """No token, or one that is wrong, expired or revoked."""


class NotAllowed(ApiRefused):
    """The caller's role, scope or client does not go so far."""


class NotFound(ApiRefused):
    """There is no such name, or it is another client's."""


class Conflict(ApiRefused):
    """Not possible from the state it is in."""


class Unavailable(ApiRefused):
    """The store failed, or the service is not ready."""


BY_STATUS: dict[int, type[ApiRefused]] = {
    401: NotAuthenticated,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    503: Unavailable,
}


def refusal(status: int, fault: Fault) -> ApiRefused:
    """The error of this status."""
    return BY_STATUS.get(status, ApiRefused)(status, fault)
