"""The codec: one split, values on demand."""

from __future__ import annotations

import pytest

from dialer.sip.errors import MalformedMessage
from dialer.sip.headers import NameAddr
from dialer.sip.message import MAX_HEADERS, Request, Response, parse_message
from tests.unit.sip.peer import OFFER, REMOTE, World, request
from tests.unit.sip.torture import INVALID, SDP, VALID


def test_a_short_tortuous_invite() -> None:
    message = parse_message(VALID["a short tortuous invite"])
    assert isinstance(message, Request)
    assert message.broken_by is None
    assert (message.method, message.uri) == (b"INVITE", b"sip:vivekg@chair-dnrc.example.com;unknownparam")
    assert (message.to_tag, message.from_tag) == (b"1918181833n", b"98asjd8")
    assert message.call_id == b"wsinv.ndaksdj@192.0.2.1"
    assert message.cseq == (9, b"INVITE")
    assert (message.via.transport, message.via.host, message.via.branch) == ("UDP", "192.0.2.2", b"390skdjuw")
    assert message.branch == b"390skdjuw"
    assert len(message.elements(b"via")) == 3
    assert message.body == SDP.encode()
    assert NameAddr.parse(message.need(b"from")).display == 'J Rosenberg \\"'
    assert NameAddr.parse(message.elements(b"contact")[0]).display == 'Quoted string ""'
    assert message.get(b"subject") == b""
    assert message.get(b"newfangledheader") == b"newfangled value continued newfangled value"


def test_a_wide_range_of_characters() -> None:
    message = parse_message(VALID["a wide range of characters"])
    assert isinstance(message, Request)
    assert message.broken_by is None
    assert message.method == b"!interesting-Method0123456789_*+`.%indeed'~"
    assert message.cseq == (139122385, message.method)
    assert message.from_tag == b"_token~1'+`*%!-."
    assert message.branch == b"z9hG4bK-.!%66*_+`'~"


def test_reason_phrases() -> None:
    empty, cyrillic = (parse_message(VALID[f"{name} reason phrase"]) for name in ("empty", "non-ASCII"))
    assert isinstance(empty, Response)
    assert isinstance(cyrillic, Response)
    assert (empty.status, empty.reason, empty.broken_by) == (100, b"", None)
    assert cyrillic.status == 200
    assert cyrillic.reason.decode().endswith("простое")


@pytest.mark.parametrize("name", sorted(VALID))
def test_valid_torture_parses_as_a_whole(name: str) -> None:
    message = parse_message(VALID[name])
    assert message.broken_by is None
    message.require_basics()
    assert message.via.host
    assert message.from_tag
    assert message.cseq[0] > 0


@pytest.mark.parametrize("name", sorted(INVALID))
def test_invalid_torture_is_answered_or_dropped(name: str) -> None:
    data, status = INVALID[name]
    world = World(accept_calls=True)
    sent = world.receive(data)
    assert [message.status for message in sent] == ([] if status is None else [status])
    assert world.agent.open_calls() == 0


def test_compact_forms_and_any_case_mean_the_full_name() -> None:
    plain = parse_message(request("INVITE", body=OFFER))
    data = request("INVITE", body=OFFER)
    for full, short in ((b"Via", b"v"), (b"From", b"F"), (b"To", b"t"), (b"Call-ID", b"i"), (b"Contact", b"M")):
        data = data.replace(b"\r\n" + full + b":", b"\r\n" + short + b" :")
    data = data.replace(b"Content-Length", b"l").replace(b"Content-Type", b"CONTENT-type")
    assert parse_message(data).headers == plain.headers


def test_bare_line_feeds_are_read_as_line_ends() -> None:
    data = request("INVITE", body=b"")
    assert parse_message(data.replace(b"\r\n", b"\n")).headers == parse_message(data).headers


def test_leading_line_ends_are_ignored() -> None:
    assert parse_message(b"\r\n\r\n" + request("OPTIONS")).broken_by is None


def test_body_is_cut_at_content_length() -> None:
    assert parse_message(request("INVITE", body=b"abc") + b"def").body == b"abc"


def test_headers_are_bounded() -> None:
    head = request("OPTIONS", headers=("Y: 1",) * (MAX_HEADERS - 7))
    assert len(parse_message(head).headers[b"y"]) == MAX_HEADERS - 7
    with pytest.raises(MalformedMessage, match="headers"):
        parse_message(request("OPTIONS", headers=("Y: 1",) * (MAX_HEADERS - 5)))


def test_reason_header_among_others() -> None:
    data = request("BYE", headers=("Reason: SIP;cause=600", 'Reason: q.850;cause=17;text="busy, very"'))
    assert parse_message(data).q850 == 17
    assert parse_message(request("BYE")).q850 is None


def test_response_headers_as_text() -> None:
    message = parse_message(VALID["empty reason phrase"])
    assert isinstance(message, Response)
    assert ("contact", "<sip:user@host105.example.com>") in message.decoded_headers()


def test_what_we_send_reads_back() -> None:
    world = World()
    world.agent.receive_datagram(request("OPTIONS"), REMOTE, 0.0)
    ((data, _),) = world.agent.datagrams_to_send()
    message = parse_message(data)
    assert isinstance(message, Response)
    assert (message.status, message.broken_by, message.cseq) == (200, None, (1, b"OPTIONS"))
