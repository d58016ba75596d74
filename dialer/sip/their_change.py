"""The far end changes a session by INVITE or UPDATE (RFC 3261 § 14.2, RFC 3311 § 5.2): we take its new description
as long as ours can stay as it is."""

from __future__ import annotations

from dialer.sip.changeable import Changeable
from dialer.sip.dialog import Dialog
from dialer.sip.errors import MalformedSdp, NoAgreedKeys, NoCommonCodec
from dialer.sip.hop import Hop
from dialer.sip.identity import keyed_token
from dialer.sip.message import Request
from dialer.sip.sdp import answer_again, parse
from dialer.sip.server_transaction import ServerTransaction
from dialer.sip.session_timer import TOO_BRIEF_LINES, Reply, reply_to
from dialer.sip.transaction_layer import SDP_LINE, SUPPORTED_LINE


def take_invite(
    session: Changeable, request: Request, transaction: ServerTransaction, source: Hop, now: float
) -> None:
    """A re-INVITE. Raises MalformedMessage, then with nothing answered and nothing changed."""
    if session.is_leaving:
        transaction.respond(481, now)
        return
    if not session.is_up or session.awaits_ack:
        # § 14.2: an INVITE while an earlier one of theirs is not finished.
        transaction.respond(500, now, lines=_retry_after(session, request))
        return
    if session.change is not None and session.change.is_asking:
        transaction.respond(491, now)  # § 14.2: while one of ours is not finished
        return
    if (reply := _reply(session, request, transaction, now)) is None:
        return
    body = session.local_sdp
    if request.body:
        answer = _answer(session, request.body)
        if answer is None:
            transaction.respond(488, now)
            return
        body = answer
    _agree(session, session.dialog, request, source, body, reply, now)
    lines = session.core.layer.contact_line(source) + SUPPORTED_LINE + reply.lines + (SDP_LINE if body else b"")
    transaction.respond(200, now, lines=lines, body=body)
    session.await_ack(transaction, request.cseq[0], now, offers=bool(body) and not request.body)
    if request.body:
        session.described_by(request.body, session.dialog)


def take_update(
    session: Changeable,
    dialog: Dialog,
    request: Request,
    transaction: ServerTransaction,
    source: Hop,
    now: float,
) -> None:
    """An UPDATE, in an early dialog too. Raises MalformedMessage, then with nothing answered and nothing
    changed."""
    if session.is_leaving:
        transaction.respond(481, now)
        return
    if request.body and session.is_offering:
        transaction.respond(491, now)  # RFC 3311 § 5.2: an offer of ours is not answered
        return
    if request.body and not session.is_described(dialog):
        # RFC 3311 § 5.2: an offer of theirs is not answered.
        transaction.respond(500, now, lines=_retry_after(session, request))
        return
    if (reply := _reply(session, request, transaction, now)) is None:
        return
    answer: bytes | None = b""
    if request.body and (answer := _answer(session, request.body)) is None:
        transaction.respond(488, now)
        return
    body = answer or b""
    _agree(session, dialog, request, source, body or session.local_sdp, reply, now)
    lines = session.core.layer.contact_line(source) + SUPPORTED_LINE + reply.lines + (SDP_LINE if body else b"")
    transaction.respond(200, now, lines=lines, body=body)
    if request.body:
        session.described_by(request.body, dialog)


def take_offer_of_prack(session: Changeable, body: bytes) -> bytes | None:
    """Our answer to an offer that a PRACK brings (RFC 3262 § 5), None when we have none."""
    answer = _answer(session, body)
    if answer is not None:
        session.local_sdp = answer
    return answer


def holds(body: bytes, default: bool) -> bool:
    """Whether the sender of a description wants no audio."""
    try:
        return parse(body).is_held
    except (MalformedSdp, NoCommonCodec):
        return default


def _answer(session: Changeable, offered: bytes) -> bytes | None:
    try:
        return answer_again(session.local_sdp, offered, session.direction)
    except (MalformedSdp, NoCommonCodec, NoAgreedKeys):
        return None


def _reply(session: Changeable, request: Request, transaction: ServerTransaction, now: float) -> Reply | None:
    reply = reply_to(request, session.wanted_s, session.agreement)
    if reply.too_brief:
        transaction.respond(422, now, lines=TOO_BRIEF_LINES)
        return None
    return reply


def _agree(
    session: Changeable,
    dialog: Dialog | None,
    request: Request,
    source: Hop,
    body: bytes,
    reply: Reply,
    now: float,
) -> None:
    if dialog is not None and dialog.retarget(request, source):
        session.retargeted()
    session.local_sdp = body
    session.agree(reply.agreement, request, now)


def _retry_after(session: Changeable, request: Request) -> bytes:
    """§ 14.2 wants 0 to 10 seconds at random; drawn from what nobody else can guess."""
    token = keyed_token(session.core.key, b"retry-after", *session.session_id, b"%d" % request.cseq[0])
    return b"Retry-After: %d\r\n" % (int(token, 16) % 11)
