"""What the headers of a refusal say beyond its status."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dialer.sip.headers import uri_of

_SECONDS = re.compile(r"\s*(\d{1,9})")
_USER = re.compile(
    r"(?:sips?:(?P<sip>\+?[0-9][0-9().-]*)(?:;[^@]*)?@|tel:(?P<tel>\+?[0-9][0-9().-]*))", re.IGNORECASE
)

Headers = Iterable[tuple[str, str]]


def retry_after_s(status: int | None, headers: Headers) -> float | None:
    """How long a 503 asks to be left alone, seconds (RFC 3261 § 20.33, § 21.5.4); None when it does not say."""
    if status != 503:
        return None
    for name, text in headers:
        if name == "retry-after" and (match := _SECONDS.match(text)):
            return float(match[1])
    return None


def moved_to(status: int | None, headers: Headers) -> str:
    """The number that the first Contact of a 3xx names, as it is written there; "" when it names none."""
    if status is None or not 300 <= status < 400:
        return ""
    for name, text in headers:
        if name in ("contact", "m") and (match := _USER.match(uri_of(text.encode()).decode("utf-8", "replace"))):
            return re.sub(r"[().-]", "", match["sip"] or match["tel"])
    return ""
