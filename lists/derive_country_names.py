"""Writes `country_names.csv` from CLDR as Babel has it:
`python -m lists.derive_country_names > lists/country_names.csv`, where Babel is installed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping

LANGUAGES = ("en", "de", "es", "ro", "ru", "uk")


def derive(codes: Iterable[str], named: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Lines of the table. `named`: by language, names of countries by code."""
    for code in sorted(codes):
        names = dict.fromkeys(name for language in named.values() if (name := language.get(code, "")) != "")
        if names:
            yield f"{code};{'|'.join(names)}"


if __name__ == "__main__":
    import pytz
    from babel import Locale, __version__  # type: ignore[import-not-found]  # for who makes it anew

    territories = {language: Locale(language).territories for language in LANGUAGES}
    lines = [
        f"# Countries (ISO 3166-1) by their names in {', '.join(LANGUAGES)}.",
        f"# Made by lists/derive_country_names.py from CLDR as Babel {__version__} has it.",
        "country;names",
        *derive(pytz.country_names, territories),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
