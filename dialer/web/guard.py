"""What stands before every route: who asks is found out before their body is read, nobody may be slower than they
must, and whatever goes wrong is told as a `Fault`."""

from __future__ import annotations

import asyncio
import pwd
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dialer.api.endpoint import BODY_LIMIT, VIA_HEADER
from dialer.api.schemas import Fault
from dialer.clock import Clock, monotonic
from dialer.web.access import Access
from dialer.web.caller import Caller
from dialer.web.refusals import TOO_LARGE, Refused, not_allowed, not_authenticated, refusal_of, response_of

log = structlog.get_logger("dialer.web")

OPEN = frozenset({("GET", "/healthz"), ("GET", "/readyz"), ("POST", "/v1/login")})
"""What asks for nobody's name."""

BODY_SILENCE_S = 20.0
SEND_SILENCE_S = 20.0
"""How long nothing of a body may come, or nothing of an answer be taken, before the connection is dropped."""

LOGIN_WITHIN_S = 10.0
"""From a request's headers to the end of its body, for those who have not said yet who they are."""

LOGIN_LIMIT = 8 * 1024
FILE_LIMIT = 1024 * 1024 * 1024
"""Bytes of a body: of a log-in, of a file to import. Of any other: `BODY_LIMIT`."""

_CUT_SHORT = "the service ended before this was answered; what was asked may or may not have been done"
_SCHEME = "bearer "


@dataclass(frozen=True, slots=True)
class Peer:
    """The process at the other end of the home's own socket, as the kernel tells (unix(7), SO_PEERCRED)."""

    pid: int
    uid: int

    @property
    def user(self) -> str:
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)


class Guard:
    """ASGI middleware. `done` is told method, status and seconds of every request answered."""

    def __init__(
        self, app: ASGIApp, *, access: Access, clock: Clock, done: Callable[[str, int, float], None]
    ) -> None:
        self._app = app
        self._access = access
        self._clock = clock
        self._done = done

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})
        exchange = _Exchange(scope, receive, send, self._clock)
        started = monotonic()
        try:
            await self._answer(scope, exchange)
        except (_SlowReader, ClientDisconnect):
            exchange.drop()
        except asyncio.CancelledError:  # the service ends, and has waited for this for long enough
            if exchange.status is None:
                await response_of(503, Fault(code="not_ready", text=_CUT_SHORT))(scope, receive, exchange.send)
            else:
                exchange.drop()
        except Exception as error:
            found = refusal_of(error)
            if found is None:
                log.exception("a request failed by a fault of ours", method=scope["method"], path=scope["path"])
                found = 500, Fault(code="fault", text="a fault of the program; the service's log has it")
            if exchange.status is None:
                await response_of(*found)(scope, receive, exchange.send)
            else:
                exchange.drop()
        finally:
            elapsed_s = monotonic() - started
            self._done(scope["method"], exchange.status or 0, elapsed_s)
            log.debug(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=exchange.status,
                by=_name(scope),
                ms=round(elapsed_s * 1_000, 1),
            )

    async def _answer(self, scope: Scope, exchange: _Exchange) -> None:
        path: str = scope["path"]
        if not path.isprintable():
            text = "there is no such path; docs/reference/control-api.md lists them"
            raise Refused(404, "unknown_path", text)
        headers = Headers(scope=scope)
        said = headers.get("content-length", "0")
        if not said.isdecimal() or int(said) > body_limit(path):
            raise Refused(413, "too_large", TOO_LARGE)
        if "content-length" in headers and "transfer-encoding" in headers:
            # RFC 9112, 6.1: somebody before us may have taken the other one (request smuggling).
            raise Refused(
                400, "bad_request", "the body has two lengths; send one of Content-Length, Transfer-Encoding"
            )
        if (scope["method"], path) not in OPEN:
            try:
                scope["state"]["caller"] = await self._who(scope)
            except Refused as refused:
                await response_of(refused.status, refused.fault)(scope, exchange.receive, exchange.send)
                return
        await self._app(scope, exchange.receive, exchange.send)

    async def _who(self, scope: Scope) -> Caller:
        """Who asks. Raises `Refused` (401, 403)."""
        headers = Headers(scope=scope)
        via = headers.get(VIA_HEADER, "api")
        shown = headers.getlist("authorization")
        if len(shown) > 1:
            raise not_authenticated("the request shows several tokens; show one")
        if shown:
            if not shown[0].lower().startswith(_SCHEME):
                raise not_authenticated("show a token as: Authorization: Bearer rp_…")
            return await self._access.bearer(shown[0][len(_SCHEME) :].strip(), via)
        peer = scope["state"].get("peer")
        if not isinstance(peer, Peer):
            raise not_authenticated("show a token: Authorization: Bearer rp_…")
        if peer.uid not in scope["state"].get("owners", ()):
            raise not_allowed(f"user {peer.user} does not own this home; show a token, or ask who does")
        return self._access.on_socket(peer.user, via)


def body_limit(path: str) -> int:
    """How many bytes a body sent to this path may have."""
    if path == "/v1/login":
        return LOGIN_LIMIT
    if path.startswith("/v1/lists/") and path.endswith("/imports"):
        return FILE_LIMIT
    return BODY_LIMIT


class _SlowSender(HTTPException):
    """The body did not come. An error of HTTP, because what reads bodies lets only those through."""

    def __init__(self) -> None:
        super().__init__(408)


class _SlowReader(Exception):
    """The answer is not taken."""


class _Exchange:
    """One request and its answer, with a limit on every wait for the peer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, clock: Clock) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._clock = clock
        headers = Headers(scope=scope)
        self._room = body_limit(scope["path"])
        is_open = (scope["method"], scope["path"]) in OPEN
        self._until = monotonic() + LOGIN_WITHIN_S if is_open else float("inf")
        self._body_is_whole = headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
        self.status: int | None = None

    async def receive(self) -> Message:
        if self._body_is_whole:  # at once the empty body of a request without one; then, for the peer to go
            return await self._receive()
        try:
            async with asyncio.timeout(min(BODY_SILENCE_S, self._until - monotonic())):
                message = await self._receive()
        except TimeoutError:
            raise _SlowSender from None
        self._body_is_whole = not message.get("more_body", False)
        self._room -= len(message.get("body", b""))
        if self._room < 0:
            raise HTTPException(413)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [
                *message.get("headers", ()),
                (b"date", formatdate(self._clock.now(), usegmt=True).encode()),
                (b"cache-control", b"no-store"),
                (b"x-content-type-options", b"nosniff"),
            ]
            if not self._body_is_whole:  # what may still come of it is not the next request
                message["headers"].append((b"connection", b"close"))
        try:
            async with asyncio.timeout(SEND_SILENCE_S):
                await self._send(message)
        except TimeoutError:
            raise _SlowReader from None

    def drop(self) -> None:
        """End the connection without sending what is still to be sent."""
        abort = self._scope["state"].get("abort")
        if callable(abort):
            abort()


def _name(scope: Scope) -> str:
    caller = scope["state"].get("caller")
    return caller.actor.name if isinstance(caller, Caller) else ""
