"""What the network says of datagrams that came to nobody: ICMP errors, as Linux keeps them beside a UDP socket
(ip(7), IP_RECVERR). Without asking for it nothing is ever heard of them on a socket that has many far ends."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from dialer.telephony.udp import Address

_RECVERR = {socket.AF_INET: (socket.IPPROTO_IP, 11), socket.AF_INET6: (socket.IPPROTO_IPV6, 25)}
"""Linux: IP_RECVERR, IPV6_RECVERR. The standard library has no names for them."""

_EXTENDED_ERROR = Struct("@IBBBBII")
"""struct sock_extended_err: errno, origin, type, code, padding, info, data."""

_OF_THE_NETWORK = (2, 3)  # SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6
_ANCILLARY_OCTETS = socket.CMSG_SPACE(_EXTENDED_ERROR.size + 28)  # and who said so

UNREACHABLE = frozenset(
    {errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENOPROTOOPT, errno.EPROTO, errno.EACCES}
)
"""RFC 3261 § 18.4: host, network, port and protocol unreachable, parameter problem; forbidden on the way. Not too
large a datagram: the kernel learns from that."""

MOST_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class CameBack:
    """A datagram that could not be delivered. `sent`: its beginning, as much as the network gave back. `why`: in
    words."""

    to: Address
    sent: bytes
    why: str


def ask_for_errors(sock: socket.socket) -> None:
    """From now on sending and receiving on this socket raise OSError once for each error that has come, whoever it
    is about: take them all with `errors_of` then, and try again."""
    sock.setsockopt(*_RECVERR[sock.family], 1)


def errors_of(sock: socket.socket) -> Iterator[CameBack]:
    """What has come and was not taken before."""
    for _ in range(MOST_AT_ONCE):
        try:
            sent, ancillary, _, to = sock.recvmsg(2_048, _ANCILLARY_OCTETS, socket.MSG_ERRQUEUE)
        except OSError:  # BlockingIOError: that was all
            return
        for level, kind, content in ancillary:
            if (level, kind) != _RECVERR[sock.family] or len(content) < _EXTENDED_ERROR.size:
                continue
            number, origin, *_ = _EXTENDED_ERROR.unpack_from(content)
            if origin in _OF_THE_NETWORK and number in UNREACHABLE:
                yield CameBack(to[:2], sent, os.strerror(number))
