"""What a person hears whom no agent could take in time, instead of silence."""

from __future__ import annotations

from campaigns.flow import Flow, GatherStep, HangUpStep, OptOutStep
from campaigns.prompt import Prompt
from lists.value import value

LEAD_S = 0.25
"""So much before a rule set's clock runs out the message is ordered, for it to be heard in time."""

MESSAGE = "message"
OPT_OUT = "opt_out"
END = "end"


@value
class AbandonedMessage:
    """`prompt`: who has called, for what, and how to be left alone (47 CFR 64.1200(a)(7)(i)). `opt_out_digit`:
    the key for that. `wait_s`: how long it is waited for after the message. `confirmation`: what says that the
    number is on the register, None: the call ends at once."""

    prompt: Prompt
    opt_out_digit: str = "9"
    wait_s: float = 4.0
    confirmation: Prompt | None = None

    @property
    def flow(self) -> Flow:
        """The message as a call flow."""
        message = GatherStep(
            prompt=self.prompt,
            digits=1,
            finish="",
            timeout_s=self.wait_s,
            between_s=self.wait_s,
            barge_in=True,
            repeat=0,
            branches=((self.opt_out_digit, OPT_OUT),),
            any="",
            invalid=MESSAGE,  # a wrong key: said again
            timeout=END,
        )
        return Flow(MESSAGE, ((MESSAGE, message), (OPT_OUT, OptOutStep(self.confirmation)), (END, HangUpStep())))
