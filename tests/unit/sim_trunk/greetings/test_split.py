"""What trains and what scores have nothing in common."""

from __future__ import annotations

from itertools import combinations

import pytest

from sim_trunk.greetings.scene import Label, Say, Voice, draw
from sim_trunk.greetings.speech import speak
from sim_trunk.greetings.split import (
    KINDS,
    Split,
    chosen,
    family,
    languages,
    seed,
    spoken,
    variants,
    wordings,
    words,
)

PAIRS = list(combinations(Split, 2))
ONE_VOICE = (Split.TRAIN, Split.TRAIN_MORE)
UNKNOWN = ("Gustave", "Zac")
"""Names that espeak-ng does not know, and speaks with its plain voice; gustave and zac are voices."""


def voices(split: Split) -> set[str]:
    return {voice for language in languages(split) for voice in variants(split, language)}


@pytest.mark.parametrize(("one", "other"), [pair for pair in PAIRS if pair != ONE_VOICE])
def test_no_voice_is_in_two(one: Split, other: Split) -> None:
    families = [{family(voice) for voice in voices(split) if voice not in UNKNOWN} for split in (one, other)]
    assert families[0].isdisjoint(families[1])


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_no_text_is_in_two(one: Split, other: Split) -> None:
    assert set(spoken(one)).isdisjoint(spoken(other))


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_no_seed_is_in_two(one: Split, other: Split) -> None:
    assert {seed(one, number) for number in range(5_000)}.isdisjoint(
        seed(other, number) for number in range(5_000)
    )


@pytest.mark.needs("espeak-ng")
@pytest.mark.parametrize("split", [each for each in Split if each.name.startswith("SCORE")])
def test_every_voice_that_scores_is_one_of_its_own(split: Split) -> None:
    """espeak-ng speaks with its plain voice where it knows no such variant."""
    of_espeak = [
        each for each in voices(split) if " " not in each or each == "Mr serious" or each.startswith("own ")
    ]
    said = [speak(Voice("en-us", each, 160, 50), "Good morning.").tobytes() for each in ("", *of_espeak)]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize(
    ("split", "language"), [(split, language) for split in Split for language in dict.fromkeys(languages(split))]
)
def test_every_split_has_words_of_every_kind(split: Split, language: str) -> None:
    own = words(split, language)
    assert set(own.texts) == set(KINDS)
    assert all(own.texts.values())
    assert own.names
    assert own.companies


@pytest.mark.parametrize("split", Split)
def test_what_is_drawn_keeps_to_its_split(split: Split) -> None:
    allowed = voices(split)
    for number in range(60):
        for label in Label:
            says = [part for part in draw(split, label, number).parts if isinstance(part, Say)]
            assert {part.voice.variant for part in says} <= allowed


def test_families() -> None:
    assert family("edward2") == family("edward") == "edward"
    assert family("Gene2") == family("Gene")
    assert family("f1") != family("f2")


def test_one_of_each_choice_is_taken() -> None:
    text = "[Hi|Hello], {name} [here|speaking|]."
    assert chosen(text, lambda choices: choices[0]) == "Hi, {name} here."
    assert set(wordings(text)) == {
        f"{hello}, {{name}} {end}." for hello in ("Hi", "Hello") for end in ("here", "speaking", "")
    }
    assert list(wordings("Yes?")) == ["Yes?"]


@pytest.mark.parametrize("split", Split)
def test_what_is_drawn_is_among_the_wordings(split: Split) -> None:
    for number in range(40):
        for label in Label:
            for part in draw(split, label, number).parts:
                assert not isinstance(part, Say) or not set("[|]{}") & set(part.text)
