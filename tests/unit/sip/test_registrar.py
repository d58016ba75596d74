"""Phones that register with us, and others that try."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dialer.sip.digest import Challenge, Credentials, authorization
from dialer.sip.errors import MalformedMessage
from dialer.sip.hop import Hop, StreamHop
from dialer.sip.message import Request, parse_message
from dialer.sip.nonces import HOLDS_S, Nonces, Use
from dialer.sip.registrar import DELAY_MOST_S, FREE_FAILURES, MAX_CONTACTS, Registrar, Reply, auto_answer
from dialer.sip.user_agent import UserAgent
from tests.unit.sip.peer import LOCAL, REMOTE, Wire, request

KEY = bytes(range(32))
PASSWORDS = {"ana": "tulip", "bo": "rose"}
HERE: Hop = ("192.0.2.10", 5062)


class Phone:
    """One that does it right, unless told otherwise."""

    def __init__(
        self, registrar: Registrar, name: str = "ana", password: str = "tulip", source: Hop = HERE
    ) -> None:
        self.registrar = registrar
        self.credentials = Credentials(name, password)
        self.name = name
        self.source = source
        self.cseq = 0
        self.count = 0
        self.challenge: Challenge | None = None

    def send(self, now: float, contact: str | None = None, *, call_id: str = "c1", **more: Any) -> Reply:
        self.cseq += 1
        contacts = (contact or f"<sip:{self.name}@192.0.2.10:5062>",) if contact != "" else ()
        headers = [*(f"Contact: {it}" for it in contacts), *more.pop("headers", ())]
        if self.challenge is not None:
            self.count = more.pop("nc", self.count + 1)
            value = authorization(
                self.challenge, self.credentials, "REGISTER", "sip:us.example", cnonce="abc", nc=self.count
            )
            headers.append(f"Authorization: {more.pop('header', value)}")
        data = request(
            "REGISTER",
            uri="sip:us.example",
            to=f"<sip:{self.name}@us.example>",
            cseq=more.pop("cseq", self.cseq),
            call_id=call_id,
            headers=tuple(headers),
        )
        message = parse_message(data)
        assert isinstance(message, Request)
        reply = self.registrar.handle(message, self.source, now)
        if reply.status == 401:
            self.challenge, self.count = self.challenge_of(reply), 0
        return reply

    def challenge_of(self, reply: Reply, algorithm: str = "SHA-256") -> Challenge:
        values = [line.partition(": ")[2].encode() for line in reply.lines.decode().split("\r\n") if line]
        return next(it for it in map(Challenge.parse, values) if it.algorithm == algorithm.lower())

    def register(self, now: float, contact: str | None = None, **more: Any) -> Reply:
        self.send(now, contact, **dict(more))
        return self.send(now, contact, **more)


@pytest.fixture
def registrar() -> Registrar:
    return Registrar("us.example", PASSWORDS, KEY)


def test_challenged_then_registered(registrar: Registrar) -> None:
    phone = Phone(registrar)
    reply = phone.send(0.0)
    assert (reply.status, reply.lines.count(b"WWW-Authenticate"), reply.lines.index(b"SHA-256") > 0) == (
        401,
        2,
        True,
    )
    reply = phone.send(0.0)
    assert (reply.status, reply.changed) == (200, "ana")
    assert reply.lines == b"Contact: <sip:ana@192.0.2.10:5062>;expires=3600\r\n"
    (binding,) = registrar.bindings("ana", 3_599.0)
    assert (binding.contact, binding.hop) == ("sip:ana@192.0.2.10:5062", HERE)
    assert registrar.bindings("ana", 3_600.0) == ()


def test_md5_is_taken_from_phones_that_know_nothing_better(registrar: Registrar) -> None:
    phone = Phone(registrar)
    phone.challenge = phone.challenge_of(phone.send(0.0), "MD5")
    assert phone.send(0.0).status == 200


@pytest.mark.parametrize(("name", "password"), [("ana", "wrong"), ("nobody", "tulip"), ("nobody", "")])
def test_who_is_not_known_is_told_no_more_than_who_is_wrong(
    registrar: Registrar, name: str, password: str
) -> None:
    reply = Phone(registrar, name, password).register(0.0)
    shape = re.sub(rb'nonce="[^"]*"', b"nonce", reply.lines)
    assert (reply.status, shape.count(b"stale"), reply.changed) == (401, 0, "")
    assert shape == re.sub(rb'nonce="[^"]*"', b"nonce", Phone(registrar, "ana", "bad").register(0.0).lines)


def test_ones_own_password_opens_nobody_elses(registrar: Registrar) -> None:
    phone = Phone(registrar, "ana")
    phone.credentials = Credentials("bo", "rose")
    assert phone.register(0.0).status == 401


def test_a_replayed_request_is_stale(registrar: Registrar) -> None:
    phone = Phone(registrar)
    phone.register(0.0)
    for count in (1, 1):
        reply = phone.send(1.0, nc=count)
        assert (reply.status, b"stale=true" in reply.lines) == (401, True)
        phone.challenge = phone.challenge  # a new nonce was given, and is used from count 1 on
        assert phone.send(1.0, nc=1).status == 200


def test_an_old_nonce_is_stale_and_counts_as_no_failure(registrar: Registrar) -> None:
    phone = Phone(registrar)
    phone.register(0.0)
    for round_ in range(1, 8):
        reply = phone.send(round_ * (HOLDS_S + 1))
        assert (reply.status, b"stale=true" in reply.lines) == (401, True)
        assert phone.send(round_ * (HOLDS_S + 1)).status == 200


def test_a_nonce_of_somebody_elses_is_worth_nothing(registrar: Registrar) -> None:
    phone = Phone(registrar)
    phone.challenge = Challenge("us.example", "0" * 32, "sha-256", ("auth",))
    reply = phone.send(0.0)
    assert (reply.status, b"stale" in reply.lines) == (401, False)


def test_without_qop_nothing_is_taken(registrar: Registrar) -> None:
    phone = Phone(registrar)
    challenge = phone.challenge_of(phone.send(0.0))
    phone.challenge = Challenge(challenge.realm, challenge.nonce, "sha-256", ())
    assert phone.send(0.0).status == 401


def test_guessing_is_slowed_down_by_source(registrar: Registrar) -> None:
    now = 0.0
    guesser = Phone(registrar, "ana", "guess", ("203.0.113.9", 5060))
    guesser.send(now)
    waits = []
    for _ in range(FREE_FAILURES + 12):
        reply = guesser.send(now)
        if reply.status == 401:
            reply = guesser.send(now)
        if reply.status == 503:
            wait_s = int(reply.lines.split()[1])
            waits.append(wait_s)
            now += wait_s
    assert waits[:3] == [3, 5, 9]
    assert max(waits) <= DELAY_MOST_S + 1
    assert Phone(registrar).register(now).status == 200  # the one whose name was tried is not locked out


def test_several_phones_of_one_agent_and_the_oldest_makes_room(registrar: Registrar) -> None:
    phone = Phone(registrar)
    phone.register(0.0)
    for n in range(MAX_CONTACTS + 1):
        assert phone.send(float(n), f"<sip:ana@192.0.2.{n}>", call_id=f"c{n}").status == 200
    found = registrar.bindings("ana", 10.0)
    assert len(found) == MAX_CONTACTS
    assert found[0].contact == f"sip:ana@192.0.2.{MAX_CONTACTS}"


def test_expiry(registrar: Registrar) -> None:
    phone = Phone(registrar)
    assert phone.register(0.0, headers=("Expires: 30",)).lines == b"Min-Expires: 60\r\n"
    assert b"expires=3600" in phone.send(0.0, headers=("Expires: 99999",)).lines
    assert b"expires=90" in phone.send(0.0, "<sip:ana@192.0.2.10:5062>;expires=90").lines
    assert phone.send(1.0, "<sip:ana@192.0.2.10:5062>;expires=0") == Reply(200, b"", "ana")
    assert registrar.bindings("ana", 1.0) == ()


def test_all_at_once(registrar: Registrar) -> None:
    phone = Phone(registrar)
    phone.register(0.0)
    assert phone.send(0.0, "*").status == 400
    assert phone.send(0.0, "*", headers=("Expires: 0",)).changed == "ana"
    assert registrar.bindings("ana", 0.0) == ()


def test_what_comes_late_changes_nothing(registrar: Registrar) -> None:
    phone = Phone(registrar)
    phone.register(0.0)
    assert phone.send(0.0, "<sip:ana@192.0.2.10:5062>;expires=0", cseq=1).status == 500
    assert len(registrar.bindings("ana", 0.0)) == 1


def test_asking_only(registrar: Registrar) -> None:
    phone = Phone(registrar)
    phone.register(0.0)
    assert phone.send(100.0, "") == Reply(200, b"Contact: <sip:ana@192.0.2.10:5062>;expires=3500\r\n")


def test_one_phone_that_moved_is_one_phone(registrar: Registrar) -> None:
    hop = StreamHop("192.0.2.10", 40_000, "tls", flow=3)
    phone = Phone(registrar, source=hop)
    instance = ';+sip.instance="<urn:uuid:1>";reg-id=1'
    phone.register(0.0, "<sip:ana@10.0.0.1>" + instance)
    phone.source = hop._replace(port=40_001, flow=4)
    phone.send(1.0, "<sip:ana@10.0.0.2>" + instance)
    (binding,) = registrar.bindings("ana", 1.0)
    assert (binding.contact, binding.hop) == ("sip:ana@10.0.0.2", phone.source)


def test_the_path_is_kept(registrar: Registrar) -> None:
    phone = Phone(registrar)
    reply = phone.register(0.0, headers=("Supported: path", "Path: <sip:edge.example;lr>"))
    assert b"Path: <sip:edge.example;lr>\r\n" in reply.lines
    assert registrar.bindings("ana", 0.0)[0].path == ("<sip:edge.example;lr>",)


def test_nonsense_changes_nothing(registrar: Registrar) -> None:
    phone = Phone(registrar)
    phone.send(0.0)
    with pytest.raises(MalformedMessage):
        phone.send(0.0, "<sip:ana@x")
    assert registrar.bindings("ana", 0.0) == ()


def test_nonces() -> None:
    nonces, others = Nonces(KEY), Nonces(b"x" * 32)
    nonce = nonces.make(50.0)
    assert nonce != nonces.make(50.0)
    assert [nonces.use(nonce, count, 51.0) for count in (1, 3, 3, 2, 4)] == [
        Use.FRESH,
        Use.FRESH,
        Use.STALE,
        Use.STALE,
        Use.FRESH,
    ]
    assert nonces.use(nonce, 9, 50.0 + HOLDS_S + 1) is Use.STALE
    assert nonces.use(others.make(50.0), 1, 51.0) is Use.FOREIGN
    assert nonces.use("", 1, 51.0) is Use.FOREIGN


def test_a_forgotten_use_is_no_second_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dialer.sip.nonces.MAX_USED", 2)
    nonces = Nonces(KEY)
    made = [nonces.make(float(n)) for n in range(4)]
    for nonce in made:
        nonces.use(nonce, 1, 5.0)
    assert nonces.use(made[0], 2, 5.0) is Use.STALE
    assert nonces.use(made[3], 2, 5.0) is Use.FRESH


def test_over_the_wire() -> None:
    agent = UserAgent(LOCAL, key=KEY, registrar=Registrar("us.example", PASSWORDS, KEY))
    agent.receive_datagram(request("REGISTER", to="<sip:ana@us.example>"), REMOTE, 0.0)
    ((data, to),) = agent.datagrams_to_send()
    assert (Wire.read(data).status, to) == (401, REMOTE)


def test_headers_that_have_a_phone_answer_by_itself() -> None:
    names = [name for name, _ in auto_answer("192.0.2.7")]
    assert names == ["Call-Info", "Alert-Info", "Answer-Mode"]
