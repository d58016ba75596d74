"""Values as lines of JSON and back, by the types of their fields: what the audit is given as evidence."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints


def write_line(kind: str, value: object) -> str:
    """One line, without its end: what it is about, and the value."""
    return json.dumps([kind, value], default=_fields_of, separators=(",", ":"), ensure_ascii=False)


def read_line(line: str, kinds: Mapping[str, type[Any]]) -> tuple[str, Any]:
    """What a line is about, and its value, of the type that `kinds` has for it. Raises `ValueError` for a line
    that is none."""
    try:
        kind, data = json.loads(line)
        return kind, _reader(cast("Hashable", kinds[kind]))(data)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a line of evidence: {line[:80]!r}: {error!r}") from error


def _fields_of(value: object) -> object:
    if is_dataclass(value):
        return {one.name: getattr(value, one.name) for one in fields(value) if one.init}
    raise TypeError(f"{type(value).__name__} has no form as a line")


@lru_cache(maxsize=256)
def _reader(kind: Any) -> Callable[[Any], Any]:
    """How to read a value of that type."""
    parts, origin = get_args(kind), get_origin(kind)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        known = [(one.name, _reader(hints[one.name])) for one in fields(kind) if one.init]
        return lambda data: kind(**{name: read(data[name]) for name, read in known if name in data})  # type: ignore[operator]
    if origin in (Union, UnionType):
        (read_one,) = (_reader(part) for part in parts if part is not NoneType)
        return lambda data: None if data is None else read_one(data)
    if origin is tuple:
        if len(parts) == 2 and parts[1] is Ellipsis:
            read_each = _reader(parts[0])
            return lambda data: tuple([read_each(item) for item in data])
        in_order = tuple(_reader(part) for part in parts)
        return lambda data: tuple([read(item) for read, item in zip(in_order, data, strict=True)])
    if origin is dict:
        read_each = _reader(parts[1])
        return lambda data: {key: read_each(item) for key, item in data.items()}
    if isinstance(kind, type) and issubclass(kind, Enum | float):
        return kind
    return _as_it_is


def _as_it_is(data: Any) -> Any:
    return data
