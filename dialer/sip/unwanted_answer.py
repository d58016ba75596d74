"""What nobody wants any more is answered all the same: a person may be on the line (RFC 3261 § 13.2.2.4)."""

from __future__ import annotations

from dialer.sip.dialog import Dialog
from dialer.sip.events import Address
from dialer.sip.message import Response
from dialer.sip.transaction_layer import TransactionLayer


def acknowledge_and_end(
    layer: TransactionLayer,
    response: Response,
    *,
    local: bytes,
    local_tag: bytes,
    branch: bytes,
    default_target: bytes,
    fallback: Address,
    ack_lines: bytes = b"",
    now: float,
) -> tuple[bytes, Address]:
    """ACK and BYE for a 2xx to an INVITE of ours, in the dialog that it makes. The same again while that BYE is
    on its way sends the ACK only. `branch`: start of those of both requests, one for each To tag. Returns the
    ACK and where it went. Raises MalformedMessage."""
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
    if (branch, b"BYE") not in layer.clients:
        bye = dialog.request(layer, b"BYE", dialog.local_cseq, branch=branch)
        layer.start_client(bye, branch, b"BYE", dialog.next_hop, None, now)
    return ack, dialog.next_hop
