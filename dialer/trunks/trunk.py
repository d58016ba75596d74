"""A trunk: where calls leave, and how many at once and per second."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Trunk:
    """`host`, `port`: the carrier's SIP address (UDP). `channels`: calls open at once, at least 1. `cps`: calls
    placed per second, above 0. `from_domain`: host part of our From URI; empty: our own address. `port` 0: what
    DNS says. `transport`: `udp`, `tcp` or `tls`; empty: UDP, and TCP for what is too large for a packet.
    `session_expires_s`: the session timer asked for, 0 for none. `register`: calls come
    and go only for who is registered there as `username`."""

    name: str
    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False, metadata={"secret": True})
    channels: int = 100
    cps: float = 20.0
    from_domain: str = ""
    transport: str = ""
    session_expires_s: int = 0
    register: bool = False
