"""The transaction layer of one user agent: which transaction a message belongs to, what is to be sent, and the
counters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from dialer.sip.client_transaction import ClientTransaction, TransactionUser
from dialer.sip.hop import TCP, TLS, Address, Hop, bracketed, is_ipv6, leads_to, transport_of
from dialer.sip.message import Request, Response
from dialer.sip.server_transaction import Input, ServerKey, ServerTransaction, key_of
from dialer.sip.timers import SipTimers, TimerQueue

ALLOW_LINE = b"Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO\r\n"
SDP_LINE = b"Content-Type: application/sdp\r\n"
SUPPORTED_LINE = b"Supported: 100rel, timer\r\n"


class _Face:
    """How we name ourselves over one transport."""

    __slots__ = ("contact_line", "via_start")

    def __init__(self, transport: str, address: Address, contact_user: str) -> None:
        place = f"{bracketed(address[0])}:{address[1]}"
        param = "" if transport == "udp" else f";transport={transport}"
        self.via_start = f"Via: SIP/2.0/{transport.upper()} {place};rport;branch=".encode()
        self.contact_line = f"Contact: <sip:{contact_user}@{place}{param}>\r\n".encode()


class TransactionLayer:
    """`local`: the address in Via and Contact; `listening`: other ones, by transport and IP version, where they
    differ. `open_octets`: what the server transactions keep."""

    __slots__ = (
        "_faces",
        "_udp",
        "clients",
        "counters",
        "open_octets",
        "outbox",
        "queue",
        "server_line",
        "servers",
        "timers",
        "user_agent_line",
    )

    def __init__(
        self,
        local: Address,
        timers: SipTimers,
        product: str,
        contact_user: str,
        listening: Iterable[tuple[str, Address]] = (),
    ) -> None:
        places = {(transport, is_ipv6(address[0])): address for transport, address in listening}
        self._faces: dict[str, tuple[_Face, _Face]] = {}
        """By transport: towards IPv4, and towards IPv6."""
        for transport in ("udp", TCP, TLS):
            by_version = (
                places.get((transport, ipv6), places.get(("udp", ipv6), local)) for ipv6 in (False, True)
            )
            four, six = (_Face(transport, address, contact_user) for address in by_version)
            self._faces[transport] = four, six
        self._udp = self._faces["udp"]
        self.user_agent_line = f"User-Agent: {product}\r\n".encode()
        self.server_line = f"Server: {product}\r\n".encode()
        self.timers = timers
        self.queue = TimerQueue()
        self.counters: dict[str, int] = Counter()
        self.outbox: list[tuple[bytes, Hop]] = []
        self.clients: dict[tuple[bytes, bytes], ClientTransaction] = {}
        self.servers: dict[ServerKey, ServerTransaction] = {}
        self.open_octets = 0

    def via_start(self, hop: Hop) -> bytes:
        """A Via line for a request that goes there, up to its branch."""
        faces = self._udp if type(hop) is tuple else self._faces[transport_of(hop)]
        return faces[":" in hop[0]].via_start

    def contact_line(self, hop: Hop) -> bytes:
        """Our Contact for whom we reach there."""
        faces = self._udp if type(hop) is tuple else self._faces[transport_of(hop)]
        return faces[":" in hop[0]].contact_line

    def send(self, data: bytes, destination: Hop) -> None:
        self.outbox.append((data, destination))

    def count(self, name: str) -> None:
        self.counters[name] += 1

    def start_client(
        self,
        request: bytes,
        branch: bytes,
        method: bytes,
        destination: Hop,
        user: TransactionUser | None,
        now: float,
    ) -> ClientTransaction:
        """Send a request and see it through."""
        transaction = ClientTransaction(self, request, branch, method, destination, user, now)
        self.clients[branch, method] = transaction
        return transaction

    def resume_invite(
        self, invite: bytes, branch: bytes, destination: Hop, user: TransactionUser, now: float
    ) -> ClientTransaction:
        """See an INVITE through that a process before this one sent. `invite`: its start, as far as its CANCEL and
        the ACK of a refusal repeat it. It is given up 64*T1 from now (§ 9.1)."""
        transaction = ClientTransaction(self, invite, branch, b"INVITE", destination, user, now, sent_before=True)
        self.clients[branch, b"INVITE"] = transaction
        return transaction

    def start_server(self, request: Request, key: ServerKey, source: Hop) -> ServerTransaction:
        """A request that matched none came in."""
        transaction = ServerTransaction(self, request, key, source)
        self.servers[key] = transaction
        self.open_octets += transaction.octets
        return transaction

    def client_of(self, response: Response) -> ClientTransaction | None:
        """§ 17.1.3: the branch of the topmost Via, and the method of the CSeq. Raises MalformedMessage."""
        return self.clients.get(response.transaction_key)

    def absorb(self, request: Request, key: ServerKey, now: float) -> bool:
        """Give a request to the transaction it repeats (or acknowledges); False when it is new."""
        transaction = self.servers.get(key)
        if transaction is None:
            return False
        if request.method == b"ACK":
            # A 2xx is acknowledged end to end: that ACK is the dialog's, whatever its branch (RFC 6026 § 7.1).
            if transaction.state == "accepted":
                return False
            transaction.receive(Input.ACK, now)
        else:
            self.count("retransmissions_received")
            transaction.receive(Input.REQUEST, now)
        return True

    def cancelled(self, cancel: Request) -> ServerTransaction | None:
        """The INVITE that a CANCEL is for (§ 9.2). Raises MalformedMessage."""
        return self.servers.get(key_of(cancel, b"INVITE"))

    def connection_failed(self, hop: Hop, now: float) -> None:
        """A connection could not be made, or ended. What waits for a first answer from there never left, for all
        anybody knows (§ 17.1.4, § 18.4); whatever had one goes on, for the far end may connect to us, and so does
        what is yet to be sent: by another connection."""
        unsent = {id(data) for data, _ in self.outbox}
        for transaction in [t for t in self.clients.values() if leads_to(t.destination, hop)]:
            if id(transaction.request) not in unsent:
                transaction.fail(now)

    def forget_client(self, transaction: ClientTransaction) -> None:
        self.clients.pop((transaction.branch, transaction.method), None)

    def forget_server(self, transaction: ServerTransaction) -> None:
        if self.servers.pop(transaction.key, None) is not None:
            self.open_octets -= transaction.octets
