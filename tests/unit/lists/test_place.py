from __future__ import annotations

from pathlib import Path

import pytest

import lists.place
from lists.place import UnknownPlaceError, is_code, read_country, read_region


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("US", "US"),
        (" de ", "DE"),
        ("USA", "US"),
        ("uk", "GB"),
        ("Россия", "RU"),
        ("brasil", "BR"),
        ("Germany", "DE"),
        ("united states", "US"),
        ("Deutschland", "DE"),
        ("ÖSTERREICH", "AT"),
        ("Schweiz", "CH"),
        ("Großbritannien", "GB"),
        ("España", "ES"),
        ("Espana", "ES"),
        ("EE.UU.", "US"),
        ("România", "RO"),
        ("Moldova", "MD"),
        ("Великобритания", "GB"),
        ("Соединённые Штаты", "US"),
        ("Україна", "UA"),
        ("Німеччина", "DE"),
        ("Обʼєднані Арабські Емірати", "AE"),
        ("Côte d'Ivoire", "CI"),
        ("Trinidad and Tobago", "TT"),
        ("Niger", "NE"),
        ("Nigeria", "NG"),
        ("Korea (South)", "KR"),
    ],
)
def test_countries(text: str, code: str) -> None:
    assert read_country(text) == code


def test_no_name_of_a_country_is_two_countries() -> None:
    table = Path(lists.place.__file__).with_name("country_names.csv").read_text()
    named: dict[str, str] = {}
    for code, _, names in (line.partition(";") for line in table.splitlines() if line[2:3] == ";"):
        for name in names.split("|"):
            assert named.setdefault(name, code) == code, name
            assert read_country(name) == code, name
    assert len(set(named.values())) > 240


@pytest.mark.parametrize("text", ["XX", "Deutschland AG", "", "U", "-"])
def test_what_is_no_country_says_what_to_write(text: str) -> None:
    with pytest.raises(UnknownPlaceError, match="is no country; write its two letters"):
        read_country(text)


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("FL", "US", "US-FL"),
        ("florida", "US", "US-FL"),
        ("US-FL", "", "US-FL"),
        ("us-fl", "GB", "US-FL"),
        ("PR", "US", "US-PR"),
        ("District of Columbia", "US", "US-DC"),
        ("Ontario", "CA", "CA-ON"),
        ("BY", "DE", "DE-BY"),
        ("MOW", "RU", "RU-MOW"),
        ("77", "RU", "RU-MOW"),  # the number of the federal subject
        ("RU-77", "", "RU-MOW"),
        ("Московская обл.", "RU", "RU-MOS"),
        ("Крым", "RU", "UA-43"),  # ISO's code, whoever writes it
        ("Респ. Крым", "RU", "UA-43"),
        ("91", "RU", "UA-43"),
        ("г. Севастополь", "RU", "UA-40"),
        ("RU-92", "", "UA-40"),
        ("Донецкая Народная Республика", "RU", "UA-14"),
        ("Херсонская обл", "RU", "UA-65"),
        ("75", "FR", "FR-75C"),  # as it was until 2021
        ("IN-OR", "", "IN-OD"),
        ("7", "AI", "AI-7"),  # of which ISO knows no parts
    ],
)
def test_regions(text: str, country: str, code: str) -> None:
    assert read_region(text, country) == code


@pytest.mark.parametrize(
    ("text", "country", "says"),
    [
        ("ZZ", "US", "'ZZ' is no part of US"),
        ("US-ZZ", "", "is no part of US"),
        ("DE-XX", "", "is no part of DE; write its code, such as DE-BB"),
        ("42", "PT", "is no part of PT"),
        ("Florda", "US", "is no part of US; write its code, such as US-FL .Florida."),
        ("ZZZ", "GB", "is no part of GB"),
        ("BC", "ES", "write its code, such as ES-C or ES-"),
        ("FL", "CA", "is no part of CA"),
        ("Харьковская область", "RU", "is no part of RU"),
        ("Bayern", "DE", "is no part of DE; write its code"),
        ("FL", "", "is no code of a part of a country"),
        ("QQ-FL", "US", "there is no country QQ"),
    ],
)
def test_what_is_no_region_says_so(text: str, country: str, says: str) -> None:
    with pytest.raises(UnknownPlaceError, match=says):
        read_region(text, country)


def test_codes_and_names_are_told_apart() -> None:
    assert [text for text in ("FL", "us-fl", "77", "Florida", "Bayern") if is_code(text)] == ["FL", "us-fl", "77"]
