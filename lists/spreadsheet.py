"""Cells that a spreadsheet would run as formulas, made harmless when written and read back unharmed.

A file of rejects is opened in a spreadsheet by people, and its cells come from strangers: `=HYPERLINK(…)` or
`=cmd|…` must stay text (OWASP, "CSV Injection"). The leading apostrophe is what spreadsheets themselves use.
"""

from __future__ import annotations

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(cell: str) -> str:
    """The cell with an apostrophe before it if a spreadsheet might take it for a formula."""
    return f"'{cell}" if cell.lstrip("'").startswith(_STARTS_FORMULA) else cell


def plain(cell: str) -> str:
    """The cell without that apostrophe, so that a mended file of rejects can be imported as it is."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_STARTS_FORMULA) else cell
