"""Who hears whom."""

from __future__ import annotations

import pytest

from dialer.media.orders import Connect
from dialer.ports.media import ReservedLeg
from dialer.telephony.parties import Contact, Guest, Line, Mode, Party, who_hears_whom

NAMES = {1: "contact", 2: "agent", 3: "third", 4: "boss", 5: "chief"}


def talk(*, agent: bool = True, third: bool | None = None, held: bool = False) -> Contact:
    """`third`: None: there is none; False: its phone rings."""
    contact = Contact(7, 1)
    contact.is_held = held
    if agent:
        contact.line = Line("ana", ReservedLeg(2, 20_000, "192.0.2.7"), is_phone=True)
    if third is not None:
        contact.third = guest("expert", 3, is_up=third)
    return contact


def guest(phone_id: str, leg: int, mode: Mode | None = None, *, is_up: bool = True) -> Guest:
    made = Guest(phone_id, leg)
    made.mode, made.is_up = mode, is_up
    return made


def hears(contact: Contact, *supervisors: Guest) -> dict[str, set[str]]:
    found = who_hears_whom(contact, supervisors)

    def name(party: Party) -> str:
        return NAMES[party.leg]

    assert len(found) == len({party.leg for party, _ in found})
    return {name(party): set(map(name, others)) for party, others in found}


def test_nobody_yet() -> None:
    assert hears(talk(agent=False)) == {}


def test_a_talk() -> None:
    assert hears(talk()) == {"contact": {"agent"}, "agent": {"contact"}}


@pytest.mark.parametrize(
    ("mode", "agent", "contact"),
    [
        (Mode.LISTEN, {"contact"}, {"agent"}),
        (Mode.WHISPER, {"contact", "boss"}, {"agent"}),
        (Mode.BARGE, {"contact", "boss"}, {"agent", "boss"}),
    ],
)
def test_a_supervisor(mode: Mode, agent: set[str], contact: set[str]) -> None:
    found = hears(talk(), guest("boss", 4, mode))
    assert found == {"agent": agent, "contact": contact, "boss": {"agent", "contact"}}


def test_an_agent_who_pressed_hold_is_heard_by_nobody_and_the_contact_is_comforted() -> None:
    contact = talk()
    assert contact.line is not None
    contact.line.connect = Connect(2, "192.0.2.1", 4_000, held=True)
    assert hears(contact) == {"contact": set(), "agent": set()}
    assert contact.wants_comfort
    assert hears(contact, guest("boss", 4, Mode.BARGE))["contact"] == {"boss"}
    contact.line.connect = Connect(2, "192.0.2.1", 4_000)
    assert hears(contact) == {"contact": {"agent"}, "agent": {"contact"}}
    assert not contact.wants_comfort


def test_two_supervisors_do_not_hear_each_other_whisper() -> None:
    found = hears(talk(), guest("boss", 4, Mode.WHISPER), guest("chief", 5, Mode.LISTEN))
    assert found["agent"] == {"contact", "boss"}
    assert found["boss"] == found["chief"] == {"contact", "agent"}


def test_a_phone_that_rings_is_in_nothing() -> None:
    assert hears(talk(), guest("boss", 4, Mode.BARGE, is_up=False)) == hears(talk())


def test_while_a_third_party_is_called_the_contact_and_the_agent_are_alone() -> None:
    assert hears(talk(third=False, held=True)) == {"contact": set(), "agent": set()}


def test_a_consultation_is_kept_from_the_contact_and_heard_by_the_supervisor() -> None:
    found = hears(talk(third=True, held=True), guest("boss", 4, Mode.WHISPER))
    assert found["contact"] == set()
    assert found["agent"] == {"third", "boss"}
    assert found["third"] == {"agent"}
    assert found["boss"] == {"agent", "third"}


def test_all_three_and_then_without_the_agent() -> None:
    together = hears(talk(third=True))
    assert together == {
        "contact": {"agent", "third"}, "agent": {"contact", "third"}, "third": {"contact", "agent"},
    }  # fmt: skip
    handed_over = hears(talk(agent=False, third=True), guest("boss", 4, Mode.BARGE))
    assert handed_over == {"contact": {"third"}, "third": {"contact"}}, "who is with the agent goes with them"
