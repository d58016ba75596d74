"""The console as a program: its screens, its one picture, its orders, its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen

from campaigns.life import Step
from dialer.clock import SystemClock, monotonic
from dialer.errors import DONE, INTERRUPTED, DialerError, ServiceNotRunning
from dialer.tui.agents import AgentsScreen
from dialer.tui.alarms import AlarmsScreen
from dialer.tui.asking import AnswerWanted
from dialer.tui.callbacks import CallbacksScreen
from dialer.tui.calls import CallsScreen
from dialer.tui.confirm import ConfirmScreen
from dialer.tui.feed import EVERY_S, Feed
from dialer.tui.floor import FloorScreen
from dialer.tui.frame import Frame, StepAsked
from dialer.tui.help import HelpScreen
from dialer.tui.keys import no_why
from dialer.tui.link import Link, LinkState
from dialer.tui.pace import Pace
from dialer.tui.shelf import Shelf
from dialer.tui.source import Source, Stored
from dialer.tui.steps import WORDS, not_now, not_permitted, what_draining_does
from dialer.tui.view import Notice, View
from dialer.tui.why import WhyScreen
from dialer.tui.why_question import QuestionScreen, WhoMeant, WhyWanted

NOTICE_S = 6.0
ORDER_WITHIN_S = 10.0
ENDS_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class ConsoleOptions:
    """`until_service_ends`: leave when the service is gone for good, instead of waiting for it. `ends_at`: when it
    will be (seconds since the epoch), to be counted down. `every_s`: from picture to picture."""

    until_service_ends: bool = False
    ends_at: float | None = None
    every_s: float = EVERY_S


class ConsoleApp(App[None]):
    """`stored`: looks into the home while no service is there. `clock`: monotonic seconds; `wall`: seconds since
    the epoch."""

    TITLE = "dialer console"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    AUTO_FOCUS = None
    SCREENS: ClassVar[dict[str, Callable[[], Screen[Any]]]] = {  # these stay, each where one left it
        "agents": AgentsScreen,
        "calls": CallsScreen,
        "alarms": AlarmsScreen,
        "callbacks": CallbacksScreen,
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "go('floor')", show=False),
        Binding("2", "go('agents')", show=False),
        Binding("3", "go('calls')", show=False),
        Binding("4", "go('alarms')", show=False),
        Binding("5", "go('callbacks')", show=False),
        Binding("w", "why", show=False),
        Binding("question_mark,f1", "help", show=False),
        Binding("q,ctrl+q", "leave_console", show=False),
        Binding("ctrl+c", "interrupt", show=False, priority=True),
    ]

    def __init__(
        self,
        source: Source,
        options: ConsoleOptions | None = None,
        *,
        stored: Stored | None = None,
        clock: Callable[[], float] = monotonic,
        wall: Callable[[], float] | None = None,
    ) -> None:
        super().__init__()
        self._source = source
        self._options = options or ConsoleOptions()
        self._clock = clock
        self._wall = wall or SystemClock().now
        self._pace = Pace()
        self._notice: Notice | None = None
        self._shelf = Shelf(stored, clock, self.show)
        self.feed = Feed(source, clock, self._link_changed, self._options.every_s)
        self._tasks: set[asyncio.Task[None]] = set()

    def get_default_screen(self) -> Screen[None]:
        return FloorScreen()

    async def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            with contextlib.suppress(ValueError, RuntimeError):  # not in a main thread: nobody signals us there
                loop.add_signal_handler(number, self._told_to_end)
        self._spawn(self.feed.run())
        self.set_interval(1.0, self._tick)

    async def on_unmount(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._source.close()

    # --- the picture ---

    def view(self) -> View:
        """What there is to see at this moment."""
        now = self._clock()
        ends_at = self._options.ends_at
        return View(
            link=self.feed.link,
            pace=self._pace,
            now=now,
            where=self._source.where,
            holdings=self._shelf.holdings,
            notice=self._notice if self._notice is not None and now < self._notice.until else None,
            ends_in_s=None if ends_at is None else max(0.0, ends_at - self._wall()),
            quit_word="end demo" if self._options.until_service_ends else "quit",
        )

    def show(self) -> None:
        """Draw the screen in front, and what shines through it. While the console closes there is none: its
        screens go first, and timers and tasks, which draw when they have something, only then."""
        if not self.is_running:
            return
        view = self.view()
        for screen in self.screen_stack[-2:] if isinstance(self.screen, ModalScreen) else (self.screen,):
            if isinstance(screen, Frame):
                screen.show(view)

    def _link_changed(self, link: Link) -> None:
        if link.state is LinkState.LIVE and link.overview is not None:
            self._pace.add(link.overview)
        if self._options.until_service_ends and link.gone_for_good(self._clock()):
            self.exit(return_code=DONE)
            return
        if link.state is LinkState.WAITING and isinstance(link.cause, ServiceNotRunning) and self._shelf.due():
            self._spawn(self._shelf.look())
        self.show()

    def _tick(self) -> None:
        """Between pictures: the clock and the age go on, a wait runs down."""
        now = self._clock()
        if self.feed.link.state is not LinkState.LIVE or self.feed.link.age_s(now) > 1.5 * self._options.every_s:
            self.show()

    # --- keys ---

    def action_go(self, name: str) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if name != "floor":
            self.push_screen(name)

    def action_help(self) -> None:
        if isinstance(self.screen, HelpScreen):
            self.pop_screen()
        elif isinstance(self.screen, Frame):
            ends = self._options.until_service_ends
            quit_text = (
                "end the demo: no new calls, those in progress finish"
                if ends
                else "leave the console; the service goes on"
            )
            self.push_screen(HelpScreen(self.screen, quit_text))

    def action_why(self) -> None:
        """Of anybody, from anywhere: of a campaign's screen, for that campaign."""
        if isinstance(self.screen, Frame) and not isinstance(self.screen, HelpScreen):
            why_not = no_why(self.view())
            if why_not:
                self._say(f"why: {why_not}", "note-bar")
            else:
                self.push_screen(QuestionScreen(self.screen.campaign_meant), self._asked_why)

    def on_why_wanted(self, wanted: WhyWanted) -> None:
        why_not = no_why(self.view())
        if why_not:
            self._say(f"why: {why_not}", "note-bar")
        else:
            self._asked_why(wanted.who)

    def _asked_why(self, asked: WhoMeant | None) -> None:
        if asked is not None:
            self.push_screen(WhyScreen(asked))

    def action_leave_console(self) -> None:
        self.exit(return_code=DONE)

    def _told_to_end(self) -> None:
        # A terminal that is gone can block what still wants to be written to it; then nobody could end us.
        last_resort = threading.Timer(ENDS_WITHIN_S, os._exit, (DONE,))
        last_resort.daemon = True
        last_resort.start()
        self.exit(return_code=DONE)

    def action_interrupt(self) -> None:
        self.exit(return_code=INTERRUPTED)

    # --- orders ---

    def on_step_asked(self, asked: StepAsked) -> None:
        view = self.view()
        row = view.campaign(asked.campaign)
        lost = "" if view.link.state is LinkState.LIVE else "the service is away; nothing can be changed"
        why_not = lost or not_permitted(view.me) or not_now(row, asked.step)
        if why_not or row is None:
            self._say(f"{WORDS[asked.step]}: {why_not}", "note-bar")
        elif asked.step is Step.STOP:
            on_it = sum(call.campaign == row.name for call in view.overview.calls) if view.overview else 0

            def answered(yes: bool | None) -> None:
                if yes:
                    self._spawn(self._order(row.name, Step.STOP))

            question = ConfirmScreen(f"Drain {row.name}?", what_draining_does(row, on_it), "drain it")
            self.push_screen(question, answered)
        else:
            self._spawn(self._order(row.name, asked.step))

    async def _order(self, campaign: str, step: Step) -> None:
        order = {Step.START: self._source.start, Step.PAUSE: self._source.pause, Step.STOP: self._source.stop}[
            step
        ]
        try:
            async with asyncio.timeout(ORDER_WITHIN_S):
                moved = await order(campaign)
        except TimeoutError:
            self._say(
                f"{WORDS[step]} {campaign}: no answer yet; look at its state before you repeat it", "alarm-bar"
            )
        except DialerError as error:
            self._say(f"{WORDS[step]} {campaign}: {' '.join(str(error).split())}", "alarm-bar")
        else:
            reason = f": {moved.state_reason}" if moved.state_reason else ""
            unstored = f"; not stored yet: {moved.unstored}" if moved.unstored else ""
            self._say(
                f"✔ {moved.campaign} is {moved.state}{reason}{unstored}", "note-bar" if unstored else "good-bar"
            )
        self.feed.look_now()

    def on_answer_wanted(self, wanted: AnswerWanted) -> None:
        self._spawn(self._answer(wanted))

    async def _answer(self, wanted: AnswerWanted) -> None:
        await wanted.carry_out(self._source, self._clock)

    def on_picture_wanted(self) -> None:
        self.show()

    def _say(self, text: str, style: str) -> None:
        self._notice = Notice(text, style, self._clock() + NOTICE_S)
        self.show()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        try:
            task.result()
        except Exception as error:  # noqa: BLE001 - a fault of ours: shown whole, with exit status 1
            self._handle_exception(error)  # which looks at what is being handled
