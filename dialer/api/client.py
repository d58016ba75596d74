"""How to ask the service: `ControlClient` for commands, `AsyncControlClient` for the console and the desks.

Errors are those of `dialer.api.errors`, and `ServiceNotRunning` when nobody answers. Nothing is repeated by
itself: a request whose connection broke may have been carried out. A stream that ends is opened again by whoever
reads it.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from dialer.api.endpoint import SOCKET_PATH_LIMIT, Endpoint
from dialer.api.errors import ServiceLost, Unavailable, refusal
from dialer.api.holdings import JobRow
from dialer.api.requests import LONG_S, Request, Stream, readiness
from dialer.api.schemas import Fault
from dialer.api.server_events import EventReader
from dialer.errors import EnvironmentFault, InputError, ServiceNotRunning
from lists.dedupe import Policy

T = TypeVar("T", bound=BaseModel)

CONNECT_S = 5.0
_PORTION = 64 * 1024


class ControlClient:
    """Asks one request after another over one connection. A context manager; or close it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._knocked = False
        _check_path(endpoint)
        transport = httpx.HTTPTransport(uds=_socket_of(endpoint), verify=_trust(endpoint))
        self._http = httpx.Client(transport=transport, base_url=endpoint.url, headers=endpoint.headers)

    def call(self, request: Request[T]) -> T:
        """The service's answer. Raises `ServiceNotRunning`, `ServiceLost`, `ApiRefused` and `EnvironmentFault`."""
        with _in_words(self._endpoint):
            self._knock()
            response = self._http.request(
                request.method,
                request.path,
                params=dict(request.params),
                content=_content(request),
                headers=_content_type(request),
                timeout=_timeout(request.timeout_s),
            )
        return _answer(response, request.answer)

    def import_file(
        self,
        list_name: str,
        file: Path,
        *,
        region: str | None = None,
        mapping: Sequence[str] = (),
        source: str = "",
        as_of: str = "",
        encoding: str | None = None,
        delimiter: str | None = None,
        saved: str = "",
        on_duplicate: Policy = Policy.SKIP,
        accept: Sequence[str] = (),
    ) -> JobRow:
        """Send a contact list to be imported by the service: for a service on another machine. Options as of
        `dialer list import`; `saved`: name of a mapping that is kept there. Raises as `call`, and `InputError`
        when the file cannot be read."""
        optional = {"region": region, "encoding": encoding, "delimiter": delimiter}
        params: dict[str, str | list[str]] = {"filename": file.name, "source": source, "as_of": as_of}
        params |= {"mapping": saved, "on_duplicate": on_duplicate.value}
        params |= {name: value for name, value in optional.items() if value is not None}
        params |= {"map": list(mapping), "accept": list(accept)}
        try:
            stream = file.open("rb")
        except OSError as error:
            raise InputError(f"{file}: cannot be read: {error.strerror}; check the path") from error
        with stream, _in_words(self._endpoint):
            self._knock()
            response = self._http.post(
                f"/v1/lists/{quote(list_name, safe='/')}/imports",
                params=params,
                content=iter(lambda: stream.read(_PORTION), b""),
                headers={"content-type": "application/octet-stream"},
                timeout=_timeout(LONG_S),
            )
        return _answer(response, JobRow)

    def _knock(self) -> None:
        """Before the first request: is anybody there? httpcore leaves a socket open that could not connect."""
        if self._knocked or self._endpoint.socket is None:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
            door.settimeout(CONNECT_S)
            try:
                door.connect(os.fspath(self._endpoint.socket))
            except OSError as error:
                raise httpx.ConnectError(str(error)) from error
        self._knocked = True

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncControlClient:
    """The same in an event loop; several requests and streams may be under way at once."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        _check_path(endpoint)
        transport = httpx.AsyncHTTPTransport(uds=_socket_of(endpoint), verify=_trust(endpoint))
        self._http = httpx.AsyncClient(transport=transport, base_url=endpoint.url, headers=endpoint.headers)

    async def call(self, request: Request[T]) -> T:
        """As `ControlClient.call`."""
        with _in_words(self._endpoint):
            response = await self._http.request(
                request.method,
                request.path,
                params=dict(request.params),
                content=_content(request),
                headers=_content_type(request),
                timeout=_timeout(request.timeout_s),
            )
        return _answer(response, request.answer)

    async def read(self, stream: Stream[T], opened: Callable[[], None] | None = None) -> AsyncGenerator[T, None]:
        """The stream's events as they come, until the service ends it (then the iteration ends) or it is lost
        (then `ServiceLost` is raised). Close the iterator (`contextlib.aclosing`) when it is left early. `opened`
        is called once the service has said its first word: from then on no event is missed."""
        reader = EventReader()
        with _in_words(self._endpoint):
            timeout = _timeout(stream.silence_s)
            async with self._http.stream(
                "GET", stream.path, params=dict(stream.params), timeout=timeout
            ) as response:
                if not response.is_success:
                    await response.aread()
                    raise _refused(response)
                async for line in response.aiter_lines():
                    if opened is not None:
                        opened()
                        opened = None
                    event = reader.feed(line)
                    if event is not None and event.event == stream.event:
                        yield stream.schema.model_validate_json(event.data)

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def is_running(home: Path) -> bool:
    """Whether a service answers on the home's socket, whatever its state. Takes no longer than `CONNECT_S`."""
    try:
        with ControlClient(Endpoint.of_home(home)) as client:
            client.call(readiness())
    except ServiceNotRunning:
        return False
    except Unavailable:  # it is starting, or draining
        return True
    return True


