"""A leg with its sockets."""

from __future__ import annotations

import contextlib
import select
import socket
from struct import Struct

from dialer.media.leg import Leg
from dialer.media.splice import RtpSplice
from dialer.telephony.errors import AddressUnavailable
from dialer.telephony.media_server.srtp import Srtp
from dialer.telephony.udp import Address, bind_udp

PACKET_OCTETS = 2_048
SO_TIMESTAMPNS = 35
"""Linux: the kernel says when a datagram came. The standard library has no name for it."""
TIMESTAMP = Struct("@qq")
ANCILLARY_OCTETS = socket.CMSG_SPACE(TIMESTAMP.size)

STALE_PACKETS = 1_024
"""More than the kernel keeps for one socket by default."""


class WiredLeg(Leg):
    """`host`, `port`: where its audio comes in. `reading`: whether that is read. `rtcp`: bound to the next port
    while reports do not share the first one. `srtp`: what protects all of it."""

    __slots__ = ("host", "port", "reading", "rtcp", "socket", "srtp")

    def __init__(self, leg: int, sock: socket.socket, splice: RtpSplice) -> None:
        super().__init__(leg, splice)
        self.socket = sock
        self.host: str
        self.port: int
        self.host, self.port = sock.getsockname()[:2]
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.reading = False
        self.rtcp: socket.socket | None = None
        self.srtp: Srtp | None = None

    def drain(self, since: float) -> list[tuple[bytes, Address]]:
        """Take what has come until now, and forget what came before `since` (seconds UTC)."""
        kept: list[tuple[bytes, Address]] = []
        for _ in range(STALE_PACKETS):
            try:
                data, ancillary, _, source = self.socket.recvmsg(PACKET_OCTETS, ANCILLARY_OCTETS)
            except BlockingIOError:
                break
            except OSError:
                continue  # an ICMP error of an earlier send
            for level, kind, content in ancillary:
                if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
                    seconds, nanoseconds = TIMESTAMP.unpack(content)
                    if seconds + nanoseconds * 1e-9 >= since:
                        kept.append((data, source[:2]))
        return kept

    def open_rtcp(self) -> socket.socket | None:
        """Bind the next port for reports (RFC 3550 § 11). None when somebody else has it: the leg does without."""
        with contextlib.suppress(AddressUnavailable):
            self.rtcp = bind_udp(self.host, self.port + 1)
        return self.rtcp

    def close(self, poll: select.epoll) -> None:
        """Let go of the sockets."""
        if self.reading:
            poll.unregister(self.socket.fileno())
            self.reading = False
        self.socket.close()
        if self.rtcp is not None:
            poll.unregister(self.rtcp.fileno())
            self.rtcp.close()
            self.rtcp = None
