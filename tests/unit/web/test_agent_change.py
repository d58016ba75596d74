from __future__ import annotations

from dataclasses import replace

from dialer.engine.commands import NotifyAgent
from dialer.web.desks import agent_change
from lists.lead import Lead, PhoneNumber
from lists.phone import parse_phone


def test_the_agent_is_told_the_extensions_behind_the_number() -> None:
    phone, other = (parse_phone(f"+4420794600{n}") for n in ("01", "02"))
    assert isinstance(phone, PhoneNumber)
    assert isinstance(other, PhoneNumber)
    lead = Lead(7, "people", (replace(phone, extension="12"), replace(other, extension="3")), "Ana")
    told = NotifyAgent("ben", "talking", "spring", 1, phone.e164, lead)
    assert (agent_change(told).contact, agent_change(told).extension) == ("Ana", "12")
    both = replace(lead, phones=(*lead.phones, replace(phone, extension="40")))
    assert agent_change(replace(told, lead=both)).extension == "12/40"
    assert agent_change(NotifyAgent("ben", "idle", "spring")).extension == ""
