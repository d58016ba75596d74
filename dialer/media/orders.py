"""What a media server is told to do. Legs, bridges, plays and the rest are numbers that whoever orders has chosen,
but for legs: those are reserved (`dialer/ports/media.py`) and have their number from the server."""

from __future__ import annotations

from dataclasses import dataclass, field

from dialer.media.rtp import PCMU
from lists.value import value


@value
class Connect:
    """The far end of the leg is known, or has moved: its audio goes to `host`:`port`. `payload_type`: its codec,
    PCMU or PCMA. `telephone_event`: its payload type for digits (RFC 4733), None without. `held`: it wants no
    audio for the moment. `answered`: what comes is the far end's own voice from now on; before, it is heard by
    analysers only, for it is ringing tones and announcements. `answered_at`: since when, by the machine's
    monotonic clock: what came before, while nobody read it, is left out; 0: all that has come until now.
    `rtcp_port`: where its reports go, 0: none are sent. `rtcp_mux`: reports share the port of the audio (RFC
    5761). `silent_after_s`: tell when nothing has come for so long; 0: never."""

    leg: int
    host: str
    port: int
    payload_type: int = PCMU
    telephone_event: int | None = None
    held: bool = False
    answered: bool = True
    answered_at: float = 0.0
    rtcp_port: int = 0
    rtcp_mux: bool = False
    silent_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Protect:
    """The leg's audio and reports are SRTP and SRTCP from now on (RFC 3711): what is not is dropped. `suite`: as
    in a=crypto, "" ends it; `sending`, `receiving`: master key and salt in base64. The same key as before goes on
    where it was, packet count and all."""

    leg: int
    suite: str = ""
    sending: str = field(default="", repr=False)
    receiving: str = field(default="", repr=False)


@value
class Bridge:
    """The listen matrix of `bridge`, whole: for each of its legs, whom it hears. Legs of it that are not named any
    more hear nobody; a leg that was in another bridge leaves it. Empty: the bridge is over.

        talk        ((contact, (agent,)), (agent, (contact,)))
        listening   … and (supervisor, (contact, agent))
        whispering  … and (agent, (contact, supervisor))
    """

    bridge: int
    hears: tuple[tuple[int, tuple[int, ...]], ...] = ()


@value
class Close:
    """The leg is over; its port is free again. Answered by `LegFigures`."""

    leg: int


@value
class Load:
    """Keep the sound of `path` (raw 8 kHz µ-law) ready under the name `prompt`; again: the new one from now on."""

    prompt: str
    path: str


@value
class Play:
    """Play a loaded prompt to the leg, instead of what it plays at the moment; one that is not loaded changes
    nothing. `loop`: until it is stopped.
    `over`: mixed with what the leg hears of others; without, they are not heard meanwhile. `barge_in`: a digit
    from the leg ends it. Its end is told by `Played`."""

    leg: int
    play: int
    prompt: str
    loop: bool = False
    over: bool = False
    barge_in: bool = False


@value
class StopPlaying:
    leg: int


@value
class Collect:
    """Collect digits of the leg: at most `most`; digits of `finish` end it and are not counted. `first_s`: how
    long to wait for the first, from the end of the prompt that plays, if one does; `between_s`: for each further
    one. Digits pressed before do not count. Its end is told by `Collected`."""

    leg: int
    gather: int
    most: int
    finish: str = ""
    first_s: float = 5.0
    between_s: float = 3.0


@value
class StopCollecting:
    leg: int


@value
class SendDigits:
    """Press these digits towards the leg: RFC 4733 events, 100 ms each, 80 ms between two. A leg without
    telephone events hears nothing of it."""

    leg: int
    digits: str


@value
class Record:
    """Record what the leg says (left) and hears (right) into a new file; see `dialer/media/recording.py`. One
    recording for each leg. Its end is told by `Recorded`."""

    leg: int
    recording: int
    path: str


@value
class PauseRecording:
    """Silence is recorded from now on, or (`on` False) sound again."""

    leg: int
    on: bool = True


@value
class StopRecording:
    leg: int


@value
class Listen:
    """Feed the analyser called `analyser` with what the leg says, from now on. `settings`: its own, by name. What
    it says is told by `Heard`. One of each number for a leg; two different ones may listen at once."""

    leg: int
    tap: int
    analyser: str
    settings: tuple[tuple[str, float], ...] = ()


@value
class StopListening:
    leg: int
    tap: int


Order = (
    Connect
    | Protect
    | Bridge
    | Close
    | Load
    | Play
    | StopPlaying
    | Collect
    | StopCollecting
    | SendDigits
    | Record
    | PauseRecording
    | StopRecording
    | Listen
    | StopListening
)


# --- about the server's stock of legs ---------------------------------------------------------------------------


@value
class Take:
    """A leg that is `Ready` has been reserved: another may take its place in the stock."""

    leg: int


@value
class Bind:
    """Make a leg of this number on this very port of `host`, which a server before this one had."""

    leg: int
    port: int
    host: str


StockOrder = Take | Bind
