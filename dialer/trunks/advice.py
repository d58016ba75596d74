"""What a trunk's answer means for whoever runs the dialer, and what to change."""

from __future__ import annotations

_CREDENTIALS = (
    "The carrier does not take our credentials: check the trunk's username and password_file in dialer.toml."
)
_BY_STATUS = {
    401: _CREDENTIALS,
    402: "The carrier wants money first: look at the account's balance.",
    403: "The carrier refuses us: have it allow this machine's address, and the caller ids that are shown.",
    404: "The carrier knows no such number or account: check the form of numbers, and the trunk's host.",
    407: _CREDENTIALS,
    408: "The carrier has given up waiting: try once more, then ask it why.",
    415: "The carrier does not take our session description: it has to accept application/sdp.",
    420: "The carrier wants a SIP extension that is not spoken here: have it switched off for this account.",
    483: "The call goes round in circles: host and port of the trunk lead back to where it came from.",
    488: "The carrier does not take our audio: have it allow G.711 (PCMU, PCMA) at 8 kHz; and see that srtp of the"
    " trunk is what it wants.",
    501: "What answers does not know this request: is host the carrier's SIP server, and the port right?",
    503: "The carrier is overloaded, or has not enabled the account.",
}
_BY_CLASS = {
    3: "The carrier sends us elsewhere: write the host that it names into dialer.toml.",
    4: "The carrier refuses the request; its support can say why.",
    5: "The carrier fails inside: try again later, or ask its support.",
    6: "The number was refused everywhere.",
}


def what_to_change(status: int | None) -> str:
    """One sentence for a final SIP status; None: nothing came back."""
    if status is None:
        return "Check host and port in dialer.toml, that UDP passes the firewall, and that the carrier is up."
    return _BY_STATUS.get(status) or _BY_CLASS.get(status // 100, "")


def is_taken(status: int | None) -> bool:
    """Whether the answer to an OPTIONS is that of a carrier that takes our calls. What it thinks of OPTIONS is its
    own affair; that it asks for credentials it does not take, lets nobody in from here or fails is ours."""
    return status is not None and status not in (401, 403, 407) and status < 500


_OF_REGISTRATION = {
    401: _CREDENTIALS,
    403: "The carrier refuses the account: is it open, and allowed from this machine's address?",
    404: "The carrier knows no such account: check the trunk's username and from_domain.",
    407: _CREDENTIALS,
    408: "Check host and port in dialer.toml, that UDP passes the firewall, and that the carrier is up.",
    423: "The carrier wants longer registrations than are asked for: see its support.",
    501: "What answers is no registrar: register = false, if the carrier knows us by our address.",
}
_OF_REGISTRATION[405] = _OF_REGISTRATION[501]


def about_registration(status: int) -> str:
    """One sentence for the final status of a REGISTER; 408 when nobody answered."""
    return _OF_REGISTRATION.get(status) or what_to_change(status)
