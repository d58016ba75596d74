"""What a media server tells. Moments (`at`) are seconds of the machine's monotonic clock."""

from __future__ import annotations

from lists.value import value


@value
class FirstHeard:
    """The first packet of `speaker` since they were bridged went to `listener`."""

    speaker: int
    listener: int
    at: float


@value
class Digit:
    """A digit came from the leg: 0–9 * # A–D."""

    leg: int
    digit: str
    at: float


@value
class Playing:
    """The first 20 ms of a prompt went to the leg."""

    leg: int
    play: int
    at: float


@value
class Played:
    """A prompt is over. `end`: "finished", "stopped" (on command, or another took its place), "barge-in" or
    "failed" (there is no such prompt)."""

    leg: int
    play: int
    end: str


@value
class Collected:
    """`end`: a `dialer.media.gather.GatherEnd` value."""

    leg: int
    gather: int
    digits: str
    end: str


@value
class Recorded:
    """A recording is over and the file complete. `seconds`: its length. `failed`: why not all of it was written,
    "" when it was; the call goes on, and what is in the file can be played."""

    leg: int
    recording: int
    seconds: float
    failed: str = ""


@value
class Heard:
    """An analyser's verdict, see `dialer.media.tap.Verdict`; `failed`: it could not be used, and why."""

    leg: int
    tap: int
    verdict: str
    at_s: float
    cause: str = ""
    last: bool = False
    failed: bool = False


@value
class Silent:
    """Nothing has come from the leg for `seconds`; told once, until it is heard again."""

    leg: int
    seconds: float


@value
class HeardAgain:
    """A packet came from a leg that was told to be silent."""

    leg: int


@value
class LegFigures:
    """A leg at its end. `received`, `lost`, `sent`: packets; lost as the sequence numbers tell. `jitter_ms`: mean
    deviation of arrival (RFC 3550 § A.8) at the end, `max_jitter_ms`: its highest; both have a resolution of one
    tick, 5 ms. `far_lost`, `far_jitter_ms`, `round_trip_ms`: what the far end reported last, None without. `fate`:
    "" or why the server ended it by itself."""

    leg: int
    received: int
    lost: int
    sent: int
    jitter_ms: float
    max_jitter_ms: float
    far_lost: int | None = None
    far_jitter_ms: float | None = None
    round_trip_ms: float | None = None
    fate: str = ""


Event = FirstHeard | Digit | Playing | Played | Collected | Recorded | Heard | Silent | HeardAgain | LegFigures


# --- of the server itself ---------------------------------------------------------------------------------------


@value
class Ready:
    """The leg is bound to `port` of `host` and can be reserved."""

    leg: int
    port: int
    host: str


@value
class Standing:
    """How the server does, told about once a second while that changes. `ports_free`: beyond the legs in stock,
    on the host that has fewest.
    `strained`: it has as much to do as it can do in time; nothing more is to be begun. `busy`: share of the last
    second. `late_s`: how late a tick began at most in it. `counters`: since the start, by name."""

    ports_free: int
    strained: bool
    busy: float
    late_s: float
    counters: tuple[tuple[str, int], ...] = ()


Notice = Ready | Standing
