"""The purpose that somebody names: one of those that campaigns have."""

from __future__ import annotations

from campaigns.purpose import Purpose
from dialer.errors import InputError


def known_purpose(text: str) -> str:
    """The purpose itself, "" for all of them. Raises `InputError` for one that there is not."""
    if text and text not in set(Purpose):
        raise InputError(f"purpose: {text!r} is none; write one of {', '.join(Purpose)}, or nothing for all")
    return text
