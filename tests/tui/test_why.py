"""`why` on the console: who is asked about, and what is told."""

from __future__ import annotations

import pytest
from textual import events

from dialer.api.errors import NotFound
from dialer.api.roles import Permission
from dialer.api.schemas import Fault
from dialer.tui.cells import plain
from dialer.tui.why import why_lines
from dialer.tui.why_question import WhoMeant, who_meant
from tests.tui import floors
from tests.tui.fake import FakeSource, console
from tests.tui.test_snapshots import busy


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("+1 (212) 555-0101", WhoMeant("bank", None, "+12125550101")),
        ("42", WhoMeant("bank", 42, "")),
        ("", "type a number as +12025550123, or a lead's id"),
        ("2125550101", "a number begins with + and its country; without it, a lead's id is meant"),
        ("+12", "a number has 7 to 15 digits after its +"),
        ("0", "lead ids begin with 1"),
    ],
)
def test_who_is_meant(text: str, meant: WhoMeant | str) -> None:
    assert who_meant(text, "bank") == meant


def test_an_answer_that_allows_says_until_when() -> None:
    refused = floors.why_answer()
    evidence = {name: value for name, value in refused.evidence.items() if name != "detail"}
    allowed = refused.model_copy(
        update={"allowed": True, "reason": None, "until": "2026-11-23T19:59:00Z", "evidence": evidence}
    )
    assert "+12125550101 may be dialed, until 20:59." in plain(why_lines(allowed, "Europe/Berlin", 80))
    calling = allowed.model_copy(update={"evidence": evidence | {"standing": "in a call"}})
    assert "+12125550101: its lead is in a call." in plain(why_lines(calling, "Europe/Berlin", 80))


async def test_a_number_is_typed_and_asked_about_for_the_campaign_under_the_cursor() -> None:
    async with console(FakeSource(busy())) as tested:
        await tested.press("down", "w", *"+12x1255501019", "backspace", "enter")
        await tested.until(lambda: "In the way" in tested.text)
        assert tested.source.orders == [("why", "bank None +12125550101")]
        assert "+12125550101  for bank" in tested.lines[2]
        await tested.press("a")
        await tested.until(lambda: "Latest calls" in tested.text)
        assert tested.source.orders[-1] == ("why", "None None +12125550101")


async def test_what_is_no_number_is_said_and_esc_leaves() -> None:
    async with console(FakeSource(busy())) as tested:
        await tested.press("w", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "enter")
        assert "a number begins with +" in tested.text
        await tested.press("escape")
        assert tested.lines[0].startswith(" Floor")
        assert tested.source.orders == []


async def test_nobody_is_asked_about_without_the_permission() -> None:
    who = floors.me()
    less = who.model_copy(update={"permissions": [p for p in who.permissions if p is not Permission.LEADS_READ]})
    async with console(FakeSource(busy(), less)) as tested:
        await tested.press("w")
        assert "not permitted: leads.read is missing" in tested.lines[1]


async def test_an_unknown_lead_is_told() -> None:
    source = FakeSource(busy())
    source.told = NotFound(404, Fault(code="unknown", text='no lead "7"'))
    async with console(source) as tested:
        await tested.press("w", "7", "enter")
        await tested.until(lambda: 'no lead "7"' in tested.text)


async def test_keys_that_come_all_at_once_are_taken_in_their_order() -> None:
    source = FakeSource(busy())
    source.told = NotFound(404, Fault(code="unknown", text='no lead "7"'))
    async with console(source) as tested:
        await tested.press("w")
        burst = {"8": "8", "backspace": "\x7f", "7": "7", "enter": "\r"}  # as from a scanner
        for key, character in burst.items():
            tested.pilot.app.post_message(events.Key(key, character))
        await tested.until(lambda: 'no lead "7"' in tested.text)
