from __future__ import annotations

from base64 import b64encode

import pytest

from dialer.sip.errors import MalformedSdp, NoAgreedKeys, NoCommonCodec
from dialer.sip.sdes import Crypto, offered
from dialer.sip.sdp import MAX_OCTETS, Media, answer, answer_again, describe, offer, parse, redirected


def test_offer_as_it_goes_on_the_wire() -> None:
    assert offer("127.0.0.1", 4000, 7).decode().split("\r\n") == [
        "v=0",
        "o=- 7 7 IN IP4 127.0.0.1",
        "s=-",
        "c=IN IP4 127.0.0.1",
        "t=0 0",
        "m=audio 4000 RTP/AVP 0 8 101",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-15",
        "a=ptime:20",
        "a=sendrecv",
        "",
    ]


@pytest.mark.parametrize("address", ["127.0.0.1", "2001:db8::1"])
def test_offer_reads_back(address: str) -> None:
    assert parse(offer(address, 4000, 1)) == Media(address, 4000, (0, 8), 101, 20, "sendrecv")


@pytest.mark.parametrize("written", ["2001:db8::1", "2001:DB8:0:0:0:0:0:1", "2001:0db8::0001"])
def test_an_ipv6_address_reads_as_sockets_write_it(written: str) -> None:
    """Or what comes from there would be taken for a stranger's."""
    body = offer("2001:db8::1", 4000, 1).replace(b"c=IN IP6 2001:db8::1", f"c=IN IP6 {written}".encode())
    assert parse(body).address == "2001:db8::1"


def test_of_two_connection_lines_that_of_the_stream_counts_whichever_version_it_is() -> None:
    body = offer("192.0.2.1", 4000, 1).replace(b"a=sendrecv", b"c=IN IP6 2001:db8::7\r\na=sendrecv")
    assert parse(body).address == "2001:db8::7"


def test_what_a_switch_sends() -> None:
    body = (
        b"v=0\no=FreeSWITCH 1 2 IN IP4 192.0.2.1\ns=FreeSWITCH\nc=IN IP4 192.0.2.9\nt=0 0\na=sendonly\n"
        b"m=audio 30000/2 RTP/AVP 9 8 18 96 13\na=rtpmap:9 G722/8000\na=rtpmap:8 pcma/8000\n"
        b"a=rtpmap:96 telephone-event/8000\na=fmtp:96 0-16\na=ptime:30\nc=IN IP4 192.0.2.7/127\n"
        b"m=video 30002 RTP/AVP 97\nc=IN IP4 192.0.2.8\na=inactive\n"
    )
    after = ("m=video 0 RTP/AVP 97",)
    assert parse(body) == Media("192.0.2.7", 30_000, (8,), 96, 30, "sendonly", after=after)


OTHERS = (
    b"v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\n"
    b"m=audio 0 RTP/AVP 8\r\nm=video 9000/2 RTP/AVP 97 98\r\na=sendonly\r\nm=audio 9002 RTP/AVP 0\r\n"
    b"m=image 9004 udptl t38\r\na=T38FaxVersion:0\r\n"
)


def media_lines(body: bytes) -> list[str]:
    return [line for line in body.decode().split("\r\n") if line.startswith("m=")]


def test_an_answer_refuses_each_other_stream_in_its_place() -> None:
    """RFC 3264 § 6: as many m= lines as the offer, in its order."""
    first = answer(OTHERS, "127.0.0.1", 4000, 9)
    again = answer_again(offer("127.0.0.1", 4000, 9), OTHERS)
    for body in (first, again):
        assert media_lines(body) == [
            "m=audio 0 RTP/AVP 8",
            "m=video 0 RTP/AVP 97 98",
            "m=audio 4000 RTP/AVP 0",
            "m=image 0 udptl t38",
        ]
        assert b"\r\na=sendrecv\r\n" in body


def test_static_types_need_no_rtpmap_and_a_type_mapped_to_another_codec_is_not_ours() -> None:
    head = b"v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 9 RTP/AVP 0 8\r\n"
    assert parse(head).payload_types == (0, 8)
    assert parse(head + b"a=rtpmap:0 L16/8000\r\n").payload_types == (8,)


def test_answer_takes_the_first_codec_offered_and_the_fitting_direction() -> None:
    offered = describe(Media("192.0.2.1", 9000, (8, 0), 96, 20, "sendonly"), 5)
    assert parse(answer(offered, "127.0.0.1", 4000, 9)) == Media("127.0.0.1", 4000, (8,), 96, 20, "recvonly")


def test_answer_without_events_when_none_are_offered() -> None:
    media = Media("192.0.2.1", 9000, (0,))
    assert b"telephone-event" not in answer(media, "127.0.0.1", 4000, 9)


@pytest.mark.parametrize(
    ("direction", "address", "held"),
    [
        ("sendrecv", "1.2.3.4", False),
        ("recvonly", "1.2.3.4", False),
        ("sendonly", "1.2.3.4", True),
        ("inactive", "1.2.3.4", True),
        ("sendrecv", "0.0.0.0", True),
    ],
)
def test_hold(direction: str, address: str, held: bool) -> None:
    assert Media(address, 9, (0,), direction=direction).is_held is held


def test_a_later_offer_changes_the_version_only_when_the_answer_changes() -> None:
    ours = answer(offer("192.0.2.1", 9000, 1), "127.0.0.1", 4000, 9)
    assert answer_again(ours, offer("192.0.2.2", 9002, 1)) == ours
    held = answer_again(ours, describe(Media("192.0.2.1", 9000, (0,), 101, 20, "inactive"), 1, 2))
    assert b"o=- 9 10 IN IP4 127.0.0.1\r\n" in held
    assert parse(held) == Media("127.0.0.1", 4000, (0,), 101, 20, "inactive")


