"""UDP sockets that are drained by hand: with the loop's `add_reader` one wake-up takes many datagrams, which
costs a third of what a `DatagramProtocol` does and works alike on asyncio and uvloop."""

from __future__ import annotations

import errno
import logging
import socket
from collections.abc import Callable, Iterator

from dialer.telephony.errors import AddressUnavailable

log = logging.getLogger("dialer.telephony")

Address = tuple[str, int]

MAX_DATAGRAM = 65_535
DRAIN_LIMIT = 64
"""Datagrams taken in one wake-up, so that a flood on one socket does not starve the others."""

_ADVICE = {
    errno.EADDRINUSE: (
        "the port is already taken",
        "end the program that has it (`ss -lunp` shows it) or choose another port",
    ),
    errno.EADDRNOTAVAIL: ("this machine has no such address", "choose an address of this machine"),
    errno.EACCES: ("not permitted", "choose a port of 1024 or above"),
    errno.EMFILE: ("this process may open no more files", "raise its limit (`ulimit -n`) or lower the channels"),
}


def bind_udp(host: str, port: int, *, receive_buffer: int | None = None) -> socket.socket:
    """A non-blocking UDP socket on one IPv4 or IPv6 address; port 0 lets the kernel choose. `receive_buffer`:
    octets asked of the kernel. Raises `AddressUnavailable`, also for 0.0.0.0 and ::, for far ends are told the
    address, as that of their calls and of their audio, where it would mean hold."""
    if host in ("", "0.0.0.0", "::"):  # noqa: S104 -- refused
        raise AddressUnavailable(host, port, "far ends must be told one address", "choose that of an interface")
    try:
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    except OSError as error:
        raise _unavailable(host, port, error) from error
    try:
        sock.setblocking(False)
        if receive_buffer is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise _unavailable(host, port, error) from error
    except OverflowError as error:
        sock.close()
        raise AddressUnavailable(host, port, "not a port", "choose one of 0 to 65535") from error
    return sock


def _unavailable(host: str, port: int, error: OSError) -> AddressUnavailable:
    cause, advice = _ADVICE.get(error.errno or 0, (str(error), "choose another address or port"))
    return AddressUnavailable(host, port, cause, advice, in_use=error.errno == errno.EADDRINUSE)


def drain(
    sock: socket.socket,
    size: int = MAX_DATAGRAM,
    limit: int = DRAIN_LIMIT,
    on_error: Callable[[], None] | None = None,
) -> Iterator[tuple[bytes, Address]]:
    """What has arrived, at most `limit` datagrams. `on_error`: called when an error stands at the socket. Ends
    early when the socket is closed meanwhile."""
    receive, fileno = sock.recvfrom, sock.fileno
    for _ in range(limit):
        if fileno() < 0:
            return
        try:
            data, source = receive(size)
        except BlockingIOError:
            return
        except OSError as error:
            # An ICMP error of an earlier send; the socket itself stays usable.
            log.debug("receiving on a UDP socket: %s", error)
            if on_error is not None:
                on_error()
            continue
        yield data, source if len(source) == 2 else source[:2]


def send(sock: socket.socket, data: bytes, destination: Address) -> bool:
    """Whether the kernel took the datagram. UDP promises nothing more, and SIP and RTP both live with loss."""
    try:
        sock.sendto(data, destination)
    except (OSError, OverflowError) as error:
        log.debug("sending to %s:%s: %s", *destination, error)
        return False
    return True
