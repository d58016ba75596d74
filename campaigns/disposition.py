"""What the conversation came to, as the agent says it. Apart from the wire: see `outcome.py`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Disposition:
    """One of a campaign's dispositions.

    `live`: a person answered. `rpc`: that person was the one sought (right-party contact), so it implies
    `live`. `machine`: voicemail, screening or another recording. `final`: the lead needs no further attempt.
    `dnc`: the number goes to the do-not-call register at once. `callback`: the person asked to be called
    again. `soft_refusal`: a no of today; a campaign may have such a lead called once more after a time (its
    `[retry]`), else it is as final. `vicidial` is the status code that people who come from VICIdial know.
    """

    code: str
    label: str
    live: bool
    rpc: bool = False
    machine: bool = False
    final: bool = False
    dnc: bool = False
    callback: bool = False
    wrong_number: bool = False
    soft_refusal: bool = False
    vicidial: str = ""


STANDARD: tuple[Disposition, ...] = (
    Disposition("sale", "Sale", live=True, rpc=True, final=True, vicidial="SALE"),
    Disposition(
        "not_interested", "Not interested", live=True, rpc=True, final=True, soft_refusal=True, vicidial="NI"
    ),
    Disposition("callback", "Call back", live=True, rpc=True, callback=True, vicidial="CALLBK"),
    Disposition("dnc", "Do not call", live=True, rpc=True, final=True, dnc=True, vicidial="DNC"),
    Disposition("third_party", "Somebody else, person not available", live=True, vicidial="NP"),
    Disposition("wrong_number", "Wrong number", live=True, wrong_number=True, vicidial="WRONG"),
    Disposition("machine", "Answering machine", live=False, machine=True, vicidial="A"),
    Disposition("screened", "Call-screening assistant", live=False, machine=True, vicidial="AA"),
    Disposition("dead_air", "Silence or line fault", live=False, vicidial="N"),
    Disposition("announcement", "Network announcement", live=False, vicidial="DC"),
)
"""Used where a campaign declares none of its own."""

NO_DISPOSITION = Disposition("none", "No disposition given", live=True, vicidial="DISPO")
"""Recorded when wrap-up ran out, or the agent was gone, before a disposition came."""
