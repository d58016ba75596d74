"""A live run over real datagrams in this process: replayed, compared, and with the disk full."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from campaigns.life import CampaignState
from dialer.engine import event_log
from dialer.engine.commands import Originate
from dialer.engine.events import AttemptSaved
from dialer.ports.store import Answer, AttemptAccepted, SaveAttempt, Write
from dialer.storage.database import Database, open_reader
from sim_trunk.call_log import CallLog
from sim_trunk.population import load_population
from tests.brisk import BRISK_POPULATION
from tests.integration.books import assert_books_agree, carrier_log
from tests.integration.floor import open_sockets
from tests.integration.live_world import MANAGER, NoonClock, live_world, simulated_network
from tests.kills.wire import Seen, Wire


async def test_a_live_run_replays_to_the_same_commands_and_agrees_with_the_carrier(tmp_path: Path) -> None:
    log_path = tmp_path / "carrier.jsonl"
    gc.collect()
    sockets = open_sockets()
    with log_path.open("w") as stream:
        async with (
            simulated_network(load_population(BRISK_POPULATION, 5), CallLog(stream)) as trunk,
            live_world(tmp_path, trunk) as world,
        ):
            await world.recorded(15)
            assert await world.service.finish(20.0)
            await asyncio.sleep(0.5)  # the overview is at most so old
            shown = world.row().figures
        records = world.records()
    assert_books_agree(records, carrier_log(log_path))
    assert {record.outcome for record in records} >= {"connected", "no_answer"}
    assert event_log.replay(world.log, world.fresh_engine()) == len(world.log)
    assert shown.attempts == sum(record.counted for record in records)
    assert shown.rpc == sum(record.rpc for record in records)
    assert open_sockets() == sockets, "a socket outlived the service"
    assert asyncio.all_tasks() == {asyncio.current_task()}, "a task outlived it"


async def test_no_call_is_originated_before_its_save_was_acknowledged(tmp_path: Path) -> None:
    with (tmp_path / "carrier.jsonl").open("w") as stream:
        async with (
            simulated_network(load_population(BRISK_POPULATION, 5), CallLog(stream)) as trunk,
            live_world(tmp_path, trunk) as world,
        ):
            await world.recorded(5)
            await world.service.finish(0.5)
    engine, saved, placed = world.fresh_engine(), set[int](), 0
    for happened, now, _ in event_log.read(world.log):
        if isinstance(happened, AttemptSaved):
            saved.add(happened.attempt_id)
        for command in engine.handle(happened, now):
            if isinstance(command, Originate):
                assert command.attempt_id in saved
                placed += 1
    assert placed >= 5


async def test_an_invite_on_the_wire_finds_its_attempt_committed(tmp_path: Path, store_address: str) -> None:
    """Asked on another connection before the carrier sees it; by the carrier's log, none is there before its
    acknowledgement either."""
    clock, acknowledged = NoonClock(), dict[str, float]()
    stored, missing = list[str](), list[str]()

    def keep_acknowledgements(database: Database) -> None:
        submit = database.writer.submit

        def watched(write: Write, done: Callable[[Answer | Exception], None]) -> None:
            def told(answer: Answer | Exception) -> None:
                if isinstance(write, SaveAttempt) and isinstance(answer, AttemptAccepted):
                    acknowledged[write.intent.call_id] = clock.now()
                done(answer)

            submit(write, told)

        database.writer.submit = watched  # type: ignore[method-assign]

    with (tmp_path / "carrier.jsonl").open("w") as stream, ExitStack() as stack:
        async with simulated_network(load_population(BRISK_POPULATION, 5), CallLog(stream), clock) as network:
            wire = stack.enter_context(Wire((network.host, network.port)))
            trunk = replace(network, port=wire.address[1])
            async with live_world(
                tmp_path, trunk, database_at=store_address, before_start=keep_acknowledgements
            ) as world:
                reader = stack.enter_context(closing(open_reader(store_address)))

                def look(message: Seen) -> bool:
                    if message.method == "INVITE" and message.status is None:
                        committed = {attempt.call_id for attempt in reader.open_attempts()}
                        (stored if message.call_id in committed else missing).append(message.call_id)
                    return True

                wire.watch(look)
                await world.recorded(15)
                await world.service.finish(0.5)
    assert not missing, f"dialed without an attempt that is committed: {missing}"
    assert len(stored) >= 15
    calls = carrier_log(tmp_path / "carrier.jsonl")
    assert calls
    for call_id, call in calls.items():
        assert call["invite_at"] >= acknowledged[call_id], f"{call_id} was there before its acknowledgement"


@pytest.mark.long
async def test_a_full_disk_stops_dialing_and_nothing_is_placed_unjournaled(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    limit = {"pages": 1_000_000}

    def make_limitable(database: Database) -> None:
        def limit_pages(connection: Any) -> None:
            connection.exec_driver_sql(f"PRAGMA max_page_count={limit['pages']}")

        event.listen(database.writer.engine, "begin", limit_pages)

    def pages(database: Database) -> int:
        with database.reader.engine.connect() as connection:
            return int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())

    log_path = tmp_path / "carrier.jsonl"
    with caplog.at_level(logging.ERROR), log_path.open("w") as stream:
        async with (
            simulated_network(load_population(BRISK_POPULATION, 5), CallLog(stream)) as trunk,
            live_world(tmp_path, trunk, leads=400, ratio=3.0, before_start=make_limitable) as world,
        ):
            await world.recorded(3)
            limit["pages"] = pages(world.database)
            await world.until(lambda: world.state is CampaignState.PAUSED)
            # What is shown is at most half a second old.
            await world.until(lambda: "no space left" in world.row().state_reason)
            assert "campaign_failed" in world.alarms()
            limit["pages"] = 1_000_000  # somebody makes room: what is still in the air gets on record
            await world.until(lambda: world.service.run_of("live") is None)
            stopped_at = len(world.records())
            moved = await world.service.start_campaign("live", MANAGER)
            assert moved.state is CampaignState.RUNNING
            await world.until(lambda: len(world.records()) > stopped_at)
            await world.until(lambda: "campaign_failed" not in world.alarms())
            assert await world.service.finish(20.0)
        records = world.records()
    calls = carrier_log(log_path)
    assert_books_agree(records, calls)
    assert stopped_at < 400, "dialing went on"
