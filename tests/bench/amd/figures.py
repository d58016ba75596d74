"""`python -m tests.bench amd`: the figures of the set that is scored once, of real speakers, and what it costs."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from dialer.media.amd import Detector, Verdict
from sim_trunk.greetings.scene import Label
from sim_trunk.greetings.split import Split
from tests.bench.amd import real
from tests.bench.amd.score import (
    Outcome,
    Share,
    asterisk_share,
    beeps,
    delays,
    ever_machine,
    is_quiet,
    judge,
    share,
)
from tests.bench.amd.sets import examples
from tests.bench.measure import Result, calibrate

PEOPLE, MACHINES, ASSISTANTS = 500, 250, 250
FRAME_S = 0.02


def synthetic(split: Split, label: Label, count: int) -> list[Outcome]:
    """The first greetings of a split, judged."""
    return [
        judge(
            each.samples,
            is_machine=label is not Label.PERSON,
            group=each.scene.kind,
            language=each.scene.language,
            snr_db=each.scene.line.snr_db,
            onset_s=each.onset_s,
            beeps_s=each.beeps_s,
        )
        for each in examples(split, label, count)
    ]


def bench(
    people: int = PEOPLE, machines: int = MACHINES, assistants: int = ASSISTANTS, split: Split = Split.SCORE_6
) -> list[Result]:
    """All figures. Synthetic ones say so by their name."""
    calibration_us = calibrate()
    persons = synthetic(split, Label.PERSON, people)
    recorded = synthetic(split, Label.MACHINE, machines)
    screening = synthetic(split, Label.SCREENING, assistants)
    results = [*_people(persons), *_machines(recorded), *_screening(screening), *_beeps(persons, recorded)]
    results += _real()
    results.append(_cost(split))
    return [_calibrated(result, calibration_us) for result in results]


def _people(persons: list[Outcome]) -> list[Result]:
    quiet = [each for each in persons if is_quiet(each)]
    wrong, wrong_quiet = ever_machine(persons), ever_machine(quiet)
    wrong_held = share(persons, Verdict.MACHINE, hold=True)
    unsure = share(persons, Verdict.UNSURE, last=True)
    unsure_held = share(persons, Verdict.UNSURE, hold=True)
    asterisk_quiet = asterisk_share(quiet, "machine")
    joined, held = (delays(persons, from_onset=True, hold=hold) for hold in (False, True))
    return [
        _percent(
            "people taken for machines (synthetic)", wrong, 1.0, asterisk_share(persons, "machine"),
            note=f"unsure {unsure}; by kind {_by(persons, 'group')}; by SNR {_by(persons, 'snr_db')}; "
            f"by language {_by(persons, 'language')}",
        ),
        _percent("people taken for machines, 20 dB and more (synthetic)", wrong_quiet, 0.5, asterisk_quiet),
        _percent("people told to be machines at first", share(persons, Verdict.MACHINE), 1.0, None),
        _percent("people called an assistant, by advice (synthetic)", _told_apart(persons), None, None),
        _percent("people taken for machines, held 1.8 s", wrong_held, 1.0, None, note=f"unsure {unsure_held}"),
        _seconds("verdict on people, held, median from their first sound (synthetic)", held, 1.2),
        _seconds("first word on people, agent joined, median from their first sound (synthetic)", joined, 1.2),
    ]  # fmt: skip


def _machines(recorded: list[Outcome]) -> list[Result]:
    right, right_held = ever_machine(recorded), share(recorded, Verdict.MACHINE, hold=True)
    human, human_held = share(recorded, Verdict.HUMAN), share(recorded, Verdict.HUMAN, hold=True)
    last_human = share(recorded, Verdict.HUMAN, last=True)
    by_held = f"taken for people {human_held}"
    asterisk = asterisk_share(recorded, "machine")
    quiet = [each for each in recorded if is_quiet(each)]
    times = [each.machine_at_s for each in recorded if each.machine_at_s is not None]
    return [
        _percent(
            "machines recognised (synthetic)", right, 85.0, asterisk, higher=True,
            note=f"at last taken for people {last_human}; by kind {_by(recorded, 'group')}; "
            f"by SNR {_by(recorded, 'snr_db')}; by language {_by(recorded, 'language')}",
        ),
        _percent("machines recognised, 20 dB and more (synthetic)", ever_machine(quiet), None, None, higher=True),
        _percent("machines told to be people at first, agent joined (synthetic)", human, None, None),
        _percent("machines recognised, held 1.8 s", right_held, None, None, higher=True, note=by_held),
        _seconds("word on machines, median from the answer (synthetic)", sorted(times), None),
    ]  # fmt: skip


def _screening(assistants: list[Outcome]) -> list[Result]:
    if not assistants:
        return []
    human = share(assistants, Verdict.HUMAN, last=True)
    unsure = share(assistants, Verdict.UNSURE, last=True)
    others = f"at last people {human}, unsure {unsure}"
    return [
        _percent(
            "assistants told to be no people (synthetic)",
            ever_machine(assistants),
            None,
            None,
            higher=True,
            note=others,
        ),
        _percent("assistants told apart at last (synthetic)", _told_apart(assistants), None, None, higher=True),
    ]


def _told_apart(outcomes: list[Outcome]) -> Share:
    return Share(sum(each.screening for each in outcomes), len(outcomes))


def _beeps(persons: list[Outcome], recorded: list[Outcome]) -> list[Result]:
    found, _, error_ms = beeps(recorded)
    _, false, _ = beeps([each for each in persons if each.group != "key"])
    return [
        _percent(
            "beeps heard (synthetic)", found, None, None, higher=True, note=f"their end off by {error_ms:.0f} ms"
        ),
        _percent("people in whose greeting a beep was heard (synthetic)", false, None, None),
    ]


def _real() -> list[Result]:
    missing = real.missing()
    results: list[Result] = []
    for snr_db in (None, 15.0):
        outcomes = [
            judge(
                each.samples,
                is_machine=each.is_machine,
                group=each.group,
                snr_db=each.snr_db,
                onset_s=each.onset_s,
            )
            for each in real.recordings(snr_db)
        ]
        persons = [each for each in outcomes if not each.is_machine and not each.group.endswith("sentences")]
        at_length = [each for each in outcomes if each.group.endswith("sentences")]
        machines = [each for each in outcomes if each.is_machine]
        said = f"real speakers, {'clean' if snr_db is None else f'{snr_db:.0f} dB'}"
        note = f"not installed: {', '.join(missing)}" if missing else ""
        if persons:
            by = f"unsure {share(persons, Verdict.UNSURE, last=True)}; {_by(persons, 'group')}; {note}"
            asterisk = asterisk_share(persons, "machine")
            results.append(_percent(f"{said}: taken for machines", ever_machine(persons), None, asterisk, note=by))
            for policy, hold in (("held", True), ("agent joined", False)):
                waited = delays(persons, from_onset=True, hold=hold)
                results.append(_seconds(f"{said}: verdict, {policy}, median from their first sound", waited, None))
        if at_length:
            by = f"unsure {share(at_length, Verdict.UNSURE, last=True)}; {_by(at_length, 'group')}"
            wrong, asterisk = ever_machine(at_length), asterisk_share(at_length, "machine")
            results.append(
                _percent(f"{said}, whole sentences: taken for machines", wrong, None, asterisk, note=by)
            )
        if machines:
            by = (
                f"at last taken for people {share(machines, Verdict.HUMAN, last=True)}; {_by(machines, 'group')}; "
            )
            by += note
            asterisk = asterisk_share(machines, "machine")
            right = ever_machine(machines)
            results.append(_percent(f"{said}: machines recognised", right, None, asterisk, higher=True, note=by))
    return results


def _cost(split: Split) -> Result:
    """CPU of one call's detector, fed packet by packet."""
    sounds = [each.samples for each in examples(split, Label.MACHINE, 10)]
    began, frames = time.process_time(), 0
    for samples in sounds:
        detector = Detector()
        for start in range(0, samples.size - 159, 160):
            detector.feed(samples[start : start + 160])
            frames += 1
    cpu_s = time.process_time() - began
    return Result(
        name="amd: CPU of one call",
        figure=100 * cpu_s / (frames * FRAME_S),
        unit="% of a core",
        target=1.0,
        peer=None,
        peer_name="",
        calibration_us=0.0,
        count=frames,
        note=f"{1e6 * cpu_s / frames:.0f} µs a frame of 20 ms, fed singly",
    )


