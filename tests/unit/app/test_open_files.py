from __future__ import annotations

import subprocess
import sys

import pytest

SHOW = (
    "import resource; from dialer.app.open_files import allow_open_files;"
    "resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}));"
    "print(allow_open_files(), *resource.getrlimit(resource.RLIMIT_NOFILE))"
)


@pytest.mark.parametrize(("soft", "hard"), [(64, 256), (256, 256)])
def test_the_soft_limit_goes_up_to_the_hard_one(soft: int, hard: int) -> None:
    code = SHOW.format(soft=soft, hard=hard)
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["256", "256", "256"]
