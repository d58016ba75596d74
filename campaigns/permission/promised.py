"""What a promised call may do that others may not. It was promised on one number, and is none on another."""

from __future__ import annotations

from campaigns.callback import Callback
from campaigns.consent import ConsentCheck, ConsentKind, consent_until
from campaigns.permission.proposed import Proposed


def promised_on(proposed: Proposed) -> Callback | None:
    """The promise that the proposed call would keep."""
    callback = proposed.callback
    return callback if callback is not None and callback.number == proposed.number.e164 else None


def callback_check(proposed: Proposed) -> ConsentCheck:
    """What has to be on the register where a promised call rests on the person's consent."""
    return ConsentCheck(ConsentKind.CALLBACK, proposed.campaign.purpose.value)


def asked_until(proposed: Proposed, at: float) -> float | None:
    """Until when the person's consent to be called back is in force: they gave it with the promise, and it stands
    on the register at `at`. None: they did not, or have withdrawn it."""
    callback = promised_on(proposed)
    if callback is None or not callback.consent:
        return None
    return consent_until(proposed.consents, callback.number, callback_check(proposed), at)
