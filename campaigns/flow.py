"""A call flow: what is said to a person whom no agent speaks with, and what follows from the keys they press.

A value, read from a campaign's `[flow]` by `toml_flow.py`; `dialer.calls.walk` walks it, one call at a time.
"""

from __future__ import annotations

from collections.abc import Iterator

from campaigns.prompt import Prompt
from lists.value import value


@value
class PlayStep:
    """Play a prompt, whatever is pressed meanwhile, and go on."""

    prompt: Prompt
    next: str


@value
class GatherStep:
    """Ask, and wait for digits: at most `digits`, or until one of `finish`, which does not count. `branches`:
    digits to the next step; `any`: the step after whatever other digits, "" for none; `invalid`: the step after
    digits that nothing is said about. `timeout_s` from the end of the prompt to the first digit, `between_s` to
    each further one; `timeout`: the step after silence. `repeat`: how often it is asked again, before that, for
    silence and for what is invalid. `barge_in`: a digit ends the prompt."""

    prompt: Prompt | None
    digits: int
    finish: str
    timeout_s: float
    between_s: float
    barge_in: bool
    repeat: int
    branches: tuple[tuple[str, str], ...]
    any: str
    invalid: str
    timeout: str


@value
class RecordStep:
    """Ask, and record what is said, for `longest_s` at most or until a key is pressed."""

    prompt: Prompt | None
    longest_s: float
    next: str


@value
class ToAgentsStep:
    """The person wants an agent: into the campaign's queue. Whom none takes in time is abandoned."""


@value
class OptOutStep:
    """The number goes to the do-not-call register of the campaign's client. When it is there, `prompt` says so;
    then the call ends."""

    prompt: Prompt | None


@value
class HangUpStep:
    """The end. `disposition`: what it came to, a code of the campaign; "" for none."""

    disposition: str = ""


Step = PlayStep | GatherStep | RecordStep | ToAgentsStep | OptOutStep | HangUpStep


@value
class Flow:
    """`steps`: by name, in the order of the file. `start`: the first one. `longest_s`: after so long it is over,
    wherever it is."""

    start: str
    steps: tuple[tuple[str, Step], ...]
    longest_s: float = 600.0

    def step(self, name: str) -> Step:
        """Raises `KeyError`."""
        for known, step in self.steps:
            if known == name:
                return step
        raise KeyError(name)

    @property
    def reaches_agents(self) -> bool:
        """Whether anybody may be put through to an agent."""
        return any(isinstance(step, ToAgentsStep) for _, step in self.steps)


def prompt_of(step: Step) -> Prompt | None:
    """What the step says, if anything."""
    return step.prompt if isinstance(step, PlayStep | GatherStep | RecordStep | OptOutStep) else None


def goes_to(step: Step) -> Iterator[tuple[str, str]]:
    """The keys of a step that name another one, with the name: `next`, `any`, `timeout`, `invalid`, digits."""
    match step:
        case PlayStep() | RecordStep():
            yield "next", step.next
        case GatherStep():
            yield from step.branches
            for key in ("any", "timeout", "invalid"):
                if name := getattr(step, key):
                    yield key, name


def unheard(step: Step) -> str:
    """The step after this one for a person who presses nothing; "" where the flow ends."""
    match step:
        case PlayStep() | RecordStep():
            return step.next
        case GatherStep():
            return step.timeout
    return ""


def circle(flow: Flow) -> str:
    """A step from which somebody who presses nothing never comes to an end; "" when there is none."""
    steps = dict(flow.steps)
    for name in steps:
        seen: set[str] = set()
        at = name
        while at and at not in seen:
            seen.add(at)
            at = unheard(steps[at])
        if at:
            return name
    return ""


def unreached(flow: Flow) -> list[str]:
    """Steps that no way leads to, in the order of the file."""
    steps = dict(flow.steps)
    reached: set[str] = set()
    ahead = [flow.start]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead += [following for _, following in goes_to(steps[name])]
    return [name for name in steps if name not in reached]