def _by(outcomes: Iterable[Outcome], field: str) -> str:
    """Right, wrong and unsure by a field."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for each in outcomes:
        groups[str(getattr(each, field))].append(each)
    return ", ".join(
        f"{name}: {sum(_is_wrong(each) for each in group)} wrong "
        f"{sum(each.at_last is Verdict.UNSURE for each in group)} unsure of {len(group)}"
        for name, group in sorted(groups.items())
    )


def _is_wrong(outcome: Outcome) -> bool:
    return outcome.at_last is Verdict.HUMAN if outcome.is_machine else outcome.machine_at_s is not None


def _percent(
    name: str, found: Share, target: float | None, peer: Share | None, *, note: str = "", higher: bool = False
) -> Result:
    low, high = found.interval
    said = f"{found.hits} of {found.count}, 95 %: {100 * low:.2f}–{100 * high:.2f} %"
    return Result(
        name=f"amd: {name}",
        figure=100 * found.value,
        unit="%",
        target=target,
        peer=None if peer is None else 100 * peer.value,
        peer_name="Asterisk's parameters",
        calibration_us=0.0,
        count=found.count,
        note=f"{said}; {note}" if note else said,
        higher_is_better=higher,
    )


def _seconds(name: str, values: Sequence[float], target: float | None) -> Result:
    return Result(
        name=f"amd: {name}",
        figure=statistics.median(values),
        unit="s",
        target=target,
        peer=None,
        peer_name="",
        calibration_us=0.0,
        count=len(values),
        note=f"nine of ten within {values[int(0.9 * len(values))]:.2f} s",
    )


def _calibrated(result: Result, calibration_us: float) -> Result:
    return replace(result, calibration_us=calibration_us)
