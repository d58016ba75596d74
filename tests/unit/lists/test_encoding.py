"""Proposals for what eight bits mean: names as they are written in lists of the countries in question."""

from __future__ import annotations

import io

import pytest

from lists.encoding import is_utf_8, marked, proposed, telling_lines

NAMES = {
    "cp1251": ("Иванова Мария, Санкт-Петербург", "иванов", "Олена Ковальчук, Київ", "ПЕТРОВ ИВАН"),
    "koi8-r": ("Иванова Мария, Санкт-Петербург", "иванов пётр", "ПЕТРОВ ИВАН СЕРГЕЕВИЧ"),
    "cp1250": (
        "Łukasz Żak, Wrocław", "Zażółć gęślą jaźń", "Ştefan Ionescu, Bucureşti", "Dvořák, Plzeň; Ťažký, Košice",
        "Győző Erdős, Székesfehérvár", "Müller Jiří Růžička",
    ),
    "cp1252": (
        "Zoë", "José García, Málaga", "Hélène Lefèvre, Orléans", "Müller, Köln; Groß", "João São Paulo ações",
        "Åse Sørensen, Ålborg", "Niccolò Cantù", "Benoît, Août",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("encoding", "name"), [(key, name) for key, names in NAMES.items() for name in names])
def test_one_name_is_enough(encoding: str, name: str) -> None:
    assert proposed(f"+442079460002;{name}\n".encode(encoding)) == encoding


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark(encoding: str) -> None:
    assert proposed("phone;name\n+442079460002;Zoë\n".encode(encoding)) == encoding


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [("ab", "utf-16", "utf-16"), ("ab", "utf-32", "utf-32"), ("ab", "utf-8", None), ("ab", "utf-8-sig", None)],
)
def test_marks(text: str, encoding: str, found: str | None) -> None:
    assert marked(text.encode(encoding)[:4]) == found


def test_utf_8_is_checked_to_the_end_and_across_blocks() -> None:
    text = ("é" * 70_001).encode()
    assert is_utf_8(io.BytesIO(b"a" + text))
    assert not is_utf_8(io.BytesIO(text + b"\xe9"))
    assert not is_utf_8(io.BytesIO(text[:-1]))


def test_lines_that_tell() -> None:
    assert telling_lines(io.BytesIO(b"phone,name\n1,a\n2,\xe9\n3,b\n")) == b"2,\xe9\n"
    assert telling_lines(io.BytesIO(b"phone,name\n1,a\n")) == b"phone,name\n"
