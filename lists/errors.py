"""Errors of `lists`. Each is the user's to mend: its text names file and line (or option) and says what to do.

    ListError
    ├── OptionError      an option of the import makes no sense (region, date, mapping, encoding, delimiter)
    └── ListFileError    the file as a whole cannot be imported; nothing of it has been stored
        └── ColumnError  its columns cannot be told apart, or none of them holds a phone number

A row that is wrong is no error but a value, `lists.importing.Rejected`: the rest of the file is still good.
"""

from __future__ import annotations

from pathlib import Path


class ListError(Exception):
    """Root of the tree."""


class OptionError(ListError):
    """`option` is the option's name as on the command line, without dashes."""

    def __init__(self, option: str, text: str) -> None:
        super().__init__(f"--{option}: {text}")
        self.option = option
        self.text = text

    def __reduce__(self) -> tuple[type[OptionError], tuple[str, str]]:
        return type(self), (self.option, self.text)


class ListFileError(ListError):
    """`line` is the physical line, counted from 1; None when the fault has no place in the file."""

    def __init__(self, path: Path, text: str, line: int | None = None) -> None:
        where = f"{path}, line {line}" if line is not None else f"{path}"
        super().__init__(f"{where}: {text}")
        self.path = path
        self.text = text
        self.line = line

    def __reduce__(self) -> tuple[type[ListFileError], tuple[Path, str, int | None]]:
        """As it travels between processes."""
        return type(self), (self.path, self.text, self.line)


class ColumnError(ListFileError):
    """The header line is at fault."""
