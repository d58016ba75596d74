"""What nobody wants any more is answered all the same: a person may be on the line (RFC 3261 § 13.2.2.4)."""

from __future__ import annotations

from dialer.sip.client_transaction import TransactionUser
from dialer.sip.dialog import Dialog
from dialer.sip.hop import Hop
from dialer.sip.identity import MAGIC_COOKIE, keyed_token
from dialer.sip.message import Response
from dialer.sip.transaction_layer import TransactionLayer
from lists.value import value


@value
class Unwanted:
    """What went out for an answer nobody wants. `bye_sent`: it was the first time, so a BYE is on its way."""

    ack: bytes
    next_hop: Hop
    bye_sent: bool


def late_branch(key: bytes, response: Response) -> bytes:
    """Start of the branches of ACK and BYE for an answer of which nothing else is known: the same each time the
    answer comes, another for each branch of a fork. Raises MalformedMessage."""
    token = keyed_token(key, b"late-answer", response.call_id, response.from_tag, response.to_tag)
    return MAGIC_COOKIE.encode() + token


def acknowledge_and_end(
    layer: TransactionLayer,
    response: Response,
    *,
    local: bytes,
    local_tag: bytes,
    branch: bytes,
    default_target: bytes,
    fallback: Hop,
    ack_lines: bytes = b"",
    user: TransactionUser | None = None,
    now: float,
) -> Unwanted:
    """ACK and BYE for a 2xx to an INVITE of ours, in the dialog that it makes. The same again while that BYE is
    on its way sends the ACK only. `branch`: start of those of both requests, one for each To tag. `user`
    gets what comes of the BYE. Raises MalformedMessage."""
    dialog = Dialog.of_caller(
        response,
        local=local,
        local_tag=local_tag,
        branch=branch,
        default_target=default_target,
        fallback=fallback,
    )
    ack = dialog.request(layer, b"ACK", dialog.local_cseq, lines=ack_lines)
    layer.send(ack, dialog.next_hop)
    dialog.local_cseq += 1
    branch = dialog.next_branch(b"BYE", dialog.local_cseq)
    first = (branch, b"BYE") not in layer.clients
    if first:
        bye = dialog.request(layer, b"BYE", dialog.local_cseq, branch=branch)
        layer.start_client(bye, branch, b"BYE", dialog.next_hop, user, now)
    return Unwanted(ack, dialog.next_hop, first)
