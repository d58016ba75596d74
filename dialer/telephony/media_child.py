"""One process that carries the audio, from its start to its exit, with the channel to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Mapping

import structlog

from dialer.media.errors import MalformedMessage
from dialer.media.events import Event, Notice
from dialer.media.orders import Order, StockOrder
from dialer.media.wire import Codec
from dialer.telephony.media_channel import Channel, socket_pair
from dialer.telephony.media_messages import EVENTS, ORDERS

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

PROGRAM = "dialer.telephony.media_server"
ENDS_WITHIN_S = 5.0
"""From the closed channel to its exit; killed after that."""

LAST_WORDS_OCTETS = 4_096


class MediaChild:
    """Started at once. `take` gets what it says; `exited(how)` is told once that it is no more, unless it was
    closed before. It ends with the channel: when `close` is called, and when this process dies. Raises
    OSError."""

    def __init__(
        self,
        options: Mapping[str, object],
        take: Callable[[Event | Notice], None],
        exited: Callable[[str], None],
    ) -> None:
        self._take = take
        self._exited_told: Callable[[str], None] | None = exited
        self._loop = asyncio.get_running_loop()
        ours, theirs = socket_pair()
        with theirs:
            try:
                self._process = _start(theirs.fileno(), options)
            except OSError:
                ours.close()
                raise
        self.pid = self._process.pid
        self._channel: Channel[Order | StockOrder, Event | Notice] = Channel(ours, Codec(ORDERS), Codec(EVENTS))
        self._closed = False
        self._ended = self._loop.create_future()
        self._pidfd = os.pidfd_open(self.pid)
        self._loop.add_reader(ours.fileno(), self._readable)
        self._loop.add_reader(self._pidfd, self._exited)

    def tell(self, order: Order | StockOrder) -> None:
        """With everything else of this turn of the event loop, or as soon as it takes more: each datagram wakes
        the other process, which costs more than what is in it."""
        if self._closed:
            return
        if self._channel.is_clear:
            self._loop.call_soon(self._flush)
        self._channel.put(order)

    async def close(self) -> None:
        """Let it end, and wait for that."""
        self._exited_told = None
        self._drop()
        try:
            async with asyncio.timeout(ENDS_WITHIN_S):
                await asyncio.shield(self._ended)
        except TimeoutError:
            log.error("the media process does not end; killed", pid=self.pid)
            self._process.kill()
            await self._ended

    def _flush(self) -> None:
        if self._closed:
            return
        try:
            clear = self._channel.flush()
        except OSError:
            return  # it has gone; its exit tells the rest
        descriptor = self._channel.socket.fileno()
        if clear:
            self._loop.remove_writer(descriptor)
        else:
            self._loop.add_writer(descriptor, self._flush)

    def _readable(self) -> None:
        try:
            for message in self._channel.receive():
                self._take(message)
                if self._closed:
                    return  # by whoever was told
        except EOFError:
            self._loop.remove_reader(self._channel.socket.fileno())  # its exit tells the rest
        except MalformedMessage as error:
            log.error("the media process says what nobody understands; it is ended", cause=str(error))
            self._loop.remove_reader(self._channel.socket.fileno())
            self._process.kill()

    def _drop(self) -> None:
        if self._closed:
            return
        with contextlib.suppress(OSError):
            self._channel.flush()
        self._closed = True
        self._loop.remove_reader(self._channel.socket.fileno())
        self._loop.remove_writer(self._channel.socket.fileno())
        self._channel.close()

    def _exited(self) -> None:
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        code = self._process.wait()
        said = ""
        if self._process.stderr is not None:
            said = self._process.stderr.read(LAST_WORDS_OCTETS).decode("utf-8", "replace").strip()
            self._process.stderr.close()
        self._drop()
        self._ended.set_result(None)
        if self._exited_told is not None:
            how = f"signal {-code}" if code < 0 else f"exit status {code}"
            self._exited_told(f"the media process ended ({how}){': ' + said if said else ''}")


def _start(descriptor: int, options: Mapping[str, object]) -> subprocess.Popen[bytes]:
    # Without -P a folder `dialer` in the working directory would be imported.
    arguments = [sys.executable, "-P", "-m", PROGRAM, str(descriptor), json.dumps(options)]
    return subprocess.Popen(  # noqa: S603 -- a program of ours
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=(descriptor,),
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    )
