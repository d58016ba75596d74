"""A scripted far end in virtual time. It reads and writes SIP by itself, with none of the code under test, and
insists on what RFC 3261 says of the messages it gets."""

from __future__ import annotations

from dataclasses import dataclass

from dialer.sip.digest import Credentials
from dialer.sip.events import Address, SipEvent
from dialer.sip.hop import Hop
from dialer.sip.identity import Identity
from dialer.sip.order import InviteOrder
from dialer.sip.sdp import offer
from dialer.sip.timers import SipTimers
from dialer.sip.uas_core import MAX_OPEN_REQUESTS
from dialer.sip.user_agent import UserAgent

LOCAL: Address = ("127.0.0.1", 5060)
REMOTE: Address = ("127.0.0.9", 5070)
IDENTITY_KEY = b"0123456789abcdef"
IDENTITY = Identity(IDENTITY_KEY)
OFFER = offer("127.0.0.1", 4000, 1)
ANSWER = offer("127.0.0.9", 4100, 2)


@dataclass(frozen=True)
class Wire:
    """One message as text: start line, headers in order, body."""

    start: str
    headers: tuple[tuple[str, str], ...]
    body: str
    at: float = 0.0
    to: Hop = REMOTE

    @classmethod
    def read(cls, data: bytes, at: float = 0.0, to: Hop = REMOTE) -> Wire:
        head, separator, body = data.decode().partition("\r\n\r\n")
        assert separator, "no empty line after the headers"
        start, *lines = head.split("\r\n")
        headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
        message = cls(start, headers, body, at, to)
        assert int(message["Content-Length"]) == len(body.encode())
        for name in ("Via", "From", "To", "Call-ID", "CSeq"):
            assert message.all(name), f"{start}: no {name}"
        if not start.startswith("SIP/2.0"):
            assert message["CSeq"].split()[1] == message.method
            assert len(message.all("Via")) == 1
            assert "branch=z9hG4bK" in message["Via"]
            assert int(message["Max-Forwards"]) > 0
        return message

    def all(self, name: str) -> list[str]:
        return [value for found, value in self.headers if found.lower() == name.lower()]

    def __getitem__(self, name: str) -> str:
        values = self.all(name)
        assert len(values) == 1, f"{self.start}: {name} stands {len(values)} times"
        return values[0]

    @property
    def method(self) -> str:
        return self.start.split()[0]

    @property
    def uri(self) -> str:
        return self.start.split()[1]

    @property
    def status(self) -> int:
        assert self.start.startswith("SIP/2.0 "), self.start
        return int(self.start.split()[1])

    @property
    def branch(self) -> str:
        return self["Via"].partition("branch=")[2].partition(";")[0]

    @property
    def cseq(self) -> int:
        return int(self["CSeq"].split()[0])

    @property
    def to_tag(self) -> str:
        return self["To"].partition(";tag=")[2]


