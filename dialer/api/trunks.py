"""Trunks, as they go over the control API. Money is a decimal text in units of `currency`, or None where no
rate is known."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dialer.api.schemas import E164, Asked, Shown


class TrunkDetail(Shown):
    """`state`: open, probing, paused, held, silent, unresolved or stopped (`docs/reference/trunks.md`); `why`: why
    it is not open, or which of its servers are passed over; `opens_in_s`: in how many seconds it is by itself.
    `registered`: whether the carrier has us registered, None where we need not be; `registration`: in words. Of
    today: `seizures` calls placed, `ner`, `asr` shares of them that got through, were answered (None without
    calls), `pdd_s` the mean time to the first ringing or refusal."""

    name: str
    address: str
    state: str
    why: str = ""
    opens_in_s: float | None = None
    registered: bool | None = None
    registration: str = ""
    channels: int
    in_use: int
    cps: float
    simulated: bool = False
    removed: bool = False
    seizures: int = 0
    ner: float | None = None
    asr: float | None = None
    pdd_s: float | None = None
    cost: str | None = None
    currency: str = ""


class Trunks(Shown):
    trunks: list[TrunkDetail]


class TrunkTest(Asked):
    """`call`: a number to be called, inside the walls, and hung up on as soon as it answers; None: only OPTIONS.
    `caller_id`: what it shows; "" for the first of ours that may be shown there."""

    call: E164 | None = None
    caller_id: Annotated[str, Field(max_length=16)] = ""


class TrunkStep(Shown):
    """One thing that happened, `after_s` seconds after the request left. `status`: of a SIP response."""

    after_s: float
    what: str
    status: int | None = None


class TrunkTested(Shown):
    """`ok`: the trunk can be used, as far as was tried. `verdict`: what it answers; `advice`: what to change."""

    trunk: str
    ok: bool
    verdict: str
    advice: str = ""
    steps: list[TrunkStep] = Field(default_factory=list)
