"""`dialer amd`, as a user or a script meets it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from dialer.cli import main
from dialer.errors import DONE, WRONG_INPUT
from tests.unit.media.amd.sounds import Sound, joined, silence, tone


def written(path: Path, sound: Sound, rate_hz: int = 8_000, subtype: str = "PCM_16") -> Path:
    samples = sound.astype(np.float32) / 32_768
    soundfile.write(path, soxr.resample(samples, 8_000, rate_hz), rate_hz, subtype=subtype)
    return path


SIT = joined(silence(0.3), tone(0.38, 985.2), tone(0.274, 1_370.6), tone(0.38, 1_776.7), silence(2.0))
BEEP = joined(silence(0.5), tone(0.4, 1_000.0), silence(3.0))


def test_json_as_the_contract_has_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [
        written(tmp_path / "sit.wav", SIT, 44_100, "PCM_24"),
        written(tmp_path / "beep.wav", BEEP, 8_000, "ULAW"),
        written(tmp_path / "nothing.wav", silence(2.5), 16_000, "PCM_U8"),
    ]
    assert main(["amd", *map(str, files), "--json"]) == DONE
    captured = capsys.readouterr()
    heard = json.loads(captured.out)
    assert captured.err == ""
    assert [each["file"] for each in heard] == [str(path) for path in files]
    assert [(each["verdict"], each["cause"]) for each in heard] == [
        ("machine", "sit"),
        ("machine", "beep"),
        ("unsure", "ended"),
    ]
    assert heard[0]["signals"] == ["sit:vc"]
    assert heard[1]["beep_s"] == pytest.approx(0.5, abs=0.03)
    assert heard[1]["beep_hz"] == pytest.approx(1_000.0, abs=3.0)
    assert heard[2]["beep_s"] is None
    for each in heard:
        assert set(each) == {
            *("file", "verdict", "at_s", "beep_s", "cause"),
            *("machine_p", "screening", "greeting_end_s", "beep_hz", "signals"),
        }


def test_held(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "nothing.wav", silence(2.5))
    assert main(["amd", str(path), "--hold", "1.5", "--json"]) == DONE
    (heard,) = json.loads(capsys.readouterr().out)
    assert (heard["verdict"], heard["cause"], heard["at_s"]) == ("unsure", "silence", 1.5)
    assert main(["amd", str(path), "--hold", "2.5"]) == WRONG_INPUT
    assert "--hold: decide_by_s 2.5: choose seconds above 0, at most 1.8" in capsys.readouterr().err


def test_a_table_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["amd", str(written(tmp_path / "sit.wav", SIT))]) == DONE
    said = capsys.readouterr().out
    assert "sit.wav" in said
    assert "machine" in said
    assert "sit:vc" in said


def test_every_bad_file_is_named_and_nothing_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = written(tmp_path / "good.wav", BEEP)
    text = tmp_path / "text.wav"
    text.write_text("no sound at all\n" * 10)
    missing = tmp_path / "missing.wav"
    assert main(["amd", str(text), str(good), str(missing), "--json"]) == WRONG_INPUT
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"{text}: is no sound file that can be read" in captured.err
    assert f"{missing}: does not exist; check the name" in captured.err


def test_one_channel_of_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "both.wav"
    agent = tone(BEEP.size / 8_000, 300.0, level=0.9)
    soundfile.write(path, np.stack((BEEP, agent[: BEEP.size]), axis=1), 8_000)
    assert main(["amd", str(path), "--channel", "1", "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)[0]["cause"] == "beep"
    assert main(["amd", str(path), "--channel", "3"]) == WRONG_INPUT
    assert "has 2 channel(s)" in capsys.readouterr().err


def test_without_a_file_it_says_what_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["amd"]) == WRONG_INPUT
    assert "FILE.wav" in capsys.readouterr().err