def response(
    request: Wire,
    status: int,
    *,
    tag: str = "callee",
    headers: tuple[str, ...] = (),
    body: bytes = b"",
    contact: str | None = "sip:callee@127.0.0.9:5070",
) -> bytes:
    """What a correct server answers to `request`. `tag` empty: no To tag."""
    to = request["To"]
    if tag and ";tag=" not in to:
        to += f";tag={tag}"
    lines = [f"SIP/2.0 {status} Whatever", *(f"Via: {value}" for value in request.all("Via"))]
    lines += [
        f"From: {request['From']}",
        f"To: {to}",
        f"Call-ID: {request['Call-ID']}",
        f"CSeq: {request['CSeq']}",
    ]
    if contact is not None and status < 300 and request.method == "INVITE" and tag:
        lines.append(f"Contact: <{contact}>")
    lines += [*headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


def request(
    method: str,
    *,
    uri: str = "sip:dialer@127.0.0.1:5060",
    branch: str = "z9hG4bKpeer1",
    cseq: int = 1,
    cseq_method: str | None = None,
    call_id: str = "peer-call",
    from_: str = "<sip:peer@127.0.0.9>;tag=peer",
    to: str = "<sip:dialer@127.0.0.1>",
    via: str = "127.0.0.9:5070",
    headers: tuple[str, ...] = (),
    body: bytes = b"",
    max_forwards: int = 70,
    contact: str = "sip:peer@127.0.0.9:5070",
) -> bytes:
    """A correct request of the far end's."""
    lines = [f"{method} {uri} SIP/2.0", f"Via: SIP/2.0/UDP {via};branch={branch}", f"Max-Forwards: {max_forwards}"]
    lines += [f"From: {from_}", f"To: {to}", f"Call-ID: {call_id}", f"CSeq: {cseq} {cseq_method or method}"]
    if method == "INVITE":
        lines.append(f"Contact: <{contact}>")
    if body:
        lines.append("Content-Type: application/sdp")
    lines += [*headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode() + body


class World:
    """A user agent, what it sent, what it told, and the time."""

    def __init__(
        self,
        *,
        accept_calls: bool = False,
        auto_terminate_cancelled: bool = True,
        timers: SipTimers | None = None,
        key: bytes = b"fedcba9876543210",
        max_open_requests: int = MAX_OPEN_REQUESTS,
    ) -> None:
        self.agent = UserAgent(
            LOCAL,
            key=key,
            max_open_requests=max_open_requests,
            accept_calls=accept_calls,
            auto_terminate_cancelled=auto_terminate_cancelled,
            timers=timers,
        )
        self.now = 0.0
        self.sent: list[Wire] = []
        self.events: list[SipEvent] = []

    def invite(
        self,
        key: int = 1,
        *,
        credentials: Credentials | None = None,
        extra_headers: tuple[tuple[str, str], ...] = (),
        display_name: str = "",
        body: bytes = OFFER,
    ) -> Wire:
        """Place a call; its INVITE."""
        self.agent.invite(order(key, credentials, extra_headers, display_name, body), self.now)
        return self.take()[-1]

    def receive(self, data: bytes, source: Hop = REMOTE) -> list[Wire]:
        """A datagram arrives; what goes out at once."""
        self.agent.receive_datagram(data, source, self.now)
        return self.take()

    def take(self) -> list[Wire]:
        """What has gone out since the last look, also kept in `sent`."""
        new = [Wire.read(data, self.now, to) for data, to in self.agent.datagrams_to_send()]
        self.sent += new
        self.events += self.agent.next_events()
        return new

    def told(self) -> list[SipEvent]:
        """Events since the last look."""
        self.take()
        events, self.events = self.events, []
        return events

    def run_until(self, moment: float) -> list[Wire]:
        """Let time pass; what goes out meanwhile."""
        before = len(self.sent)
        while (deadline := self.agent.next_deadline()) is not None and deadline <= moment:
            self.now = max(self.now, deadline)
            self.agent.handle_timer(self.now)
            self.take()
        self.now = moment
        return self.sent[before:]

    def answered(self, key: int = 1) -> tuple[Wire, Wire]:
        """A call that is up: its INVITE and its ACK. Events so far are forgotten."""
        invite = self.invite(key)
        self.receive(response(invite, 180))
        (ack,) = self.receive(response(invite, 200, body=ANSWER))
        self.told()
        return invite, ack


def order(
    key: int = 1,
    credentials: Credentials | None = None,
    extra_headers: tuple[tuple[str, str], ...] = (),
    display_name: str = "",
    body: bytes = OFFER,
) -> InviteOrder:
    return InviteOrder(
        key=key,
        call_id=IDENTITY.call_id(key),
        from_tag=IDENTITY.tag(key),
        branch=IDENTITY.branch(key),
        request_uri="sip:+442079460001@127.0.0.9:5070",
        from_uri="sip:+442079460999@127.0.0.1",
        to_uri="sip:+442079460001@127.0.0.9",
        destination=REMOTE,
        body=body,
        credentials=credentials,
        extra_headers=extra_headers,
        display_name=display_name,
    )
