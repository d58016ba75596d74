"""The way between a media process and its parent: a Unix socket that keeps datagrams whole and in order, and tells
each side at once when the other has gone."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

from dialer.media.wire import Codec

Out = TypeVar("Out")
In = TypeVar("In")

MAX_OCTETS = 32_768
"""Of one datagram: several messages, a line each. Kernels take three times as much by default."""

MOST_DATAGRAMS = 64
"""Taken at once, so that the other work is not kept waiting."""


def socket_pair() -> tuple[socket.socket, socket.socket]:
    """Both ends, neither of which blocks."""
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in ends:
        end.setblocking(False)
    return ends


class Channel(Generic[Out, In]):
    """One end. What the other end is too slow to take waits here, in order."""

    def __init__(self, sock: socket.socket, outgoing: Codec[Out], incoming: Codec[In]) -> None:
        self.socket = sock
        self._outgoing = outgoing
        self._incoming = incoming
        self._lines: list[bytes] = []
        self._octets = 0
        self._waiting: deque[bytes] = deque()

    def put(self, message: Out) -> None:
        """To be sent with the next `flush`."""
        line = self._outgoing.encode(message)
        if self._octets + len(line) > MAX_OCTETS:
            self._pack()
        self._lines.append(line)
        self._octets += len(line) + 1

    def _pack(self) -> None:
        if self._lines:
            self._waiting.append(b"\n".join(self._lines))
            self._lines.clear()
            self._octets = 0

    def flush(self) -> bool:
        """Send what waits. False when the other end takes no more for now. Raises OSError when it has gone."""
        self._pack()
        while self._waiting:
            try:
                self.socket.send(self._waiting[0])
            except BlockingIOError:
                return False
            self._waiting.popleft()
        return True

    @property
    def is_clear(self) -> bool:
        """Nothing waits to be sent."""
        return not self._waiting and not self._lines

    def receive(self) -> Iterator[In]:
        """What has come. Raises `MalformedMessage`, and `EOFError` when the other end has gone."""
        for _ in range(MOST_DATAGRAMS):
            try:
                data = self.socket.recv(2 * MAX_OCTETS)
            except BlockingIOError:
                return
            except ConnectionResetError as error:
                raise EOFError("the other end has gone") from error
            if not data:
                raise EOFError("the other end has gone")
            for line in data.split(b"\n"):
                yield self._incoming.decode(line)

    def close(self) -> None:
        """Which the other end sees."""
        self.socket.close()
