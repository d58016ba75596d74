from __future__ import annotations

import re

import holidays
import pytest

from lists.subdivision import known_parts


@pytest.mark.parametrize("country", ["AR", "AT", "AU", "BR", "CA", "CH", "CL", "DE", "PL", "PT"])
def test_parts_are_those_that_the_holiday_data_has_too(country: str) -> None:
    theirs = holidays.country_holidays(country).subdivisions
    assert set(known_parts(country)) == {part for part in theirs if re.fullmatch("[A-Z0-9]{1,3}", part)}


def test_states_and_territories_of_the_united_states() -> None:
    assert {"FL", "DC", "PR"} < set(known_parts("US"))
    assert "ZZ" not in known_parts("US")
    assert known_parts("RO") == ()
