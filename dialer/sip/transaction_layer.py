"""The transaction layer of one user agent: which transaction a message belongs to, what is to be sent, and the
counters."""

from __future__ import annotations

from collections import Counter

from dialer.sip.client_transaction import ClientTransaction, TransactionUser
from dialer.sip.events import Address
from dialer.sip.message import Request, Response
from dialer.sip.server_transaction import Input, ServerKey, ServerTransaction, key_of
from dialer.sip.timers import SipTimers, TimerQueue

ALLOW_LINE = b"Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO\r\n"
SDP_LINE = b"Content-Type: application/sdp\r\n"
SUPPORTED_LINE = b"Supported: 100rel, timer\r\n"


class TransactionLayer:
    """`local`: the address in Via and Contact. `via_start`: a Via line up to its branch. `open_octets`: what the
    server transactions keep."""

    __slots__ = (
        "clients",
        "contact_line",
        "counters",
        "open_octets",
        "outbox",
        "queue",
        "server_line",
        "servers",
        "timers",
        "user_agent_line",
        "via_start",
    )

    def __init__(self, local: Address, timers: SipTimers, product: str, contact_user: str) -> None:
        host = f"[{local[0]}]" if ":" in local[0] else local[0]
        self.via_start = f"Via: SIP/2.0/UDP {host}:{local[1]};rport;branch=".encode()
        self.contact_line = f"Contact: <sip:{contact_user}@{host}:{local[1]}>\r\n".encode()
        self.user_agent_line = f"User-Agent: {product}\r\n".encode()
        self.server_line = f"Server: {product}\r\n".encode()
        self.timers = timers
        self.queue = TimerQueue()
        self.counters: dict[str, int] = Counter()
        self.outbox: list[tuple[bytes, Address]] = []
        self.clients: dict[tuple[bytes, bytes], ClientTransaction] = {}
        self.servers: dict[ServerKey, ServerTransaction] = {}
        self.open_octets = 0

    def send(self, data: bytes, destination: Address) -> None:
        self.outbox.append((data, destination))

    def count(self, name: str) -> None:
        self.counters[name] += 1

    def start_client(
        self,
        request: bytes,
        branch: bytes,
        method: bytes,
        destination: Address,
        user: TransactionUser | None,
        now: float,
    ) -> ClientTransaction:
        """Send a request and see it through."""
        transaction = ClientTransaction(self, request, branch, method, destination, user, now)
        self.clients[branch, method] = transaction
        return transaction

    def resume_invite(
        self, invite: bytes, branch: bytes, destination: Address, user: TransactionUser, now: float
    ) -> ClientTransaction:
        """See an INVITE through that a process before this one sent. `invite`: its start, as far as its CANCEL and
        the ACK of a refusal repeat it. It is given up 64*T1 from now (§ 9.1)."""
        transaction = ClientTransaction(self, invite, branch, b"INVITE", destination, user, now, sent_before=True)
        self.clients[branch, b"INVITE"] = transaction
        return transaction

    def start_server(self, request: Request, key: ServerKey, source: Address) -> ServerTransaction:
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

    def forget_client(self, transaction: ClientTransaction) -> None:
        self.clients.pop((transaction.branch, transaction.method), None)

    def forget_server(self, transaction: ServerTransaction) -> None:
        if self.servers.pop(transaction.key, None) is not None:
            self.open_octets -= transaction.octets
