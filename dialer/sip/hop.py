"""Where a message goes, or came from: an address over UDP, or one over a connection (RFC 3261 § 18)."""

from __future__ import annotations

from typing import NamedTuple

Address = tuple[str, int]
"""IP address and port."""

TCP = "tcp"
TLS = "tls"
STREAMS = (TCP, TLS)

DEFAULT_PORT = 5060
DEFAULT_TLS_PORT = 5061
"""RFC 3261 § 19.1.2."""


class StreamHop(NamedTuple):
    """`transport`: `tcp` or `tls`. `name`: whom the certificate has to be of, the address itself where empty.
    `flow`: the connection that it came by, numbered by who holds it; 0: any that leads there. Without that
    connection the address is where a new one is made to."""

    host: str
    port: int
    transport: str
    name: str = ""
    flow: int = 0


Hop = Address | StreamHop
"""An `Address` stands for UDP, which nearly all is, and costs no more than its two elements."""


def transport_of(hop: Hop) -> str:
    """As in a URI: `udp`, `tcp` or `tls`."""
    return hop.transport if isinstance(hop, StreamHop) else "udp"


def is_reliable(hop: Hop) -> bool:
    """What is sent there arrives, or its loss is told (§ 17): nothing has to be sent again."""
    return type(hop) is StreamHop


def leads_to(hop: Hop, other: Hop) -> bool:
    """Both are the same connection, or the same place over the same transport."""
    if isinstance(hop, StreamHop) and isinstance(other, StreamHop):
        return (hop.flow == other.flow and hop.flow != 0) or hop[:4] == other[:4]
    return hop == other


def is_ipv6(host: str) -> bool:
    """Of an IP address, without brackets."""
    return ":" in host


def bracketed(host: str) -> str:
    """As it stands in a URI or a Via."""
    return f"[{host}]" if ":" in host else host


def shown(hop: Hop) -> str:
    """For people."""
    text = f"{bracketed(hop[0])}:{hop[1]}"
    return f"{text} over {hop.transport.upper()}" if isinstance(hop, StreamHop) else text
