from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.cli.home import hoist


@pytest.mark.parametrize(
    ("given_", "hoisted"),
    [
        (["list", "ls", "--home", "h"], ["--home", "h", "list", "ls"]),
        (["list", "--home", "h", "ls"], ["--home", "h", "list", "ls"]),
        (["--home", "h", "list", "ls"], ["--home", "h", "list", "ls"]),
        (["list", "ls", "--home=h", "--json"], ["--home=h", "list", "ls", "--json"]),
        (["list", "ls", "--home"], ["list", "ls", "--home"]),  # left for the parser, which tells what is missing
        (["dnc", "check", "--", "--home", "h"], ["dnc", "check", "--", "--home", "h"]),
        ([], []),
    ],
)
def test_home_may_stand_anywhere(given_: list[str], hoisted: list[str]) -> None:
    assert hoist(given_) == hoisted


@given(st.lists(st.sampled_from(["list", "ls", "--json", "--home", "--home=x", "--", "y"]), max_size=8))
def test_nothing_is_lost_and_the_rest_keeps_its_order(arguments: list[str]) -> None:
    hoisted = hoist(arguments)
    assert sorted(hoisted) == sorted(arguments)
    assert hoist(hoisted) == hoisted
