"""One connection: HTTP/1.1 as uvicorn speaks it, with limits on how many there are and how long one may be silent,
and with the kernel's word on who is at the other end of the home's own socket."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from dialer.api.schemas import Fault
from dialer.web.guard import Peer

HEADERS_WITHIN_S = 10.0
"""From the connection, or the first byte of a further request, to the end of its headers."""
KEEP_ALIVE_S = 30
PEER_SILENT_S = 10
"""For so long the other end of a TCP connection may acknowledge nothing of what it was sent, or answer no probe of
a connection on which nothing is sent, until the connection counts as lost: a desk whose cable was pulled says no
goodbye."""
HEADER_BYTES = 32 * 1024

_log = logging.getLogger("dialer.web.http")
_log.setLevel(logging.ERROR)  # garbage is counted; a line for each would be another way to fill a disk

_UCRED = struct.Struct("3i")  # pid, uid, gid: unix(7)


@dataclass(frozen=True, slots=True)
class Door:
    """What all connections of one listening socket share. `limit`: open at once. `owners`: user ids that may come
    without a token. `dropped` is told why a connection was cut off."""

    limit: int
    owners: frozenset[int]
    dropped: Callable[[str], None]


class ControlProtocol(H11Protocol):
    """Made for each connection. `app_state` is what each request gets as its state; at first it is the `door`."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._door: Door = app_state["door"]
        self._headers_due: asyncio.TimerHandle | None = None
        self.access_log = False
        self.logger = _log

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self._door.limit:
            self._door.dropped("crowded")
            transport.abort()
            return
        connection = transport.get_extra_info("socket")
        if connection.family != socket.AF_UNIX:
            probe(connection)
        self.app_state = {
            "peer": peer_of(connection),
            "owners": self._door.owners,
            "abort": transport.abort,
        }
        self._expect_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        self._headers_came()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._headers_came()
        elif self._headers_due is None and self.timeout_keep_alive_task is None:
            self._expect_headers()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        begun, _ = self.conn.trailing_data
        if begun and self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self._unset_keepalive_if_required()
            self._expect_headers()

    def send_400_response(self, msg: str) -> None:
        self._door.dropped("garbage")
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE) or self._is_answering:
            self.transport.abort()
            return
        fault = Fault(code="bad_request", text="not HTTP/1.1 that can be understood, or headers that are too long")
        body = fault.model_dump_json().encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        for event in (h11.Response(status_code=400, headers=headers), h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def shutdown(self) -> None:
        """The service ends: answer what is under way, nothing more."""
        if self._is_answering:
            self.cycle.keep_alive = False
        else:
            self.transport.close()

    @property
    def _is_answering(self) -> bool:
        cycle: object = self.cycle  # None before the first request, whatever its type says
        return isinstance(cycle, RequestResponseCycle) and not cycle.response_complete

    def _expect_headers(self) -> None:
        self._headers_due = self.loop.call_later(HEADERS_WITHIN_S, self._silent)

    def _headers_came(self) -> None:
        if self._headers_due is not None:
            self._headers_due.cancel()
            self._headers_due = None

    def _silent(self) -> None:
        self._headers_due = None
        if not self._is_answering:
            self._door.dropped("silent")
            self.transport.abort()


def probe(connection: socket.socket) -> None:
    """Have the kernel find out within `PEER_SILENT_S` that nobody is at the other end any more (tcp(7))."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, PEER_SILENT_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, PEER_SILENT_S // 2)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, PEER_SILENT_S * 1_000)


def peer_of(connection: socket.socket) -> Peer | None:
    """Who connected to a Unix socket, as the kernel noted it then; None for other sockets."""
    if connection.family != socket.AF_UNIX:
        return None
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    pid, uid, _gid = _UCRED.unpack(raw)
    return Peer(pid, uid)
