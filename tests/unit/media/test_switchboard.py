"""The switchboard in a time of its own: what the contract over real sockets would have to wait for."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from dialer.media import orders as do
from dialer.media.events import Heard, LegFigures, Playing, Silent
from dialer.media.file_work import CloseFile, OpenFile, Samples
from dialer.media.leg import Leg
from dialer.media.reception import ReportBlock
from dialer.media.rtcp import Goodbye, Report, SenderInfo, compound, middle, ntp_of, parse
from dialer.media.rtp import RtpPacket
from dialer.media.splice import RtpSplice
from dialer.media.switchboard import Switchboard
from dialer.media.tap import Verdict

FAR = ("192.0.2.1", 4_000)
WALL = 1.79e9


class Loud:
    """Speaks at the first frame that is not silence."""

    def __init__(self, settings: Mapping[str, float]) -> None:
        self.after = settings["after"]
        self.frames = 0

    def hear(self, frame: bytes) -> list[Verdict]:
        self.frames += 1
        loud = frame[0] != 0xFF and self.frames > self.after
        return [Verdict("loud", self.frames / 50, "level", last=True)] if loud else []


class Board:
    def __init__(self, legs: int = 2) -> None:
        self.now = 500.0
        self.it = Switchboard(random.Random(1), WALL, {"loud": Loud})
        for number in range(1, legs + 1):
            self.it.add(Leg(number, RtpSplice(1_000 + number, 0, 0)))
        self.sequence = 0

    def order(self, order: do.Order) -> None:
        self.it.order(order, self.now)

    def talk(self, leg: int, frames: int, *, payload: bytes = b"\x11" * 160) -> None:
        for _ in range(frames):
            self.sequence += 1
            packet = RtpPacket(0, self.sequence, 160 * self.sequence, 7, payload)
            self.it.receive(self.it.legs[leg], packet.pack(), FAR, self.now)
            self.wait(0.02)

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now += 0.005
            self.it.tick(self.now)

    def reports(self, leg: int) -> list[tuple[Report | Goodbye, ...]]:
        found = [parse(packet) for to, packet in self.it.reports if to.leg == leg]
        self.it.reports.clear()
        return found


def joined(**connect: object) -> Board:
    board = Board()
    for leg in (1, 2):
        board.order(do.Connect(leg, *FAR, **connect))  # type: ignore[arg-type]
    board.order(do.Bridge(1, ((1, (2,)), (2, (1,)))))
    return board


def test_who_sends_reports_what_was_sent_and_who_hears_what_came() -> None:
    board = joined(rtcp_port=4_001)
    board.talk(1, 400)
    listened, *_ = board.reports(2)[-1:] or [()]
    report = listened[0]
    assert isinstance(report, Report)
    assert report.ssrc == 1_002
    assert report.sender is not None
    assert 100 < report.sender.packets <= 400
    assert report.sender.octets == 160 * report.sender.packets
    assert report.blocks == ()
    board.talk(1, 400)
    speaker = board.reports(1)[-1][0]
    assert isinstance(speaker, Report)
    assert (speaker.ssrc, speaker.sender) == (1_001, None)
    [block] = speaker.blocks
    assert (block.ssrc, block.lost, block.fraction_lost) == (7, 0, 0)
    assert 400 < block.highest <= board.sequence


def test_the_far_ends_reports_are_in_the_figures() -> None:
    board = joined(rtcp_port=4_001)
    board.talk(1, 400)
    sent = next(packet[0] for packet in board.reports(2))
    assert isinstance(sent, Report)
    assert sent.sender is not None
    board.wait(0.1)
    back = ReportBlock(1_002, 10, 12, 400, 80, middle(sent.sender.ntp), 0)
    data = compound(7, SenderInfo(ntp_of(WALL), 0, 1, 160), back, b"x", bye=False)
    board.it.receive_report(board.it.legs[2], data, (FAR[0], 4_001), board.now)
    board.it.receive_report(board.it.legs[2], data, ("192.0.2.66", 4_001), board.now)
    assert board.it.counters.unexpected == 1
    board.order(do.Close(2))
    figures = next(event for event in board.it.events if isinstance(event, LegFigures))
    assert (figures.far_lost, figures.far_jitter_ms) == (12, 10.0)
    assert figures.round_trip_ms is not None
    assert figures.round_trip_ms >= 100.0
    report, bye = board.reports(2)[-1]
    assert isinstance(report, Report)
    assert bye == Goodbye(1_002)


def test_reports_may_share_the_port() -> None:
    board = joined(rtcp_port=4_000, rtcp_mux=True)
    board.talk(1, 1)
    block = ReportBlock(1_001, 0, 3, 1, 8)
    data = compound(7, None, block, b"x", bye=True)
    board.it.receive(board.it.legs[1], data, FAR, board.now)
    board.it.receive(board.it.legs[1], b"\x81\xc9\x00\xff" + bytes(8), FAR, board.now)  # cut short
    board.order(do.Close(1))
    figures = next(event for event in board.it.events if isinstance(event, LegFigures))
    assert (figures.received, figures.far_lost) == (1, 3)


def test_no_reports_where_nobody_asked_for_them() -> None:
    board = joined()
    board.talk(1, 500)
    board.order(do.Close(1))
    assert board.it.reports == []


@pytest.mark.parametrize("answered", [True, False])
def test_an_analyser_hears_a_leg_whether_answered_or_not(answered: bool) -> None:
    board = Board()
    board.order(do.Connect(1, *FAR, answered=answered))
    board.order(do.Listen(1, 5, "loud", (("after", 3.0),)))
    board.wait(0.1)
    board.talk(1, 20)
    [heard] = [event for event in board.it.events if isinstance(event, Heard)]
    assert (heard.leg, heard.tap, heard.verdict, heard.cause, heard.last) == (1, 5, "loud", "level", True)
    assert 0.08 <= heard.at_s <= 0.2


def test_settings_that_an_analyser_does_not_know() -> None:
    board = Board()
    board.order(do.Listen(1, 5, "loud"))
    [heard] = [event for event in board.it.events if isinstance(event, Heard)]
    assert heard.failed


def test_silence_is_told_after_its_time_and_not_before() -> None:
    board = Board()
    board.order(do.Connect(1, *FAR, silent_after_s=5.0))
    board.talk(1, 50)
    board.wait(4.9)
    assert not any(isinstance(event, Silent) for event in board.it.events)
    board.wait(1.2)
    assert [type(event) for event in board.it.events] == [Silent]


def test_a_recording_is_written_piece_by_piece_and_ended_with_its_leg() -> None:
    board = joined()
    board.order(do.Record(1, 9, "/tmp/x.wav"))
    board.talk(1, 200)
    board.order(do.Close(1))
    opened, *pieces, closed = board.it.files
    assert opened == OpenFile(9, 1, "/tmp/x.wav")
    assert closed == CloseFile(9)
    assert all(isinstance(piece, Samples) for piece in pieces)
    assert len(pieces) in (4, 5)  # one a second, and the rest
    stereo = b"".join(piece.samples for piece in pieces if isinstance(piece, Samples))
    assert abs(len(stereo) - 2 * 200 * 160) < 400
    assert stereo[:62_000:2] == b"\x11" * 31_000
    assert set(stereo[1::2]) == {0xFF}


def test_a_stall_makes_up_for_a_few_frames_and_no_more() -> None:
    board = Board()
    board.it.load("tone", b"\x22" * 160 * 200)
    board.order(do.Connect(1, *FAR))
    board.order(do.Play(1, 1, "tone"))
    board.wait(0.1)
    before = board.it.counters.made
    board.now += 0.06
    board.it.tick(board.now)
    assert board.it.counters.made - before in (3, 4)
    before = board.it.counters.made
    board.now += 5.0
    board.it.tick(board.now)
    assert board.it.counters.made - before == 1


def test_packets_are_counted_by_what_became_of_them() -> None:
    board = joined()
    board.talk(1, 3)
    packet = RtpPacket(0, 1, 1, 1, b"\x11" * 160).pack()
    for source in (("192.0.2.66", 4_000), (FAR[0], 4_002)):  # another host; another port, too late
        board.it.receive(board.it.legs[1], packet, source, board.now)
    board.order(do.Bridge(1))
    board.talk(1, 2)
    counters = board.it.counters
    assert (counters.relayed, counters.unexpected, counters.unheard) == (3, 2, 2)


def test_orders_for_legs_that_are_over_are_counted_and_left() -> None:
    board = Board(1)
    board.order(do.Close(1))
    board.order(do.Connect(1, *FAR))
    board.order(do.Bridge(1, ((1, (2,)),)))
    assert board.it.counters.strays == 3
    assert board.it.is_idle


def test_the_moment_at_which_a_prompt_begins_is_told_once_it_goes_out() -> None:
    board = joined()
    board.it.load("hello", b"\x22" * 480)
    board.order(do.Connect(1, *FAR, held=True))
    board.order(do.Play(1, 5, "hello", loop=True))
    board.wait(0.1)
    assert not [event for event in board.it.events if isinstance(event, Playing)], "who is on hold hears nothing"
    board.order(do.Connect(1, *FAR))
    ordered_at = board.now
    board.wait(0.2)
    (begun,) = [event for event in board.it.events if isinstance(event, Playing)]
    assert (begun.leg, begun.play) == (1, 5)
    assert ordered_at <= begun.at <= ordered_at + 0.03
