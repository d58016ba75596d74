"""Immutable values that cost no more than they must.

`@dataclass(frozen=True)` writes every field through `object.__setattr__`: ten times the cost of a plain
assignment, a tenth of a whole simulated day (`docs/decisions/0006-frozen-for-the-type-checker.md`). A `@value`
is frozen for the type checker, which runs over source and tests alike, and a plain slotted dataclass at run time.
For values made for every event; elsewhere `@dataclass(frozen=True, slots=True)` is as good.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, dataclass_transform, overload

T = TypeVar("T")


@overload
def value(cls: type[T], /) -> type[T]: ...
@overload
def value(*, kw_only: bool = False) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True)
def value(cls: type[T] | None = None, /, *, kw_only: bool = False) -> type[T] | Callable[[type[T]], type[T]]:
    """Make the class a slotted dataclass that compares and hashes by its fields, and that nothing may change."""
    decorate: Callable[[type[T]], type[T]] = dataclass(slots=True, unsafe_hash=True, kw_only=kw_only)
    return decorate if cls is None else decorate(cls)
