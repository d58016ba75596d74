from __future__ import annotations

from lists.derive_country_names import derive


def test_a_line_for_each_country_that_has_a_name_with_each_name_once() -> None:
    named = {"en": {"DE": "Germany", "AD": "Andorra"}, "es": {"DE": "Alemania", "AD": "Andorra", "150": "Europa"}}
    assert list(derive(["DE", "AD", "XX"], named)) == ["AD;Andorra", "DE;Germany|Alemania"]
