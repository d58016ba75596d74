"""Server-sent events, read line by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.api.server_events import DATA_LIMIT, EventReader, ServerEvent
from dialer.web.streams import encode_event


def read(text: str) -> list[ServerEvent]:
    reader = EventReader()
    return [event for line in text.split("\n") if (event := reader.feed(line)) is not None]


def test_events_comments_and_what_is_unknown() -> None:
    text = (
        ": hello\nevent: a\ndata: 1\ndata:2\n\ndata: x: y\nid: 7\n\nevent: empty\n\n\nevent: b\ndata\n\ndata: cut"
    )
    assert read(text) == [ServerEvent("a", "1\n2"), ServerEvent("message", "x: y"), ServerEvent("b", "")]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["overview", "agent"]),
            st.text().map(lambda text: text.replace("\r", "").replace("\n", "")),
        )
    )
)
def test_what_is_encoded_is_read(events: list[tuple[str, str]]) -> None:
    text = b"".join(encode_event(name, data) for name, data in events).decode()
    assert read(text) == [ServerEvent(name, data) for name, data in events]


def test_an_event_without_an_end_does_not_fill_the_memory() -> None:
    reader = EventReader()
    for _ in range(16):
        reader.feed("data:" + "x" * (DATA_LIMIT // 16))
    with pytest.raises(ValueError, match="an event of more than"):
        reader.feed("data:x")
