"""RFC 4475's 49 messages, and what we do about each. `docs/reference/sip-torture.md` is made of the table here;
when the two differ, the test prints what has to stand there."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.sip.events import Dropped, Incoming
from dialer.sip.registrar import Registrar
from dialer.sip.user_agent import UserAgent
from tests.unit.sip.peer import LOCAL

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "tests/data/rfc4475"
PAGE = ROOT / "docs/reference/sip-torture.md"
KEY = bytes(range(16))

# name: (section, what is odd about it, what comes of it, why)
TABLE = {
    "wsinv": (
        "3.1.1.1",
        "folding, odd spacing, compact forms",
        "481",
        "read as it is meant: it belongs to a dialog",
    ),
    "intmeth": ("3.1.1.2", "a method of strange characters", "501", ""),
    "esc01": ("3.1.1.3", "escapes in the user part", "a call", "the user part is told as written"),
    "escnull": ("3.1.1.4", "escaped NUL in URIs", "401", ""),
    "esc02": ("3.1.1.5", "percent signs in a method that is no REGISTER", "501", ""),
    "lwsdisp": ("3.1.1.6", "no space between display name and bracket", "200", ""),
    "longreq": ("3.1.1.7", "long values everywhere", "a call", ""),
    "dblreq": ("3.1.1.8", "a second request in the same datagram", "401", "to the first; the rest is dropped"),
    "semiuri": ("3.1.1.9", "a semicolon in the user part", "200", ""),
    "transports": ("3.1.1.10", "transports of all kinds in Via", "200", ""),
    "mpart01": ("3.1.1.11", "a MESSAGE of several parts", "405", "calls are all we do"),
    "unreason": ("3.1.1.12", "a reason phrase in Cyrillic", "dropped: stray_response", "to nothing we sent"),
    "noreason": ("3.1.1.13", "no reason phrase", "dropped: stray_response", "to nothing we sent"),
    "badinv01": ("3.1.2.1", "separators with nothing between them", "a call", "what is needed of it can be read"),
    "clerr": ("3.1.2.2", "Content-Length beyond the datagram", "400", ""),
    "ncl": ("3.1.2.3", "a negative Content-Length", "400", ""),
    "scalar02": ("3.1.2.4", "numbers too large, in a request", "dropped: malformed", "no CSeq to answer with"),
    "scalarlg": ("3.1.2.5", "numbers too large, in a response", "dropped: malformed", ""),
    "quotbal": ("3.1.2.6", "a quoted string that does not end", "400", ""),
    "ltgtruri": ("3.1.2.7", "a Request-URI in angle brackets", "400", ""),
    "lwsruri": ("3.1.2.8", "white space in the Request-URI", "400", ""),
    "lwsstart": ("3.1.2.9", "several spaces in the start line", "400", ""),
    "trws": ("3.1.2.10", "spaces after the start line", "400", ""),
    "escruri": ("3.1.2.11", "headers in the Request-URI", "a call", "they are ignored"),
    "baddate": ("3.1.2.12", "a Date in another zone than GMT", "a call", "nobody looks at it"),
    "regbadct": ("3.1.2.13", "a Contact with a bare URI that has headers", "401", ""),
    "badaspec": ("3.1.2.14", "spaces within a bare URI", "200", "the tag and the rest can be read"),
    "baddn": ("3.1.2.15", "a display name that should be quoted", "400", ""),
    "badvers": ("3.1.2.16", "a version to come", "505", ""),
    "mismatch01": ("3.1.2.17", "CSeq names another method", "400", ""),
    "mismatch02": ("3.1.2.18", "CSeq names another, unknown method", "400", ""),
    "bigcode": ("3.1.2.19", "a status code that fits no integer", "dropped: malformed", ""),
    "badbranch": ("3.2.1", "a branch of nothing but its cookie", "200", "matched as RFC 2543 had it"),
    "insuf": ("3.3.1", "no Call-ID, From and To", "dropped: malformed", "nothing to answer to"),
    "unkscm": ("3.3.2", "a Request-URI of an unknown scheme", "416", ""),
    "novelsc": ("3.3.3", "a Request-URI of a known scheme that is not SIP's", "416", ""),
    "unksm2": ("3.3.4", "To and From of an unknown scheme", "400", "a registrar knows no such names"),
    "bext01": ("3.3.5", "Require of extensions nobody has", "420", ""),
    "invut": ("3.3.6", "an unknown content type", "415", ""),
    "regaut01": ("3.3.7", "an unknown authentication scheme", "401", ""),
    "multi01": ("3.3.8", "From, To, CSeq and others twice", "400", ""),
    "mcl01": ("3.3.9", "two Content-Lengths", "400", ""),
    "bcast": ("3.3.10", "a 200 whose Via is not ours", "dropped: stray_response", ""),
    "zeromf": ("3.3.11", "Max-Forwards of 0", "200", "it has arrived"),
    "cparam01": ("3.3.12", "a Contact parameter in REGISTER", "401", ""),
    "cparam02": ("3.3.13", "a URI parameter in a REGISTER's Contact", "401", ""),
    "regescrt": ("3.3.14", "an escaped header in a REGISTER's Contact", "401", ""),
    "sdp01": ("3.3.15", "Accept of something that is not SDP", "a call", "the offer is SDP, and so is the answer"),
    "inv2543": ("3.4.1", "an INVITE as of RFC 2543", "a call", ""),
}


def result(name: str) -> str:
    """What a user agent that takes calls and registrations does about a message."""
    agent = UserAgent(
        LOCAL, key=KEY, accept_calls=True, registrar=Registrar("example.com", {"user": "secret"}, KEY)
    )
    agent.receive_datagram((FOLDER / f"{name}.dat").read_bytes(), ("192.0.2.9", 5060), 0.0)
    events = agent.next_events()
    if any(isinstance(event, Incoming) for event in events):
        return "a call"
    (outcome,) = [
        *(data.split(b" ")[1].decode() for data, _ in agent.datagrams_to_send()),
        *(f"dropped: {event.reason.value}" for event in events if isinstance(event, Dropped)),
    ]
    return outcome


def test_they_are_all_there() -> None:
    assert {path.stem for path in FOLDER.glob("*.dat")} == set(TABLE)
    assert len(TABLE) == 49


@pytest.mark.parametrize("name", TABLE)
def test_message(name: str) -> None:
    assert result(name) == TABLE[name][2]


def test_the_page_says_the_same() -> None:
    lines = [
        f"| {section} | `{name}` | {odd} | {outcome}{f'; {why}' if why else ''} |"
        for name, (section, odd, outcome, why) in TABLE.items()
    ]
    text = PAGE.read_text(encoding="utf-8")
    found = [line for line in text.splitlines() if line.startswith("| 3.")]
    assert found == lines, "\n".join(lines)
