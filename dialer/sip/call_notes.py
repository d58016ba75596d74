"""What has to be written down of a call before its datagrams leave, so that whoever comes after this process can
end it: told by the user agent as values, kept by the shell, and read back as a `LeftCall`
(`docs/decisions/0009-calls-left-behind.md`)."""

from __future__ import annotations

from dialer.sip.hop import Hop
from lists.value import value


@value
class InviteSent:
    """An INVITE is about to leave; of several with one `call_id` (a digest retry) the last counts. `key`: the
    attempt's id. `invite`: its request line and the headers that its CANCEL must repeat (RFC 3261 § 9.1), which
    stand before all others."""

    key: int
    call_id: bytes
    destination: Hop
    invite: bytes


@value
class DialogUp:
    """An answer is about to be acknowledged. `ack`: the ACK, which names all that a BYE needs: remote target,
    route set, both tags, CSeq number. `next_hop`: where it goes. Told again when the far end moves the target."""

    call_id: bytes
    next_hop: Hop
    ack: bytes


@value
class CallOver:
    """Nobody needs to end the call any more."""

    call_id: bytes


CallNote = InviteSent | DialogUp | CallOver


@value
class LeftCall:
    """A call that a process before this one placed and did not live to end. `ack` empty and `next_hop` None: as
    far as it knew, the call was not answered. The rest as in `InviteSent` and `DialogUp`."""

    key: int
    call_id: bytes
    destination: Hop
    invite: bytes
    ack: bytes = b""
    next_hop: Hop | None = None
