"""What a call to be placed is made of."""

from __future__ import annotations

import re

from dialer.sip.digest import Credentials
from dialer.sip.errors import InvalidOrder
from dialer.sip.hop import Hop
from dialer.sip.session_timer import MAX_INTERVAL_S, MIN_SE_S
from lists.value import value

_UNFIT = re.compile(r'[ \t\r\n\0<>"]')
_LINE_BREAK = re.compile(r"[\r\n\0]")


@value
class InviteOrder:
    """`key`: the attempt's id, chosen by the caller, unique among open calls, not negative. `call_id`,
    `from_tag`, `branch`: from `Identity`. `destination`: where the INVITE is sent (the trunk). `body`: the
    offer (`application/sdp`), may be empty. `credentials`: for a 401 or 407, tried once. `extra_headers`: name
    and value of further headers of the INVITE. `display_name`: of the caller. `session_expires_s`: after how many
    seconds without a refresh the session shall end (RFC 4028), 90 to 86,400; 0 leaves it to the far end to want
    that.
    `alternatives`: where the INVITE is sent next, when `destination` cannot be reached, does not answer or answers
    503 (RFC 3263 § 4.3). `tcp_when_large`: one too large for a packet goes over TCP, where that can be had (RFC
    3261 § 18.1.1)."""

    key: int
    call_id: str
    from_tag: str
    branch: str
    request_uri: str
    from_uri: str
    to_uri: str
    destination: Hop
    body: bytes
    credentials: Credentials | None
    extra_headers: tuple[tuple[str, str], ...] = ()
    display_name: str = ""
    session_expires_s: int = 0
    alternatives: tuple[Hop, ...] = ()
    tcp_when_large: bool = False


def identity_headers(
    caller_uri: str, *, asserted: str, withhold: bool, domain: str
) -> tuple[tuple[str, str], ...]:
    """P-Asserted-Identity and Privacy of a call (RFC 3325 § 9, RFC 3323 § 4.2). `asserted`: "" for none,
    "caller_id", or a number. A caller id that is withheld has to be asserted, or nobody on the way could know
    it."""
    headers: list[tuple[str, str]] = []
    if asserted or withhold:
        uri = f"sip:{asserted}@{domain}" if asserted not in ("", "caller_id") else caller_uri
        headers.append(("P-Asserted-Identity", f"<{uri}>"))
    if withhold:
        headers.append(("Privacy", "id"))
    return tuple(headers)


ANONYMOUS = "sip:anonymous@anonymous.invalid"
"""From of a call whose caller id is withheld (RFC 3323 § 4.1.1.3)."""


def check(order: InviteOrder) -> None:
    """Nothing in an order may end a header early or be missing. Raises InvalidOrder."""
    names = (order.call_id, order.from_tag, order.branch, order.request_uri, order.from_uri, order.to_uri)
    if not all(names):
        raise InvalidOrder(f"call {order.key}: Call-ID, tag, branch and the three URIs must not be empty")
    if order.key < 0:
        raise InvalidOrder(f"call {order.key}: negative keys belong to calls that come in")
    if _UNFIT.search("".join(names)):
        raise InvalidOrder(f"call {order.key}: white space, brackets or quotes in a URI, tag, branch or Call-ID")
    check_lines(order.extra_headers)
    if order.display_name and _LINE_BREAK.search(order.display_name):
        raise InvalidOrder(f"call {order.key}: line break or NUL in the display name")
    if order.session_expires_s and not MIN_SE_S <= order.session_expires_s <= MAX_INTERVAL_S:
        raise InvalidOrder(f"call {order.key}: a session of {order.session_expires_s} s, not 90 to 86,400")


def check_lines(headers: tuple[tuple[str, str], ...]) -> None:
    """Further headers stay one line each. Raises InvalidOrder."""
    for name, text in headers:
        if not name or any(char in name for char in " \t\r\n\0:") or _LINE_BREAK.search(text):
            raise InvalidOrder(f"header {name!r}: a name without white space and colon, a value of one line")


def header_lines(headers: tuple[tuple[str, str], ...]) -> bytes:
    """Further headers as they go on the wire, each ended by CRLF."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode()
