"""How runs end, and what goes wrong on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from campaigns.outcome import Outcome
from dialer.engine.event_log import replay, to_line
from dialer.operations.run_audit import run_audit
from dialer.ports.store import Answer, CloseAttempt, SaveAttempt, Write
from dialer.storage.memory import MemoryStore
from sim_trunk.population import Population, load_population
from tests.simulation.day import START, campaign_text, make_engine, run_day
from tests.unit.sim_trunk.people import CERTAIN, population_with


def quick(**values: object) -> Population:
    """Everybody answers at once and talks for a minute."""
    certain = {
        **CERTAIN,
        "answer__probability": 1,
        "answer__odds_by_hour": [1] * 24,
        "ringing__person": "{ mean_s = 5, cv = 0.3 }",
        "talk__right_party": "{ mean_s = 60, cv = 0.2 }",
        **values,
    }
    return population_with(1, **certain)


def test_a_list_that_is_done_ends_the_run() -> None:
    everybody_buys = {
        f"agents__dispositions__right_party__{code}": int(code == "sale")
        for code in ("not_interested", "callback", "dnc", "sale")
    }
    day = run_day(
        quick(**everybody_buys, answer__spread=0), campaign_text("progressive"), leads=30, places=1, hours=3.0
    )
    assert day.result.ended == (("day", "list_done"),)
    assert Counter(record.disposition for record in day.records) == {"sale": 30}
    assert day.result.finished_at < day.until
    assert day.store.lead_counts("day").final == 30


def test_what_does_not_finish_is_cut_and_recorded() -> None:
    day = run_day(quick(talk__right_party="{ mean_s = 30000, cv = 0 }"), hours=0.2, drain_s=60.0)
    assert day.result.ended == (("day", "cut"),)
    assert day.until + 60.0 <= day.result.finished_at <= day.until + 61.0
    assert not day.engine.state.calls
    assert Counter(record.agent_id for record in day.records if record.agent_id) == dict.fromkeys(day.agent_ids, 1)
    assert {record.disposition for record in day.records if record.agent_id} == {"none"}


class FullDisk:
    """A journal that stops writing after so many attempts."""

    def __init__(self, store: MemoryStore, attempts: int, *, records_too: bool) -> None:
        self._store = store
        self._left = attempts
        self._records_too = records_too

    def submit(self, write: Write, done: Callable[[Answer | Exception], None]) -> None:
        self._left -= isinstance(write, SaveAttempt)
        refused = (SaveAttempt, CloseAttempt) if self._records_too else (SaveAttempt,)
        if self._left < 0 and isinstance(write, refused):
            done(OSError("No space left on device"))
        else:
            self._store.submit(write, done)


@pytest.mark.parametrize("records_too", [False, True])
def test_a_full_disk_stops_the_dialing(records_too: bool) -> None:
    day = run_day(
        load_population(None, 1),
        journal_of=lambda store: FullDisk(store, 40, records_too=records_too),
        hours=0.5,
    )
    assert day.result.ended == (("day", "failed"),)
    assert day.result.placed == 40, "nothing is placed unjournaled"
    stopped, *rest = [notice for notice in day.result.notices if notice.code == "journal_failed"]
    assert not rest
    assert "No space left on device" in stopped.text
    assert len(list(day.store.attempts("day"))) == 40
    if not records_too:
        assert len(day.records) == 40
    assert not day.engine.state.calls


def test_a_run_replayed_from_its_log_gives_the_same_commands() -> None:
    lines: list[str] = []
    day = run_day(
        load_population(None, 4),
        hours=0.25,
        log_event=lambda event, now, commands: lines.append(to_line(event, now, commands)),
    )
    assert replay(lines, make_engine()) == len(lines) == day.result.events


QUIRKS = {
    "no_provisional": 0.2,
    "lost_ack": 0.1,
    "bye_crossing": 0.1,
    "false_answer": 0.15,
    "announcement": 0.15,
    "answer_after_cancel": 0.4,
    "progress_then_unavailable": 0.2,
    "no_response": 0.1,
}


@pytest.mark.parametrize("seed", [1, 2])
def test_odd_networks_do_not_upset_the_books(seed: int) -> None:
    quirks = {f"quirks__{name}": rate for name, rate in QUIRKS.items()}
    day = run_day(population_with(seed, **quirks), seed=seed, hours=0.6)
    outcomes = Counter(record.outcome for record in day.records)
    assert outcomes.total() == day.result.placed
    assert outcomes[Outcome.TIMEOUT] > 0, "some INVITEs met nothing at all"
    crossed = [record for record in day.records if "cancelled" in record.note]
    assert crossed, "some answers crossed our CANCEL"
    assert all(record.abandoned and record.live for record in crossed)
    said = Counter(record.disposition for record in day.records)
    assert said["dead_air"] > 0
    assert said["announcement"] > 0
    assert run_audit(day.store, "day").findings == ()
    assert day.engine.state.strays == 0
    assert all(record.created_at >= START for record in day.records)
