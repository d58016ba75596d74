"""The wire between dialer and carrier, seen and held by the test: a UDP proxy that knows SIP's first lines.

The dialer's trunk points here; requests go on to the carrier, responses back. ACK and BYE of a dialog go to the
carrier's own address and are not seen. Watchers are called in the proxy's thread, before a datagram is passed on,
so that a process can be killed between two messages.
"""

from __future__ import annotations

import re
import selectors
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
_CALL_ID = re.compile(rb"^(?:Call-ID|i)\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_CSEQ = re.compile(rb"^CSeq\s*:\s*(\d+)\s+(\w+)", re.IGNORECASE | re.MULTILINE)
_BRANCH = re.compile(rb"^(?:Via|v)\s*:.*?;branch=([^;,\s]+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Seen:
    """A SIP message. `status`: of a response, None for a request."""

    method: str
    status: int | None
    call_id: str
    branch: str


Watcher = Callable[[Seen], bool]
"""Called with each message. True: pass it on."""


def seen(data: bytes) -> Seen | None:
    """What a datagram is; None for a keep-alive or garbage."""
    call_id, cseq, branch = _CALL_ID.search(data), _CSEQ.search(data), _BRANCH.search(data)
    if call_id is None or cseq is None or branch is None:
        return None
    status = int(data[8:11]) if data.startswith(b"SIP/2.0 ") else None
    return Seen(cseq[2].decode(), status, call_id[1].decode(), branch[1].decode())


class Wire:
    """The proxy, from entering to leaving the block. `invites`: branches of the INVITEs by Call-ID, in order of
    first sight: a new branch is a new transaction, a second call."""

    def __init__(self, carrier: tuple[str, int]) -> None:
        self.invites: dict[str, dict[str, None]] = {}
        self._carrier = carrier
        self._front, self._back = _socket(), _socket()
        self._dialer: tuple[str, int] | None = None
        self._watcher: Watcher | None = None
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wire", daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        """Where the dialer's trunk points."""
        host, port = self._front.getsockname()
        return host, port

    def watch(self, watcher: Watcher | None) -> None:
        """From now on this one is asked."""
        self._watcher = watcher

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.set()
        self._thread.join()
        self._front.close()
        self._back.close()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._front, selectors.EVENT_READ, True)
            selector.register(self._back, selectors.EVENT_READ, False)
            while not self._ends.is_set():
                for key, _ in selector.select(0.05):
                    self._pass_on(from_dialer=key.data)

    def _pass_on(self, *, from_dialer: bool) -> None:
        here, there = (self._front, self._back) if from_dialer else (self._back, self._front)
        try:
            data, source = here.recvfrom(65_535)
        except (BlockingIOError, ConnectionRefusedError):
            return
        if from_dialer:
            self._dialer = source
        message = seen(data)
        if message is not None:
            if message.status is None and message.method == "INVITE":
                self.invites.setdefault(message.call_id, {}).setdefault(message.branch)
            watcher = self._watcher
            if watcher is not None and not watcher(message):
                return
        target = self._carrier if from_dialer else self._dialer
        if target is not None:
            try:
                there.sendto(data, target)
            except (BlockingIOError, ConnectionRefusedError):
                return  # a dead process has no socket; datagrams get lost, as on any network


def _socket() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
    sock.setblocking(False)
    sock.bind((HOST, 0))
    return sock
