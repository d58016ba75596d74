"""The ledger of open calls: what is in it after any end, and that it stays small."""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from dialer.sip.call_notes import CallNote, CallOver, DialogUp, InviteSent, LeftCall
from dialer.sip.hop import StreamHop
from dialer.telephony import call_ledger
from dialer.telephony.call_ledger import FIRST_LINE, left_behind, open_call_ledger
from dialer.telephony.errors import LedgerUnavailable

TRUNK = ("192.0.2.1", 5060)
INVITE = b"INVITE sip:+4930231250@192.0.2.1 SIP/2.0\r\nVia: x;branch=z9\r\nCSeq: 1 INVITE\r\n"
ACK = b"ACK sip:a@b SIP/2.0\r\nRoute: <sip:c;lr>\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n"


def invited(n: int, octets: bytes = INVITE) -> InviteSent:
    return InviteSent(n, b"call-%d" % n, TRUNK, octets)


def up(n: int, octets: bytes = ACK) -> DialogUp:
    return DialogUp(b"call-%d" % n, ("192.0.2.77", 5099), octets)


def over(n: int) -> CallOver:
    return CallOver(b"call-%d" % n)


def written(path: Path, *notes: CallNote) -> None:
    """As a process killed right after it leaves the file: nothing is closed in an orderly way."""
    ledger = open_call_ledger(path)
    for note in notes:
        ledger.keep([note])
    ledger.close()


def test_what_was_open_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    written(path, invited(1), invited(2), invited(3), up(2), over(1))
    calls, address = left_behind(path)
    assert calls == (
        LeftCall(2, b"call-2", TRUNK, INVITE, ACK, ("192.0.2.77", 5099)),
        LeftCall(3, b"call-3", TRUNK, INVITE),
    )
    assert address is None
    assert open_call_ledger(path).left == calls  # still open: nobody has ended them
    assert path.stat().st_mode & 0o777 == 0o600  # it has numbers in it


def test_the_last_invite_and_the_last_target_count(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    with_digest, moved = INVITE.replace(b"CSeq: 1", b"CSeq: 2"), ACK.replace(b"sip:a@b", b"sip:a@c")
    written(path, invited(1), invited(1, with_digest), up(1), up(1, moved))
    [call] = left_behind(path)[0]
    assert (call.invite, call.ack) == (with_digest, moved)


def test_a_nul_of_the_far_ends_becomes_no_line_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    written(path, invited(1), up(1, b"ACK sip:a@b SIP/2.0\r\nTo: <sip:x\0X-Evil: 1>;tag=1\r\n\r\n"))
    [call] = left_behind(path)[0]
    assert call.ack == b"ACK sip:a@b SIP/2.0\r\nTo: <sip:x X-Evil: 1>;tag=1\r\n\r\n"


def test_a_missing_file_is_nothing_left(tmp_path: Path) -> None:
    assert left_behind(tmp_path / "calls") == ((), None)


def test_notes_of_one_moment_are_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = open_call_ledger(tmp_path / "calls")
    sizes: list[int] = []
    real = os.write

    def write(fd: int, data: bytes) -> int:
        sizes.append(len(data))
        return real(fd, data)

    monkeypatch.setattr(os, "write", write)
    ledger.keep([invited(1), up(1)])
    ledger.keep([over(7), up(7)])  # of calls that are not here: nothing to write
    ledger.keep([over(1)])  # waits for the next
    assert len(sizes) == 1
    ledger.keep([invited(2)])
    assert len(sizes) == 2
    assert [call.key for call in left_behind(tmp_path / "calls")[0]] == [2]
    ledger.keep([over(2)])
    ledger.close()
    assert left_behind(tmp_path / "calls")[0] == ()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_cut_anywhere_it_knows_every_call_whose_line_was_whole(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls"
        written(path, invited(1), up(1), invited(2), over(1), invited(3))
        whole = path.read_bytes()
        cut = data.draw(st.integers(0, len(whole)))
        path.write_bytes(whole[:cut])
        keys = [call.key for call in left_behind(path)[0]]
    ends = [whole.index(word) for word in (b"invite call-1", b"invite call-2", b"over call-1", b"invite call-3")]
    line_ends = [whole.index(b"\n", at) + 1 for at in ends]
    expected = [n for n, end in ((1, line_ends[0]), (2, line_ends[1]), (3, line_ends[3])) if cut >= end]
    if cut >= line_ends[2]:
        expected.remove(1)
    assert keys == expected


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 2**16))
def test_any_octets_are_read_without_harm(octets: bytes, seed: int) -> None:
    lines = [octets, b"invite a 1 h 1 X", b"invite b 2 h 99999999 X", b"up a h 2 Y", b"at h 5", b"over"]
    random.Random(seed).shuffle(lines)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls"
        path.write_bytes(b"calls 1\n" + b"\n".join(lines) + b"\n")
        calls, _ = left_behind(path)
    assert all(isinstance(call, LeftCall) for call in calls)