def test_a_later_offer_without_our_codec_is_refused() -> None:
    ours = answer(offer("192.0.2.1", 9000, 1), "127.0.0.1", 4000, 9)
    with pytest.raises(NoCommonCodec):
        answer_again(ours, describe(Media("192.0.2.1", 9000, (8,)), 1, 2))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "v=0"),
        (b"v=1\r\n", "v=0"),
        (b"v=0\r\nc=IN IP4 1.2.3.4\r\n", "no audio stream"),
        (b"v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 9 RTP/SAVPF 0\r\n", "no audio stream"),
        (b"v=0\r\nm=audio 9 RTP/AVP 0\r\n", "no connection"),
        (b"v=0\r\nc=IN IP4 media.example.org\r\nm=audio 9 RTP/AVP 0\r\n", "not an IP address"),
        (b"v=0\r\nc=IN IP4 1.2.3.444\r\nm=audio 9 RTP/AVP 0\r\n", "not an IP address"),
        (b"v=0\r\nc=IN IP6 example\r\nm=audio 9 RTP/AVP 0\r\n", "not an IP address"),
        (b"v=0\r\nc=IN IP6 1:2:::3\r\nm=audio 9 RTP/AVP 0\r\n", "not an IP address"),
        (b"v=0\r\nc=IN ATM x\r\nm=audio 9 RTP/AVP 0\r\n", "connection line"),
        (b"v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 99999 RTP/AVP 0\r\n", "not a port"),
        (b"v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio nine RTP/AVP 0\r\n", "not a port"),
        (b"v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 9 RTP/AVP 0 x\r\n", "payload type"),
        (b"v=0" + b" " * MAX_OCTETS, "octets"),
    ],
)
def test_what_does_not_parse(body: bytes, message: str) -> None:
    with pytest.raises(MalformedSdp, match=message):
        parse(body)


@pytest.mark.parametrize("stream", [b"0 RTP/AVP 0", b"9 RTP/AVP 9 18"])
def test_a_refused_stream_and_foreign_codecs(stream: bytes) -> None:
    with pytest.raises(NoCommonCodec):
        parse(b"v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio " + stream + b"\r\n")


KEYS = offered(bytes(range(60)))
THEIRS = offered(bytes(range(100, 160)))


def test_protected_audio_as_it_goes_on_the_wire() -> None:
    body = offer("127.0.0.1", 4000, 7, crypto=KEYS, secure=True).decode()
    assert "m=audio 4000 RTP/SAVP 0 8 101\r\n" in body
    assert body.count("a=crypto:") == 2
    assert f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{b64encode(bytes(range(30))).decode()}\r\n" in body
    read = parse(body.encode())
    assert (read.secure, read.crypto) == (True, KEYS)


def test_audio_that_may_be_protected_is_offered_as_any_other() -> None:
    """RFC 8643 § 3.1: who knows nothing of it, answers as ever."""
    read = parse(offer("127.0.0.1", 4000, 7, crypto=KEYS))
    assert (read.secure, read.crypto) == (False, KEYS)
    plain = parse(answer(read, "127.0.0.2", 5000, 8))
    assert (plain.secure, plain.crypto) == (False, ())


def test_an_answer_takes_one_key_and_says_its_own() -> None:
    read = parse(answer(offer("127.0.0.1", 4000, 7, crypto=KEYS, secure=True), "127.0.0.2", 5000, 8, THEIRS))
    assert (read.secure, read.crypto) == (True, THEIRS[:1])


def test_protected_audio_is_not_answered_with_plain() -> None:
    with pytest.raises(NoAgreedKeys):
        answer(offer("127.0.0.1", 4000, 7, crypto=KEYS, secure=True), "127.0.0.2", 5000, 8)


@pytest.mark.parametrize("secure", [True, False])
def test_our_key_stays_when_they_offer_anew_or_we_hold(secure: bool) -> None:
    ours = offer("127.0.0.1", 4000, 7, crypto=KEYS, secure=secure)
    theirs = offer("127.0.0.2", 5000, 8, crypto=tuple(reversed(THEIRS)), secure=secure)
    again = parse(answer_again(ours, theirs))
    assert (again.secure, again.crypto) == (secure, (Crypto(2, KEYS[1].suite, KEYS[1].key),))
    assert parse(redirected(ours, "sendonly")).crypto == KEYS
    assert parse(redirected(answer_again(ours, theirs), "sendonly")).crypto == again.crypto


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (offer("127.0.0.1", 1, 1, crypto=KEYS, secure=True), offer("127.0.0.2", 2, 2)),
        (offer("127.0.0.1", 1, 1, crypto=KEYS[:1]), offer("127.0.0.2", 2, 2, crypto=THEIRS[1:], secure=True)),
        (offer("127.0.0.1", 1, 1), offer("127.0.0.2", 2, 2, crypto=THEIRS, secure=True)),
    ],
    ids=["taken away", "another suite", "never agreed"],
)
def test_a_new_offer_that_cannot_be_protected_as_before_is_refused(ours: bytes, theirs: bytes) -> None:
    with pytest.raises(NoAgreedKeys):
        answer_again(ours, theirs)


def test_a_session_that_may_be_plain_becomes_so() -> None:
    again = parse(answer_again(offer("127.0.0.1", 1, 1, crypto=KEYS), offer("127.0.0.2", 2, 2)))
    assert again.crypto == ()
