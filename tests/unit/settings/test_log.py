from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from dialer.log import configure, mask


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("+12025550123", "+120......23"),
        ("calling +442079460123 now", "calling +442.......23 now"),
        ("sip:+4930231251@192.0.2.1:5060", "sip:+493.....51@192.0.2.1:5060"),
        ("12025550123", "1202.....23"),
        ("attempt 1234567", "attempt 1234567"),  # too short for a number without a plus
        ("call-id 0123456789abcdef", "call-id 0123456789abcdef"),
        ("at 1795377600.5", "at 1795377600.5"),
    ],
)
def test_numbers_are_masked_and_nothing_else(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_lines_are_json_with_masked_numbers() -> None:
    out = io.StringIO()
    configure("info", json=True, stream=out)
    log = structlog.get_logger()
    log.debug("not shown")
    log.info("dialed", number="+12025550123", attempt=7)
    entry = json.loads(out.getvalue())
    assert (entry["event"], entry["number"], entry["attempt"], entry["level"]) == (
        "dialed",
        "+120......23",
        7,
        "info",
    )


@pytest.mark.parametrize("as_json", [True, False])
def test_numbers_inside_other_values_are_masked_too(as_json: bool) -> None:
    out = io.StringIO()
    configure(json=as_json, stream=out)
    structlog.get_logger().info("queued", numbers=("+12025550123", "+442079460123"), moment=1795377600)
    assert "+120......23" in out.getvalue()
    assert "+442.......23" in out.getvalue()
    assert "1795377600" in out.getvalue()


def test_numbers_are_shown_to_who_asks() -> None:
    out = io.StringIO()
    configure("debug", full_numbers=True, stream=out)
    structlog.get_logger().debug("dialed", number="+12025550123")
    assert "+12025550123" in out.getvalue()


def test_a_number_in_a_traceback_is_masked() -> None:
    out = io.StringIO()
    configure(stream=out)
    try:
        raise ValueError("cannot call +12025550123")
    except ValueError:
        structlog.get_logger().exception("failed")
    assert "cannot call +120......23" in out.getvalue()
    assert "0123" not in out.getvalue()


def test_logs_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    structlog.get_logger().info("hello")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "hello" in captured.err


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="loud"):
        configure("loud")


def test_the_standard_librarys_loggers_are_masked_and_formatted_alike() -> None:
    out = io.StringIO()
    configure(json=True, stream=out)
    logging.getLogger("dialer.telephony").warning("attempt %d to %s", 7, "+12025550123")
    entry = json.loads(out.getvalue())
    assert (entry["event"], entry["level"]) == ("attempt 7 to +120......23", "warning")


def test_configured_again_nothing_is_said_twice() -> None:
    first, second = io.StringIO(), io.StringIO()
    configure(stream=first)
    configure(stream=second)
    structlog.get_logger().warning("once")
    assert (first.getvalue(), second.getvalue().count("once")) == ("", 1)
