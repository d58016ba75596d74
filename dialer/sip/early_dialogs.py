"""The dialogs that reliable provisionals make before a call of ours is answered (RFC 3262 § 4, RFC 3261 § 12.1.2):
one for each branch of a fork, each provisional acknowledged by PRACK, once and in order."""

from __future__ import annotations

from dialer.sip.dialog import Dialog
from dialer.sip.errors import MalformedMessage
from dialer.sip.extensions import RELIABLE, option_tags, parse_rseq
from dialer.sip.hop import Hop
from dialer.sip.login import Login
from dialer.sip.message import Response
from dialer.sip.transaction_layer import TransactionLayer

MAX_EARLY_DIALOGS = 16
"""Branches of a fork that are followed; provisionals of more are not acknowledged."""


class EarlyDialog:
    """`rseq`: of the last reliable provisional. `answer`: the far end's description, the last one agreed, empty as
    long as there is none that came reliably."""

    __slots__ = ("answer", "dialog", "rseq")

    def __init__(self, dialog: Dialog, rseq: int) -> None:
        self.dialog = dialog
        self.rseq = rseq
        self.answer = b""


class EarlyDialogs:
    """Those of one call. `local`, `branch`, `default_target`, `fallback`: as in `Dialog.of_caller`."""

    __slots__ = ("_branch", "_by_tag", "_default_target", "_fallback", "_layer", "_local", "_local_tag")

    def __init__(
        self,
        layer: TransactionLayer,
        *,
        local: bytes,
        local_tag: bytes,
        branch: bytes,
        default_target: bytes,
        fallback: Hop,
    ) -> None:
        self._layer = layer
        self._local = local
        self._local_tag = local_tag
        self._branch = branch
        self._default_target = default_target
        self._fallback = fallback
        self._by_tag: dict[bytes, EarlyDialog] = {}

    def of(self, remote_tag: bytes) -> EarlyDialog | None:
        return self._by_tag.get(remote_tag)

    @property
    def described(self) -> EarlyDialog | None:
        """The one whose far end answered our offer; None also when several did, for which is meant?"""
        found = [early for early in self._by_tag.values() if early.answer]
        return found[0] if len(found) == 1 else None

    def take(self, response: Response, login: Login | None, now: float) -> bool:
        """A provisional other than 100. Whether it is news: not when it repeats one, or came out of order, so that
        it will come again (RFC 3262 § 4). Raises MalformedMessage for one that says it is reliable and is not."""
        rseq = parse_rseq(response.need(b"rseq"))
        tag = response.to_tag
        if not tag:
            raise MalformedMessage("a reliable provisional without a To tag")
        early = self._by_tag.get(tag)
        if early is None:
            if len(self._by_tag) >= MAX_EARLY_DIALOGS:
                return False
            early = EarlyDialog(self._dialog(response), rseq)
            self._by_tag[tag] = early
        elif rseq != early.rseq + 1:
            # § 4: "MUST NOT be acknowledged … and MUST NOT be processed further". When it is one that was
            # acknowledged, its PRACK is on its way, in a transaction of its own.
            self._layer.count("retransmissions_received")
            return False
        early.rseq = rseq
        if response.body and not early.answer:
            early.answer = response.body  # RFC 3261 § 13.2.1: further descriptions are ignored
        self._acknowledge(early.dialog, rseq, response.cseq[0], login, now)
        return True

    def _dialog(self, response: Response) -> Dialog:
        first = not self._by_tag
        return Dialog.of_caller(
            response,
            local=self._local,
            local_tag=self._local_tag,
            # Each has CSeq numbers of its own, so these repeat; branches may not.
            branch=self._branch if first else b"%b-e%d" % (self._branch, len(self._by_tag) + 1),
            default_target=self._default_target,
            fallback=self._fallback,
        )

    def _acknowledge(self, dialog: Dialog, rseq: int, invite_cseq: int, login: Login | None, now: float) -> None:
        layer = self._layer
        dialog.local_cseq += 1
        lines = b"RAck: %d %d INVITE\r\n" % (rseq, invite_cseq)
        if login is not None:
            lines += login.lines(b"PRACK", dialog.target)
        branch = dialog.next_branch(b"PRACK", dialog.local_cseq)
        request = dialog.request(layer, b"PRACK", dialog.local_cseq, lines=lines, branch=branch)
        layer.start_client(request, branch, b"PRACK", dialog.next_hop, None, now)


def is_reliable(response: Response) -> bool:
    """The provisional wants a PRACK (RFC 3262 § 3)."""
    return response.get(b"rseq") is not None and RELIABLE in option_tags(response, b"require")
