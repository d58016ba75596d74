"""The text of a TOML file: bounded, read once, with the place of what is wrong."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from campaigns.errors import CampaignFileError
from campaigns.toml_file import LARGEST, read_toml
from campaigns.toml_source import TomlSource


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_it(tmp_path: Path) -> None:
    file = tmp_path / "windows.toml"
    file.write_bytes(b'\xef\xbb\xbfname = "a"\r\n')

    assert TomlSource(read_toml(file), "windows.toml").data == {"name": "a"}


@pytest.mark.parametrize("size", [LARGEST, LARGEST + 1])
def test_a_file_that_is_none_of_ours_is_not_read_to_its_end(tmp_path: Path, size: int) -> None:
    file = tmp_path / "recording.toml"
    file.write_bytes(b"#" * size)

    if size <= LARGEST:
        assert len(read_toml(file)) == size
    else:
        with pytest.raises(CampaignFileError, match="larger than 1,024 KiB"):
            read_toml(file)


def test_a_device_without_an_end_is_refused() -> None:
    with pytest.raises(CampaignFileError, match="/dev/zero:1:1: larger than"):
        read_toml(Path("/dev/zero"))


def test_a_pipe_will_do(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b'name = "a"',))
    writer.start()

    assert read_toml(pipe) == 'name = "a"'
    writer.join(5.0)


@pytest.mark.parametrize(
    "text",
    [
        f"x = {'[' * 100_000}",
        f"x = {'{a = ' * 20_000}",
        f"{'.'.join('a' * 500_000)} = 1",
        f"['a' {'. a ' * 200_000}]",
    ],
)
def test_what_is_nested_without_end_is_a_problem_of_the_file(text: str) -> None:
    with pytest.raises(CampaignFileError, match=r"deep\.toml:1:1: nested too deeply"):
        TomlSource(text, "deep.toml")
