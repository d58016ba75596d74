"""What all tests share: programs a test needs are asked for by marker, never found out in its body."""

from __future__ import annotations

import os
import shutil

import pytest


def pytest_runtest_setup(item: pytest.Item) -> None:
    """`@pytest.mark.needs("sipp")`: without the program the test is skipped, but in CI (CI=true) it fails, so
    that nothing is left out there unnoticed."""
    for marker in item.iter_markers("needs"):
        for program in marker.args:
            if shutil.which(str(program)) is not None:
                continue
            text = f"needs {program}, which is not on this machine's PATH"
            if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
                pytest.fail(f"{text}; CI must install it", pytrace=False)
            pytest.skip(text)
