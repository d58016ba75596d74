"""Logs: one line per event on standard error; standard output belongs to results alone.

Telephone numbers are personal data, so they are masked to their first four and last two digits unless the
operator asks for them (`dialer.toml`: `[log] full_numbers = true`).
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

LEVELS = ("debug", "info", "warning", "error")
TALKATIVE = ("alembic", "asyncio", "httpcore", "httpx", "sqlalchemy", "uvicorn")
"""Libraries that are heard from warning on: their news is about themselves."""

_NUMBER = re.compile(r"\+?(?<![\w.:-])[1-9]\d{8,14}(?![\w.:-]|\d)|\+[1-9]\d{6,14}(?!\d)", re.ASCII)
_INTERNATIONAL = re.compile(r"\+[1-9]\d{6,14}(?!\d)", re.ASCII)
_SHOWN_FIRST, _SHOWN_LAST = 4, 2
_HANDLER = "dialer"


def mask(text: str) -> str:
    """The text with the middle of every telephone number (E.164, with or without plus) as dots."""
    return _NUMBER.sub(_masked, text)


def _masked(match: re.Match[str]) -> str:
    number = match[0]
    hidden = len(number) - _SHOWN_FIRST - _SHOWN_LAST
    return f"{number[:_SHOWN_FIRST]}{'.' * hidden}{number[-_SHOWN_LAST:]}"


def mask_numbers(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: `mask` in the event and in every text bound to it."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = mask(value)
    return event


def mask_rendered(logger: Any, method: str, line: str) -> str:
    """structlog processor after the renderer: numbers with a plus, wherever they came from (a tuple, a value's
    repr). Without a plus, digits of a finished line may be anything, a JSON number for instance."""
    return _INTERNATIONAL.sub(_masked, line)


def configure(
    level: str = "info",
    *,
    json: bool = False,
    full_numbers: bool = False,
    stream: TextIO | None = None,
) -> None:
    """Set logging up for this process, of structlog and of the standard library's loggers alike.

    `level`: one of `LEVELS` (`ValueError` otherwise). `json`: one JSON object a line, for machines.
    `full_numbers`: do not mask. `stream`: standard error when None. Called again, it replaces what it set up."""
    if level not in LEVELS:
        raise ValueError(f"log level {level!r} is not one of {', '.join(LEVELS)}")
    out = stream if stream is not None else sys.stderr
    renderer: structlog.typing.Processor
    if json:
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=out.isatty(), pad_event_to=32, exception_formatter=structlog.dev.plain_traceback
        )
    masking: list[structlog.typing.Processor] = [] if full_numbers else [mask_numbers]
    finishing: list[Any] = [] if full_numbers else [mask_rendered]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        # The traceback becomes text before masking, so that a number in a message of it is masked as well.
        structlog.processors.format_exc_info,
        *masking,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer, *finishing],
    )
    handler = logging.StreamHandler(out)
    handler.set_name(_HANDLER)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for earlier in [known for known in root.handlers if known.get_name() == _HANDLER]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for package in TALKATIVE:
        logging.getLogger(package).setLevel(max(logging.WARNING, getattr(logging, level.upper())))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
