from __future__ import annotations

import json
from dataclasses import replace

import pytest

from campaigns.errors import RecordError
from campaigns.record import from_mapping, to_json, to_mapping
from tests.unit.campaigns.samples import NOON, RECORD, busy_record


def test_a_record_comes_back_as_it_was() -> None:
    for record in (RECORD, busy_record(2)):
        assert from_mapping(json.loads(to_json(record))) == record


def test_equal_records_are_equal_bytes() -> None:
    assert to_json(RECORD) == to_json(replace(RECORD))
    assert to_json(RECORD).startswith('{"abandoned":false,"agent_id":"a1","amd_at_s":null,')
    assert "\n" not in to_json(replace(RECORD, note="two\nlines"))


def test_an_infinite_moment_is_not_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_json(replace(RECORD, talk_s=float("inf")))


def test_numbers_as_databases_have_them() -> None:
    row = {**to_mapping(RECORD), "live": 1, "machine": 0, "talk_s": 60, "created_at": int(NOON)}
    record = from_mapping(row)
    assert record == RECORD
    assert isinstance(record.talk_s, float)
    assert record.live is True


def test_a_note_may_be_absent() -> None:
    row = to_mapping(RECORD)
    del row["note"]
    assert from_mapping(row) == RECORD


@pytest.mark.parametrize(
    ("field", "value"),
    [("attempt_id", "1"), ("attempt_id", True), ("talk_s", None), ("live", 2), ("live", None), ("outcome", 5)],
)
def test_a_value_of_the_wrong_type_is_named(field: str, value: object) -> None:
    with pytest.raises(RecordError, match=f"{field} is "):
        from_mapping({**to_mapping(RECORD), field: value})


def test_unknown_and_missing_fields_are_named() -> None:
    with pytest.raises(RecordError, match="colour is unknown"):
        from_mapping({**to_mapping(RECORD), "colour": "red"})
    row = to_mapping(RECORD)
    del row["outcome"]
    with pytest.raises(RecordError, match="outcome is missing"):
        from_mapping(row)
