"""Ports for programs that are told where to listen, and whether they listen yet."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

HOST = "127.0.0.1"
_LISTENS = {"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"}
"""The state that the kernel's table of sockets shows for it (Linux, include/net/tcp_states.h)."""


def free_ports(count: int) -> list[int]:
    """Ports that are free for both transports: connections elsewhere have numbers of the same range."""
    found: list[int] = []
    with contextlib.ExitStack() as stack:
        while len(found) < count:
            udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            udp.bind((HOST, 0))
            port: int = udp.getsockname()[1]
            tcp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            with contextlib.suppress(OSError):
                tcp.bind((HOST, port))
                found.append(port)
    return found


def listens(port: int, kind: str) -> bool:
    """Whether somebody listens there; `kind`: which of the kernel's tables of sockets will show it (tcp, udp6)."""
    rows = (line.split() for line in Path(f"/proc/net/{kind}").read_text(encoding="ascii").splitlines()[1:])
    return any(row[1].endswith(f":{port:04X}") and row[3] == _LISTENS[kind] for row in rows)
