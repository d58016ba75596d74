"""That remembered verdicts on numbers (`lists.number_memo`) are phonenumbers' own, over all regions there are.

    .venv/bin/python -m tests.fuzz.numbers 1000000 [SEED]

Half of them are written internationally, half as they are dialed in their country; CI has some thousands of them
(`tests/unit/lists/test_number_memo.py`). Exit status 1 if any differs.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from itertools import islice

import phonenumbers as pn

from lists.lead import PhoneNumber
from lists.number_memo import NumberMemo
from lists.phone import country_codes, parse_alone
from lists.reasons import Reason

Written = tuple[str, str | None]
"""A number's text, and the country it was dialed in."""

_TYPES = (*(kind for kind in range(11)), pn.PhoneNumberType.UNKNOWN)
_STYLES: tuple[Callable[[str], str], ...] = (
    lambda digits: digits,
    lambda digits: f"{digits[:3]} {digits[3:6]} {digits[6:]}",
    lambda digits: f"({digits[:3]}) {digits[3:6]}-{digits[6:]}",
    lambda digits: f"{digits[:2]}.{digits[2:5]}.{digits[5:]}",
)


def random_numbers(rng: random.Random) -> Iterator[Written]:
    """Numbers without end: of every region and global network, every kind it has, from the first digits of an
    example on at random; now and then a digit too many or too few."""
    examples = [(region, text) for region in sorted(pn.SUPPORTED_REGIONS) for text in _examples(region)]
    examples += [("001", f"{code}|{text}") for code, text in _global_examples()]
    while True:
        region, text = rng.choice(examples)
        code, _, national = text.rpartition("|")
        kept = rng.randrange(len(national) + 1)
        length = len(national) + rng.choice((0, 0, 0, 0, 0, 0, 1, -1))
        digits = national[:kept] + "".join(rng.choice("0123456789") for _ in range(length - kept))
        style = rng.choice(_STYLES)
        if region == "001" or rng.random() < 0.5:
            own = code or str(pn.country_code_for_region(region))
            yield f"+{rng.choice((own, f'{own} '))}{style(digits)}", rng.choice((None, region, "US"))
            continue
        prefix = pn.ndd_prefix_for_region(region, strip_non_digits=True) or ""
        own = str(pn.country_code_for_region(region))
        yield style(rng.choice((prefix, prefix, "", own, "00")) + digits), region


def difference(memo: NumberMemo, text: str, region: str | None) -> str | None:
    """How the memo and phonenumbers differ over a number, None where they agree or the memo leaves it to them."""
    remembered = memo.look_up(text, region)
    if remembered is None:
        return None
    alone = parse_alone(text, region)
    return None if remembered == alone else f"{text!r} in {region}: {remembered!r}, and asked alone {alone!r}"


def fresh_memo() -> NumberMemo:
    return NumberMemo(parse_alone, country_codes())


def _examples(region: str) -> Iterator[str]:
    for kind in _TYPES:
        number = pn.example_number_for_type(region, kind)
        if number is not None:
            yield pn.national_significant_number(number)


def _global_examples() -> Iterator[tuple[int, str]]:
    for code in sorted(pn.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        number = pn.example_number_for_non_geo_entity(code)
        if number is not None:
            yield code, pn.national_significant_number(number)


def main(count: int, seed: int) -> int:
    memo, left, differences = fresh_memo(), 0, 0
    for number, (text, region) in enumerate(islice(random_numbers(random.Random(seed)), count), 1):
        found = memo.look_up(text, region)
        left += found is None
        assert found is None or isinstance(found, PhoneNumber | Reason)
        differs = difference(memo, text, region)
        if differs is not None:
            differences += 1
            print(differs, flush=True)
        if number % 100_000 == 0:
            print(f"{number:,} numbers, {left:,} left to phonenumbers, {differences} differences", flush=True)
    print(f"{count:,} numbers, {left:,} left to phonenumbers, {differences} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:3]]
    sys.exit(main(arguments[0] if arguments else 100_000, arguments[1] if len(arguments) > 1 else 0))
