"""The audit's judgement in a process of its own, which knows nothing of the one that dials."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from campaigns.audit_case import KINDS, Evidence, Verdict
from campaigns.audit_lines import read_line, write_line
from dialer.errors import DialerError

PROGRAM = "campaigns.audit_process"
_NAMES = {kind: name for name, kind in KINDS.items()}


class AuditFailed(DialerError):
    """The audit's process could not judge; it has said why."""


def judge_apart(evidence: Iterator[Evidence]) -> Verdict:
    """As `campaigns.audit_case.judge`, by `python -m campaigns.audit_process`. Raises `AuditFailed`."""
    # -P: the directory that the command was started in may have a folder `campaigns` of its own.
    arguments = [sys.executable, "-P", "-m", PROGRAM]
    with subprocess.Popen(  # noqa: S603 - our own program
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise AuditFailed("its process has no pipes")
        try:
            for one in evidence:
                process.stdin.write(line_of(one) + "\n")
            process.stdin.close()
        except BrokenPipeError:
            pass  # it has ended, and its exit status says so
        answer = process.stdout.read()
    if process.returncode != 0:
        raise AuditFailed(f"the audit's process ended with status {process.returncode}, without a verdict")
    verdict: Verdict
    _, verdict = read_line(answer, {"verdict": Verdict})
    return verdict


def line_of(evidence: Evidence) -> str:
    """One line of what `campaigns.audit_process` reads."""
    return write_line(_NAMES[type(evidence)], evidence)
