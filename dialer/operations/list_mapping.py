"""How the lists of one source are read, kept as a file: `mappings/NAME.toml` in the home."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from campaigns.toml_file import read_toml
from campaigns.toml_source import TomlSource
from campaigns.toml_table import Table
from dialer.errors import InputError, UnknownName
from dialer.operations.import_list import ImportOptions
from dialer.operations.whole_file import whole_file
from lists.dates import ORDERS
from lists.errors import OptionError
from lists.mapping import read_field

FOLDER = "mappings"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_TEXTS = ("region", "encoding", "delimiter", "source", "sheet")


def mapping_file(home: Path, name: str) -> Path:
    """Where the mapping of that name is, or the file that is meant. Raises `InputError` for what is neither."""
    if name.endswith(".toml") or "/" in name:
        return Path(name)
    if not _NAME.fullmatch(name):
        raise InputError(f"--mapping: {name!r} is no name; write letters, digits, dots, dashes and underscores")
    return home / FOLDER / f"{name}.toml"


@dataclass(frozen=True, slots=True)
class SavedMapping:
    """What is saved of how a source's lists are read, "" for what is not. `columns`: column to field, in the order
    of the file."""

    name: str
    columns: dict[str, str]
    region: str = ""
    encoding: str = ""
    delimiter: str = ""
    source: str = ""
    sheet: str = ""
    dates: str = ""

    def as_dict(self) -> dict[str, object]:
        """The document of `dialer list mapping show --json`."""
        return asdict(self)


def read_mapping(path: Path) -> SavedMapping:
    """Raises `CampaignFileError` with line and field of what is wrong in it."""
    source = TomlSource(read_toml(path, f"save one with --save-mapping, or check {path.parent}"), str(path))
    top = Table(source, (), source.data)
    said = {name: top.text(name, "") for name in _TEXTS}
    dates = top.choice("dates", "", ("", *ORDERS))
    columns = top.table("columns")
    names = columns.keys()
    advice = 'write the field of this column: "phone", "city", "ignore" …'
    fields = {column: columns.text(column, advice=advice) for column in names}
    for column, field in fields.items():
        try:
            fields[column] = read_field(field.strip().lower())
        except OptionError as error:
            columns.wrong(column, error.text)
    columns.finish()
    top.finish()
    source.raise_problems()
    return SavedMapping(path.stem, fields, dates=dates, **said)


def with_mapping(options: ImportOptions, path: Path) -> ImportOptions:
    """The options with what the file says and they do not. Raises as `read_mapping`."""
    saved = read_mapping(path)
    stated = {option.rpartition("=")[0].strip() for option in options.mapping}
    kept = tuple(f"{column}={field}" for column, field in saved.columns.items() if column not in stated)
    return replace(
        options,
        mapping=(*options.mapping, *kept),
        dates=options.dates or saved.dates,
        source=options.source or saved.source,
        region=options.region or saved.region or None,
        encoding=options.encoding or saved.encoding or None,
        delimiter=options.delimiter or saved.delimiter or None,
        sheet=options.sheet or saved.sheet or None,
    )


def mapping_names(home: Path) -> list[str]:
    """Those that are saved, by name."""
    found = (path.stem for path in (home / FOLDER).glob("*.toml"))
    return sorted(name for name in found if _NAME.fullmatch(name))


def find_mapping(home: Path, name: str) -> Path:
    """Its file. Raises `UnknownName`."""
    known = mapping_names(home)
    if name not in known:
        raise UnknownName("mapping", name, known, "`dialer list import FILE --save-mapping NAME` keeps one")
    return home / FOLDER / f"{name}.toml"


def remove_mapping(home: Path, name: str) -> None:
    """Lists that were read by it stay as they are. Raises `UnknownName`, `InputError` for one that cannot be."""
    path = find_mapping(home, name)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{path} cannot be removed: {error.strerror}") from error


def save_mapping(path: Path, options: ImportOptions, fields: Mapping[str, str]) -> None:
    """Write what the options say and how each column was read. Raises `InputError` when it cannot be written."""
    said = {name: getattr(options, name) or "" for name in (*_TEXTS, "dates")}
    lines = [f"{name} = {_quoted(text)}" for name, text in said.items() if text]
    lines += ["", "[columns]", *(f"{_quoted(column)} = {_quoted(field)}" for column, field in fields.items())]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as file:
            file.write("\n".join(lines) + "\n")
    except OSError as error:
        raise InputError(f"--save-mapping: {path} cannot be written: {error.strerror}") from error


def _quoted(text: str) -> str:
    """As TOML's basic string."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in plain) + '"'
