"""Who answers when: the seeded behaviour model that the carrier on the wire and the twin share.

Everything about a call is drawn from (seed, number, how many calls the number has had) and the hour on the
clock of the person called, never from the order in which calls happen to be placed. So the same population
meets a live run and a simulated one, and a changed rate moves only what it is about.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from lists.lead import PhoneNumber, ZoneSource
from sim_trunk.callee import PEOPLE, CallPlan, Persona, Quirk
from sim_trunk.draws import Draws, normal_pair
from sim_trunk.local_hours import LocalHours, first_zone
from sim_trunk.population_file import read_population
from sim_trunk.population_spec import PopulationSpec

_REMEMBERED = 200_000
"""Traits remembered before starting over; forgetting costs time only, they are derived again."""


SPECIAL_INFORMATION_S = 3.0
"""How long the network speaks before it gives up."""

BUNDLED = Path(__file__).parent / "populations"
"""The population files that come with the product: `realistic.toml`, `demo.toml`."""


def load_population(path: Path | None, seed: int) -> Population:
    """The population of a file, or the bundled realistic one. Raises `PopulationFileError`."""
    return Population(read_population(BUNDLED / "realistic.toml" if path is None else path), seed)


class Traits(NamedTuple):
    """What one number is, for good. `odds`: its factor on the odds of an answer."""

    out_of_service: tuple[int, int | None] | None  # (SIP status, Q.850 cause)
    wrong_person: bool
    gatekeeper: bool
    voicemail: bool
    screening: bool
    odds: float


class Population:
    """The people, machines and networks of one population file under one seed."""

    def __init__(self, spec: PopulationSpec, seed: int, zone_of: Callable[[str], str | None] = first_zone) -> None:
        self.spec = spec
        self.seed = seed
        self._calls = Draws(seed, b"call")
        self._lasting = Draws(seed, b"number")
        self._presses = Draws(seed, b"keys")
        self._traits: dict[str, Traits] = {}
        self._hours = LocalHours(zone_of)
        self._flat = spec.answering.is_flat
        self._base_odds = _odds(spec.answering.probability)
        quirks, failures = spec.quirks, spec.unanswered
        self._answered = tuple(
            accumulate(
                (
                    quirks.no_provisional,
                    quirks.lost_ack,
                    quirks.bye_crossing,
                    quirks.false_answer,
                    quirks.announcement,
                )
            )
        )
        self._rings_on = tuple(
            accumulate((quirks.answer_after_cancel, quirks.progress_then_unavailable, quirks.no_response))
        )
        self._fails = tuple(
            accumulate(
                (failures.busy, failures.unreachable, failures.congestion, failures.declined, failures.timeout)
            )
        )

    def know(self, phones: Iterable[PhoneNumber]) -> None:
        """Spare finding out where these numbers are. Zones that a list states are not taken: the carrier on the
        wire cannot know them, and both shells shall meet the same people."""
        if not self._flat:
            for phone in phones:
                if phone.zone_source is ZoneSource.NUMBER and phone.zones:
                    self._hours.know(phone.e164, phone.zones[0])

    def traits(self, number: str) -> Traits:
        """What the number is, for good."""
        traits = self._traits.get(number)
        if traits is None:
            if len(self._traits) >= _REMEMBERED:
                self._traits.clear()
            traits = self._traits[number] = self._draw_traits(number)
        return traits

    def answer_probability(self, number: str, at: float) -> float:
        """Chance that a person picks up a call placed at `at` (seconds UTC), were the number in service and
        without an assistant."""
        weight = self._weight(number, at)
        if self._base_odds == math.inf:
            return 1.0 if weight > 0.0 else 0.0
        odds = self._base_odds * self.traits(number).odds * weight
        return odds / (1.0 + odds)

    def plan(self, number: str, nth_call: int, at: float) -> CallPlan:
        """What the `nth_call` (from 1) to `number` (E.164), placed at `at` (seconds UTC), will meet."""
        plan = self._plan(number, nth_call, at)
        if self.spec.keys.first and plan.persona in PEOPLE:
            plan = replace(plan, presses=self._keys(number, nth_call))
        return plan

    def _keys(self, number: str, nth_call: int) -> tuple[tuple[float, str], ...]:
        keys, found, chances = self.spec.keys, [], self.spec.keys.first
        for nth in range(keys.most):
            chance, u1, u2, *_ = self._presses.eight(number, nth_call * keys.most + nth)
            bounds = tuple(accumulate(one.probability for one in chances))
            which = bisect_right(bounds, chance)
            if which >= len(chances):
                break
            found.append((keys.after.at(normal_pair(u1, u2)[0]), chances[which].key))
            chances = keys.further
        return tuple(found)

    def _plan(self, number: str, nth_call: int, at: float) -> CallPlan:
        # Always the same draws for the same use, so that a changed rate moves only what it is about.
        chance, kind, quirk, within, u1, u2, u3, u4 = self._calls.eight(number, nth_call)
        z_pdd, z_ring = normal_pair(u1, u2)
        z_talk, z_patience = normal_pair(u3, u4)
        traits = self.traits(number)
        spec = self.spec
        fails_s = _between(spec.unanswered.fails_within_s, within)
        patience_s = spec.patience.at(z_patience)
        if traits.out_of_service is not None:
            status, cause = traits.out_of_service
            if quirk < spec.quirks.special_information:
                told_s = fails_s + SPECIAL_INFORMATION_S
                odd = Quirk.SPECIAL_INFORMATION
                return self._not_answered(fails_s, told_s, 480, None, z_talk, patience_s, odd)
            refused = self._not_answered(fails_s, fails_s, status, cause, z_talk, patience_s)
            return replace(refused, moved_to=_next_number(number)) if status == 302 else refused

        pdd_s = spec.ringing.pdd.at(z_pdd)
        if traits.screening:
            ring_s = pdd_s + spec.ringing.screening.at(z_ring)
            return self._answered_by(Persona.SCREENING, pdd_s, ring_s, quirk, z_talk, patience_s)
        if chance < self.answer_probability(number, at):
            ring_s = pdd_s + spec.ringing.person.at(z_ring)
            return self._answered_by(self._person(traits, kind), pdd_s, ring_s, quirk, z_talk, patience_s)

        failure = bisect_right(self._fails, kind)
        if traits.voicemail and failure in {0, 1}:  # busy or unreachable: diverted at once
            return self._answered_by(Persona.VOICEMAIL, pdd_s, pdd_s + fails_s, quirk, z_talk, patience_s)
        match failure:
            case 0:
                return self._not_answered(fails_s, fails_s, 486, 17, z_talk, patience_s)
            case 1:
                return self._not_answered(fails_s, fails_s, 480, 20, z_talk, patience_s)
            case 2:
                cause = 34 if within < 0.5 else 42
                congested = self._not_answered(fails_s, fails_s, 503, cause, z_talk, patience_s)
                rests = quirk < spec.network.retry_after
                return replace(congested, retry_after_s=spec.network.retry_after_s) if rests else congested
            case 3:
                ring_s = pdd_s + spec.ringing.decline.at(z_ring)
                return self._not_answered(pdd_s, ring_s, 603, 21, z_talk, patience_s)
            case 4:
                return self._not_answered(fails_s, fails_s, 408, 102, z_talk, patience_s)
        return self._ringing_on(traits, pdd_s, (quirk, within, z_ring, z_talk), patience_s)

    # --- the branches of a plan ---------------------------------------------------------------------------

    def _ringing_on(
        self, traits: Traits, pdd_s: float, draws: tuple[float, float, float, float], patience_s: float
    ) -> CallPlan:
        """Nobody picks up and nothing fails: voicemail, a quirk, or ringing until somebody gives up."""
        spec = self.spec
        quirk, within, z_ring, z_talk = draws
        if traits.voicemail:
            ring_s = pdd_s + spec.ringing.voicemail.at(z_ring)
            return self._answered_by(Persona.VOICEMAIL, pdd_s, ring_s, quirk, z_talk, patience_s)
        oddity = bisect_right(self._rings_on, quirk)
        if oddity == 1:
            ring_s = pdd_s + _between(spec.unanswered.fails_within_s, within)
            odd = Quirk.PROGRESS_THEN_UNAVAILABLE
            return self._not_answered(pdd_s, ring_s, 480, 20, z_talk, patience_s, odd)
        if oddity == 2:
            return self._not_answered(math.inf, math.inf, 408, None, z_talk, patience_s, Quirk.NO_RESPONSE)
        odd = Quirk.ANSWER_AFTER_CANCEL if oddity == 0 else Quirk.NONE
        # `within` is uniform; its use for the choice leaves it uniform again for the moment of giving up.
        forever = spec.unanswered.rings_forever
        if within < forever:
            return self._not_answered(pdd_s, math.inf, 480, 19, z_talk, patience_s, odd)
        ring_s = _between(spec.unanswered.rings_out_within_s, (within - forever) / (1.0 - forever))
        return self._not_answered(pdd_s, max(ring_s, pdd_s), 480, 19, z_talk, patience_s, odd)

    def _answered_by(
        self, persona: Persona, pdd_s: float, ring_s: float, quirk: float, z_talk: float, patience_s: float
    ) -> CallPlan:
        odd = Quirk.NONE
        match bisect_right(self._answered, quirk):
            case 0:
                odd = Quirk.NO_PROVISIONAL
            case 1:
                odd = Quirk.LOST_ACK
            case 2:
                odd = Quirk.BYE_CROSSING
            case 3:
                persona = Persona.SILENCE
            case 4:
                persona = Persona.ANNOUNCEMENT
        talk_s = self.spec.talk[persona].at(z_talk)
        return CallPlan(pdd_s, ring_s, 200, None, persona, talk_s, patience_s, odd)

    def _not_answered(
        self,
        pdd_s: float,
        ring_s: float,
        status: int,
        cause: int | None,
        z_talk: float,
        patience_s: float,
        odd: Quirk = Quirk.NONE,
    ) -> CallPlan:
        """The persona is who picks up if the caller's CANCEL comes too late."""
        talk_s = self.spec.talk[Persona.RIGHT_PARTY].at(z_talk)
        return CallPlan(pdd_s, ring_s, status, cause, Persona.RIGHT_PARTY, talk_s, patience_s, odd)

    def _person(self, traits: Traits, kind: float) -> Persona:
        if traits.wrong_person:
            return Persona.WRONG_PERSON
        if traits.gatekeeper and kind < self.spec.numbers.gatekeeper_answers:
            return Persona.GATEKEEPER
        return Persona.RIGHT_PARTY

    def _weight(self, number: str, at: float) -> float:
        if self._flat:
            return 1.0
        local = self._hours.at(number, at)
        if local is None:
            return 1.0
        hour, weekend = local
        answering = self.spec.answering
        return (answering.odds_by_hour_weekend if weekend else answering.odds_by_hour)[hour]

    def _draw_traits(self, number: str) -> Traits:
        shares = self.spec.numbers
        service, who, voicemail, screening, u1, u2, _, _ = self._lasting.eight(number, 0)
        odds = math.exp(self.spec.answering.spread * normal_pair(u1, u2)[0])
        out_of_service: tuple[int, int | None] | None = None
        if service < shares.invalid:
            out_of_service = 404, 1
        elif service < shares.invalid + shares.changed:
            changed = (service - shares.invalid) / shares.changed
            out_of_service = (302, None) if changed < self.spec.network.redirected else (410, 22)
        return Traits(
            out_of_service,
            wrong_person=who < shares.wrong_person,
            gatekeeper=shares.wrong_person <= who < shares.wrong_person + shares.gatekeeper,
            voicemail=voicemail < shares.voicemail,
            screening=screening < shares.screening,
            odds=odds,
        )


def _next_number(number: str) -> str:
    """The number that somebody has moved to."""
    return f"{number[:-1]}{(int(number[-1]) + 1) % 10}"


def _odds(probability: float) -> float:
    return math.inf if probability >= 1.0 else probability / (1.0 - probability)


def _between(bounds: tuple[float, float], share: float) -> float:
    least, most = bounds
    return least + (most - least) * share
