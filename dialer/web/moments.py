"""Moments that requests ask about."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from dialer.operations.moments import LAST_MOMENT

At = Annotated[float | None, Query(ge=0.0, lt=LAST_MOMENT, description="Seconds UTC; now if not given.")]
