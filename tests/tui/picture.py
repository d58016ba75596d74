"""`python -m tests.tui.picture`: draws `docs/images/console*.svg` from an invented floor."""

from __future__ import annotations

import asyncio
import html
import re
from pathlib import Path

from rich.cells import cell_len

from tests.tui.fake import FakeSource, console
from tests.tui.test_snapshots import busy

IMAGES = Path(__file__).parents[2] / "docs" / "images"
PICTURES = {"console": (), "console-callbacks": ("5",)}
"""Files, each with the keys that lead to its screen."""
SIZE = (120, 30)
FONTS = "DejaVu Sans Mono, Menlo, Consolas, monospace"
_FETCHED_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)

_TEXT = re.compile(
    r'(<text [^>]*?)x="([\d.]+)"([^>]*?)textLength="[\d.]+"([^>]*>)'  # a run of one style, and where it begins
    r"((?:&#160;)*)([^<]*?)(?:&#160;)*</text>"
)
_CELL = 12.2


def _trimmed(found: re.Match[str]) -> str:
    """A text without the blanks around it, at the place where it begins: some viewers drop them."""
    start, x, middle, end, blanks, text = found.groups()
    if not text:
        return ""
    at = float(x) + _CELL * blanks.count(";")
    return f'{start}x="{at:g}"{middle}textLength="{_CELL * cell_len(html.unescape(text)):g}"{end}{text}</text>'


async def draw() -> None:
    for name, keys in PICTURES.items():
        drawn = await _drawn(keys)
        (IMAGES / f"{name}.svg").write_text(drawn, "utf-8")


async def _drawn(keys: tuple[str, ...]) -> str:
    """Textual's own export, with fonts that need not be fetched from anywhere."""
    async with console(FakeSource(busy()), SIZE) as tested:
        if keys:
            await tested.press(*keys)
            await tested.pilot.pause()
        svg = tested.app.export_screenshot(title="dialer console")
    svg = _FETCHED_FONT.sub("", svg).replace("Fira Code, monospace", FONTS)
    svg = svg.replace(
        "<!-- Generated with Rich https://www.textualize.io -->",
        "<!-- Drawn by textual from an invented floor -->",
    )
    return _TEXT.sub(_trimmed, svg)


if __name__ == "__main__":
    asyncio.run(draw())
