"""Reading one TOML table field by field: right type, right range, or a problem noted and a fallback returned,
so that one reading finds every problem of a file."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from campaigns.duration import parse_duration
from campaigns.toml_source import Path, TomlSource


def suggestion(word: str, known: Collection[str]) -> str:
    """`did you mean "busy"?` for the nearest known word, else the list of them."""
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f'did you mean "{near[0]}"?' if near else f"known: {', '.join(known)}"


class Table:
    """One table of the file. Each getter marks its key as known; `finish` notes the keys that nobody asked for."""

    def __init__(self, source: TomlSource, path: Path, data: Mapping[str, Any]) -> None:
        self.source = source
        self.path = path
        self._data = data
        self._known: list[str] = []

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def keys(self) -> tuple[str, ...]:
        """Keys as they stand in the file."""
        return tuple(self._data)

    def wrong(self, key: str, text: str, advice: str = "") -> None:
        """Note a problem with the value of `key`."""
        self.source.at_value((*self.path, key), text, advice)

    def wrong_key(self, key: str, text: str, advice: str = "") -> None:
        """Note a problem with the key itself."""
        self.source.at_key((*self.path, key), text, advice)

    def missing(self, key: str, advice: str) -> None:
        """Note that `key` has to be there."""
        self.source.at_key((*self.path, key), "missing", advice)

    def text(self, key: str, default: str | None = None, *, advice: str = "") -> str:
        """A string; `default` None makes it required and not blank."""
        value = self._get(key)
        if value is None:
            if default is None:
                self.missing(key, advice)
            return default or ""
        if not isinstance(value, str):
            self.wrong(key, f"is {_type_name(value)}, not a text", f'write {key} = "..."')
            return default or ""
        if default is None and not value.strip():
            self.wrong(key, "is empty", advice)
            return ""
        return value

    def choice(self, key: str, default: str, choices: Collection[str]) -> str:
        """One of a few words."""
        value = self.text(key, default)
        if value not in choices:
            self.wrong(key, f'"{value}" is not one of {", ".join(choices)}', suggestion(value, choices))
            return default
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        """true or false."""
        value = self._get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.wrong(key, f"is {_type_name(value)}, not true or false", f"write {key} = true")
            return default
        return value

    def number(self, key: str, default: float, low: float, high: float) -> float:
        """A number within [low, high]."""
        value = self._get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(key, f"is {_type_name(value)}, not a number", f"use {low:g} to {high:g}")
            return default
        if not low <= value <= high:
            self.wrong(key, f"{value:g} is out of range", f"use {low:g} to {high:g}")
            return default
        return float(value)

    def whole(self, key: str, default: int, low: int, high: int) -> int:
        """A whole number within [low, high]."""
        value = self._get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            self.wrong(key, f"is {_type_name(value)}, not a whole number", f"use {low} to {high}")
            return default
        if not low <= value <= high:
            self.wrong(key, f"{value} is out of range", f"use {low} to {high}")
            return default
        return value

    def duration(self, key: str, default: float, low: float, high: float) -> float:
        """Seconds within [low, high], of a text like `25s` or a number of seconds."""
        value = self._get(key)
        if value is None:
            return default
        seconds = self._duration((*self.path, key), value)
        if seconds is None:
            return default
        if not low <= seconds <= high:
            self.wrong(key, f"{seconds:g} s is out of range", f'use "{low:g}s" to "{high:g}s"')
            return default
        return seconds

    def durations(self, key: str, high: float) -> tuple[float, ...]:
        """A list of durations, each within [0, high] seconds. Required, may be empty."""
        value = self._get(key)
        if value is None:
            self.missing(key, f'write {key} = ["15m", "1h"], or {key} = [] for no further attempt')
            return ()
        found = []
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            path = (*self.path, key, index) if isinstance(value, list) else (*self.path, key)
            seconds = self._duration(path, item)
            if seconds is not None and seconds > high:
                self.source.at_value(path, f"{seconds:g} s is out of range", f"at most {high / 86_400:g}d")
            elif seconds is not None:
                found.append(seconds)
        return tuple(found)

    def texts(self, key: str, advice: str, pattern: re.Pattern[str] | None = None) -> tuple[str, ...]:
        """A list of different texts, none of them blank, each matching `pattern`. Required, not empty."""
        value = self._get(key)
        if value is None:
            self.missing(key, advice)
            return ()
        if not isinstance(value, list) or not value:
            what = "is empty" if value == [] else f"is {_type_name(value)}, not a list"
            self.wrong(key, what, advice)
            return ()
        found: list[str] = []
        for index, item in enumerate(value):
            if not isinstance(item, str) or not item.strip():
                self.source.at_value((*self.path, key, index), "is not a text", advice)
            elif item in found:
                self.source.at_value((*self.path, key, index), f'"{item}" stands here twice', "remove one")
            elif pattern is not None and not pattern.fullmatch(item):
                self.source.at_value((*self.path, key, index), f'"{item}" has not the right form', advice)
            else:
                found.append(item)
        return tuple(found)

    def words(self, key: str, advice: str) -> tuple[str, ...]:
        """A text, or a list of different ones; none when the key is not there."""
        if key not in self:
            self._get(key)
            return ()
        if isinstance(self._data[key], list):
            return self.texts(key, advice)
        word = self.text(key, advice=advice)
        return (word,) if word else ()

    def table(self, key: str) -> Table:
        """A table within this one; an absent one reads as empty."""
        value = self._get(key)
        if value is not None and not isinstance(value, dict):
            self.wrong(key, f"is {_type_name(value)}, not a table", f"write [{key}] and its keys below")
        return Table(self.source, (*self.path, key), value if isinstance(value, dict) else {})

    def tables(self, key: str) -> Iterator[Table]:
        """The tables of an array of tables; an absent one reads as empty."""
        value = self._get(key)
        if value is None:
            return
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.wrong(key, "is not a list of tables", f"write [[{key}]] before each of them")
            return
        for index, item in enumerate(value):
            yield Table(self.source, (*self.path, key, index), item)

    def finish(self) -> None:
        """Note every key that means nothing here."""
        for key in self._data:
            if key not in self._known:
                self.wrong_key(key, "unknown key", suggestion(key, self._known))

    def _get(self, key: str) -> Any:
        if key not in self._known:
            self._known.append(key)
        return self._data.get(key)

    def _duration(self, path: Path, value: object) -> float | None:
        try:
            return parse_duration(value)
        except ValueError as error:
            timely = isinstance(value, str | int | float) and not isinstance(value, bool)
            what = str(error) if timely else f"is {_type_name(value)}, not a duration"
            self.source.at_value(path, what, 'write "25s", "15m", "4h", "2d", or a number of seconds')
            return None


def _type_name(value: object) -> str:
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "a table",
    }
    return names.get(type(value), "a date or time")
