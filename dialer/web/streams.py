"""Server-sent events, and the floor as such: one overview for all who look at the same.

Nothing here waits for a reader: who looks at the floor gets the latest picture, and none in between that they were
too slow for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from dialer.clock import Clock
from dialer.web.refusals import Refused
from dialer.web.service import Service

STILL_HERE_S = 10.0
"""A comment goes out after so much silence: both sides learn that the other is still there."""
READERS_LIMIT = 256

STILL_HERE = b": still here\n\n"


class EventStream(Response):
    """Sends events until they end, the reader goes, the service ends, or the reader may no longer look (`allowed`,
    asked each `STILL_HERE_S`)."""

    media_type = "text/event-stream"

    def __init__(
        self, events: AsyncGenerator[bytes, None], closing: asyncio.Event, allowed: Callable[[], Awaitable[bool]]
    ) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._events = events
        self._closing = closing
        self._allowed = allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ends: set[asyncio.Future[None]] = set()
        try:
            # The first event before the status: from then on nothing is missed, and a refusal is still one.
            first = await anext(self._events)
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            sending = asyncio.ensure_future(self._send(first, send))
            others = (_gone(receive), _set(self._closing), self._forbidden())
            ends = {sending, *(asyncio.ensure_future(other) for other in others)}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            for task in ends:
                task.cancel()
            await asyncio.gather(*ends, return_exceptions=True)
            await self._events.aclose()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send(self, first: bytes, send: Send) -> None:
        await send({"type": "http.response.body", "body": first, "more_body": True})
        async for event in self._events:
            await send({"type": "http.response.body", "body": event, "more_body": True})

    async def _forbidden(self) -> None:
        while True:
            await asyncio.sleep(STILL_HERE_S)
            if not await self._allowed():
                return


async def _set(event: asyncio.Event) -> None:
    await event.wait()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def encode_event(name: str, data: str) -> bytes:
    """One event. `data` is JSON, which has no line breaks of its own."""
    return f"event: {name}\ndata: {data}\n\n".encode()


class FloorFeed:
    """The overview, worked out once a second for all of a client's readers, and not at all without any."""

    def __init__(self, service: Service, clock: Clock) -> None:
        self._service = service
        self._clock = clock
        self._readers = 0
        self._latest: dict[str, tuple[int, bytes]] = {}  # client: the second it is of, and the event

    async def events(self, client: str, every_s: int) -> AsyncGenerator[bytes, None]:
        """An overview at once, and then at every `every_s`th second of the clock: all readers' seconds begin
        together, so that one picture serves all of them. Raises `Refused` (429) for one reader too many."""
        if self._readers >= READERS_LIMIT:
            raise Refused(
                429, "too_many_readers", "too many look at the floor already; close one", retry_after_s=10.0
            )
        self._readers += 1
        try:
            yield self._picture(client)
            told = int(self._clock.now())
            while True:
                now = self._clock.now()
                due = int(now) + 1
                await asyncio.sleep(due - now)
                second = int(self._clock.now())
                if second >= told + every_s:
                    told = second
                    yield self._picture(client)
                elif second % int(STILL_HERE_S) == 0:
                    yield STILL_HERE
        finally:
            self._readers -= 1
            if not self._readers:
                self._latest.clear()

    def _picture(self, client: str) -> bytes:
        second = int(self._clock.now())
        found = self._latest.get(client)
        if found is None or found[0] != second:
            event = encode_event("overview", self._service.overview(client).model_dump_json())
            found = self._latest[client] = (second, event)
        return found[1]
