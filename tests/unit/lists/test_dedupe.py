from __future__ import annotations

import pytest

from lists.dedupe import KnownLead, MatchBy, Seen, match_store, read_match_by, twin_key
from lists.errors import OptionError
from lists.reasons import Reason

ONE, TWO, THREE = ((MatchBy.PHONE, f"+1212555010{n}") for n in (1, 2, 3))
C1 = (MatchBy.ID, "C1")


def test_a_number_is_the_same_in_any_of_a_leads_places() -> None:
    seen = Seen()
    assert seen.meet([ONE, TWO], 1) is None
    match = seen.meet([THREE, TWO], 2)
    assert match is not None
    assert (match.reason, match.value, match.first_row) == (Reason.DUPLICATE_NUMBER, "+12125550102", 1)
    assert match.text == "+12125550102 is in row 1 already"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (MatchBy.ID, Reason.DUPLICATE_ID),
        (MatchBy.PERSON, Reason.DUPLICATE_PERSON),
        (MatchBy.ADDRESS, Reason.DUPLICATE_ADDRESS),
    ],
)
def test_one_is_the_same_with_another_number(kind: MatchBy, reason: Reason) -> None:
    seen = Seen()
    assert seen.meet([ONE, (kind, "C1")], 3) is None
    match = seen.meet([TWO, (kind, "C1")], 4)
    assert match is not None
    assert (match.reason, match.value, match.first_row) == (reason, "C1", 3)


def test_who_repeats_something_is_not_remembered() -> None:
    seen = Seen()
    seen.meet([ONE], 1)
    assert seen.meet([TWO, ONE], 2) is not None
    assert seen.meet([TWO], 3) is None


def test_keys_of_different_kinds_are_different() -> None:
    seen = Seen()
    assert seen.meet([(MatchBy.ID, "7"), (MatchBy.PHONE, "+12125550101;7")], 1) is None
    assert seen.meet([(MatchBy.PERSON, "7"), ONE, (MatchBy.PHONE, "+12125550101;8")], 2) is None


def test_against_the_store() -> None:
    here, there = KnownLead(5, "people"), KnownLead(6, "other")
    known = {MatchBy.PHONE: {TWO[1]: here, THREE[1]: there}, MatchBy.ID: {"C1": here}}
    match = match_store([ONE, TWO, C1], known, "people")
    assert match is not None
    assert (match.reason, match.text) == (Reason.ALREADY_IN_LIST, "+12125550102 is in the list already")
    match = match_store([ONE, C1], known, "people")
    assert match is not None
    assert (match.reason, match.text, match.lead) == (Reason.DUPLICATE_ID, "C1 is in the list already", here)
    match = match_store([THREE], known, "people")
    assert match is not None
    assert (match.reason, match.text) == (Reason.IN_OTHER_LIST, "+12125550103 is in list other already")
    assert match_store([ONE], known, "people") is None


def test_by_what_duplicates_are_known_is_said_in_order() -> None:
    assert read_match_by("person, id,ID") == (MatchBy.PERSON, MatchBy.ID)
    for wrong in ("", "fax", "phone,name"):
        with pytest.raises(OptionError, match="--duplicates-by"):
            read_match_by(wrong)


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
