"""Tones: stretches of frames in which one frequency, or two, holds nearly all of the power."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dialer.media.amd.spectrum import Spectra

FRAME_S = 0.02
_CENTRE_S = 0.02
"""Between half of its window in a tone and the frame's own begin, as measured."""
_SHARE = 0.80
"""Of the power without the noise floor's: what one or two tones must hold."""
_LOUD_DB = -8.0
"""Softer is no tone (about -49 dBm0)."""
_ABOVE_FLOOR_DB = 3.0
_DRIFT_HZ = 32.0
"""By which a frequency may differ from the tone's until then: 440 and 480 Hz together are one that wavers."""
_PART_OF_LEVEL_DB = 6.0
"""At the ends half of the window is in the tone: its level is so much lower, which is where it begins and ends."""
_DUAL = 0.12
"""Power of the weaker of two tones, as a part of the stronger's."""
_FEWEST = 3
"""Frames."""
_NEAR_HZ, _HELD_SHARE = 12.0, 0.22
"""In noise a tone that was found goes on while the strongest frequency stays so near, with such a share: noise
alone never does."""
_BRIDGED = 3
"""Frames without it that do not end a tone: packets are lost."""
_SECOND_HZ = 40.0
"""By which the second frequency of a dual tone may vary: in noise there is always some second strongest."""
_BEFORE, _NOTHING_DB = 4, -70.0
"""How many frames before a tone are asked how loud it was, and what is said before there was any."""
_TAIL = 3
"""Frames at the end of a run whose windows reach beyond the tone."""
_SEVERAL = 6
"""Values of which the least and the greatest are left out, however few they are."""
_KEPT = 150
"""Frames of a tone that are remembered: what lasts longer is no beep, and must not grow."""


@dataclass(frozen=True, slots=True)
class Tone:
    """One tone heard from `start_s` to `end_s`. `second_hz`: the higher one of two; None for a single one.
    `level_db`: its loudest; `before_db`: the level just before it; `loudest_db`: the loudest frame until its end.
    `steady_db`, `steady_hz`: by how much its level and its frequencies vary."""

    start_s: float
    end_s: float
    hz: float
    second_hz: float | None
    level_db: float
    before_db: float
    loudest_db: float
    steady_db: float
    steady_hz: float

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(slots=True)
class _Run:
    hz: list[float]
    second: list[float]
    shares: list[float]
    levels: list[float]
    frames: list[int]
    """The number of each, for some may be missing between them."""
    before_db: float
    dropped: bool = False

    def median_hz(self) -> float:
        return _median(self.hz[-25:])


