"""What the user agent tells its user. Values only; `key` is the call's: an attempt id for calls we place, a
negative number for calls that came in."""

from __future__ import annotations

from enum import StrEnum

from dialer.sip.hop import Address as Address
from dialer.sip.hop import Hop
from dialer.sip.sdes import Crypto
from lists.value import value


class DropReason(StrEnum):
    """Why a datagram was dropped; also the names under which `UserAgent.counters` counts them."""

    TOO_LARGE = "too_large"  # more than 65,535 octets; a request of more than 16,384, answered 513
    NOT_SIP = "not_sip"  # no start line of SIP
    MALFORMED = "malformed"  # not enough of a message to answer 400
    TOO_MANY_HEADERS = "too_many_headers"
    TRUNCATED = "truncated"  # a response whose body is shorter than its Content-Length
    STRAY_RESPONSE = "stray_response"  # a response to nothing we sent
    STRAY_ACK = "stray_ack"  # an ACK for nothing we answered
    UNWANTED_CALL = "unwanted_call"  # an INVITE to one who takes no calls; answered 403
    OVERLOAD = "overload"  # a request beyond those that can be kept; answered 503


@value
class Progress:
    """A provisional response other than 100. `body`: early media's session description, or empty. Not told
    any more once the call is being cancelled."""

    key: int
    status: int
    body: bytes = b""


@value
class Accepted:
    """The call was answered; its ACK is out. `body`: the answer's session description. `to_tag`: the
    callee's tag. Told once, whatever is retransmitted or forked."""

    key: int
    body: bytes
    to_tag: str


@value
class AcceptedAfterCancel:
    """The answer crossed our CANCEL (or came while it was held back). The user agent acknowledges and ends
    the call by itself; `Ended` follows."""

    key: int
    body: bytes = b""
    to_tag: str = ""


@value
class Failed:
    """The call we placed is over unanswered. `status`: its final response, 300–699; 408 with `timeout` when
    none came (timer B, or 64·T1 after CANCEL; RFC 3261 § 8.1.3.1, § 9.1); 503 with `unsent` when the INVITE could
    not even be sent. `q850`: cause of a Reason header
    (RFC 3326), `cause_by` who set it ("user", "network", "analytics", ""). `headers`: those of the response, names
    in lower case, or empty."""

    key: int
    status: int
    q850: int | None = None
    timeout: bool = False
    unsent: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    cause_by: str = ""


@value
class TargetFailed:
    """The server at `target` could not be reached or did not answer (`status` 408), or answered 503; the call goes
    to the next of its alternatives. `headers`: of that 503, as of `Failed`."""

    key: int
    target: Hop
    status: int
    headers: tuple[tuple[str, str], ...] = ()


@value
class Ended:
    """An answered call is over: BYE received, or ours answered (or given up after 64·T1). `q850`: cause in the
    BYE received. When the BYEs crossed, `by_remote` is False."""

    key: int
    by_remote: bool
    q850: int | None = None


@value
class Incoming:
    """Somebody calls us; 100 is out. Answer with `progress`, `answer` or `reject`."""

    key: int
    call_id: str
    from_uri: str
    to_uri: str
    request_uri: str
    body: bytes
    source: Hop


@value
class Cancelled:
    """The caller gave up a call that came in. With `auto_terminate_cancelled` it was answered 487 and is over;
    without, it still wants a final response."""

    key: int


@value
class Acked:
    """Our 200 to a call that came in was acknowledged. `body`: the answer, when the INVITE had no offer."""

    key: int
    body: bytes = b""


@value
class Reoffered:
    """The far end changed the session, by INVITE, UPDATE or PRACK, and we agreed; or answered an offer that we had
    to make for it. `body`: its new description (where it wants the media now). `crypto`: the keys that ours has
    now: what that does not say is not agreed, whatever the far end offers."""

    key: int
    body: bytes
    crypto: tuple[Crypto, ...] = ()


@value
class Held:
    """After `Reoffered`: the far end wants no audio any more (RFC 3264 § 8.4)."""

    key: int


@value
class Resumed:
    """After `Reoffered`: the far end wants audio again."""

    key: int


@value
class Renegotiated:
    """What `hold`, `resume` or `reoffer` asked for is agreed. `body`: the far end's answer."""

    key: int
    body: bytes


@value
class RenegotiationFailed:
    """What `hold`, `resume` or `reoffer` asked for was refused; the session stays as it was, or is being hung up
    when the far end knows nothing of it any more (RFC 3261 § 12.2.1.2). `status`: the refusal, 300–699; 408 when
    no answer came."""

    key: int
    status: int


@value
class Expired:
    """Nobody refreshed the session in time (RFC 4028 § 10). It is being hung up; `Ended` follows."""

    key: int


@value
class Digits:
    """The far end pressed keys and says so by INFO. `digits`: of 0–9, A–D, `*`, `#`."""

    key: int
    digits: str


@value
class Registered:
    """The registrar has us for `expires_s` seconds; told after each refresh. `name`: the registration's."""

    name: str
    expires_s: int


@value
class RegistrationFailed:
    """It was refused (`status`), or nobody answered (408); tried again in `again_in_s` seconds. `stands`: an
    earlier one has not expired, so calls may still come."""

    name: str
    status: int
    again_in_s: float
    stands: bool


@value
class Unregistered:
    """It was taken back, or nobody answered to that."""

    name: str


@value
class BindingsChanged:
    """A phone registered with us, moved, or is gone; a refresh is told too, for it moves the end. `name`: its
    user's."""

    name: str


@value
class Dropped:
    """A datagram was dropped. Told once per source address; `UserAgent.counters` has them all."""

    source: Hop
    reason: DropReason


@value
class AnsweredLate:
    """A call of ours of which nothing is kept any more was answered; it is acknowledged and hung up. Told once for
    each answer, not for its retransmissions."""

    call_id: str


class LeftEnd(StrEnum):
    """What became of a call that a process before this one left behind."""

    CANCELLED = "cancelled"  # it was not answered, and is not going to be
    HUNG_UP = "hung_up"  # it was answered, and our BYE ended it
    GONE = "gone"  # it was over already, or its INVITE never arrived
    REFUSED = "refused"  # the far end would not take our BYE
    UNANSWERED = "unanswered"  # nothing came back within 64*T1


@value
class LeftCallOver:
    """A call left behind is dealt with. `key`: the attempt's id."""

    key: int
    call_id: str
    end: LeftEnd


@value
class Probed:
    """An OPTIONS of ours was answered. `status`: its final response, None when none came (timer F). `headers`:
    those of the response, names in lower case. `challenged`: credentials were asked for and sent."""

    key: int
    status: int | None
    headers: tuple[tuple[str, str], ...] = ()
    challenged: bool = False


SipEvent = (
    Progress
    | Accepted
    | AcceptedAfterCancel
    | Failed
    | TargetFailed
    | Ended
    | Incoming
    | Cancelled
    | Acked
    | Reoffered
    | Held
    | Resumed
    | Renegotiated
    | RenegotiationFailed
    | Expired
    | Digits
    | AnsweredLate
    | LeftCallOver
    | Probed
    | Registered
    | RegistrationFailed
    | Unregistered
    | BindingsChanged
    | Dropped
)
