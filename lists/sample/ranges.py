"""Telephone numbers that their authorities keep free for films, books and teaching, and that still validate.

* North America: 555-0100 to 555-0199 in every area code (ATIS INC, 555 NXX assignment guidelines).
* United Kingdom: Ofcom's numbers for drama, 1,000 for each of 14 areas. 0115 496 0xxx (Nottingham), 01632 960xxx
  and 07700 900xxx are left out: phonenumbers holds them for invalid.
* Germany: Bundesnetzagentur, Mitteilung 148/2021 ("Drama Numbers"), 1,000 in each of five cities.
* France: ARCEP's ranges for audiovisual works (numbering plan, decision 2018-0881, § 2.5.12). Its mobile range
  06 39 98 is left out as invalid to phonenumbers.
* Sweden: PTS' numbers for books and films, 100 for each of four areas.
* Australia: ACMA's fictitious numbers, (0x) 5550 xxxx and (0x) 7010 xxxx, and its list of mobiles.

Ireland's 020 91x xxxx (ComReg) does not validate and is not used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """`size` numbers from `first` on, written as `shape` with each `#` a digit of theirs. `country`: whose
    names the people bear."""

    country: str
    city: str
    shape: str
    first: int
    size: int

    def number(self, offset: int) -> str:
        """The offset-th number, in international notation. `offset` in 0 … size - 1."""
        digits = iter(str(self.first + offset).zfill(self.shape.count("#")))
        return "".join(next(digits) if mark == "#" else mark for mark in self.shape)

    def has(self, e164: str) -> bool:
        """Whether this number (E.164) is one of it."""
        written = self.shape.replace(" ", "").replace("-", "")
        prefix = written.rstrip("#")
        if not e164.startswith(prefix) or len(e164) != len(written):
            return False
        return self.first <= int(e164.removeprefix(prefix)) < self.first + self.size


def _north_america(country: str, codes: str) -> tuple[Range, ...]:
    """`codes`: "212 New York; 213 Los Angeles"."""
    cities = (entry.strip().partition(" ") for entry in codes.split(";"))
    return tuple(Range(country, city, f"+1 {code}-555-01##", 0, 100) for code, _, city in cities)


GUAM = _north_america("GU", "671 Hagåtña; 670 Saipan")
HAWAII = _north_america("US", "808 Honolulu")
ALASKA = _north_america("US", "907 Anchorage")

UNITED_STATES = _north_america(
    "US",
    """212 New York; 213 Los Angeles; 312 Chicago; 303 Denver; 602 Phoenix; 206 Seattle; 617 Boston; 713 Houston;
    415 San Francisco; 305 Miami; 404 Atlanta; 702 Las Vegas; 801 Salt Lake City; 503 Portland;
    612 Minneapolis; 214 Dallas; 504 New Orleans; 619 San Diego; 505 Albuquerque; 215 Philadelphia;
    313 Detroit; 314 St. Louis; 916 Sacramento; 816 Kansas City; 615 Nashville; 512 Austin; 210 San Antonio;
    408 San José; 510 Oakland; 520 Tucson; 775 Reno; 208 Boise; 406 Billings; 307 Cheyenne; 402 Omaha;
    405 Oklahoma City; 918 Tulsa; 901 Memphis; 502 Louisville; 317 Indianapolis; 216 Cleveland;
    614 Columbus; 513 Cincinnati; 412 Pittsburgh; 716 Buffalo; 410 Baltimore; 202 Washington; 804 Richmond;
    704 Charlotte; 919 Raleigh; 803 Columbia; 904 Jacksonville; 813 Tampa; 407 Orlando; 205 Birmingham;
    334 Montgomery; 601 Jackson; 501 Little Rock; 225 Baton Rouge; 414 Milwaukee; 608 Madison;
    515 Des Moines; 316 Wichita; 785 Topeka; 605 Sioux Falls; 701 Fargo; 207 Portland; 603 Manchester;
    802 Burlington; 401 Providence; 203 New Haven; 860 Hartford; 302 Wilmington; 304 Charleston;
    609 Trenton; 201 Jersey City; 973 Newark; 518 Albany; 315 Syracuse; 585 Rochester; 914 Yonkers;
    516 Hempstead; 718 Brooklyn; 323 Los Angeles; 310 Santa Monica; 818 Burbank; 714 Anaheim; 949 Irvine;
    909 Ontario; 951 Riverside; 805 Oxnard; 661 Bakersfield; 559 Fresno; 209 Stockton; 707 Santa Rosa;
    650 San Mateo; 831 Salinas; 530 Redding; 541 Eugene; 360 Olympia; 509 Spokane; 253 Tacoma; 425 Bellevue;
    480 Scottsdale; 623 Glendale; 719 Colorado Springs; 970 Fort Collins; 720 Aurora; 435 St. George;
    915 El Paso; 817 Fort Worth; 972 Plano; 281 Pasadena; 409 Beaumont; 361 Corpus Christi; 956 Laredo;
    806 Lubbock; 254 Waco; 903 Tyler; 318 Shreveport; 337 Lafayette; 251 Mobile; 256 Huntsville;
    770 Marietta; 912 Savannah; 706 Augusta; 229 Albany; 850 Tallahassee; 352 Gainesville;
    386 Daytona Beach; 561 West Palm Beach; 954 Fort Lauderdale; 239 Cape Coral; 941 Sarasota;
    727 St. Petersburg; 843 Charleston; 864 Greenville; 336 Greensboro; 910 Fayetteville; 252 Greenville;
    828 Asheville; 757 Norfolk; 540 Roanoke; 703 Arlington; 301 Silver Spring; 610 Allentown; 717 Lancaster;
    570 Scranton; 814 Erie; 724 New Castle; 330 Akron; 419 Toledo; 937 Dayton; 740 Newark; 248 Troy;
    734 Ann Arbor; 517 Lansing; 616 Grand Rapids; 989 Saginaw; 810 Flint; 219 Gary; 260 Fort Wayne;
    574 South Bend; 765 Muncie; 812 Evansville; 217 Springfield; 309 Peoria; 618 Belleville; 630 Naperville;
    708 Cicero; 773 Chicago; 815 Rockford; 847 Evanston; 262 Kenosha; 920 Green Bay; 715 Eau Claire;
    218 Duluth; 320 St. Cloud; 507 Rochester; 651 St. Paul; 763 Brooklyn Park; 952 Bloomington;
    319 Cedar Rapids; 563 Davenport; 712 Sioux City; 308 Grand Island; 417 Springfield; 573 Jefferson City;
    636 St. Charles; 660 Sedalia; 913 Overland Park; 620 Dodge City; 580 Lawton; 479 Fort Smith;
    870 Jonesboro; 731 Jackson; 865 Knoxville; 423 Chattanooga; 931 Clarksville; 606 Ashland; 859 Lexington;
    270 Bowling Green""",
)  # fmt: skip

CANADA = _north_america(
    "CA",
    """416 Toronto; 604 Vancouver; 403 Calgary; 514 Montréal; 204 Winnipeg; 902 Halifax; 709 St. John's;
    306 Regina; 780 Edmonton; 613 Ottawa; 418 Québec; 506 Moncton; 250 Victoria; 519 London; 905 Hamilton;
    705 Sudbury""",
)

UNITED_KINGDOM = tuple(
    Range("GB", city, shape, 0, 1000)
    for city, shape in (
        ("London", "+44 20 7946 0###"), ("Manchester", "+44 161 496 0###"), ("Glasgow", "+44 141 496 0###"),
        ("Cardiff", "+44 29 2018 0###"), ("Belfast", "+44 28 9649 6###"), ("Birmingham", "+44 121 496 0###"),
        ("Leeds", "+44 113 496 0###"), ("Edinburgh", "+44 131 496 0###"), ("Liverpool", "+44 151 496 0###"),
        ("Bristol", "+44 117 496 0###"), ("Newcastle upon Tyne", "+44 191 498 0###"),
        ("Sheffield", "+44 114 496 0###"),
        ("Leicester", "+44 116 496 0###"), ("Reading", "+44 118 496 0###"),
    )
)  # fmt: skip

GERMANY = (
    Range("DE", "Berlin", "+49 30 23125###", 0, 1000),
    Range("DE", "Hamburg", "+49 40 66969###", 0, 1000),
    Range("DE", "München", "+49 89 99998###", 0, 1000),
    Range("DE", "Köln", "+49 221 4710###", 0, 1000),
    Range("DE", "Frankfurt am Main", "+49 69 90009###", 0, 1000),
)

SWEDEN = (
    Range("SE", "Stockholm", "+46 8 465 004 ##", 0, 100),
    Range("SE", "Göteborg", "+46 31 390 06 ##", 0, 100),
    Range("SE", "Malmö", "+46 40 628 04 ##", 0, 100),
    Range("SE", "Kiruna", "+46 980 319 2##", 0, 100),
)
SWEDISH_MOBILES = Range("SE", "", "+46 70 174 06 ##", 5, 95)

FRANCE = (
    Range("FR", "Paris", "+33 1 99 00 ## ##", 0, 10_000),
    Range("FR", "Lyon", "+33 4 65 71 ## ##", 0, 10_000),
    Range("FR", "Rennes", "+33 2 61 91 ## ##", 0, 10_000),
    Range("FR", "Toulouse", "+33 5 36 49 ## ##", 0, 10_000),
    Range("FR", "Strasbourg", "+33 3 53 01 ## ##", 0, 10_000),
)

AUSTRALIA = (
    Range("AU", "Sydney", "+61 2 5550 ####", 0, 10_000),
    Range("AU", "Melbourne", "+61 3 5550 ####", 0, 10_000),
    Range("AU", "Brisbane", "+61 7 5550 ####", 0, 10_000),
    Range("AU", "Canberra", "+61 2 7010 ####", 0, 10_000),
    Range("AU", "Hobart", "+61 3 7010 ####", 0, 10_000),
    Range("AU", "Cairns", "+61 7 7010 ####", 0, 10_000),
)

AUSTRALIAN_MOBILES = tuple(
    f"+61 491 {number}"
    for number in (
        "570 006", "570 156", "570 157", "570 158", "570 159", "570 110", "570 313", "570 737", "571 266",
        "571 491", "571 804", "572 549", "572 665", "572 983", "573 770", "573 087", "574 118", "574 632",
        "575 254", "575 789", "576 398", "576 801", "577 426", "577 644", "578 957", "578 148", "578 888",
        "579 212", "579 760", "579 455",
    )
)  # fmt: skip
"""The number alone leaves eight zones open, so whoever has one states a time zone."""


_NORTH_AMERICAN = re.compile(r"\+1\d{3}55501\d\d")


def is_fictional(e164: str) -> bool:
    """Whether this number (E.164) is kept free for films and teaching: nobody has it, and nobody may show it."""
    others = (*UNITED_KINGDOM, *GERMANY, *SWEDEN, SWEDISH_MOBILES, *FRANCE, *AUSTRALIA)
    mobiles = {mobile.replace(" ", "") for mobile in AUSTRALIAN_MOBILES}
    return _NORTH_AMERICAN.fullmatch(e164) is not None or e164 in mobiles or any(one.has(e164) for one in others)
