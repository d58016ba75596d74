"""What a campaign does about answering machines, and what that costs in people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from campaigns.prompt import Prompt

LONGEST_HOLD_S = 1.8
"""A person who is held longer hears nobody for two seconds, which counts as abandoned (47 CFR 64.1200(a)(7))."""

PEOPLE_TAKEN_AT_MOST = 0.0019
"""Share of people whom the detector takes for machines within `LONGEST_HOLD_S`: the upper bound (Wilson, 95 %) of
0 of 2,000, the first set's. Only tones tell a machine so early; their rules have changed since, and of the third
set's people it was 0 of 750, of the fourth's 0 of 250. Assumed until calls of a campaign's own have been checked.
"""

BEEP_WITHIN_S = 45.0
"""How long a beep is listened and waited for where a message is to be left: a greeting that is longer is none."""


class AmdPolicy(StrEnum):
    """Who waits for the detector."""

    OFF = "off"  # nobody: it is not asked
    HOLD = "hold"  # the contact, shortly; a machine is hung up
    JOINED = "joined"  # nobody: the agent is joined at once and gets advice


class MachineAction(StrEnum):
    """What is done about a machine that nobody's agent hears."""

    HANG_UP = "hang_up"
    MESSAGE = "message"  # a message is left after its beep


class Heard(StrEnum):
    """Who answered, says the detector (`dialer.media.amd.events.Verdict`)."""

    HUMAN = "human"
    MACHINE = "machine"
    SCREENING = "screening"  # an assistant that asks who is calling
    UNSURE = "unsure"  # to be treated as a person


@dataclass(frozen=True, slots=True)
class Amd:
    """`hold_s`: how long the contact is held at most, from the answer (0.5–1.8). `checked`: share 0–1 of the calls
    judged machines that go to an agent all the same, so that it is known how many of them are people. `message`:
    what is left after the beep, with that action alone."""

    policy: AmdPolicy = AmdPolicy.OFF
    hold_s: float = LONGEST_HOLD_S
    checked: float = 0.05
    machine: MachineAction = MachineAction.HANG_UP
    message: Prompt | None = None

    def checks(self, attempt_id: int) -> bool:
        """Whether this attempt is one of the share: drawn by its number, so that it is the same again."""
        drawn = int.from_bytes(blake2b(b"amd:%d" % attempt_id, digest_size=4).digest())
        return drawn < self.checked * 2**32


def people_lost(hung_up: int, checked: int, people: int, live: int) -> float:
    """How many people are likely to be among `hung_up` calls: as many as were found among the checked ones; while
    none was checked, as many as the detector may have missed for the `live` ones that it let pass."""
    if checked:
        return hung_up * people / checked
    return min(float(hung_up), live * PEOPLE_TAKEN_AT_MOST / (1.0 - PEOPLE_TAKEN_AT_MOST))
