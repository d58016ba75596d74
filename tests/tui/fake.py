"""A source whose answers a test sets, and a console on it that looks only when told to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from campaigns.life import CampaignState
from dialer.api.access import Me
from dialer.api.callbacks import DueCallbacks
from dialer.api.edits import CampaignMoved
from dialer.api.holdings import FunnelAnswer, WhyAnswer, WhyEverywhere
from dialer.api.schemas import Overview
from dialer.errors import DialerError
from dialer.tui.app import ConsoleApp, ConsoleOptions
from dialer.tui.source import Stored
from tests.tui import floors

NEVER_S = 100_000.0
TURNS = 200


class FakeSource:
    """`picture`, `who`, `refusal`: what is answered, or raised when it is an error. `orders`: what was asked."""

    def __init__(self, picture: Overview | DialerError, who: Me | DialerError | None = None) -> None:
        self.where = "/srv/calls/dialer-home"
        self.picture = picture
        self.who = floors.me() if who is None else who
        self.refusal: DialerError | None = None
        self.orders: list[tuple[str, str]] = []
        self.counted: FunnelAnswer | DialerError = floors.funnel()
        self.promised: DueCallbacks | DialerError = floors.callbacks()
        self.told: WhyAnswer | WhyEverywhere | DialerError | None = None
        self.looks = 0
        self.closed = False

    async def me(self) -> Me:
        if isinstance(self.who, DialerError):
            self.looks += 1
            raise self.who
        return self.who

    async def overview(self) -> Overview:
        self.looks += 1
        if isinstance(self.picture, DialerError):
            raise self.picture
        return self.picture

    async def start(self, campaign: str) -> CampaignMoved:
        return self._moved("start", campaign, CampaignState.RUNNING)

    async def pause(self, campaign: str) -> CampaignMoved:
        return self._moved("pause", campaign, CampaignState.PAUSED)

    async def stop(self, campaign: str) -> CampaignMoved:
        return self._moved("stop", campaign, CampaignState.DRAINING)

    async def funnel(self, campaign: str) -> FunnelAnswer:
        self.orders.append(("funnel", campaign))
        if isinstance(self.counted, DialerError):
            raise self.counted
        return self.counted

    async def callbacks(self) -> DueCallbacks:
        self.orders.append(("callbacks", ""))
        if isinstance(self.promised, DialerError):
            raise self.promised
        return self.promised

    async def why(self, campaign: str | None, lead: int | None, number: str | None) -> WhyAnswer | WhyEverywhere:
        self.orders.append(("why", f"{campaign} {lead} {number}"))
        told = self.told or (floors.why_answer() if campaign else floors.why_everywhere())
        if isinstance(told, DialerError):
            raise told
        return told

    async def close(self) -> None:
        self.closed = True

    def _moved(self, order: str, campaign: str, state: CampaignState) -> CampaignMoved:
        self.orders.append((order, campaign))
        if self.refusal is not None:
            raise self.refusal
        return CampaignMoved(campaign=campaign, state=state, state_reason="by maria")


class Console:
    """A console under test. `clock`: its monotonic clock, which stands still unless it is set."""

    def __init__(
        self, source: FakeSource, options: ConsoleOptions | None = None, stored: Stored | None = None
    ) -> None:
        self.source = source
        self.clock = 1_000.0
        options = options or ConsoleOptions(every_s=NEVER_S)
        self.app = ConsoleApp(
            source, options, stored=stored, clock=lambda: self.clock, wall=lambda: floors.NINE_OH_FIVE
        )
        self.pilot: Pilot[None]

    async def look(self, picture: Overview | DialerError | None = None, after_s: float = 1.0) -> None:
        """Let it ask once more, `after_s` seconds later, and draw what comes."""
        if picture is not None:
            self.source.picture = picture
        self.clock += after_s
        looks = self.source.looks
        self.app.feed.look_now()
        await self.until(lambda: self.source.looks > looks)
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, condition: Callable[[], bool]) -> None:
        for _ in range(TURNS):
            if condition():
                return
            await self.pilot.pause()
        raise AssertionError(f"it did not come to it:\n{self.text}")

    @property
    def lines(self) -> list[str]:
        """The terminal as text."""
        return [strip.text.rstrip() for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


@asynccontextmanager
async def console(
    source: FakeSource,
    size: tuple[int, int] = (80, 24),
    options: ConsoleOptions | None = None,
    stored: Stored | None = None,
) -> AsyncIterator[Console]:
    """A console with its first answer drawn."""
    tested = Console(source, options, stored)
    async with tested.app.run_test(size=size) as pilot:
        tested.pilot = pilot
        await tested.until(lambda: source.looks > 0)
        await pilot.pause()
        yield tested
