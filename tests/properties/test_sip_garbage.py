"""Whatever the network sends, nothing raises but the errors a parser declares, and what goes out is SIP."""

from __future__ import annotations

import functools

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.sip.digest import Challenge, Credentials, nextnonce, usable
from dialer.sip.errors import MalformedMessage, MalformedSdp, NoCommonCodec, UnusableChallenge
from dialer.sip.headers import NameAddr, Via, parse_cseq, q850_of, split_list, tag_of
from dialer.sip.message import parse_message
from dialer.sip.registrar import Registrar
from dialer.sip.registration import RegisterOrder
from dialer.sip.sdp import Media, answer, answer_again, describe, parse
from dialer.sip.uri import Uri
from dialer.sip.user_agent import UserAgent
from tests.unit.sip.peer import ANSWER, LOCAL, OFFER, REMOTE, Wire, order, request, response
from tests.unit.sip.torture import INVALID, VALID

KEY = bytes(range(16))
TOKENS = [
    b"\r\n", b"\n", b"\r", b" ", b";", b",", b":", b"<", b">", b'"', b"\\", b"=", b"\0", b"\xff", b"%00",
    b"SIP/2.0", b"Via: ", b"\r\n ", b"tag=", b";branch=", b"9999999999999999999999", b"-1",
    b"Content-Length: 5\r\n", b"\r\n\r\n", b"INVITE", b"ACK", b"200", b"100", b"\xd1\x84",
    b"sip:", b"[::1]", b";rport", b";lr",
]  # fmt: skip


STANDINGS = (
    *("idle", "inviting", "ringing", "early", "cancelling", "up", "holding", "leaving"),
    *("called", "progressing", "answered", "registering"),
)


def standing(name: str) -> UserAgent:
    """A user agent with a call in this one of `STANDINGS`."""
    registrar = Registrar("127.0.0.1", {"peer": "secret"}, KEY)
    agent = UserAgent(LOCAL, key=KEY, accept_calls=True, registrar=registrar)
    if name == "registering":
        agent.register(RegisterOrder("r", "sip:r", "sip:a@r", REMOTE, Credentials("a", "b")), 0.0)
    elif name in ("called", "progressing", "answered"):
        agent.receive_datagram(request("INVITE", body=OFFER, headers=("Supported: 100rel",)), REMOTE, 0.0)
        if name == "progressing":
            agent.progress(-1, 183, 0.0, ANSWER)
        if name == "answered":
            agent.answer(-1, ANSWER, 0.0)
    elif name != "idle":
        agent.invite(order(), 0.0)
        invite = Wire.read(agent.datagrams_to_send()[0][0])
        if name != "inviting":
            agent.receive_datagram(response(invite, 180), REMOTE, 0.0)
        if name == "cancelling":
            agent.cancel(1, 0.0)
        if name == "early":
            reliable = ("Require: 100rel", "RSeq: 5")
            agent.receive_datagram(response(invite, 183, body=ANSWER, headers=reliable), REMOTE, 0.0)
        if name in ("up", "holding", "leaving"):
            agent.receive_datagram(response(invite, 200, body=ANSWER), REMOTE, 0.0)
        if name == "holding":
            agent.hold(1, 0.0)
        if name == "leaving":
            agent.bye(1, 0.0)
    agent.datagrams_to_send()
    agent.next_events()
    return agent


@functools.cache
def real_messages() -> tuple[bytes, ...]:
    """Messages that belong to those calls, both ways, and the torture samples."""
    agent = UserAgent(LOCAL, key=KEY)
    agent.invite(order(), 0.0)
    invite = Wire.read(agent.datagrams_to_send()[0][0])
    routes = ("Record-Route: <sip:127.0.0.3;lr>, <sip:127.0.0.2>",)
    challenge = ('WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"', "Reason: Q.850;cause=17")
    call = {"call_id": invite["Call-ID"], "from_": invite["To"] + ";tag=callee", "to": invite["From"]}
    return (
        response(invite, 100, tag=""),
        response(invite, 183, body=ANSWER),
        response(invite, 200, body=ANSWER, headers=routes),
        response(invite, 200, tag="other", body=ANSWER),
        response(invite, 401, headers=challenge),
        response(invite, 183, body=ANSWER, headers=("Require: 100rel", "RSeq: 5")),
        response(invite, 422, headers=("Min-SE: 600",)),
        response(invite, 200, body=ANSWER, headers=("Session-Expires: 90;refresher=uac", "Allow: UPDATE")),
        request("PRACK", headers=("RAck: 1 1 INVITE",)),
        request("REGISTER", to="<sip:peer@127.0.0.1>", headers=("Contact: <sip:a@b>;expires=60",)),
        request("UPDATE", call_id=call["call_id"], from_=call["from_"], to=call["to"], body=OFFER),
        request("INFO", call_id=call["call_id"], from_=call["from_"], to=call["to"], body=b"Signal=1"),
        request("INVITE", body=OFFER, headers=routes),
        request("ACK"),
        request("CANCEL"),
        request("OPTIONS"),
        request("BYE", call_id=call["call_id"], from_=call["from_"], to=call["to"]),
        request("INVITE", call_id=call["call_id"], from_=call["from_"], to=call["to"], body=OFFER),
        *VALID.values(),
        *(data for data, _ in INVALID.values()),
    )


