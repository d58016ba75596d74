"""A trunk: where calls leave, and how many at once and per second."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Trunk:
    """`host`, `port`: the carrier's SIP address (UDP). `channels`: calls open at once, at least 1. `cps`: calls
    placed per second, above 0. `from_domain`: host part of our From URI; empty: our own address."""

    name: str
    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False, metadata={"secret": True})
    channels: int = 100
    cps: float = 20.0
    from_domain: str = ""
