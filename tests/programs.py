"""Where the programs are that tests run: on the PATH, or where Debian keeps a server's that is on none."""

from __future__ import annotations

import shutil
from pathlib import Path

POSTGRESQL = Path("/usr/lib/postgresql")


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
