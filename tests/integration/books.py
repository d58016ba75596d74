"""Our records against the carrier's own log, call by call."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from campaigns.record import AttemptRecord


def carrier_log(path: Path) -> dict[str, dict[str, Any]]:
    """The carrier's calls by Call-ID; a Call-ID twice is a fault of ours."""
    calls: dict[str, dict[str, Any]] = {}
    for line in path.read_text().splitlines():
        call = json.loads(line)
        assert call["call_id"] not in calls, f"the carrier saw {call['call_id']} twice"
        calls[call["call_id"]] = call
    return calls


def assert_books_agree(records: Iterable[AttemptRecord], calls: dict[str, dict[str, Any]]) -> int:
    """Every placed attempt is one call at the carrier and the other way round, with the same numbers, the same
    answer, the same end. Returns how many calls were compared."""
    placed = {record.call_id: record for record in records if record.counted}
    assert placed.keys() == calls.keys()
    for call_id, record in placed.items():
        call = calls[call_id]
        assert (record.number, record.caller_id) == (call["number"], call["caller"]), call
        assert (record.answered_at is not None) == (call["answered_at"] is not None), (record, call)
        if record.answered_at is None:
            assert record.sip_status == call["final"], (record, call)
            assert record.outcome != "connected"
        elif record.ended_by == "callee" and call["quirk"] != "bye_crossing":
            assert call["ended_by"] == "callee", (record, call)
        if record.outcome == "connected" and record.answer_to_agent_s is not None:
            assert call["rtp_out"] > 0
    return len(placed)
