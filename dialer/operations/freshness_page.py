"""A list's freshness as one HTML file: nothing in it is fetched from anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import IO

from dialer.operations.freshness_curve import STYLE, draw_curve
from dialer.operations.freshness_words import (
    LIST_COLUMNS,
    SOURCE_COLUMNS,
    STATES,
    comparison_words,
    list_cells,
    share_words,
    source_cells,
    source_words,
    tally_cells,
    threshold_words,
    warnings,
)
from dialer.operations.list_freshness import THIS_DELIVERY, Freshness
from lists.freshness.tally import By

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;color:#1c2430;background:#fff;
max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0 0 .2rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #dde3ea;vertical-align:top}
th{font-weight:600;color:#51606f}.note{color:#51606f}.wide{overflow-x:auto}
.warning{background:#fff4e0;border-left:4px solid #d98200;padding:.5rem .8rem;margin:.5rem 0}
"""
_LEGEND = (
    "Blue: numbers that work and are of whom they should be, with the interval. Dashed: numbers that work. "
    "Dots: called numbers of the source, in all lists, that no call has told to be dead. "
    "Dotted: verify anew, and not worth buying."
)


def write_page(found: Freshness, out: IO[str]) -> None:
    for line in _page(found):
        out.write(line + "\n")


def _page(found: Freshness) -> Iterator[str]:
    name, tally = escape(found.summary.name), found.tally
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    yield f"<title>Freshness of {name}</title><style>{_STYLE}{STYLE}</style></head><body>"
    yield f"<h1>Freshness of {name}</h1>"
    yield (
        f'<p class="note">{found.date_in(0)}. {tally.numbers:,} numbers, {tally.called:,} of them called. '
        "Intervals hold what is true nine times in ten.</p>"
    )
    for warning in warnings(found):
        yield f'<p class="warning">{escape(warning)}</p>'
    yield "<h2>What calls have shown</h2>"
    yield from _table(
        ("of the numbers called", "share"), [(state, str(tally.of(*states))) for state, states in STATES]
    )
    yield "<h2>How many are alive</h2>"
    ahead = [("today" if later == 0 else f"in {later} days", share_words(share)) for later, share in found.alive]
    yield from _table(("when", "alive, of all numbers of the list"), ahead)
    verify = escape(threshold_words(found, found.verify, found.verify_at))
    buying = escape(threshold_words(found, found.buying, found.worth_from))
    yield f"<p>Verify anew: <b>{verify}</b>.</p>"
    yield f"<p>Stop buying data this old: <b>{buying}</b>.</p>"
    yield "<h2>How the sources go</h2>"
    yield from _table(SOURCE_COLUMNS, [source_cells(law) for law in found.sources])
    if len(found.beside) > 1:
        yield "<h2>Lists of its sources</h2>"
        yield from _table(LIST_COLUMNS, [list_cells(row) for row in found.beside.items()])
    for law in found.sources:
        yield f"<h2>{escape(source_words(law.source))}</h2>"
        for source, both in found.deliveries:
            if law.source.removesuffix(THIS_DELIVERY) == source:
                yield "".join(f"<p>{escape(comparison_words(source, one))}.</p>" for one in both)
        yield from draw_curve(found, law.source)
        yield f'<p class="note">{_LEGEND}</p>'
    for by in (By.REGION, By.FIELD, By.AGE):
        yield f"<h2>By {by.value}</h2>"
        yield from _table(
            (by.value, "numbers", "called", *(state for state, _ in STATES)),
            [
                (key or "-", f"{one.numbers:,}", f"{one.called:,}", *tally_cells(one))
                for key, one in found.tallies(by).items()
            ],
        )
    yield "</body></html>"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield '<div class="wide"><table><thead><tr>'
    yield "".join(f"<th>{escape(cell.removesuffix('#'))}</th>" for cell in head)
    yield "</tr></thead><tbody>"
    for row in rows:
        yield f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
    yield "</tbody></table></div>"
