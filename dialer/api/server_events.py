"""Server-sent events, read line by line (WHATWG HTML, section 9.2.6, as far as the service uses it)."""

from __future__ import annotations

from dataclasses import dataclass

DATA_LIMIT = 16 * 1024 * 1024
"""Characters of one event; more is not what the service sends."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """`event`: its name, "message" when none is given."""

    event: str
    data: str


class EventReader:
    """Fed with lines without their ends, in order. Comments and unknown fields are passed over, as the standard
    says."""

    def __init__(self) -> None:
        self._event = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, line: str) -> ServerEvent | None:
        """The event that this line completes. Raises `ValueError` for one of more than `DATA_LIMIT` characters."""
        if not line:
            return self._take()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._event = value
        elif name == "data":
            self._size += len(value)
            if self._size > DATA_LIMIT:
                raise ValueError(f"an event of more than {DATA_LIMIT} characters")
            self._data.append(value)
        return None

    def _take(self) -> ServerEvent | None:
        event, data = self._event or "message", self._data
        self._event, self._data, self._size = "", [], 0
        return ServerEvent(event, "\n".join(data)) if data else None
