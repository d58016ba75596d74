"""The control API at its sockets: the home's own, and TCP where `dialer.toml` says so."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from fastapi import FastAPI
from uvicorn.config import Config
from uvicorn.server import ServerState

from dialer.api.endpoint import SOCKET_NAME
from dialer.errors import EnvironmentFault
from dialer.settings import DATABASE_NAME, Address, ApiSettings, Settings
from dialer.web.access import Access
from dialer.web.app import create_app
from dialer.web.control import Control
from dialer.web.credentials import Passwords
from dialer.web.desks import Desks
from dialer.web.freshness import ListFreshness
from dialer.web.funnels import Funnels
from dialer.web.grants import Grants
from dialer.web.health import WriterCheck
from dialer.web.importing import Importing
from dialer.web.jobs import Jobs
from dialer.web.metrics import Metrics
from dialer.web.protocol import HEADER_BYTES, KEEP_ALIVE_S, ControlProtocol, Door
from dialer.web.service import Service
from dialer.web.streams import FloorFeed
from dialer.web.threads import Threads
from dialer.web.unix_socket import listen_on
from dialer.web.uploads import remove_uploads

log = structlog.get_logger("dialer.web")

LOCAL_LIMIT = 512
REMOTE_LIMIT = 512
"""Connections at once, on the home's socket and on TCP: counted apart, so that nobody outside locks out the
owner."""
END_WITHIN_S = 3.0
HANDSHAKE_S = 10.0


@dataclass(frozen=True, slots=True)
class Serving:
    """Where the API is served. `address`: over TCP, with the port that was taken; None without."""

    control: Control
    socket: Path
    address: Address | None


def make_control(
    service: Service,
    home: Path,
    *,
    passwords: Passwords | None = None,
) -> Control:
    """The parts of the API joined; in the event loop's thread."""
    clock, threads = service.clock, Threads()
    access = Access(
        reader=lambda: service.reader, write=service.write, clock=clock, threads=threads, passwords=passwords
    )
    metrics = Metrics(service)

    def database() -> str:
        return service.settings.database_url or str(home / DATABASE_NAME)

    return Control(
        home=home,
        service=service,
        access=access,
        grants=Grants(access),
        jobs=Jobs(home, database, access, clock),
        funnels=Funnels(home, database, service),
        freshness=ListFreshness(home, database, service),
        floor=FloorFeed(service, clock),
        desks=Desks(service),
        metrics=metrics,
        threads=threads,
        writer=WriterCheck(service.write, clock),
        importing=Importing(),
        closing=asyncio.Event(),
    )


@asynccontextmanager
async def serve_api(
    service: Service,
    home: Path,
    settings: Settings,
    *,
    passwords: Passwords | None = None,
) -> AsyncIterator[Serving]:
    """Serve the API for as long as the block lasts. The service may still be starting: `/readyz` says so.

    Raises `EnvironmentFault` when a socket cannot be had or a certificate cannot be read."""
    control = make_control(service, home, passwords=passwords)
    remove_uploads(home)
    app = create_app(control)
    async with AsyncExitStack() as stack:
        service.journal.observed_by(control.metrics.committed)
        stack.callback(service.journal.observed_by, None)
        listener = listen_on(home / SOCKET_NAME)
        stack.callback(listener.remove)
        loop = asyncio.get_running_loop()
        local = _Listening(app, Door(LOCAL_LIMIT, frozenset({os.getuid(), 0}), control.metrics.dropped))
        stack.push_async_callback(local.close)
        local.server = await loop.create_unix_server(local.protocol, sock=listener.socket)
        address = None
        if settings.api.listen is not None:
            remote = _Listening(app, Door(REMOTE_LIMIT, frozenset(), control.metrics.dropped))
            stack.push_async_callback(remote.close)
            address = await _listen_tcp(remote, settings.api, settings.api.listen)
        # Undone first, before the connections are waited for: streams and long requests end with these.
        stack.push_async_callback(control.jobs.close)
        stack.push_async_callback(control.funnels.close)
        stack.push_async_callback(control.freshness.close)
        stack.callback(control.closing.set)
        stack.callback(control.desks.close)
        over_tcp = {} if address is None else {"address": str(address)}
        log.info("control API", socket=str(listener.path), **over_tcp)
        yield Serving(control, listener.path, address)


class _Listening:
    """A listening socket and its connections."""

    def __init__(self, app: FastAPI, door: Door) -> None:
        self._config = Config(
            app,
            http=ControlProtocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            h11_max_incomplete_event_size=HEADER_BYTES,
        )
        self._config.load()
        self._door = door
        self._state = ServerState()
        self.server: asyncio.Server | None = None

    def protocol(self) -> ControlProtocol:
        return ControlProtocol(self._config, self._state, {"door": self._door})

    async def close(self) -> None:
        """Take no more connections; let requests under way be answered, for a while, then cut them off."""
        if self.server is not None:
            self.server.close()
        for connection in tuple(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            _, late = await asyncio.wait(self._state.tasks, timeout=END_WITHIN_S)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        for connection in tuple(self._state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        if self.server is not None:
            await self.server.wait_closed()


async def _listen_tcp(remote: _Listening, api: ApiSettings, listen: Address) -> Address:
    loop = asyncio.get_running_loop()
    context = _tls(api)
    try:
        remote.server = await loop.create_server(
            remote.protocol,
            listen.host,
            listen.port,
            ssl=context,
            ssl_handshake_timeout=HANDSHAKE_S if context is not None else None,
        )
    except OSError as error:
        raise EnvironmentFault(
            f"[api] listen: {listen} cannot be listened on: {error.strerror or error}; choose another one"
        ) from error
    port: int = remote.server.sockets[0].getsockname()[1]
    return Address(listen.host, port)


def _no_password() -> str:
    """Without this OpenSSL asks for it on the terminal, and waits."""
    raise EnvironmentFault("[api] tls_key: asks for a password; give a key without one, that only you may read")


def _tls(api: ApiSettings) -> ssl.SSLContext | None:
    if api.tls_certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(api.tls_certificate, api.tls_key, password=_no_password)
    except (OSError, ssl.SSLError) as error:
        raise EnvironmentFault(
            f"[api] tls_certificate, tls_key: {api.tls_certificate} cannot be used: {error}; give a PEM"
            " certificate and its key"
        ) from error
    return context
