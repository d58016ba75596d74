"""The log of calls: a line per change for those who ask for it, a warning per fault and source, once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Protocol

import structlog

_stdlib_log = logging.getLogger("dialer.telephony")
log = structlog.wrap_logger(_stdlib_log)

MOST_SAID = 1_024
"""Kinds of faults that get a warning of their own."""


class FaultLog:
    """`source` of a fault: whose it is, a trunk's name for instance."""

    def __init__(self) -> None:
        self._said: set[tuple[str, str]] = set()

    def trace(self, event: str, **bound: object) -> None:
        """One line at debug level; costs next to nothing when nobody asks for it."""
        if _stdlib_log.isEnabledFor(logging.DEBUG):
            log.debug(event, **bound)

    def fault(self, source: str, event: str, **bound: object) -> None:
        """A warning the first time a source has this fault, then a line at debug level."""
        if (source, event) in self._said or len(self._said) >= MOST_SAID:
            self.trace(event, source=source, **bound)
        else:
            self._said.add((source, event))
            log.warning(event, source=source, **bound)


class Known(Protocol):
    """By what a call is known in the log."""

    @property
    def attempt_id(self) -> int: ...
    @property
    def call_id(self) -> str: ...


class CallLog(FaultLog):
    """The same about calls. `calls`: those that are not over, by attempt."""

    def __init__(self, calls: Mapping[int, Known]) -> None:
        super().__init__()
        self._calls = calls

    def call(self, attempt_id: int, event: str, **bound: object) -> None:
        """`trace`, of a call that is not over."""
        if (call := self._calls.get(attempt_id)) is not None:
            self.trace(event, attempt=attempt_id, call_id=call.call_id, **bound)

    def call_fault(self, source: str, event: str, call: Known, cause: Exception, **bound: object) -> None:
        """`fault`, of any call."""
        self.fault(source, event, attempt=call.attempt_id, call_id=call.call_id, cause=str(cause), **bound)
