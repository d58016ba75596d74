from __future__ import annotations

import pytest

from lists.dedupe import Seen, match_list, twin_key
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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Ada", "Byron", "2 Mill Lane", "DE1 2AB"), ("BYRON", "ada", "2, mill lane.", "de1 2ab")),
        (("José", "Peña", "Calle Mayor 5", "Cádiz"), ("Jose", "Pena", "calle mayor 5", "CADIZ")),
        (("Семён", "Ковалёв", "ул. Мира, 5", "344000"), ("Семен", "Ковалев", "ул Мира 5", "344000")),
        (("", "Ada Byron", "2 Mill Lane", ""), ("Ada", "Byron", "2 Mill Lane", "")),
    ],
)
def test_one_person_at_one_address_has_one_key(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert twin_key(*one) == twin_key(*other) != ""


@pytest.mark.parametrize(
    "other",
    [("Ada", "Byron", "2 Mill Lane", "DE1 2AC"), ("Ada", "Byron", "2 Mill Lan", "eDE1 2AB"),
     ("Ida", "Byron", "2 Mill Lane", "DE1 2AB"), ("Ada", "Byron", "Mill Lane 2", "DE1 2AB")],
)  # fmt: skip
def test_others_have_another_key(other: tuple[str, ...]) -> None:
    assert twin_key(*other) != twin_key("Ada", "Byron", "2 Mill Lane", "DE1 2AB")


@pytest.mark.parametrize("half", [("", "", "2 Mill Lane", "DE1"), ("Ada", "Byron", "", "DE1"), ("-", "", "?", "")])
def test_without_name_or_address_there_is_no_key(half: tuple[str, ...]) -> None:
    assert twin_key(*half) == ""
