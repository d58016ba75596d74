"""The audit as a process of its own: `python -m campaigns.audit_process < evidence > verdict`.

Reads lines of evidence (`audit_case.KINDS`), writes one line, the verdict. It shares no code with what decides
whether a call may be placed, nor its zone data: an import contract and a test of the modules it loads see to
that. Exit status: 0 judged, whatever the judgement; 2 the evidence cannot be read."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from campaigns.audit_case import KINDS, Evidence, judge
from campaigns.audit_lines import read_line, write_line
from campaigns.errors import CampaignsError


def main(evidence: Iterable[str] = sys.stdin) -> int:
    try:
        verdict = judge(_read(evidence))
    except (CampaignsError, ValueError) as error:
        print(f"the audit cannot read its evidence: {error}", file=sys.stderr)
        return 2
    print(write_line("verdict", verdict))
    return 0


def _read(lines: Iterable[str]) -> Iterator[Evidence]:
    for line in lines:
        value: Evidence
        _, value = read_line(line, KINDS)
        yield value


if __name__ == "__main__":
    sys.exit(main())
