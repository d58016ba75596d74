"""A TOML file with the place of everything in it: values from `tomllib`, positions from tree-sitter.

`tomllib` says where a syntax error is, and nothing about where a value stood that turned out to be wrong.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from campaigns.errors import CampaignFileError, Problem

Path = tuple[str | int, ...]
"""Keys and array indices from the top of the file: `("retry", "busy", "after", 1)`."""

_SYNTAX_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


_LONG_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){64}""")
"""`tomllib` takes the square of a dotted key's length: minutes for one of some hundred kilobytes."""


def dotted(path: Path) -> str:
    """`retry.busy.after[1]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


class TomlSource:
    """One parsed file and the problems found in it so far. Raises `CampaignFileError` when it is no TOML."""

    def __init__(self, text: str, filename: str) -> None:
        self.filename = filename
        self.problems: list[Problem] = []
        self._lines = text.encode().split(b"\n")
        self._keys: dict[Path, tuple[int, int]] = {}
        self._values: dict[Path, tuple[int, int]] = {}
        self._array_lengths: dict[Path, int] = {}
        try:
            if _LONG_KEY.search(text):
                raise RecursionError
            self.data: dict[str, Any] = tomllib.loads(text)
            root = Parser(Language(tree_sitter_toml.language())).parse(text.encode()).root_node
            self._read_document(root)
        except tomllib.TOMLDecodeError as error:
            raise CampaignFileError([_syntax_problem(str(error), text, filename)]) from None
        except ValueError:  # Python's limit on digits, past which they would take the square of their number
            problem = Problem(filename, 1, 1, "", "a number of thousands of digits", "write one that fits")
            raise CampaignFileError([problem]) from None
        except RecursionError:  # "[[[[…", or a key of a thousand parts
            problem = Problem(filename, 1, 1, "", "nested too deeply", "no key here needs more than three levels")
            raise CampaignFileError([problem]) from None

    def at_value(self, path: Path, text: str, advice: str = "") -> None:
        """Note a problem with the value at `path` (of the nearest enclosing thing that has a place)."""
        self._note(self._values, path, text, advice)

    def at_key(self, path: Path, text: str, advice: str = "") -> None:
        """Note a problem with the key itself, or with the table it heads."""
        self._note(self._keys, path, text, advice)

    def raise_problems(self) -> None:
        """Raises `CampaignFileError` with everything noted, if anything was."""
        if self.problems:
            raise CampaignFileError(self.problems)

    def _note(self, places: dict[Path, tuple[int, int]], path: Path, text: str, advice: str) -> None:
        line, column = next(
            (places[path[:depth]] for depth in range(len(path), 0, -1) if path[:depth] in places), (1, 1)
        )
        self.problems.append(Problem(self.filename, line, column, dotted(path), text, advice))

    def _read_document(self, root: Node) -> None:
        for node in root.named_children:
            if node.type == "pair":
                self._read_pair(node, ())
            elif node.type in {"table", "table_array_element"}:
                header = self._resolve(tuple(_key_parts(node.named_children[0])))
                if node.type == "table_array_element":
                    index = self._array_lengths.get(header, 0)
                    self._array_lengths[header] = index + 1
                    self._place(self._keys, header, node)
                    header = (*header, index)
                self._place(self._keys, header, node)
                self._place(self._values, header, node)
                for pair in node.named_children[1:]:
                    if pair.type == "pair":
                        self._read_pair(pair, header)

    def _resolve(self, keys: Path) -> Path:
        """A header names the last element of every array of tables on its way."""
        path: Path = ()
        for position, key in enumerate(keys):
            path = (*path, key)
            if position < len(keys) - 1 and path in self._array_lengths:
                path = (*path, self._array_lengths[path] - 1)
        return path

    def _read_pair(self, pair: Node, parent: Path) -> None:
        key, value = pair.named_children[0], pair.named_children[1]
        path: Path = parent
        for part in _key_parts(key):
            path = (*path, part)
            self._place(self._keys, path, key)
            self._place(self._values, path, value)
        self._read_value(value, path)

    def _read_value(self, value: Node, path: Path) -> None:
        self._place(self._values, path, value)
        if value.type == "inline_table":
            for pair in value.named_children:
                if pair.type == "pair":
                    self._read_pair(pair, path)
        elif value.type == "array":
            elements = [child for child in value.named_children if child.type != "comment"]
            for index, element in enumerate(elements):
                self._read_value(element, (*path, index))

    def _place(self, places: dict[Path, tuple[int, int]], path: Path, node: Node) -> None:
        row, byte = node.start_point
        column = len(self._lines[row][:byte].decode(errors="replace"))
        places.setdefault(path, (row + 1, column + 1))


def _key_parts(node: Node) -> Iterator[str]:
    if node.type == "dotted_key":
        for child in node.named_children:
            yield from _key_parts(child)
    else:
        # A quoted key is spelled like a string; letting tomllib read it keeps one notion of escapes.
        yield next(iter(tomllib.loads(f"{(node.text or b'').decode()} = 0")))


def _syntax_problem(message: str, text: str, filename: str) -> Problem:
    match = _SYNTAX_PLACE.search(message)
    line, column = text.count("\n") + 1, 1
    if match is not None and match[1]:
        line, column = int(match[1]), int(match[2])
    what = _SYNTAX_PLACE.sub("", message)
    return Problem(filename, line, column, "", f"not TOML: {what}", "strings need quotes, every key its own line")