class Tones:
    """Finds tones. A tone is told once it has ended."""

    def __init__(self) -> None:
        self._run: _Run | None = None
        self._missed = 0
        self._frames = 0
        self._recent_db = [_NOTHING_DB] * _BEFORE
        self._floor_db: float | None = None
        self._loudest_db = _NOTHING_DB

    @property
    def since_s(self) -> float | None:
        """When the tone that lasts began; None without one."""
        if self._run is None or len(self._run.hz) < _FEWEST:
            return None
        return max(self._run.frames[0] * FRAME_S - _CENTRE_S, 0.0)

    @property
    def current_hz(self) -> float | None:
        """The tone that lasts; None without one."""
        return None if self._run is None or len(self._run.hz) < _FEWEST else self._run.median_hz()

    @property
    def recent_db(self) -> float:
        """The quietest of the last few frames."""
        return min(self._recent_db)

    def hear(self, spectra: Spectra) -> list[Tone]:
        """One block; the tones that ended in it."""
        columns = (spectra.level_db, spectra.tone_hz, spectra.tone_share, spectra.second_hz, spectra.second_share)
        found = []
        for level_db, hz, share, second_hz, second_share in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            if self._run is None and share + second_share < _SHARE / 2:
                # Slowly up, quickly down: the level between the tones.
                floor = level_db if self._floor_db is None else self._floor_db
                self._floor_db = floor + (level_db - floor) * (0.05 if level_db > floor else 0.3)
            self._loudest_db = max(self._loudest_db, level_db)
            found += self._hear_frame(level_db, hz, share, second_hz, second_share)
            self._frames += 1
            self._recent_db = [*self._recent_db[1:], level_db]
        return found

    def finish(self) -> list[Tone]:
        """The tone that lasts when the sound ends."""
        return self._end()

    def _hear_frame(
        self, level_db: float, hz: float, share: float, second_hz: float, second_share: float
    ) -> list[Tone]:
        tonal = self._is_tonal(level_db, share, second_share)
        found: list[Tone] = []
        run = self._run
        if run is not None:
            near = abs(hz - run.median_hz()) < _DRIFT_HZ
            if not near and abs(second_hz - run.median_hz()) < _DRIFT_HZ and second_share > 0.2 * share:
                hz, second_hz, share, second_share, near = second_hz, hz, second_share, share, True
            known = len(run.hz) >= _FEWEST
            held = known and share >= _HELD_SHARE and level_db >= _LOUD_DB
            if near and (tonal or (held and abs(hz - run.median_hz()) < _NEAR_HZ)):
                self._missed = 0
                self._add(run, level_db, hz, share, second_hz, second_share)
                return found
            self._missed += 1
            if self._missed <= (_BRIDGED if known else 1) and (near or not tonal):
                return found
            found = self._end()
        if tonal:
            self._missed = 0
            self._run = _Run([], [], [], [], [], self.recent_db)
            self._add(self._run, level_db, hz, share, second_hz, second_share)
        return found

    def _add(
        self, run: _Run, level_db: float, hz: float, share: float, second_hz: float, second_share: float
    ) -> None:
        run.hz.append(hz)
        run.second.append(second_hz)
        run.shares.append(second_share / max(share, 1e-6))
        run.levels.append(level_db)
        run.frames.append(self._frames)
        if len(run.hz) > _KEPT:
            # Its beginning stays known: the frame after the first is forgotten.
            for row in (run.hz, run.second, run.shares, run.levels, run.frames):
                del row[1]
            run.dropped = True

    def _is_tonal(self, level_db: float, share: float, second_share: float) -> bool:
        if level_db < _LOUD_DB:
            return False
        clean = 1.0
        if self._floor_db is not None:
            if level_db < self._floor_db + _ABOVE_FLOOR_DB:
                return False
            clean = max(1.0 - 10 ** ((self._floor_db - level_db) / 10), 0.4)
        return share + second_share >= _SHARE * clean

    def _end(self) -> list[Tone]:
        run, self._run = self._run, None
        self._missed = 0
        if run is None or len(run.hz) < _FEWEST:
            return []
        loudest = max(run.levels)
        inside = [nth for nth, level in enumerate(run.levels) if level >= loudest - _PART_OF_LEVEL_DB]
        first, last = 0 if run.dropped else inside[0], inside[-1] + 1
        # Without the frames at its ends, whose windows it fills in part; what fades is tonal to its last.
        middle = run.levels[first + 1 : -_TAIL] or run.levels[first:last]
        hz, second_hz = _median(run.hz[first:last]), _median(run.second[first:last])
        second_varies = _spread(run.second[first:last])
        dual = _median(run.shares[first:last]) > _DUAL and second_varies <= _SECOND_HZ
        return [
            Tone(
                start_s=max(run.frames[first] * FRAME_S - _CENTRE_S, 0.0),
                end_s=(run.frames[last - 1] + 1) * FRAME_S - _CENTRE_S,
                hz=round(min(hz, second_hz) if dual else hz, 1),
                second_hz=round(max(hz, second_hz), 1) if dual else None,
                level_db=loudest,
                before_db=run.before_db,
                loudest_db=self._loudest_db,
                steady_db=_spread(middle),
                steady_hz=max(_spread(run.hz[first:last]), second_varies if dual else 0.0),
            )
        ]


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _spread(values: Sequence[float]) -> float:
    """Between the tenth part from below and from above: a tone is seldom off, a voice moves."""
    ordered = sorted(values)
    cut = max(len(ordered) // 10, len(ordered) >= _SEVERAL)
    return ordered[-1 - cut] - ordered[cut]
