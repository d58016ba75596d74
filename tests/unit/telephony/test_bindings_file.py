from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from dialer.sip.hop import StreamHop
from dialer.sip.registrar import Binding, Registrar
from dialer.telephony.bindings_file import load_bindings, save_bindings

PASSWORDS = {"ana": "x", "bo": "y"}


def registrar(**bindings: Binding) -> Registrar:
    it = Registrar("us.example", PASSWORDS, bytes(32))
    for name, binding in bindings.items():
        it.restore(name, (binding,))
    return it


def test_what_stands_is_there_after_a_restart_on_another_clock(tmp_path: Path) -> None:
    udp = Binding("sip:ana@h", ("192.0.2.1", 5060), 500.0, ("c", 7), ("<sip:p;lr>",), "<urn:uuid:1>")
    tls = Binding("sip:bo@h", StreamHop("192.0.2.2", 40_000, "tls", "", 9), 90.0, ("d", 1))
    save_bindings(tmp_path / "phones", registrar(ana=udp, bo=tls), PASSWORDS, 100.0, 1_000_100.0)
    again = registrar()
    load_bindings(tmp_path / "phones", again, 5.0, 1_000_105.0)
    (found,) = again.bindings("ana", 5.0)
    assert found == Binding(udp.contact, udp.hop, 400.0, udp.order, udp.path, udp.instance)
    assert again.bindings("bo", 5.0) == ()  # it had expired before
    assert (tmp_path / "phones").stat().st_mode & 0o777 == 0o600


def test_who_has_no_password_any_more_is_not_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "phones"
    save_bindings(
        path, registrar(ana=Binding("sip:ana@h", ("192.0.2.1", 5060), 500.0, ("c", 7))), PASSWORDS, 0.0, 0.0
    )
    other = Registrar("us.example", {}, bytes(32))
    load_bindings(path, other, 0.0, 0.0)
    assert other.bindings("ana", 0.0) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"layout": "phones 2", "phones": {}}',
        '{"layout": "phones 1", "phones": {"ana": [{"contact": "sip:x"}]}}',
        '{"layout": "phones 1", "phones": {"ana": [{"contact": "c", "hop": ["h", 0]}]}}',
    ],
)
def test_a_damaged_file_is_said_and_ignored(tmp_path: Path, text: str) -> None:
    path = tmp_path / "phones"
    path.write_text(text)
    with capture_logs() as logs:
        load_bindings(path, registrar(), 0.0, 0.0)
    assert ["the file of phones cannot be read" in entry["event"] for entry in logs] == [True]


def test_no_file_is_no_fault(tmp_path: Path) -> None:
    with capture_logs() as logs:
        load_bindings(tmp_path / "phones", registrar(), 0.0, 0.0)
    assert logs == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with capture_logs() as logs:
        save_bindings(tmp_path / "gone" / "phones", registrar(), PASSWORDS, 0.0, 0.0)
    assert len(logs) == 1