def test_lines_that_do_not_parse_are_said(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    path.write_bytes(b"calls 1\ninvite half\nover call-1\nwhat is this\n")
    with capture_logs() as logs:
        assert left_behind(path) == ((), None)
    assert [(line["event"], line["lines"]) for line in logs] == [("lines of the call ledger do not parse", 2)]


def test_it_does_not_grow_with_the_calls_of_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_ledger, "REWRITTEN_AT", 20_000)
    path = tmp_path / "calls"
    ledger = open_call_ledger(path)
    ledger.bound(("127.0.0.1", 5062))
    ledger.keep([invited(1), up(1)])
    for n in range(2, 2_000):
        ledger.keep([invited(n)])
        ledger.keep([up(n)])
        if n % 2:
            assert len(path.read_bytes()) < 21_000
        ledger.keep([over(n)])
    ledger.keep([invited(2_000)])
    ledger.close()
    calls, address = left_behind(path)
    assert [(call.key, bool(call.ack)) for call in calls] == [(1, True), (2_000, False)]
    assert address == ("127.0.0.1", 5062)


def test_a_full_disk_is_said_once_and_the_next_line_starts_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "calls"
    ledger = open_call_ledger(path)
    ledger.keep([invited(1)])
    real = os.write
    with capture_logs() as logs:
        with monkeypatch.context() as patched:
            patched.setattr(os, "write", lambda fd, data: real(fd, data[:10]))
            ledger.keep([invited(2)])

            def full(fd: int, data: bytes) -> int:
                raise OSError(28, "No space left on device")

            patched.setattr(os, "write", full)
            ledger.keep([invited(3)])
        ledger.keep([invited(4)])
    assert [line["cause"] for line in logs] == ["the disk is full"]
    ledger.close()
    with capture_logs() as logs:
        assert [call.key for call in left_behind(path)[0]] == [1, 4]
    assert [line["lines"] for line in logs] == [1]


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable, match="make its folder writable"):
        open_call_ledger(tmp_path / "nowhere" / "calls")
    (tmp_path / "calls").mkdir()
    with pytest.raises(LedgerUnavailable, match="directory"):
        open_call_ledger(tmp_path / "calls")


def test_calls_over_connections_are_found_again_with_all_that_leads_there(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    ledger = open_call_ledger(path)
    tls = StreamHop("2001:db8::1", 5061, "tls", "sip.carrier.example", 7)
    tcp = StreamHop("192.0.2.1", 5060, "tcp", "", 8)
    ledger.keep(
        [InviteSent(1, b"one", tls, b"INVITE sip:a@b SIP/2.0"), DialogUp(b"one", tcp, b"ACK sip:a@b SIP/2.0")]
    )
    ledger.close()
    (left,), _ = left_behind(path)
    assert left.destination == tls._replace(flow=0)  # a connection is gone with its process
    assert left.next_hop == tcp._replace(flow=0)


def test_a_transport_nobody_knows_is_no_line(tmp_path: Path) -> None:
    path = tmp_path / "calls"
    path.write_bytes(FIRST_LINE + b"invite one 1 192.0.2.1/sctp 5060 INVITE sip:a@b SIP/2.0\n")
    assert left_behind(path) == ((), None)
