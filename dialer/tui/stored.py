"""The floor without a service: what to do, and what the home has stored. Nothing in it is live."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.life import CampaignState
from dialer.api.holdings import CampaignEntry, ListEntry
from dialer.errors import DialerError
from dialer.tui.cells import Line, line, wrap
from dialer.tui.columns import Column, Row, choose, heading, row_line
from dialer.tui.figures import number, time_of_day
from dialer.tui.source import Holdings
from dialer.tui.words import STATE_STYLE, counted

THEN: dict[CampaignState, str] = {
    CampaignState.DRAFT: "not complete",
    CampaignState.READY: "s starts it",
    CampaignState.RUNNING: "dialed again at once",
    CampaignState.PAUSED: "s goes on",
    CampaignState.DRAINING: "done at once",
    CampaignState.DONE: "s starts it again",
}
"""What comes of a stored state once the service runs."""

CAMPAIGNS: Sequence[Column[CampaignEntry]] = (
    Column("Campaign", 16, lambda entry, w: (entry.name, ""), most=40),
    Column("State", 8, lambda entry, w: (entry.state.value, STATE_STYLE[entry.state])),
    Column("With the service", 20, lambda entry, w: (THEN[entry.state], "")),
    Column("Leads", 9, lambda entry, w: (number(entry.leads, w), ""), right=True),
    Column("Attempted", 9, lambda entry, w: (number(entry.attempted, w), ""), right=True),
    Column("Final", 9, lambda entry, w: (number(entry.final, w), ""), right=True),
    Column("Mode", 11, lambda entry, w: (entry.mode or "?", ""), rank=1),
    Column("Lists", 16, lambda entry, w: (", ".join(entry.lists), ""), rank=2, most=40),
    Column("Why", 20, lambda entry, w: (entry.state_reason, "dim"), rank=2, most=60),
)


def _list_columns(found: Holdings) -> Sequence[Column[ListEntry]]:
    def imported(entry: ListEntry, width: int) -> tuple[str, str]:
        return time_of_day(entry.created_at, found.timezone, found.read_at), ""

    return (
        Column("List", 16, lambda entry, w: (entry.name, ""), most=40),
        Column("Leads", 9, lambda entry, w: (number(entry.leads, w), ""), right=True),
        Column("Numbers", 9, lambda entry, w: (number(entry.numbers, w), ""), right=True),
        Column("Imported", 12, imported),
        Column("As of", 10, lambda entry, w: (entry.as_of or "–", "")),
        Column("Source", 14, lambda entry, w: (entry.source or "–", ""), rank=1, most=40),
    )


def stored_lines(holdings: Holdings | DialerError, where: str, width: int) -> list[Line]:
    """All that is to be said of a home at `where` while no service runs on it."""
    room = max(10, width - 4)
    start = [
        *_indented(f"Start it in another terminal:  dialer run --home {where}", room, "strong"),
        *_indented("This screen turns to the floor by itself as soon as it is there.", room),
        (),
    ]
    if isinstance(holdings, DialerError):
        told = [row for part in str(holdings).splitlines() for row in _indented(part, room, "note")]
        return [(), *start, *_indented("What the home has stored cannot be read:", room), *told]
    campaigns = _listed("Campaigns, as stored", holdings.campaigns, CAMPAIGNS, width)
    lists = _listed("Lists", holdings.lists, _list_columns(holdings), width)
    if not holdings.lists:
        lists += _indented("None yet:  dialer list import FILE --list NAME", room)
    if not holdings.campaigns:
        campaigns += _indented("None yet:  dialer campaign add FILE", room)
    return [(), *start, *campaigns, (), *lists]


def stored_caption(holdings: Holdings | DialerError | None) -> Line:
    """How much there is, and that it is not live."""
    if not isinstance(holdings, Holdings):
        return ()
    running = sum(entry.state is CampaignState.RUNNING for entry in holdings.campaigns)
    told = [counted(len(holdings.campaigns), "campaign"), counted(len(holdings.lists), "list")]
    if running:
        told.append(f"{running:,} to be dialed again")
    return line((f" As stored: {' · '.join(told)}", "dim"))


def _listed(title: str, rows: Sequence[Row], columns: Sequence[Column[Row]], width: int) -> list[Line]:
    fitted = choose(columns, width - 3)
    table = [((" " * 2, ""), *heading(fitted)), *(((" " * 2, ""), *row_line(fitted, row)) for row in rows)]
    return [line((f" {title}", "head")), *(table if rows else [])]


def _indented(text: str, room: int, style: str = "") -> list[Line]:
    return [(("  ", ""), *row) for row in wrap(text, room, style)]
