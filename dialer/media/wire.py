"""Orders and events as datagrams between two processes: a JSON list of the kind's name and its fields.

Nothing that comes is ever more than numbers, texts and tuples of them, whoever sent it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import fields
from operator import attrgetter
from typing import Any, Generic, TypeVar

from dialer.media.errors import MalformedMessage

M = TypeVar("M")
MAX_OCTETS = 65_536
SHOWN = 32
"""Octets of a message that is not understood: less than there are before the keys of `Protect`."""


class Codec(Generic[M]):
    """For messages of these kinds, each a dataclass whose fields are numbers, texts and tuples of them."""

    def __init__(self, kinds: Iterable[type[M]]) -> None:
        self._kinds = {kind.__name__: kind for kind in kinds}
        self._values: dict[type[M], Callable[[M], tuple[Any, ...]]] = {}
        for kind in self._kinds.values():
            self._values[kind] = _values(tuple(field.name for field in fields(kind)))  # type: ignore[arg-type]

    def encode(self, message: M) -> bytes:
        """The message as one datagram."""
        kind = type(message)
        return _encode((kind.__name__, *self._values[kind](message))).encode()

    def decode(self, data: bytes) -> M:
        """One message. Raises `MalformedMessage`."""
        try:
            name, *values = json.loads(data.decode())
            return self._kinds[name](*[it if type(it) in _PLAIN else _frozen(it) for it in values])
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise MalformedMessage(f"{data[:SHOWN]!r}: {error}") from error


_PLAIN = frozenset({int, float, str, bool, type(None)})

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def _values(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    return lambda message: tuple(getattr(message, name) for name in names)


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        raise TypeError("no objects")
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
