"""Session descriptions of one audio stream, PCMU or PCMA with telephone-event (RFC 4566, RFC 3264, RFC 4733),
protected or not (RFC 4568)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import IPv6Address

from dialer.sip.errors import MalformedSdp, NoAgreedKeys, NoCommonCodec
from dialer.sip.sdes import Crypto, taken
from dialer.sip.uri import is_ipv4

PCMU = 0
PCMA = 8
TELEPHONE_EVENT = 101
AUDIO_TYPES = (PCMU, PCMA)
MAX_OCTETS = 16_384

_PROFILES = {"RTP/AVP": False, "RTP/SAVP": True}
_CODECS = {PCMU: "PCMU/8000", PCMA: "PCMA/8000"}
_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
_NAMES = {
    (True, True): "sendrecv",
    (True, False): "sendonly",
    (False, True): "recvonly",
    (False, False): "inactive",
}
_ANSWERING = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}
_RTPMAP = re.compile(r"rtpmap:(\d{1,3})\s+([A-Za-z0-9_.\-]+)/(\d+)")
_ORIGIN = re.compile(rb"o=(\S+) (\d+) (\d+) (\S+ \S+ \S+)")


@dataclass(frozen=True, slots=True)
class Media:
    """One audio stream. `address`, `port`: where it wants its RTP; port 0 refuses the stream, address 0.0.0.0
    holds it. `payload_types`: the audio formats of ours it offers, 0 or 8, best first. `telephone_event`: the
    payload type of DTMF events, None without. `ptime_ms`: wanted packet length. `direction`: as its sender
    sees it. `rtcp_port`: where it wants reports, 0 for the next port (RFC 3605). `rtcp_mux`: they may share the
    port of the audio (RFC 5761). `crypto`: the keys it may be protected with, best first; `secure`: it must be
    (RTP/SAVP), else it may be (RFC 8643). `before`, `after`: the m= lines of other streams, refused (port 0),
    which an answer has to repeat around its own (RFC 3264 § 6)."""

    address: str
    port: int
    payload_types: tuple[int, ...]
    telephone_event: int | None = None
    ptime_ms: int = 20
    direction: str = "sendrecv"
    rtcp_port: int = 0
    rtcp_mux: bool = False
    crypto: tuple[Crypto, ...] = ()
    secure: bool = False
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def is_held(self) -> bool:
        """No audio is wanted from us (RFC 3264 § 8.4)."""
        return self.direction in ("sendonly", "inactive") or self.address == "0.0.0.0"  # noqa: S104 -- read, not bound


def offer(
    address: str,
    port: int,
    session_id: int,
    *,
    payload_types: tuple[int, ...] = AUDIO_TYPES,
    crypto: tuple[Crypto, ...] = (),
    secure: bool = False,
) -> bytes:
    """Offer audio on `address`:`port`. `session_id`: a number of the caller's, below 2**63 (RFC 4566 § 5.2).
    `crypto`, `secure`: as of `Media`."""
    if crypto:
        media = Media(address, port, payload_types, TELEPHONE_EVENT, crypto=crypto, secure=secure)
        return describe(media, session_id)
    return _offer_template(address, payload_types) % (session_id, session_id, port)


@lru_cache(maxsize=64)
def _offer_template(address: str, payload_types: tuple[int, ...]) -> bytes:
    """All offers of one host differ in three numbers only."""
    text = describe(Media(address, 0, payload_types, TELEPHONE_EVENT), 0).replace(b"%", b"%%")
    return text.replace(b"o=- 0 0 ", b"o=- %d %d ", 1).replace(b"m=audio 0 ", b"m=audio %d ", 1)


def answer(
    offered: bytes | Media, address: str, port: int, session_id: int, crypto: tuple[Crypto, ...] = ()
) -> bytes:
    """Answer with the first codec of the offer that is ours (RFC 3264 § 6.1). `crypto`: our keys, if the audio may
    be protected. Raises MalformedSdp, NoCommonCodec, NoAgreedKeys."""
    media = offered if isinstance(offered, Media) else parse(offered)
    chosen = replace(
        media,
        address=address,
        port=port,
        payload_types=media.payload_types[:1],
        direction=_ANSWERING[media.direction],
        rtcp_port=0,
        crypto=_taken(crypto, media),
    )
    return describe(chosen, session_id)


def _taken(ours: tuple[Crypto, ...], offered: Media) -> tuple[Crypto, ...]:
    """What an answer of ours says of keys. Raises NoAgreedKeys."""
    crypto = taken(ours, offered.crypto)
    if crypto is None and offered.secure:
        raise NoAgreedKeys("protected audio is offered, and none that we can take")
    return () if crypto is None else (crypto,)


def describe(media: Media, session_id: int, version: int | None = None) -> bytes:
    """The description as it goes on the wire. `version`: of the session description, `session_id` at first."""
    family = "IP6" if ":" in media.address else "IP4"
    events = () if media.telephone_event is None else (media.telephone_event,)
    types = " ".join(str(number) for number in (*media.payload_types, *events))
    lines = [
        "v=0",
        f"o=- {session_id} {session_id if version is None else version} IN {family} {media.address}",
        "s=-",
        f"c=IN {family} {media.address}",
        "t=0 0",
        *media.before,
        f"m=audio {media.port} {'RTP/SAVP' if media.secure else 'RTP/AVP'} {types}",
        *(f"a=rtpmap:{number} {_CODECS[number]}" for number in media.payload_types),
    ]
    for number in events:
        lines += [f"a=rtpmap:{number} telephone-event/8000", f"a=fmtp:{number} 0-15"]
    lines += [f"a=crypto:{crypto}" for crypto in media.crypto]
    lines += ["a=rtcp-mux"] * media.rtcp_mux
    lines += [f"a=ptime:{media.ptime_ms}", f"a={media.direction}", *media.after, ""]
    return "\r\n".join(lines).encode()


def parse(body: bytes) -> Media:
    """The first audio stream over RTP/AVP or RTP/SAVP that is not refused (port 0). Raises MalformedSdp, or
    NoCommonCodec when it has neither PCMU nor PCMA, or when all are refused."""
    if len(body) > MAX_OCTETS:
        raise MalformedSdp(f"session description of {len(body)} octets")
    text = body.decode("utf-8", "replace")
    if not text.startswith("v=0"):
        raise MalformedSdp("a session description starts with v=0")
    address, direction, ptime_ms = "", "sendrecv", 20
    rtcp_port, rtcp_mux = 0, False
    media_line: list[str] | None = None
    others: tuple[list[str], list[str]] = [], []  # before and after it
    rtpmaps: dict[int, str] = {}
    cryptos: list[Crypto] = []
    in_other_stream = is_refused = False
    for line in text.splitlines():
        kind, equals, value = line.partition("=")
        if not equals:
            continue
        if kind == "m":
            words = value.split()
            is_audio = len(words) >= 4 and words[0] == "audio" and words[2] in _PROFILES
            is_refused = is_refused or (is_audio and words[1] == "0")
            in_other_stream = media_line is not None or not is_audio or words[1] == "0"
            if not in_other_stream:
                media_line = words
            elif len(words) >= 4:
                others[media_line is not None].append(" ".join((f"m={words[0]} 0", *words[2:])))
        elif in_other_stream:
            continue
        elif kind == "c":
            address = _connection(value)
        elif kind == "a":
            if value in _DIRECTIONS:
                direction = value
            elif value.startswith("ptime:") and value[6:].strip().isdigit():
                ptime_ms = int(value[6:].strip()[:4])
            elif value == "rtcp-mux":
                rtcp_mux = True
            elif value.startswith("rtcp:") and _is_number(port_text := value[5:].split(" ")[0], 65_535):
                rtcp_port = int(port_text)
            elif value.startswith("crypto:") and (crypto := Crypto.parse(value[7:])) is not None:
                cryptos.append(crypto)
            elif (match := _RTPMAP.match(value)) and match[3] == "8000":
                rtpmaps[int(match[1])] = match[2].upper()
    if media_line is None and is_refused:
        raise NoCommonCodec("the audio stream is refused (port 0)")
    if media_line is None:
        raise MalformedSdp("no audio stream over RTP/AVP or RTP/SAVP")
    if not address:
        raise MalformedSdp("no connection address")
    media = _media(media_line, address, direction, ptime_ms, rtpmaps)
    if rtcp_port or rtcp_mux:
        media = replace(media, rtcp_port=rtcp_port, rtcp_mux=rtcp_mux)
    if cryptos or _PROFILES[media_line[2]]:
        media = replace(media, crypto=tuple(cryptos), secure=_PROFILES[media_line[2]])
    return replace(media, before=tuple(others[0]), after=tuple(others[1])) if any(others) else media


def _media(words: list[str], address: str, direction: str, ptime_ms: int, rtpmaps: dict[int, str]) -> Media:
    port_text = words[1].partition("/")[0]
    if not _is_number(port_text, 65_535):
        raise MalformedSdp(f"not a port: {port_text[:10]!r}")
    types: list[int] = []
    events: int | None = None
    for word in words[3:]:
        if not _is_number(word, 127):
            raise MalformedSdp(f"not a payload type: {word[:10]!r}")
        number = int(word)
        if number in _CODECS and rtpmaps.get(number, _CODECS[number].partition("/")[0]) in ("PCMU", "PCMA"):
            if number not in types:
                types.append(number)
        elif number >= 96 and rtpmaps.get(number) == "TELEPHONE-EVENT" and events is None:
            events = number
    if not types:
        raise NoCommonCodec(f"neither PCMU nor PCMA among payload types {' '.join(words[3:])[:80]}")
    return Media(address, int(port_text), tuple(types), events, ptime_ms or 20, direction)


def answer_again(ours: bytes, offered: bytes, wanted: str = "sendrecv") -> bytes:
    """Our answer to a later offer in the same session: our address and port as they were, their first codec among
    ours, as much of the direction `wanted` as fits theirs, our key as it was, the version one higher when anything
    changes (RFC 3264 § 8). Raises MalformedSdp, NoCommonCodec when they take none of our codecs any more,
    NoAgreedKeys when they would take the protection away, or want one that was not agreed."""
    theirs, mine = parse(offered), parse(ours)
    common = tuple(number for number in theirs.payload_types if number in mine.payload_types)
    if not common:
        raise NoCommonCodec("the new offer has none of the codecs of this session")
    crypto = _taken(mine.crypto, theirs)
    if mine.secure and not (theirs.secure and crypto):
        raise NoAgreedKeys("the new offer takes the protection away")
    new = replace(
        mine,
        payload_types=common[:1],
        telephone_event=theirs.telephone_event,
        direction=_both(_ANSWERING[theirs.direction], wanted),
        crypto=crypto,
        secure=theirs.secure,
        before=theirs.before,
        after=theirs.after,
    )
    return _revised(ours, new)


def redirected(ours: bytes, direction: str) -> bytes:
    """Our description with another direction (`sendonly` and `inactive` hold, RFC 3264 § 8.4), its version one
    higher when that changes anything. Raises MalformedSdp, NoCommonCodec for what is no description of ours,
    ValueError for what is no direction."""
    if direction not in _DIRECTIONS:
        raise ValueError(f"{direction!r} is no direction; there are {', '.join(_DIRECTIONS)}")
    return _revised(ours, replace(parse(ours), direction=direction))


def _revised(ours: bytes, new: Media) -> bytes:
    return continued(ours, describe(new, 0))


def continued(ours: bytes, new: bytes) -> bytes:
    """A description as the next one of our session: with our origin, the version one higher, or just what we said
    before when it says the same (RFC 3264 § 8). Raises MalformedSdp when either has no origin line."""
    said, origin = _ORIGIN.search(ours), _ORIGIN.search(new)
    if said is None or origin is None:
        raise MalformedSdp("no origin line")

    def with_version(version: int) -> bytes:
        line = b"o=%b %b %d %b" % (said[1], said[2], version, said[4])
        return new[: origin.start()] + line + new[origin.end() :]

    version = int(said[3])
    same = with_version(version)
    return ours if same == ours else with_version(version + 1)


def _both(one: str, other: str) -> str:
    """The direction that sends and receives only what both do."""
    sends = "send" in one and "send" in other
    receives = "recv" in one and "recv" in other
    return _NAMES[sends, receives]


def _connection(value: str) -> str:
    """Names are allowed (RFC 4566 § 5.7) and hardly ever seen; nobody here could wait for a name server. Of the
    many writings of an IPv6 address comes that of sockets, so that theirs can be compared with it."""
    words = value.split()
    if len(words) != 3 or words[0] != "IN" or words[1] not in ("IP4", "IP6"):
        raise MalformedSdp(f"not a connection line: {value[:40]!r}")
    address = words[2].partition("/")[0]
    if words[1] == "IP4":
        if not is_ipv4(address):
            raise MalformedSdp(f"not an IP address: {address[:40]!r}")
        return address
    try:
        return IPv6Address(address).compressed
    except ValueError:
        raise MalformedSdp(f"not an IP address: {address[:40]!r}") from None


def _is_number(text: str, top: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= top
