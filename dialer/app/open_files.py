"""How many files and sockets the process may have open."""

from __future__ import annotations

import resource

ENOUGH = 65_536
"""Thousands of calls with their media, and every connection that the control API takes."""


def allow_open_files() -> int:
    """Raise the soft limit (1,024 where nobody has set it) as far as the hard one goes, up to `ENOUGH`: a few
    hundred calls and a full control API would reach it, and a call without a socket cannot be placed. The limit
    in force."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(ENOUGH, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft
