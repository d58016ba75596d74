"""Only what differs is drawn: neither flicker nor work for lines that stay as they are."""

from __future__ import annotations

from typing import Any

import pytest
from textual.strip import Strip
from textual.widget import Widget

from dialer.tui.lines import Lines
from tests.tui import floors
from tests.tui.fake import FakeSource, console


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The text of every line that is drawn from now on."""
    found: list[str] = []
    original = Lines.render_line

    def render_line(self: Lines, y: int) -> Strip:
        strip = original(self, y)
        found.append(strip.text.strip())
        return strip

    monkeypatch.setattr(Lines, "render_line", render_line)
    return found


async def test_the_same_picture_draws_nothing(drawn: list[str]) -> None:
    async with console(FakeSource(floors.overview())) as tested:
        drawn.clear()
        await tested.look(after_s=0.0)
        assert drawn == []


async def test_one_figure_draws_its_lines(drawn: list[str]) -> None:
    rows = [floors.campaign(name) for name in ("alpha", "beta", "gamma")]
    async with console(FakeSource(floors.overview(rows))) as tested:
        drawn.clear()
        changed = [rows[0], rows[1], floors.campaign("gamma", figures={"attempts": 12_346})]
        await tested.look(floors.overview(changed), after_s=0.0)
        assert [line.split()[0] for line in drawn] == ["gamma"]
        drawn.clear()
        changed = [floors.campaign("alpha", figures={"attempts": 12_346}), *changed[1:]]
        await tested.look(floors.overview(changed), after_s=0.0)
        assert sorted(line.split()[0] for line in drawn) == ["dials", "›"]


async def test_calls_that_come_and_go_lay_nothing_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    layouts: list[Widget] = []
    original = Widget.refresh

    def refresh(self: Widget, *regions: Any, layout: bool = False, **others: Any) -> Widget:
        if layout:
            layouts.append(self)
        return original(self, *regions, layout=layout, **others)

    async with console(FakeSource(floors.overview(call_count=100)), (200, 50)) as tested:
        for screen in "1234":
            await tested.press(screen)
            monkeypatch.setattr(Widget, "refresh", refresh)
            for second, count in enumerate((100, 30, 0, 300)):
                await tested.look(floors.overview(second=second, agent_count=count // 3, call_count=count))
            monkeypatch.setattr(Widget, "refresh", original)
        assert layouts == []
