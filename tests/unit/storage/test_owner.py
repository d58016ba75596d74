"""One owner per home."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dialer.storage.errors import OwnedElsewhere
from dialer.storage.owner import LOCK_NAME, Owner, acquire_owner, owner_of

HOLDER = """
import sys
from pathlib import Path
from dialer.storage.owner import acquire_owner
lock = acquire_owner(Path(sys.argv[1]), "dialer run")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_owner_is_told_who_holds_the_home(tmp_path: Path) -> None:
    with acquire_owner(tmp_path, "dialer run"):
        assert owner_of(tmp_path) == Owner(os.getpid(), "dialer run")
        with pytest.raises(OwnedElsewhere, match=rf"process {os.getpid()} \(dialer run\)") as caught:
            acquire_owner(tmp_path, "dialer list import")
        assert (caught.value.pid, caught.value.command) == (os.getpid(), "dialer run")
    assert owner_of(tmp_path) is None


def test_a_home_nobody_ever_owned_has_no_owner(tmp_path: Path) -> None:
    assert owner_of(tmp_path) is None


def test_given_up_a_home_can_be_owned_again(tmp_path: Path) -> None:
    first = acquire_owner(tmp_path, "dialer run")
    first.release()
    first.release()
    with acquire_owner(tmp_path, "dialer demo"):
        assert owner_of(tmp_path) == Owner(os.getpid(), "dialer demo")


def test_a_killed_owner_leaves_no_lock_behind(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(OwnedElsewhere) as caught:
            acquire_owner(tmp_path, "dialer run")
        assert caught.value.pid == holder.pid
        holder.kill()
        holder.wait()
    with acquire_owner(tmp_path, "dialer run"):
        assert owner_of(tmp_path) == Owner(os.getpid(), "dialer run")


def test_looking_who_owns_a_home_turns_no_owner_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One comes just as another process has looked, and not yet let go of the file."""
    acquire_owner(tmp_path, "dialer run").release()
    close = os.close
    came: list[int] = []

    def comes(descriptor: int) -> None:
        if not came:
            came.append(descriptor)
            acquire_owner(tmp_path, "dialer run").release()
        close(descriptor)

    monkeypatch.setattr(os, "close", comes)
    assert owner_of(tmp_path) is None
    assert came


def test_an_owner_that_has_not_written_its_name_yet(tmp_path: Path) -> None:
    with acquire_owner(tmp_path, "dialer run"):
        (tmp_path / LOCK_NAME).write_bytes(b"")
        with pytest.raises(OwnedElsewhere, match="another process") as caught:
            acquire_owner(tmp_path, "dialer run")
        assert caught.value.pid == 0
