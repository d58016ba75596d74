"""Errors of the engine.

EngineError
└── EventLogError   an event log can't be read, or its replay answers otherwise
"""

from __future__ import annotations


class EngineError(Exception):
    """Root of this package's errors."""


class EventLogError(EngineError):
    """An event log can't be read, or the engine answers otherwise than it did when the log was written."""
