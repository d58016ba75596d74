from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lists.language import UnknownLanguageError, read_language


@pytest.mark.parametrize(
    ("text", "tag"),
    [("en", "en"), ("EN_gb", "en-GB"), ("pt-br", "pt-BR"), ("zh-hant-tw", "zh-Hant-TW"), ("es-419", "es-419"),
     ("sl-rozaj", "sl-rozaj"), ("Ukrainian", "uk"), ("русский", "ru"), ("Română", "ro"), (" Deutsch ", "de")],
)  # fmt: skip
def test_tags_and_names(text: str, tag: str) -> None:
    assert read_language(text) == tag


@pytest.mark.parametrize("text", ["klingonisch", "e", "en-", "english (us)", "12"])
def test_what_is_none_says_what_to_write(text: str) -> None:
    with pytest.raises(UnknownLanguageError, match="write its tag: en, pt-BR, uk"):
        read_language(text)


@given(st.from_regex(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?", fullmatch=True))
def test_a_proper_tag_stays_as_it_is(tag: str) -> None:
    assert read_language(read_language(tag)) == read_language(tag)
