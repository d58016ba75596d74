"""Parts of countries, by their codes in ISO 3166-2; states of the United States and provinces of Canada with their
names too."""

from __future__ import annotations

from collections.abc import Mapping

STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas",
    "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan",
    "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada",
    "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina",
    "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania",
    "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas",
    "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin",
    "WY": "Wyoming",
}  # fmt: skip
PROVINCES = {
    "AB": "Alberta", "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick",
    "NL": "Newfoundland and Labrador", "NT": "Northwest Territories", "NS": "Nova Scotia", "NU": "Nunavut",
    "ON": "Ontario", "PE": "Prince Edward Island", "QC": "Quebec", "SK": "Saskatchewan", "YT": "Yukon",
}  # fmt: skip
SUBDIVISIONS = {"US": STATES, "CA": PROVINCES}
"""Those that are known by name, by country: what is not in here does not exist there."""

TERRITORIES = ("AS", "GU", "MP", "PR", "VI")  # US-PR is what ISO 3166-1 calls PR
"""Parts of the United States with a country code of their own."""

_PARTS: Mapping[str, str] = {
    "AR": "A B C D E F G H J K L M N P Q R S T U V W X Y Z",
    "AT": "1 2 3 4 5 6 7 8 9",
    "AU": "ACT NSW NT QLD SA TAS VIC WA",
    "BR": "AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO",
    "CH": "AG AI AR BE BL BS FR GE GL GR JU LU NE NW OW SG SH SO SZ TG TI UR VD VS ZG ZH",
    "CL": "AI AN AP AR AT BI CO LI LL LR MA ML NB RM TA VS",
    "DE": "BB BE BW BY HB HE HH MV NI NW RP SH SL SN ST TH",
    "PL": "02 04 06 08 10 12 14 16 18 20 22 24 26 28 30 32",
    "PT": "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 20 30",
}


def known_parts(country: str) -> tuple[str, ...]:
    """Codes of all parts of a country ("BY" of "DE"); none for one that there is no list of here."""
    named = SUBDIVISIONS.get(country)
    if named is not None:
        return (*named, *(TERRITORIES if country == "US" else ()))
    return tuple(_PARTS.get(country, "").split())
