"""What trains and what scores have nothing in common."""

from __future__ import annotations

from itertools import combinations

import pytest

from sim_trunk.greetings.scene import Label, Say, draw
from sim_trunk.greetings.split import KINDS, LANGUAGES, Split, family, seed, spoken, variants, words

PAIRS = list(combinations(Split, 2))


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_no_voice_is_in_two(one: Split, other: Split) -> None:
    assert {family(voice) for voice in variants(one)}.isdisjoint(family(voice) for voice in variants(other))


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_no_text_is_in_two(one: Split, other: Split) -> None:
    assert set(spoken(one)).isdisjoint(spoken(other))


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_no_seed_is_in_two(one: Split, other: Split) -> None:
    assert {seed(one, number) for number in range(5_000)}.isdisjoint(
        seed(other, number) for number in range(5_000)
    )


@pytest.mark.parametrize("split", Split)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_split_has_words_of_every_kind(split: Split, language: str) -> None:
    own = words(split, language)
    assert set(own.texts) == set(KINDS)
    assert all(own.texts.values())
    assert own.names
    assert own.companies


@pytest.mark.parametrize("split", Split)
def test_what_is_drawn_keeps_to_its_split(split: Split) -> None:
    allowed = set(variants(split))
    for number in range(60):
        for label in Label:
            says = [part for part in draw(split, label, number).parts if isinstance(part, Say)]
            assert {part.voice.variant for part in says} <= allowed


def test_families() -> None:
    assert family("edward2") == family("edward") == "edward"
    assert family("Gene2") == family("Gene")
    assert family("f1") != family("f2")