def _socket_of(endpoint: Endpoint) -> str | None:
    return str(endpoint.socket) if endpoint.socket is not None else None


def _check_path(endpoint: Endpoint) -> None:
    if endpoint.socket is not None and len(os.fsencode(endpoint.socket)) > SOCKET_PATH_LIMIT:
        raise ServiceNotRunning(
            f"{endpoint.socket}: longer than the {SOCKET_PATH_LIMIT} bytes that a socket's path may have, so no"
            " service can be reached there; use a home with a shorter path (a symbolic link will do)"
        )


def _trust(endpoint: Endpoint) -> ssl.SSLContext | bool:
    if endpoint.socket is not None or endpoint.url.lower().startswith("http://"):
        return False
    if endpoint.authority is None:
        return True
    try:
        return ssl.create_default_context(cafile=endpoint.authority)
    except (OSError, ssl.SSLError) as error:
        raise InputError(f"{endpoint.authority}: holds no certificates that can be read: {error}") from error


def _timeout(answer_s: float) -> httpx.Timeout:
    return httpx.Timeout(CONNECT_S, read=answer_s, write=30.0)


def _content(request: Request[T]) -> bytes | None:
    return None if request.body is None else request.body.model_dump_json().encode()


def _content_type(request: Request[T]) -> dict[str, str]:
    return {} if request.body is None else {"content-type": "application/json"}


def _answer(response: httpx.Response, schema: type[T]) -> T:
    if not response.is_success:
        raise _refused(response)
    try:
        return schema.model_validate_json(response.content)
    except ValidationError as error:
        raise EnvironmentFault(
            f"the service answered {response.request.method} {response.request.url.path} in a way that this"
            f" version does not understand; let both be of the same version: {error}"
        ) from error


def _refused(response: httpx.Response) -> Exception:
    try:
        fault = Fault.model_validate_json(response.content)
    except ValidationError:
        text = f"the service answered {response.status_code} without saying why; its log has more"
        fault = Fault(code="unexplained", text=text)
    return refusal(response.status_code, fault)


@contextmanager
def _in_words(endpoint: Endpoint) -> Iterator[None]:
    try:
        yield
    except httpx.ConnectError as error:
        raise _not_reached(endpoint, error) from error
    except httpx.ConnectTimeout as error:
        raise ServiceNotRunning(
            f"{endpoint.place}: the service does not take connections; see its log, or restart it"
        ) from error
    except httpx.TransportError as error:
        what = "gave no answer in time" if isinstance(error, httpx.TimeoutException) else "went away"
        raise ServiceLost(
            f"{endpoint.place}: the service {what}; what was asked may or may not have been done, look before"
            " asking again"
        ) from error


def _not_reached(endpoint: Endpoint, error: httpx.ConnectError) -> Exception:
    path = endpoint.socket
    cause = _os_error(error)
    number = cause.errno if cause is not None else None
    if path is None:
        return ServiceNotRunning(
            f"{endpoint.place}: no service can be reached there ({error}); is `dialer run` up?"
        )
    if number in (errno.EACCES, errno.EPERM):
        return EnvironmentFault(
            f"{path}: belongs to another user; run the command as the one who runs the service"
        )
    if number == errno.ECONNREFUSED:
        return ServiceNotRunning(
            f"{path}: its service has ended without taking its socket away; start it again with"
            f" `dialer run --home {path.parent}`"
        )
    if number == errno.ENOENT or not path.exists():
        return ServiceNotRunning(
            f"{path.parent}: no service is running on this home; start it with `dialer run --home {path.parent}`"
        )
    return ServiceNotRunning(f"{path}: the service cannot be reached: {error}")


def _os_error(error: BaseException) -> OSError | None:
    """The system's own error behind what the library raised."""
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, OSError):
            return at
        at = at.__cause__ or at.__context__
    return None
