"""Why a request is refused, and how that is told: every refusal is a `Fault` with a status.

| status | code | when |
|---|---|---|
| 400 | `bad_request` | not HTTP that can be understood |
| 401 | `not_authenticated` | no token, or one that is wrong, expired or revoked |
| 403 | `not_allowed` | the caller's role, scope or client does not go so far |
| 404 | `unknown_name`, `unknown_path` | no such name (or another client's), no such route |
| 405 | `wrong_method` | the route knows other methods |
| 408 | `too_slow` | the body did not come in time |
| 409 | `step_refused`, `state_conflict`, `conflict`, `at_hand` | not from the state it is in |
| 413 | `too_large` | the body is larger than the route takes |
| 422 | `wrong_input`, `campaign_file`, `settings` | a body, parameter or file is wrong; `problems`: where |
| 429 | `too_many_attempts`, `too_many_jobs` | try again later |
| 500 | `fault` | a fault of the program; the service's log has it |
| 503 | `store_failed`, `telephony` | the database or the network is in the way |
| 503 | `not_ready` | the service is starting or stopping |
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from campaigns.errors import CampaignFileError, CampaignsError, Problem
from campaigns.life import StepRefused
from dialer.api.schemas import Fault, ProblemRow
from dialer.errors import DialerError, EnvironmentFault, InputError, SettingsError, UnknownName
from dialer.storage.errors import (
    ForeignList,
    OwnedElsewhere,
    PersonAtHand,
    StateConflict,
    StorageError,
    WriteConflict,
)
from dialer.telephony.errors import GuestRefused, HostUnresolved, LegExists, TelephonyError
from lists.errors import ListError

SHOWN_PROBLEMS = 50
TOO_LARGE = "the body is larger than this path takes; send it in smaller portions"


class Refused(Exception):
    """A refusal of the API's own. `retry_after_s`: when it makes sense to ask again."""

    def __init__(self, status: int, code: str, text: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.fault = Fault(code=code, text=text)
        self.retry_after_s = retry_after_s


def not_authenticated(text: str) -> Refused:
    return Refused(401, "not_authenticated", text)


def not_allowed(text: str) -> Refused:
    return Refused(403, "not_allowed", text)


def wrong_input(text: str) -> Refused:
    return Refused(422, "wrong_input", text)


def problem_rows(problems: Sequence[Problem]) -> list[ProblemRow]:
    return [
        ProblemRow(file=p.file, line=p.line, column=p.column, field=p.field, text=p.text, advice=p.advice)
        for p in problems[:SHOWN_PROBLEMS]
    ]


def refusal_of(error: Exception) -> tuple[int, Fault] | None:
    """Status and fault of an error that is somebody's answer; None for a fault of the program."""
    match error:
        case Refused():
            return error.status, error.fault
        case StepRefused():
            return 409, Fault(code="step_refused", text=str(error))
        case StateConflict():
            return 409, Fault(code="state_conflict", text=str(error))
        case PersonAtHand():
            return 409, Fault(code="at_hand", text=str(error))
        case WriteConflict():
            return 409, Fault(code="conflict", text=str(error))
        case UnknownName():
            return 404, Fault(code="unknown_name", text=str(error))
        case CampaignFileError():
            text = "the campaign file is wrong; mend these and send it again"
            return 422, Fault(code="campaign_file", text=text, problems=problem_rows(error.problems))
        case SettingsError():
            text = "dialer.toml is wrong, so the settings in force stay; mend these and reload again"
            return 422, Fault(code="settings", text=text, problems=problem_rows(error.problems))
        case InputError() | ListError() | CampaignsError() | ForeignList():
            return 422, Fault(code="wrong_input", text=str(error))
        case OwnedElsewhere() | EnvironmentFault():
            return 503, Fault(code="store_failed", text=str(error))
        case LookupError() if isinstance(error, StorageError):
            return 404, Fault(code="unknown_name", text=str(error))
        case StorageError():
            return 503, Fault(code="store_failed", text=str(error))
        case GuestRefused():
            return 409, Fault(code="conflict", text=str(error))
        case LegExists():
            return 409, Fault(code="conflict", text=str(error))
        case HostUnresolved():
            return 422, Fault(code="settings", text=str(error))
        case TelephonyError():
            return 503, Fault(code="telephony", text=str(error))
        case DialerError():
            return 422, Fault(code="wrong_input", text=str(error))
        case _:
            return None


def response_of(status: int, fault: Fault, retry_after_s: float | None = None) -> JSONResponse:
    headers = {}
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    if retry_after_s is not None:
        headers["retry-after"] = str(max(1, int(retry_after_s + 0.999)))
    return JSONResponse(fault.model_dump(), status, headers)


_BY_STATUS = {
    400: ("bad_request", "the request cannot be understood"),
    404: ("unknown_path", "there is no such path; docs/reference/control-api.md lists them"),
    405: ("wrong_method", "this path does not know the method"),
    408: ("too_slow", "the body did not come in time; send it again"),
    413: ("too_large", TOO_LARGE),
}


def tell_refusals(app: FastAPI) -> None:
    """Have every error that has words told as a `Fault`."""

    async def known(request: Request, error: Exception) -> JSONResponse:
        found = refusal_of(error)
        if found is None:
            raise error
        return response_of(*found, getattr(error, "retry_after_s", None))

    for kind in (Refused, CampaignsError, DialerError, ListError, StorageError, TelephonyError):
        app.add_exception_handler(kind, known)

    async def of_http(request: Request, error: Exception) -> JSONResponse:
        status = error.status_code if isinstance(error, HTTPException) else 500
        code, text = _BY_STATUS.get(status, ("refused", str(getattr(error, "detail", error))))
        response = response_of(status, Fault(code=code, text=text))
        for name, value in (getattr(error, "headers", None) or {}).items():
            response.headers[name] = value
        return response

    app.add_exception_handler(HTTPException, of_http)

    async def of_input(request: Request, error: Exception) -> JSONResponse:
        errors: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else ()
        return response_of(422, Fault(code="wrong_input", text=_words_of(errors)))

    app.add_exception_handler(RequestValidationError, of_input)


def _words_of(errors: Sequence[Any]) -> str:
    """What is wrong with a request, field by field. What was sent is not repeated: it may be a password."""
    shown = []
    for one in errors[:10]:
        place = ".".join(str(part) for part in one["loc"] if part != "body") or "the body"
        shown.append(f"{place}: {one['msg']}")
    if len(errors) > len(shown):
        shown.append(f"… and {len(errors) - len(shown)} more")
    return "; ".join(shown) or "the request is wrong"
