"""What is said and described in the simulated carrier's calls: session descriptions, protection, voices."""

from __future__ import annotations

import logging
from collections.abc import Callable

from dialer.sip import sdp
from dialer.sip.errors import RemoteError
from dialer.sip.sdes import agreed
from dialer.telephony.errors import AddressUnavailable
from sim_trunk.callee import Persona, Quirk
from sim_trunk.callee_audio import AudioFloor
from sim_trunk.reception import Call
from sim_trunk.utterances import Utterance, Voices

log = logging.getLogger("sim_trunk")


class CallSound:
    """Of all calls. `heard` is told a call whose caller is heard for the first time after its answer."""

    def __init__(self, floor: AudioFloor, voices: Voices, heard: Callable[[Call], None]) -> None:
        self._floor = floor
        self._voices = voices
        self._heard = heard

    def describe(self, call: Call) -> bytes:
        """Our session description: the answer, or the offer where the caller made none. Opens the audio. Raises
        `AddressUnavailable`."""
        if call.audio is None:
            call.audio = self._floor.open(lambda: self._heard(call))
        host, session_id = self._floor.host, -call.key
        if call.offer is None:
            return sdp.offer(host, call.audio.port, session_id)
        self._protect(call, call.offer)
        return sdp.answer(call.offer, host, call.audio.port, session_id, call.crypto)

    def _protect(self, call: Call, theirs: sdp.Media) -> None:
        """The audio as the caller wants it: a carrier that can do SRTP takes it where it is offered."""
        keys = agreed(call.crypto, theirs.crypto, required=theirs.secure)
        call.entry.srtp = "" if keys is None else keys.suite
        if call.audio is not None:
            call.audio.protect(keys)

    def early(self, call: Call) -> bytes:
        """The network speaks before anybody answers. Its description; empty when there is no port for it."""
        try:
            body = self.describe(call)
        except AddressUnavailable as error:
            log.warning("call %s has no early media: %s", call.entry.call_id, error)
            return b""
        if call.plan.quirk is Quirk.SPECIAL_INFORMATION:
            self._say(call, self._voices.vacant())
        else:
            self.speak(call, Persona.ANNOUNCEMENT)
        return body

    def speak(self, call: Call, persona: Persona) -> None:
        """In the voice of this one, from now on."""
        self._say(call, self._voices.of(persona, call.entry.number, call.entry.nth_call))

    def _say(self, call: Call, says: Utterance | None) -> None:
        if call.offer is not None and call.audio is not None:
            call.audio.speak(says, (call.offer.address, call.offer.port), call.offer.payload_types[0])
            if call.offer.is_held:
                call.audio.move(None)

    def moved(self, call: Call, body: bytes) -> None:
        """The caller describes itself anew."""
        try:
            media = sdp.parse(body)
            self._protect(call, media)
        except RemoteError as error:
            log.warning("call %s: %s", call.entry.call_id, error)
            return
        if call.audio is not None:
            call.audio.move(None if media.is_held else (media.address, media.port))
