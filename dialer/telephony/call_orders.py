"""What the engine orders within calls: an agent, a prompt, a recording, silence. One for a call that is over, or
is being given up, is ignored: orders cross ends."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping

from dialer.engine.commands import Hush, Join, PauseRecording, Speak, StartRecording
from dialer.telephony.contact_recordings import ContactRecordings
from dialer.telephony.contact_speech import ContactSpeech
from dialer.telephony.errors import NoSuchLeg
from dialer.telephony.fault_log import CallLog
from dialer.telephony.placed_call import PlacedCall


class CallOrders:
    """`calls`: those that are not over, by attempt. `give_up` ends one."""

    def __init__(
        self,
        calls: Mapping[int, PlacedCall],
        speech: ContactSpeech,
        recordings: ContactRecordings,
        log: CallLog,
        give_up: Callable[[int], None],
    ) -> None:
        self._calls = calls
        self._speech = speech
        self._recordings = recordings
        self._log = log
        self._give_up = give_up

    def join(self, command: Join, put_through: Callable[[int, str], None]) -> None:
        """With an agent's line; a call that cannot be joined (`NoSuchLeg`) is ended."""
        call = self._up(command.attempt_id)
        if call is None:
            return
        try:
            if not call.audible:
                raise NoSuchLeg(f"attempt {command.attempt_id} has no audio")
            put_through(command.attempt_id, command.agent_id)
        except NoSuchLeg as error:
            # Nobody would hear anybody: better an honest end than a call in silence.
            agent, what = command.agent_id, "cannot join a call with an agent"
            self._log.call_fault(agent, what, call, error, agent=agent)
            self._give_up(command.attempt_id)

    def speak(self, command: Speak) -> None:
        """Play a prompt to the contact; a call that hears nothing is ended."""
        call = self._up(command.attempt_id)
        if call is None:
            return
        try:
            self._speech.speak(command)
        except NoSuchLeg as error:
            self._log.call_fault(call.trunk, "cannot play to a call", call, error)
            self._give_up(command.attempt_id)

    def record(self, command: StartRecording | PauseRecording) -> None:
        """Begin, pause or go on."""
        if self._up(command.attempt_id) is None:
            return
        try:
            if isinstance(command, StartRecording):
                self._recordings.start(command)
            else:
                self._recordings.pause(command)
        except NoSuchLeg as error:
            self._log.call(command.attempt_id, "not recorded", cause=str(error))

    def hush(self, command: Hush) -> None:
        """Say nothing more for now."""
        if command.attempt_id in self._calls:
            with contextlib.suppress(NoSuchLeg):  # its audio has gone meanwhile, and its end is under way
                self._speech.hush(command.attempt_id)

    def _up(self, attempt_id: int) -> PlacedCall | None:
        call = self._calls.get(attempt_id)
        return None if call is None or call.given_up else call
