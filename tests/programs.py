"""What tests need of this machine: programs, on the PATH or where Debian keeps a server's that is on none, and
addresses."""

from __future__ import annotations

import ipaddress
import shutil
import socket
from pathlib import Path

POSTGRESQL = Path("/usr/lib/postgresql")


def is_here(needed: str) -> bool:
    """`needed`: a program, or an address of this machine."""
    try:
        version = ipaddress.ip_address(needed).version
    except ValueError:
        return path_of(needed) is not None
    try:
        with socket.socket(socket.AF_INET6 if version == 6 else socket.AF_INET, socket.SOCK_DGRAM) as found:
            found.bind((needed, 0))
    except OSError:
        return False
    return True


def path_of(program: str) -> str | None:
    """The program's path; of PostgreSQL's versions the newest. None when it is not on this machine."""
    found = shutil.which(program)
    if found is not None:
        return found
    versions = sorted(
        (folder for folder in POSTGRESQL.glob("*/bin") if folder.parent.name.isdigit()),
        key=lambda folder: int(folder.parent.name),
    )
    return next((str(folder / program) for folder in reversed(versions) if (folder / program).is_file()), None)