def receive(name: str, data: bytes) -> None:
    """Whatever is made of it, what goes out is SIP."""
    agent = standing(name)
    agent.receive_datagram(data, REMOTE, 0.0)
    for sent, _ in agent.datagrams_to_send():
        parsed = parse_message(sent)
        assert parsed.broken_by is None, (name, parsed.broken_by, sent)
    agent.handle_timer(0.5)
    agent.next_events()


def feed(data: bytes) -> None:
    for name in STANDINGS:
        receive(name, data)


@given(st.binary(max_size=400))
def test_random_octets(data: bytes) -> None:
    feed(data)


@given(st.lists(st.sampled_from(TOKENS), max_size=40).map(b"".join))
def test_random_tokens(data: bytes) -> None:
    feed(data)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real message with a few pieces cut, doubled, replaced or put in."""
    data = draw(st.sampled_from(real_messages()))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 20)))
        piece = draw(
            st.one_of(st.just(b""), st.sampled_from(TOKENS), st.binary(max_size=4), st.just(data[start:end] * 2))
        )
        data = data[:start] + piece + data[end:]
    return data


@settings(max_examples=200)
@given(mutated())
def test_mutated_messages(data: bytes) -> None:
    feed(data)


@given(st.sampled_from(real_messages()), st.data())
def test_messages_cut_short(data: bytes, draw: st.DataObject) -> None:
    feed(data[: draw.draw(st.integers(0, len(data)))])


VALUES = st.one_of(st.binary(max_size=80), st.lists(st.sampled_from(TOKENS), max_size=15).map(b"".join))


@given(VALUES)
def test_header_values(value: bytes) -> None:
    tag_of(value)
    split_list(value)
    q850_of(value)
    for parse_value in (NameAddr.parse, Via.parse, parse_cseq, Uri.parse):
        try:
            parse_value(value)
        except MalformedMessage:
            continue


@given(VALUES)
def test_challenges(value: bytes) -> None:
    try:
        usable([value, b"Digest " + value])
        nextnonce(value)
        Challenge.parse(b"Digest " + value)
    except (MalformedMessage, UnusableChallenge):
        return


@given(VALUES, st.integers(0, len(OFFER)), st.integers(0, 30))
def test_descriptions(value: bytes, start: int, length: int) -> None:
    for body in (value, OFFER[:start] + value + OFFER[start + length :]):
        try:
            parse(answer(body, "127.0.0.1", 4000, 1))
            parse(answer_again(ANSWER, body))
        except (MalformedSdp, NoCommonCodec):
            continue


HOSTS = st.sampled_from(["127.0.0.1", "host.example", "[2001:db8::1]", "a-b.c"])
PORTS = st.one_of(st.none(), st.integers(1, 65_535))
WORDS = st.text("abcxyz019-_.!", min_size=1, max_size=12)


@given(
    st.builds(
        Uri,
        scheme=st.sampled_from(["sip", "sips"]),
        user=st.one_of(st.just(""), WORDS),
        host=HOSTS,
        port=PORTS,
        params=st.lists(WORDS, max_size=3).map(";".join),
        headers=st.one_of(st.just(""), WORDS.map(lambda word: f"a={word}")),
    )
)
def test_uris_round_trip(uri: Uri) -> None:
    assert Uri.parse(str(uri)) == uri


@given(
    st.builds(
        Via,
        transport=st.sampled_from(["UDP", "TCP", "TLS"]),
        host=HOSTS,
        port=PORTS,
        branch=WORDS.map(str.encode),
        received=st.one_of(st.none(), st.just("10.0.0.1")),
        rport=st.one_of(st.none(), st.integers(0, 65_535)),
    )
)
def test_vias_round_trip(via: Via) -> None:
    assert Via.parse(str(via).encode()) == via


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30), WORDS)
def test_display_names_round_trip(display: str, user: str) -> None:
    address = NameAddr(display, f"sip:{user}@host", ";tag=1")
    assert NameAddr.parse(str(address).encode()) == address


@given(
    st.builds(
        Media,
        address=st.sampled_from(["127.0.0.1", "2001:db8::1", "0.0.0.0"]),
        port=st.integers(1, 65_535),
        payload_types=st.sampled_from([(0,), (8,), (0, 8), (8, 0)]),
        telephone_event=st.one_of(st.none(), st.integers(96, 127)),
        ptime_ms=st.integers(1, 100),
        direction=st.sampled_from(["sendrecv", "sendonly", "recvonly", "inactive"]),
    ),
    st.integers(0, 2**62),
)
def test_descriptions_round_trip(media: Media, session_id: int) -> None:
    assert parse(describe(media, session_id)) == media
