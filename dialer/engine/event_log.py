"""The engine's input as lines of JSON, and its replay: a live run can be fed to the engine again."""

from __future__ import annotations

import dataclasses
import enum
import json
import types
import typing
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import blake2b
from typing import Any

from dialer.engine import events
from dialer.engine.commands import Command
from dialer.engine.engine import Engine
from dialer.engine.errors import EventLogError
from dialer.engine.events import Event


def to_line(event: Event, now: float, commands: Iterable[Command]) -> str:
    """One line: the moment, the event, and a digest of what the engine answered (to compare on replay)."""
    entry = {"now": now, "event": _plain(event), "commands": digest(commands)}
    return json.dumps(entry, separators=(",", ":"), ensure_ascii=False)


def digest(commands: Iterable[Command]) -> str:
    """A short digest of commands; equal commands in equal order give equal digests."""
    return blake2b(repr(list(commands)).encode(), digest_size=8).hexdigest()


def read(lines: Iterable[str]) -> Iterator[tuple[Event, float, str]]:
    """Events with their moments and command digests. Raises `EventLogError` naming the line."""
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            yield _typed(entry["event"], events.Event), float(entry["now"]), entry["commands"]
        except (ValueError, KeyError, TypeError) as error:
            raise EventLogError(f"line {number} of the event log can't be read: {error}") from error


def replay(lines: Iterable[str], engine: Engine) -> int:
    """Feed a log to an engine made as the first one was. Returns the number of events.

    Raises `EventLogError` at the first line where it answers otherwise than it did."""
    count = 0
    for count, (event, now, expected) in enumerate(read(lines), 1):
        if digest(engine.handle(event, now)) != expected:
            raise EventLogError(f"line {count}: {type(event).__name__} gives other commands than in the log")
    return count


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        plain: dict[str, object] = {"_": type(value).__name__}
        for field in dataclasses.fields(value):
            if field.metadata.get("secret"):
                continue  # no decision depends on it, and logs are handed around
            plain[field.name] = _plain(getattr(value, field.name))
        return plain
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _typed(value: Any, hint: Any) -> Any:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        choices = [choice for choice in typing.get_args(hint) if choice is not type(None)]
        named = value.get("_") if isinstance(value, dict) else None
        for choice in choices:
            if named is None or getattr(choice, "__name__", "") == named:
                return _typed(value, choice)
        raise ValueError(f"{named} is none of {[choice.__name__ for choice in choices]}")
    if origin is tuple:
        items = typing.get_args(hint)
        if len(items) == 2 and items[1] is Ellipsis:
            return tuple(_typed(item, items[0]) for item in value)
        return tuple(_typed(item, kind) for item, kind in zip(value, items, strict=True))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        hints = _hints(hint)
        return hint(**{name: _typed(value[name], kind) for name, kind in hints.items() if name in value})
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint(value)
    return float(value) if hint is float else value


@cache
def _hints(cls: type) -> dict[str, Any]:
    names = {field.name for field in dataclasses.fields(cls) if field.init}
    return {name: hint for name, hint in typing.get_type_hints(cls).items() if name in names}
