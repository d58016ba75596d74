"""Trunks while the service runs: how they are, asking them whether they are there, and a call to try one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Protocol

import structlog

from dialer.api.trunks import TrunkDetail, TrunkStep, TrunkTested
from dialer.clock import Clock, monotonic
from dialer.engine.commands import HangUp, Originate
from dialer.engine.events import (
    CallAnswered,
    CallEnded,
    CallFault,
    CallProgress,
    Event,
    TrunkAsked,
    UsageKnown,
)
from dialer.engine.state import EngineState
from dialer.errors import InputError, UnknownName
from dialer.live.alarms import Condition
from dialer.live.figures import DayFigures, TrunkTally
from dialer.live.trunk_conditions import in_words, of_options, of_registrations
from dialer.live.trunk_standing import advice_on_registration, is_registered, of_registration, of_servers
from dialer.ports.store import Usage
from dialer.settings.rates import in_units
from dialer.sip.hop import shown
from dialer.sip.identity import Identity
from dialer.telephony.carrier import SipCarrier
from dialer.telephony.errors import HostUnresolved, TelephonyError
from dialer.trunks.advice import is_taken, what_to_change
from dialer.trunks.health import TrunkState
from dialer.trunks.limits import TrunkLimits
from dialer.trunks.rates import EXPECTED_S

_log = structlog.wrap_logger(logging.getLogger("dialer.live"))

FIRST_TEST_KEY = 1 << 60
"""Keys of calls that try a trunk: no attempt has one so large."""

_NO_SUCH_HOST = "Check host in dialer.toml for a slip, and this machine's name server."

TEST_RINGS_S = 30.0
LOOK_EVERY_S = 1.0


class Floor(Protocol):
    """What it needs of the service (`dialer.live.service.LiveService`)."""

    @property
    def engine(self) -> EngineState: ...
    @property
    def carrier(self) -> SipCarrier: ...
    @property
    def clock(self) -> Clock: ...
    def post(self, event: Event) -> None: ...


class TrunkDesk:
    """Used in the event loop's thread alone."""

    def __init__(self, floor: Floor, figures: DayFigures, identity: Identity) -> None:
        self._floor = floor
        self._figures = figures
        self._identity = identity
        self._last_key = FIRST_TEST_KEY
        self._tests: dict[int, asyncio.Queue[Event]] = {}
        self._asked_at: dict[str, float] = {}
        self._answers: dict[str, int | None] = {}

    # --- how they are ---------------------------------------------------------------------------------------

    def rows(self) -> list[TrunkDetail]:
        """Every trunk at this moment, those that are no longer configured while calls on them go on."""
        now = self._floor.clock.now()
        carrier, currency = self._floor.carrier, self._floor.engine.tolls.walls.currency
        self._figures.roll(now)
        rows: list[TrunkDetail] = []
        for name, limits in self._floor.engine.trunks.items():
            row = _row(name, limits, self._figures.trunks.get(name), currency, now)
            standing = carrier.registration_of(name)
            about: dict[str, object] = {"why": row.why or of_servers(carrier.passed_over(name))}
            if standing is not None:
                words = of_registration(standing, carrier.now())
                about |= {"registered": is_registered(standing, carrier.now()), "registration": words}
            rows.append(row.model_copy(update=about))
        return rows

    def conditions(self) -> Iterator[Condition]:
        """What trunks say to our REGISTER and OPTIONS, where that is not what it should be."""
        trunks = [limits.trunk for limits in self._floor.engine.trunks.values() if not limits.removed]
        carrier = self._floor.carrier
        standings = (carrier.registration_of(trunk.name) for trunk in trunks)
        yield from of_registrations((one for one in standings if one is not None), carrier.now())
        yield from of_options({one.name: self._answers.get(one.name) for one in trunks if one.options_every_s})

    def limits(self, name: str) -> TrunkLimits:
        """Raises `UnknownName`."""
        limits = self._floor.engine.trunks.get(name)
        if limits is None or limits.removed:
            raise UnknownName("trunk", name, list(self._floor.engine.trunks), "describe it under [[trunk]]")
        return limits

    # --- asking whether they are there ----------------------------------------------------------------------

    async def watch(self) -> None:
        """Ask every trunk that wants it by OPTIONS, again and again, without an end."""
        asking: dict[str, asyncio.Task[None]] = {}
        try:
            while True:
                now = monotonic()
                for name, limits in self._floor.engine.trunks.items():
                    every_s = limits.trunk.options_every_s
                    due = now - self._asked_at.get(name, float("-inf")) >= every_s
                    if every_s and due and name not in asking and not limits.removed:
                        self._asked_at[name] = now
                        asking[name] = asyncio.get_running_loop().create_task(self._ask(name))
                        asking[name].add_done_callback(_forget(asking, name))
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            for task in asking.values():
                task.cancel()

    async def _ask(self, name: str) -> None:
        try:
            answer = await self._floor.carrier.probes.ask(name)
        except TelephonyError as error:
            _log.warning("trunk cannot be asked", trunk=name, cause=str(error))
            return
        self._answers[name] = answer.status
        self._floor.post(TrunkAsked(name, answer.status is not None))

    # --- trying one -----------------------------------------------------------------------------------------

    async def probe(self, name: str) -> TrunkTested:
        """Ask a trunk by OPTIONS, and say what it answers. Raises `UnknownName`."""
        trunk = self.limits(name).trunk
        try:
            found = await self._floor.carrier.probes.look_up(trunk)
        except HostUnresolved as error:
            return TrunkTested(trunk=name, ok=False, verdict=f"{error}.", advice=_NO_SUCH_HOST)
        answer = await self._floor.carrier.probes.ask(name)
        at = shown(answer.hop) if answer.hop[0] == trunk.host else f"{trunk.host} ({shown(answer.hop)})"
        if answer.status is None:
            step = TrunkStep(after_s=answer.took_s, what="nothing came back")
            verdict, ok = f"{at} does not answer OPTIONS.", False
        else:
            server = f", it calls itself {answer.server}" * bool(answer.server)
            what = f"{answer.status} to OPTIONS" + ", after our credentials" * answer.challenged + server
            step = TrunkStep(after_s=answer.took_s, what=what, status=answer.status)
            ok = is_taken(answer.status)
            verdict = f"{at} answers OPTIONS with {answer.status}."
        advice = "" if ok else what_to_change(answer.status)
        if answer.hop not in found:
            advice = (
                f"{advice} {trunk.host} is {shown(found[0])} by now: `dialer reload` after a change goes there."
            ).strip()
        self._floor.post(TrunkAsked(name, answer.status is not None))
        return self._with_standing(TrunkTested(trunk=name, ok=ok, verdict=verdict, advice=advice, steps=[step]))

    def _with_standing(self, tested: TrunkTested) -> TrunkTested:
        """And what keeps calls from leaving over it, however it answers OPTIONS."""
        carrier, name, after_s = self._floor.carrier, tested.trunk, tested.steps[-1].after_s
        ok, verdict, advice, steps = tested.ok, tested.verdict, tested.advice, [*tested.steps]
        standing = carrier.registration_of(name)
        if standing is not None:
            words = of_registration(standing, carrier.now())
            steps.append(TrunkStep(after_s=after_s, what=words, status=standing.status))
            advice = f"{advice} {advice_on_registration(standing)}".strip()
            if not is_registered(standing, carrier.now()):
                ok, verdict = False, f"{verdict} It has not registered us: {words}."
        if servers := of_servers(carrier.passed_over(name)):
            steps.append(TrunkStep(after_s=after_s, what=servers))
        now = self._floor.clock.now()
        health = self._floor.engine.trunks[name].health
        if health.state(now) is not TrunkState.OPEN:
            verdict = f"{verdict} It is {in_words(health, now)}."
        return TrunkTested(trunk=name, ok=ok, verdict=verdict, advice=advice, steps=steps)

    async def call(self, name: str, number: str, caller_id: str = "") -> TrunkTested:
        """Call a number over a trunk and hang up when it answers. Raises `UnknownName`, and `InputError` for a
        call that the walls or a ceiling refuse."""
        limits = self.limits(name)
        tolls, now = self._floor.engine.tolls, self._floor.clock.now()
        shown = caller_id or next(iter(one.number for one in tolls.walls.caller_ids if one.verified_on), "")
        rate = limits.rates.rate(number, now)
        cost = 0 if rate is None else rate.cost_micro(EXPECTED_S)
        refused = tolls.walls.refusal(number, client="", trunk=name, caller_id=shown) or tolls.ceilings.refusal(
            "", name, cost, now
        )
        if refused is not None:
            raise InputError(f"{number} is not called: {refused.reason} ({refused.detail})")
        if not shown:
            raise InputError("--caller-id: over a simulated trunk say what the call shows")
        self._last_key += 1
        key = self._last_key
        queue = self._tests[key] = asyncio.Queue()
        began = monotonic()
        try:
            # As if it had been answered: what it costs in the end is not followed.
            self._floor.post(UsageKnown((Usage(now, "", name, 1, cost),)))
            order = Originate(key, self._identity.call_id(key), number, name, shown)
            self._floor.carrier.carry_out(order)
            return await self._follow(name, key, queue, began)
        finally:
            self._tests.pop(key, None)

    def takes(self, event: Event) -> bool:
        """Whether an event is about a call that tries a trunk, and so none of the engine's business."""
        attempt_id = getattr(event, "attempt_id", 0)
        if not isinstance(attempt_id, int) or attempt_id < FIRST_TEST_KEY:
            return False
        if (queue := self._tests.get(attempt_id)) is not None:
            queue.put_nowait(event)
        return True

    async def _follow(self, name: str, key: int, queue: asyncio.Queue[Event], began: float) -> TrunkTested:
        steps: list[TrunkStep] = []
        given_up = answered = False

        def step(what: str, status: int | None = None) -> None:
            steps.append(TrunkStep(after_s=monotonic() - began, what=what, status=status))

        while True:
            try:
                async with asyncio.timeout(TEST_RINGS_S):
                    event = await queue.get()
            except TimeoutError:
                if given_up:
                    step("its end was not reported")
                    return TrunkTested(trunk=name, ok=False, verdict="The call did not end.", steps=steps)
                given_up = True
                step("rung long enough: given up")
                self._floor.carrier.carry_out(HangUp(key))
                continue
            match event:
                case CallProgress():
                    step("it rings" if event.status == 180 else "the network is at it", event.status)
                case CallAnswered():
                    answered = True
                    step("answered: hung up", 200)
                    self._floor.carrier.carry_out(HangUp(key))
                case CallFault():
                    step("nothing left")
                    return TrunkTested(
                        trunk=name, ok=False, verdict=f"The call could not be placed: {event.cause}.", steps=steps
                    )
                case CallEnded():
                    rang = any(one.status is not None and one.status < 200 for one in steps)
                    return self._ended(name, event, steps, answered=answered, rang=rang)

    def _ended(
        self, name: str, event: CallEnded, steps: list[TrunkStep], *, answered: bool, rang: bool
    ) -> TrunkTested:
        status = event.status
        if answered or (rang and status in (None, 480, 486, 487, 600, 603)):
            verdict = "The call was answered." if answered else "The call got through, and was not answered."
            return TrunkTested(trunk=name, ok=True, verdict=verdict, steps=steps)
        what = "Nothing came back." if status is None else f"The call was refused with {status}."
        ok = status in (480, 486, 600, 603)
        advice = "" if ok else what_to_change(status)
        return TrunkTested(trunk=name, ok=ok, verdict=what, advice=advice, steps=steps)


def _forget(asking: dict[str, asyncio.Task[None]], name: str) -> Callable[[asyncio.Task[None]], None]:
    def done(task: asyncio.Task[None]) -> None:
        asking.pop(name, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("asking a trunk failed", trunk=name, cause=str(error))

    return done


def _row(name: str, limits: TrunkLimits, tally: TrunkTally | None, currency: str, now: float) -> TrunkDetail:
    trunk, health = limits.trunk, limits.health
    state, opens_at = health.state(now), health.opens_at(now)
    today = tally or TrunkTally()
    return TrunkDetail(
        name=name,
        address=trunk.place,
        state=state.value,
        why="" if state == "open" else health.why,
        opens_in_s=None if opens_at is None else opens_at - now,
        channels=trunk.channels,
        in_use=limits.in_use,
        cps=trunk.cps,
        simulated=trunk.simulated,
        removed=limits.removed,
        seizures=today.seizures,
        ner=today.through / today.seizures if today.seizures else None,
        asr=today.answered / today.seizures if today.seizures else None,
        pdd_s=today.pdd_sum_s / today.pdd_count if today.pdd_count else None,
        cost=in_units(today.cost_micro) if limits.rates or today.cost_micro else None,
        currency=currency,
    )
