from __future__ import annotations

from lists.dedupe import Seen, match_list
from lists.reasons import Reason


def test_a_number_is_the_same_in_any_of_a_leads_places() -> None:
    seen = Seen()
    seen.add(["+12125550101", "+12125550102"], "", 1)
    match = seen.match(["+12125550103", "+12125550102"], "")
    assert match is not None
    assert (match.reason, match.value, match.first_row) == (Reason.DUPLICATE_NUMBER, "+12125550102", 1)
    assert match.text == "+12125550102 is in row 1 already"


def test_an_id_is_the_same_with_another_number() -> None:
    seen = Seen()
    seen.add(["+12125550101"], "C1", 3)
    match = seen.match(["+12125550102"], "C1")
    assert match is not None
    assert (match.reason, match.value, match.first_row) == (Reason.DUPLICATE_ID, "C1", 3)


def test_no_id_is_nobodys_id() -> None:
    seen = Seen()
    seen.add(["+12125550101"], "", 1)
    assert seen.match(["+12125550102"], "") is None


def test_against_the_list_itself() -> None:
    match = match_list(["+12125550101", "+12125550102"], "C1", {"+12125550102"}, {"C1"})
    assert match is not None
    assert (match.reason, match.text) == (Reason.ALREADY_IN_LIST, "+12125550102 is in the list already")
    assert match_list(["+12125550101"], "C1", set(), {"C2", ""}) is None
    assert match_list(["+12125550101"], "", set(), {"C2", ""}) is None


def test_the_list_knows_an_id_with_another_number() -> None:
    match = match_list(["+12125550101"], "C1", {"+12125550102"}, {"C1"})
    assert match is not None
    assert (match.reason, match.first_row) == (Reason.DUPLICATE_ID, None)
    assert match.text == "C1 is in the list already"
