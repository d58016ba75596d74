from __future__ import annotations

from lists.dnc import first_blocked


def test_one_blocked_number_is_enough() -> None:
    assert first_blocked(["+12125550101", "+12125550102"], {"+12125550102"}) == "+12125550102"


def test_nobody_else_is_kept_out() -> None:
    assert first_blocked(["+12125550101"], {"+12125550102"}) is None
    assert first_blocked([], {"+12125550102"}) is None
