"""`python -m dialer.telephony.media_server DESCRIPTOR OPTIONS`: the media process, as its parent starts it.

It ends when its parent closes the channel, by intention or by dying.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import random
import resource
import signal
import socket
import sys
import time
from typing import Any

from dialer.clock import SystemClock, monotonic
from dialer.media.events import Event, Notice
from dialer.media.orders import Order, StockOrder
from dialer.media.switchboard import load_mixer
from dialer.media.wire import Codec
from dialer.telephony.errors import TelephonyError
from dialer.telephony.media_channel import Channel
from dialer.telephony.media_messages import EVENTS, ORDERS
from dialer.telephony.media_server.analysers import ANALYSERS, load_analysers
from dialer.telephony.media_server.server import TICK_S, MediaServer
from dialer.telephony.port_pool import PortPool

IDLE_S = 1.0
GATHERED = 50_000
"""Objects between two looks of the collector: what is made here has no cycles."""

SWITCH_S = 0.0005
"""How long the disk's thread may keep the interpreter: no more than a tick can bear."""


URGENT = -10
"""Nice value: whoever is heard late is not understood, and it takes one core at most. Where that is not permitted
(it needs CAP_SYS_NICE or RLIMIT_NICE) it runs as everything else."""


def main(arguments: list[str]) -> int:
    """Exit status 2: no leg can be bound; stderr says why."""
    options = json.loads(arguments[1])
    channel: Channel[Event | Notice, Order | StockOrder] = Channel(
        socket.socket(fileno=int(arguments[0])), Codec(EVENTS), Codec(ORDERS)
    )
    channel.socket.setblocking(False)
    # A terminal's Ctrl-C and a service manager's stop go to the whole group: the parent decides when calls end,
    # and with them this process.
    for asks_to_end in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(asks_to_end, signal.SIG_IGN)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    sys.setswitchinterval(SWITCH_S)
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, URGENT)
    try:
        server = _server(options, channel)
        channel.flush()  # legs can be reserved now; the first is answered long after this
        load_mixer()
        load_analysers()
    except TelephonyError as error:
        print(error, file=sys.stderr)
        return 2
    gc.collect()
    gc.freeze()
    gc.set_threshold(GATHERED, 50, 100)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        _serve(server, channel)  # until the parent has gone, or wants us to
    server.close(monotonic())
    return 0


def _server(options: dict[str, Any], channel: Channel[Event | Notice, Order | StockOrder]) -> MediaServer:
    now = monotonic()
    return MediaServer(
        {host: PortPool(*options["ports"]) for host in options["hosts"]},
        random.Random(options["seed"]),
        channel.put,
        now,
        wall_offset=SystemClock().now() - now,
        stock=options["stock"],
        first_leg=options["first_leg"],
        analysers=ANALYSERS,
    )


def _serve(server: MediaServer, channel: Channel[Event | Notice, Order | StockOrder]) -> None:
    server.watch(channel.socket.fileno())
    due = monotonic()
    while True:
        now = monotonic()
        for order in channel.receive():
            server.order(order, now)
        server.tick(now, max(0.0, now - due), monotonic)
        channel.flush()
        if server.is_idle and channel.is_clear:
            server.wait(IDLE_S)
            due = monotonic()
            continue
        due = max(due + TICK_S, monotonic())
        time.sleep(max(0.0, due - monotonic()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
