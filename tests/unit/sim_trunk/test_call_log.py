from __future__ import annotations

import io
import json

from sim_trunk.call_log import CallLog, CallLogEntry


def entry(number: str = "+4930231250") -> CallLogEntry:
    return CallLogEntry("abc@x", number, "+4930231259", 1, 1_800_000_000.25, "right_party", "none")


def test_one_line_of_json_each_at_once() -> None:
    stream = io.StringIO()
    log = CallLog(stream)
    log.write(entry())
    first = json.loads(stream.getvalue())
    assert first["invite_at"] == 1_800_000_000.25
    assert (first["final"], first["ended_by"], first["sdp"]) == (None, "nobody", None)
    log.write(entry('+49"\n'))
    lines = stream.getvalue().splitlines()
    assert len(lines) == log.written == 2
    assert json.loads(lines[1])["number"] == '+49"\n'


def test_no_stream_keeps_nothing_but_counts() -> None:
    log = CallLog(None)
    log.write(entry())
    assert log.written == 1
