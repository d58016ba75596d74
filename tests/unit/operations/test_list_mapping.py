from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.errors import CampaignFileError
from dialer.errors import InputError
from dialer.operations.import_list import ImportOptions
from dialer.operations.list_mapping import mapping_file, save_mapping, with_mapping
from lists.mapping import map_columns, parse_map

HEADER = (
    "Kunde",
    "Handy",
    "Telefon 2",
    "Telefon geschäftlich",
    "Ort",
    'a "b" \\ c',
    "junk",
    "Stand",
    "Handy 2 consent",
)


def test_what_was_understood_is_read_again_to_the_same(tmp_path: Path) -> None:
    path = tmp_path / "mappings" / "crm.toml"
    options = ImportOptions(
        list_name="x", region="DE", dates="dmy", source='a "shop"', encoding="cp1252", delimiter="semicolon"
    )
    columns = map_columns(HEADER, parse_map(["Kunde=name", "junk=ignore"]), path, 1)
    save_mapping(path, options, columns.stated)
    again = with_mapping(ImportOptions(list_name="y"), path)
    assert map_columns(HEADER, parse_map(again.mapping), path, 1) == columns
    assert (again.list_name, again.region, again.dates, again.source) == ("y", "DE", "dmy", 'a "shop"')
    assert (again.encoding, again.delimiter, again.sheet) == ("cp1252", "semicolon", None)


def test_options_go_before_what_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "crm.toml"
    path.write_text('region = "DE"\n[columns]\nA = "phone"\nB = "city"\n', encoding="utf-8")
    options = with_mapping(ImportOptions(list_name="y", region="AT", mapping=("B=owner",)), path)
    assert options.region == "AT"
    assert parse_map(options.mapping) == {"A": "phone", "B": "owner"}


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('[columns]\nA = "phone"\nB = "shoe size"\n', "crm.toml:3"),
        ("[columns]\nA = 5\n", "crm.toml:2"),
        ('dates = "ydm"\n', "crm.toml:1"),
        ('reigon = "DE"\n', "crm.toml:1"),
        ("region = \n", "crm.toml:1"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, where: str) -> None:
    path = tmp_path / "crm.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CampaignFileError) as caught:
        with_mapping(ImportOptions(list_name="y"), path)
    assert where in str(caught.value)


def test_a_name_is_a_file_of_the_home(tmp_path: Path) -> None:
    assert mapping_file(tmp_path, "crm") == tmp_path / "mappings" / "crm.toml"
    assert mapping_file(tmp_path, "here/crm.toml") == Path("here/crm.toml")
    with pytest.raises(InputError, match="--mapping"):
        mapping_file(tmp_path, "our crm")
    with pytest.raises(CampaignFileError, match="--save-mapping"):
        with_mapping(ImportOptions(list_name="y"), mapping_file(tmp_path, "nothing"))
