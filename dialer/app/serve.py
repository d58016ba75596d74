"""The service as a process: home, store, calls, control API, signals; from the start to a drained end."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog
import uvloop

from dialer import log as logs
from dialer.api.endpoint import SOCKET_NAME, SOCKET_PATH_LIMIT
from dialer.app.home import load_home
from dialer.app.installation import Installation, open_home
from dialer.app.open_files import allow_open_files
from dialer.clock import SystemClock, monotonic
from dialer.errors import DialerError, EnvironmentFault, TakenOver
from dialer.live.clock_watch import ClockWatch
from dialer.live.service import LiveService
from dialer.operations.collection import rare_collections
from dialer.ports.access import SERVICE
from dialer.ports.store import SaveAgentTime
from dialer.settings import Settings
from dialer.storage.errors import SERVICE_COMMAND, OwnershipLost, StorageError

_log = structlog.wrap_logger(logging.getLogger("dialer.app"))

API_MODULE = "dialer.web.server"
SWITCH_S = 0.001
"""How long a thread that computes (the writer, storing a portion of an import) may keep the event loop waiting for
its turn, each time; Python's usual 5 ms are felt by calls."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The service is at work. `resumed`: campaigns that it dials again; `left_unknown`: attempts of the process
    before it whose end nobody saw; `took_s`: from the start of this process's work, seconds."""

    home: Path
    sip_address: str
    socket: Path
    resumed: tuple[str, ...]
    left_unknown: int
    took_s: float


def run_service(home: Path, *, json_logs: bool = False, on_ready: Callable[[Ready], None]) -> bool:
    """Be the service of a home until a signal, or somebody over the API, ends it. True when everything is on
    record. Raises `DialerError`s (no home, wrong settings, `TakenOver`), `OwnedElsewhere`, and what store and
    sockets raise."""
    began = monotonic()
    allow_open_files()
    settings = load_home(home)

    def set_logs(settings: Settings) -> None:
        logs.configure(settings.log_level, json=json_logs, full_numbers=settings.log_full_numbers)

    set_logs(settings)
    check_socket_path(home)
    with open_home(home, SERVICE_COMMAND) as installation:
        clock = SystemClock()
        clock_watch = ClockWatch(clock, installation.database.reader.last_attempt_at())
        recovered = installation.database.recover(clock.now())
        if recovered.unknown_attempts or recovered.leases:
            unknown = len(recovered.unknown_attempts)
            _log.warning("the process before did not end by itself", unknown=unknown, leases=recovered.leases)

        async def serve() -> bool:
            service = LiveService(
                home, settings, installation.database, clock, clock_watch=clock_watch, on_settings=set_logs
            )
            with _signals(service):
                async with running(service, installation) as resumed:
                    sip = "{}:{}".format(*service.carrier.address)
                    unknown = len(recovered.unknown_attempts)
                    on_ready(Ready(home, sip, home / SOCKET_NAME, resumed, unknown, monotonic() - began))
                    await service.stop_asked()
                    if service.taken_over is None:
                        _log.info("stopping: no new calls", drain_s=service.settings.drain_s)
                    complete = await service.finish(service.settings.drain_s)
            if service.taken_over is not None:
                raise service.taken_over
            return complete

        try:
            with rare_collections(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                return runner.run(serve())
        except OwnershipLost as error:
            raise TakenOver(str(error)) from error


@contextlib.asynccontextmanager
async def running(service: LiveService, installation: Installation) -> AsyncIterator[tuple[str, ...]]:
    """The service at work, with its control API, for as long as the block lasts; the block finishes it. Yields the
    campaigns that are dialed again."""
    writer = installation.database.writer
    writer.deliver_through(asyncio.get_running_loop().call_soon_threadsafe)
    switched_s = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    # The API's modules are large: another thread imports them while this one waits for the media process. Leads
    # are dialed for agents, and agents log in over the API.
    api = asyncio.get_running_loop().run_in_executor(None, importlib.import_module, API_MODULE)
    try:
        resumed = await service.start()
        await api
        async with _api(service, installation):
            yield resumed
    except BaseException:
        # The API's port is taken, say: calls were placed by then, and each has to get its end on record.
        await service.finish(0.0)
        raise
    finally:
        await service.close()
        # What was queued before is answered once this is; nothing is delivered to the loop after it.
        try:
            await asyncio.to_thread(writer.write, SaveAgentTime(()))
        except StorageError as error:
            if service.taken_over is None:
                _log.error("what was written last is not stored", cause=str(error))
        writer.deliver_through(None)
        sys.setswitchinterval(switched_s)


@contextlib.asynccontextmanager
async def _api(service: LiveService, installation: Installation) -> AsyncIterator[None]:
    from dialer.web.server import serve_api  # there by now: see `running`

    async with serve_api(service, installation.home, installation.settings):
        yield


def check_socket_path(home: Path) -> None:
    """Raises `EnvironmentFault` when the control socket would have a longer path than the system takes."""
    path = home / SOCKET_NAME
    octets = len(os.fsencode(path))
    if octets > SOCKET_PATH_LIMIT:
        raise EnvironmentFault(
            f"{path}: too long for a socket ({octets} bytes, at most {SOCKET_PATH_LIMIT}); move the home to a "
            "shorter path, or name it by a relative one (`cd` beside it, `--home NAME`)"
        )


@contextlib.contextmanager
def _signals(service: LiveService) -> Iterator[None]:
    """SIGTERM and SIGINT: drain, and when it comes again: hang up. SIGHUP: read the settings again."""
    loop = asyncio.get_running_loop()
    reloads: set[asyncio.Task[None]] = set()
    came: list[int] = []

    def stop(number: int) -> None:
        came.append(number)
        if len(came) == 1:
            service.stop_soon()
        else:
            _log.warning("asked again: hanging up")
            service.cut()

    def reload() -> None:
        task = loop.create_task(_reload(service))
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    loop.add_signal_handler(signal.SIGHUP, reload)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(number)


async def _reload(service: LiveService) -> None:
    try:
        await service.reload(SERVICE)
    except DialerError as error:
        _log.error("settings not reloaded; those from before stay in force", cause=str(error))
    except Exception:  # noqa: BLE001 - nobody waits for it
        _log.exception("the reload failed")
