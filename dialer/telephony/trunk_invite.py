"""The INVITE of a call over a trunk: who calls whom, by which servers, and where the audio shall go."""

from __future__ import annotations

import re

from dialer.engine.commands import Originate
from dialer.sip import sdp
from dialer.sip.hop import STREAMS, Hop, bracketed
from dialer.sip.identity import Identity
from dialer.sip.order import ANONYMOUS, InviteOrder, identity_headers
from dialer.sip.sdes import Crypto
from dialer.telephony.errors import TelephonyError
from dialer.telephony.routes import Route
from dialer.telephony.udp import Address

_DIALABLE = re.compile(r"[+0-9A-Za-z*._~-]+")


def check_dialable(command: Originate) -> None:
    """Raises `TelephonyError` for a number or caller id that no SIP URI can hold."""
    for text in (command.number, command.caller_id):
        if not _DIALABLE.fullmatch(text):
            raise TelephonyError(f"{text!r} cannot be the user part of a SIP URI")


def invite_over(
    route: Route,
    hops: tuple[Hop, ...],
    command: Originate,
    identity: Identity,
    audio_at: Address,
    crypto: tuple[Crypto, ...] = (),
) -> InviteOrder:
    """`hops`: the trunk's servers, in the order to try. `audio_at`: the call's port, as the far end sees it.
    `crypto`: the keys that its audio may be protected with."""
    trunk, attempt_id = route.trunk, command.attempt_id
    own_host, port = audio_at
    target = f"sip:{command.number}@{trunk.place}"
    if trunk.transport in STREAMS:
        target += f";transport={trunk.transport}"
    domain = trunk.from_domain or bracketed(own_host)
    caller = f"sip:{command.caller_id}@{domain}"
    return InviteOrder(
        key=attempt_id,
        call_id=command.call_id,
        from_tag=identity.tag(attempt_id),
        branch=identity.branch(attempt_id),
        request_uri=target,
        from_uri=ANONYMOUS if command.withhold else caller,
        to_uri=target,
        destination=hops[0],
        body=sdp.offer(own_host, port, attempt_id, crypto=crypto, secure=trunk.srtp == "required"),
        credentials=route.credentials,
        extra_headers=identity_headers(
            caller, asserted=trunk.asserted_identity, withhold=command.withhold, domain=domain
        ),
        session_expires_s=trunk.session_expires_s,
        alternatives=hops[1:],
        tcp_when_large=not trunk.transport,
    )
