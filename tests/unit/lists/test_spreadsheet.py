from __future__ import annotations

import pytest

from lists.spreadsheet import harmless, plain


@pytest.mark.parametrize(
    "cell", ["=1+1", "+12125550123", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://example.invalid")']
)
def test_what_a_spreadsheet_would_run_stays_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert plain(harmless(cell)) == cell


@pytest.mark.parametrize("cell", ["", "Ana", "'t Hooft", "212-555", "a=b"])
def test_other_cells_are_left_alone(cell: str) -> None:
    assert harmless(cell) == cell
    assert plain(cell) == cell
