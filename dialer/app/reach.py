"""A home to be changed by a command: owned for as long as it takes, or through the service that owns it.

The operations are the same either way: they read the database and hand their writes to `Reached.write`.
"""

from __future__ import annotations

import os
import pwd
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from campaigns.campaign import source_hash_of
from dialer.api.roles import Role
from dialer.app.home import load_home
from dialer.app.installation import Installation, open_home, read_home
from dialer.clock import SystemClock, monotonic
from dialer.operations import block_numbers, consents
from dialer.ports.access import Actor, Change
from dialer.ports.store import (
    Answer,
    Audited,
    BlockNumbers,
    Reader,
    SaveCampaign,
    SaveConsents,
    UnblockNumbers,
    WithdrawConsents,
    Write,
)
from dialer.settings import Settings
from dialer.storage.errors import OwnedElsewhere
from dialer.storage.owner import owner_of
from lists.client import HOUSE, client_of

if TYPE_CHECKING:
    from dialer.api.client import ControlClient

WAIT_S = 10.0
"""How long a command waits for another one to be through with the home."""
SAY_AFTER_S = 1.0
LOOK_EVERY_S = 0.1
NICENESS = 10

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Reached:
    """A home that can be changed. `service`: through whom, None when this process owns it. `actor`: who does it,
    for the log of changes. `write` commits and answers, or raises what kept it from it."""

    home: Path
    settings: Settings
    reader: Reader
    actor: Actor
    service: ControlClient | None
    write: Callable[[Write], Answer]


@contextmanager
def reach_home(home: Path, command: str, tell: Tell, *, wait_s: float | None = None) -> Iterator[Reached]:
    """Reach a home to change it, for as long as the block lasts.

    Nobody owns it: this process does meanwhile, and others are told that it is `command`. A service owns it:
    writes go through that, reads to the database. Another command owns it: it is waited for `wait_s` seconds
    (None: `WAIT_S`), and `tell` is told so. Raises as `open_home`, and what the service may refuse
    (`dialer.api.errors`).
    """
    with ExitStack() as stack:
        owned = _own(home, command, tell, WAIT_S if wait_s is None else wait_s, stack)
        if owned is not None:
            write = _auditing(owned.write, owned.reader)
            yield Reached(home, owned.settings, owned.reader, this_user(), None, write)
            return
        from dialer.app.remote import connect  # these bring a whole HTTP client, most often for nothing
        from dialer.web.remote_writer import RemoteWriter

        view = stack.enter_context(read_home(home))
        client = stack.enter_context(connect(home))
        yield Reached(home, view.settings, view.reader, this_user(), client, RemoteWriter(client).write)


def _own(home: Path, command: str, tell: Tell, wait_s: float, stack: ExitStack) -> Installation | None:
    """The home as this process's own until the stack unwinds; None when a service has it."""
    load_home(home)  # no home, or settings that are wrong: that is to be said before anything is waited for
    started, told = monotonic(), False
    while True:
        try:
            return stack.enter_context(open_home(home, command))
        except OwnedElsewhere as held:
            from dialer.api.client import is_running

            if is_running(home):
                return None
            waited_s = monotonic() - started
            if not told and waited_s >= SAY_AFTER_S:
                told = True
                holder = f"process {held.pid} ({held.command})" if held.pid else "another process"
                tell(f"waiting for {holder}, which is at work on {home} …")
            if waited_s >= wait_s:
                raise
            time.sleep(LOOK_EVERY_S)


def is_served(home: Path) -> bool:
    """Whether a service is at work on the home. Nothing of its database is asked. Raises as `load_home`."""
    load_home(home)
    if owner_of(home) is None:
        return False
    from dialer.api.client import is_running

    return is_running(home)


def this_user() -> Actor:
    """Who runs this process, as the log of changes names them: "os:alice"."""
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    return Actor(f"os:{name}", Role.ADMIN.value, HOUSE, "command")


def make_way(home: Path) -> bool:
    """Where somebody owns the home, a service most likely, let them go first from here on until this process ends:
    dialing must not feel the work of commands. Whether somebody does."""
    owned = owner_of(home) is not None
    if owned and os.getpriority(os.PRIO_PROCESS, 0) < NICENESS:
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    return owned


def change_of(write: Write, reader: Reader, by: Actor, at: float) -> Change | None:
    """The entry of the log of changes for a write that a command makes, as the control API words it; None when it
    has none of its own: an import is one entry, at its end."""
    if isinstance(write, SaveCampaign):
        action = "campaign.add" if reader.campaign(write.name) is None else "campaign.replace"
        return by.change(at, action, write.name, client_of(write.name), source_hash=source_hash_of(write.body))
    if isinstance(write, SaveConsents | WithdrawConsents):
        return consents.change_of(write, by, at)
    if isinstance(write, BlockNumbers | UnblockNumbers):
        return block_numbers.change_of(write, write.source if isinstance(write, BlockNumbers) else "", by, at)
    return None


def _auditing(commit: Callable[[Write], Answer], reader: Reader) -> Callable[[Write], Answer]:
    """`commit` with the entry in the log of changes in the same transaction."""
    actor, clock = this_user(), SystemClock()

    def write(asked: Write) -> Answer:
        change = None if isinstance(asked, Audited) else change_of(asked, reader, actor, clock.now())
        if change is None or isinstance(asked, Audited):
            return commit(asked)
        return commit(Audited(asked, change))

    return write
