"""Simulated agents: what they do with whom they hear. Pure, and the same live and in virtual time.

Live, an agent recognises the persona by its voice (`sim_trunk.voices`); in virtual time the twin knows it.
"""

from __future__ import annotations

from campaigns.callback import Promise
from campaigns.campaign import Campaign
from campaigns.errors import Problem
from lists.value import value
from sim_trunk.callee import PEOPLE, Persona
from sim_trunk.draws import Draws, normal_pair
from sim_trunk.errors import PopulationFileError
from sim_trunk.population_spec import PopulationSpec


@value
class Reaction:
    """What an agent does about one contact. Seconds.

    `hangs_up_after_s`: from hearing the contact to hanging up on it; None when the agent leaves the end to the
    other side. `wrap_s`: from the end of the conversation to the disposition. `code`: the disposition; None
    when the agent gives none and lets wrap-up run out. `callback_after_s`: from the disposition to the promised
    moment, None when none was promised. `personal`: the agent promises to call in person.
    """

    hangs_up_after_s: float | None
    wrap_s: float
    code: str | None
    callback_after_s: float | None
    personal: bool = False

    def promise(self, agent_id: str, now: float) -> Promise | None:
        """What is promised with the disposition."""
        if self.callback_after_s is None:
            return None
        return Promise(at=now + self.callback_after_s, agent_id=agent_id if self.personal else "")


class SimAgents:
    """The habits of a population's agents in one campaign, under one seed."""

    def __init__(self, spec: PopulationSpec, campaign: Campaign, seed: int) -> None:
        """Raises `PopulationFileError` when the agents would give a disposition the campaign does not have."""
        check_dispositions(spec, campaign)
        self._habits = spec.agents
        self._draws = Draws(seed, b"agent")
        self._callbacks = frozenset(d.code for d in campaign.dispositions if d.callback)

    def login_after_s(self, position: int) -> float:
        """When the agent at this place of the roster (from 0) logs in, seconds after the start."""
        return position * self._habits.login_every_s

    def reaction(self, agent_id: str, nth_contact: int, heard: Persona | None) -> Reaction:
        """What the agent does about its `nth_contact` (from 1). `heard`: None for a voice nobody knows, which
        the agent takes for silence."""
        heard = Persona.SILENCE if heard is None else heard
        habits = self._habits
        choice, ahead, u1, u2, in_person, _, _, _ = self._draws.eight(agent_id, nth_contact)
        z_patience, z_wrap = normal_pair(u1, u2)
        hangs_up_after_s = None
        if heard is Persona.SILENCE:
            hangs_up_after_s = habits.gives_up_silence.at(z_patience)
        elif heard not in PEOPLE:
            hangs_up_after_s = habits.recognises_machine.at(z_patience)
        code = None
        for chance in habits.dispositions[heard]:
            choice -= chance.probability
            if choice < 0.0:
                code = chance.code
                break
        callback_after_s = None
        if code in self._callbacks:
            least, most = habits.callback_after_s
            callback_after_s = least + (most - least) * ahead
        personal = callback_after_s is not None and in_person < habits.callback_in_person
        return Reaction(hangs_up_after_s, habits.wrap.at(z_wrap), code, callback_after_s, personal)


def check_dispositions(spec: PopulationSpec, campaign: Campaign) -> None:
    """Raises `PopulationFileError` for every disposition of simulated agents that the campaign does not have."""
    known = [disposition.code for disposition in campaign.dispositions]
    advice = f"use one of {', '.join(known)}, or give the campaign this disposition"
    problems = [
        Problem(
            spec.file,
            chance.line,
            1,
            f"agents.dispositions.{persona}.{chance.code}",
            f"the campaign {campaign.name} has no such disposition",
            advice,
        )
        for persona, chances in spec.agents.dispositions.items()
        for chance in chances
        if chance.code not in known and chance.probability > 0.0
    ]
    if problems:
        raise PopulationFileError(problems)
