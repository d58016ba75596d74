from __future__ import annotations

import pytest

from campaigns.audit_attempt import AuditedAttempt
from campaigns.audit_case import KINDS, Case, Evidence, Link, RuleText
from campaigns.audit_chain import Seal
from campaigns.audit_lines import read_line, write_line
from tests.unit.campaigns.samples import LEAD

SEAL = Seal(3, None, "ab" * 32, "cd" * 32)
BARE = AuditedAttempt(7, "spring", 3, "+442079460000", "sim", "+12025550100", 1.5, None, None, None)
FULL = AuditedAttempt(
    8, "acme/spring", 3, "+442079460000", "sim", "+12025550100", 1.5, 2.25, "abandoned", '{"at":1.5}',
    alerted=True, answered=True, wanted_at=3.0, ended_at=4.0, message_at=3.5, opted_out_at=3.75,
    machine_message=True, seal=SEAL,
    recorded_by="announce",
)  # fmt: skip
CASE = Case(
    "spring", ("one\n", "two \u2028 ü"), (RuleText("fictional", "body", "preset", 5.0),), {"hash": "{}"},
    {"+1202": (("", 1.0, None), ("sales", 2.0, 3.0))}, "ef" * 32,
)  # fmt: skip


@pytest.mark.parametrize("value", [CASE, LEAD, BARE, FULL, Link(1, None), Link(2, SEAL)])
def test_what_is_written_is_read_again(value: Evidence) -> None:
    kind = next(name for name, known in KINDS.items() if isinstance(value, known))
    line = write_line(kind, value)
    assert "\n" not in line
    again = read_line(line, KINDS)
    assert again == (kind, value)
    assert type(again[1]) is type(value)


@pytest.mark.parametrize(
    "line", ["", "nonsense", "[]", '["nothing",{}]', '["link",{}]', '["link",3]', '["lead",[]]']
)
def test_other_lines_are_none(line: str) -> None:
    with pytest.raises(ValueError, match="not a line of evidence"):
        read_line(line, KINDS)
