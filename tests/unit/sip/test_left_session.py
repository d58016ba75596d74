"""What a process that was killed left up is ended by the next from its notes alone, whatever the far end knows."""

from __future__ import annotations

import pytest

from dialer.sip.call_notes import CallNote, CallOver, DialogUp, InviteSent, LeftCall
from dialer.sip.digest import Credentials
from dialer.sip.errors import DuplicateCall, MalformedMessage
from dialer.sip.events import AnsweredLate, LeftCallOver, LeftEnd, SipEvent
from dialer.sip.left_session import USED_BEFORE
from tests.unit.sip.peer import ANSWER, IDENTITY_KEY, REMOTE, Wire, World, request, response

CHALLENGE = 'WWW-Authenticate: Digest realm="r", nonce="n", algorithm=MD5, qop="auth"'
ROUTES = ("Record-Route: <sip:127.0.0.3;lr>", "Record-Route: <sip:127.0.0.2:5080;lr>")
AGAIN = ("sip:callee@127.0.0.9:5070", REMOTE)


class Dead(World):
    """A process whose notes are kept."""

    def __init__(self) -> None:
        super().__init__(key=IDENTITY_KEY)
        self.agent.table.takes_notes = True
        self.notes: list[CallNote] = []

    def left(self) -> LeftCall:
        """What the next process finds, as `dialer.telephony.call_ledger` would read it."""
        self.notes += self.agent.notes_to_keep()
        assert not any(isinstance(note, CallOver) for note in self.notes)
        sent = [note for note in self.notes if isinstance(note, InviteSent)][-1]
        ups = [note for note in self.notes if isinstance(note, DialogUp)]
        call = LeftCall(sent.key, sent.call_id, sent.destination, sent.invite)
        if ups:
            call = LeftCall(sent.key, sent.call_id, sent.destination, sent.invite, ups[-1].ack, ups[-1].next_hop)
        return call


class Next(World):
    """The process after it."""

    def __init__(self) -> None:
        super().__init__(key=IDENTITY_KEY)
        self.agent.table.takes_notes = True

    def end(self, call: LeftCall, credentials: Credentials | None = None) -> list[Wire]:
        self.agent.end_left(call, self.now, credentials)
        return self.take()

    def is_over(self, end: LeftEnd, call: LeftCall) -> None:
        """Told once, noted once, and in the end nothing is kept."""
        told: list[SipEvent] = [event for event in self.told() if not isinstance(event, AnsweredLate)]
        assert told == [LeftCallOver(call.key, call.call_id.decode(), end)]
        assert self.agent.notes_to_keep() == [CallOver(call.call_id)]
        self.run_until(self.now + 100.0)
        assert self.told() == []
        assert self.agent.is_idle()


def ringing() -> tuple[Wire, LeftCall]:
    dead = Dead()
    invite = dead.invite()
    dead.receive(response(invite, 180))
    return invite, dead.left()


def talking(*headers: str, contact: str = "sip:callee@127.0.0.9:5070") -> tuple[Wire, Wire, LeftCall]:
    """The INVITE and the ACK of a call that is up."""
    dead = Dead()
    invite = dead.invite()
    (ack,) = dead.receive(response(invite, 200, headers=headers, body=ANSWER, contact=contact))
    return invite, ack, dead.left()


def cancelled(wire: Wire, invite: Wire) -> None:
    """RFC 3261 § 9.1, header by header."""
    assert (wire.method, wire.uri, wire.to) == ("CANCEL", invite.uri, invite.to)
    for name in ("Via", "From", "To", "Call-ID"):
        assert wire[name] == invite[name]
    assert wire.cseq == invite.cseq
    assert wire.all("Route") == wire.all("Contact") == []


# --- the notes ------------------------------------------------------------------------------------


def test_notes_of_a_call_from_beginning_to_end() -> None:
    dead = Dead()
    invite = dead.invite()
    [sent] = dead.agent.notes_to_keep()
    assert isinstance(sent, InviteSent)
    assert (sent.key, sent.call_id.decode(), sent.destination) == (1, invite["Call-ID"], REMOTE)
    dead.receive(response(invite, 180))
    assert dead.agent.notes_to_keep() == []
    (ack,) = dead.receive(response(invite, 200, body=ANSWER))
    [up] = dead.agent.notes_to_keep()
    assert isinstance(up, DialogUp)
    assert Wire.read(up.ack) == Wire(ack.start, ack.headers, ack.body)
    dead.receive(response(invite, 200, body=ANSWER))
    assert dead.agent.notes_to_keep() == []  # acknowledged again, and nothing new in it
    dead.agent.bye(1, 1.0)
    [bye] = dead.take()
    assert dead.agent.notes_to_keep() == []  # as long as its BYE may be lost, the call is not over
    dead.receive(response(bye, 200))
    assert dead.agent.notes_to_keep() == [CallOver(sent.call_id)]


@pytest.mark.parametrize("status", [302, 486, 503])
def test_a_refused_call_is_noted_as_over(status: int) -> None:
    dead = Dead()
    invite = dead.invite()
    dead.receive(response(invite, status))
    assert dead.agent.notes_to_keep()[1:] == [CallOver(invite["Call-ID"].encode())]


def test_an_invite_with_credentials_is_noted_again() -> None:
    dead = Dead()
    first = dead.invite(credentials=Credentials("us", "pw"))
    _, second = dead.receive(response(first, 401, headers=(CHALLENGE,)))
    cancel_of_second = Next().end(dead.left())
    cancelled(cancel_of_second[0], second)


def test_a_target_that_moved_is_noted() -> None:
    dead = Dead()
    invite, _ = dead.answered()
    moves = request(
        "INVITE",
        call_id=invite["Call-ID"],
        from_=f"{invite['To']};tag=callee",
        to=invite["From"],
        contact="sip:moved@127.0.0.8:5088",
        body=ANSWER,
    )
    dead.receive(moves)
    _, bye = Next().end(dead.left())
    assert (bye.uri, bye.to) == ("sip:moved@127.0.0.8:5088", ("127.0.0.8", 5088))


def test_nobody_keeps_notes_nobody_asked_for() -> None:
    world = World()
    world.answered()
    assert world.agent.notes_to_keep() == []


# --- not answered, as far as the dead process knew ------------------------------------------------


def test_a_ringing_call_is_cancelled() -> None:
    invite, call = ringing()
    after = Next()
    [cancel] = after.end(call)
    cancelled(cancel, invite)
    after.receive(response(cancel, 200))
    [ack] = after.receive(response(invite, 487))
    assert (ack.method, ack["Via"], ack.to_tag) == ("ACK", invite["Via"], "callee")
    after.is_over(LeftEnd.CANCELLED, call)


def test_the_487_overtakes_the_cancels_200() -> None:
    invite, call = ringing()
    after = Next()
    [cancel] = after.end(call)
    after.receive(response(invite, 487))
    after.receive(response(cancel, 200))
    after.is_over(LeftEnd.CANCELLED, call)


def test_a_lost_cancel_is_sent_again_and_the_487_acknowledged_again() -> None:
    invite, call = ringing()
    after = Next()
    after.end(call)
    assert [wire.method for wire in after.run_until(4.0)] == ["CANCEL"] * 3
    for _ in range(3):
        [ack] = after.receive(response(invite, 487))
        assert ack.method == "ACK"
    after.is_over(LeftEnd.CANCELLED, call)


def test_an_invite_that_never_arrived_is_not_sent_again() -> None:
    call = ringing()[1]
    after = Next()
    [cancel] = after.end(call)
    after.receive(response(cancel, 481))
    sent = after.run_until(33.0)
    assert sent == []
    after.is_over(LeftEnd.GONE, call)


def test_silence_is_told_within_64_t1() -> None:
    call = ringing()[1]
    after = Next()
    after.end(call)
    after.run_until(31.9)
    assert after.told() == []
    after.run_until(32.1)
    after.is_over(LeftEnd.UNANSWERED, call)


def test_cancelled_without_a_final_response_counts_as_cancelled() -> None:
    call = ringing()[1]
    after = Next()
    [cancel] = after.end(call)
    after.receive(response(cancel, 200))
    after.run_until(33.0)
    after.is_over(LeftEnd.CANCELLED, call)  # § 9.1


@pytest.mark.parametrize("answers_cancel", [None, 200, 481])
def test_an_answer_that_waited_for_us_is_acknowledged_and_hung_up(answers_cancel: int | None) -> None:
    invite, call = ringing()
    after = Next()
    [cancel] = after.end(call)
    if answers_cancel is not None:
        after.receive(response(cancel, answers_cancel))
    ok = response(invite, 200, body=ANSWER, headers=ROUTES, contact="sip:late@127.0.0.7:5999")
    ack, bye = after.receive(ok)
    assert (ack.method, ack.uri, ack.cseq, ack.to) == ("ACK", "sip:late@127.0.0.7:5999", 1, ("127.0.0.2", 5080))
    assert (bye.method, bye.uri, bye.to) == ("BYE", ack.uri, ack.to)
    assert bye.cseq > ack.cseq
    assert bye.all("Route") == ack.all("Route") == ["<sip:127.0.0.2:5080;lr>", "<sip:127.0.0.3;lr>"]
    [again] = after.receive(ok)  # its ACK was lost
    assert (again.start, again.headers) == (ack.start, ack.headers)
    after.receive(response(bye, 200))
    after.is_over(LeftEnd.HUNG_UP, call)


def test_an_invite_behind_its_own_cancel_is_ended_as_soon_as_it_rings() -> None:
    invite, call = ringing()
    after = Next()
    [cancel] = after.end(call)
    after.receive(response(cancel, 481))
    assert after.receive(response(invite, 100, tag="")) == []
    [bye] = after.receive(response(invite, 180, contact="sip:phone@127.0.0.6:5066"))
    assert (bye.method, bye.uri, bye.to) == ("BYE", "sip:phone@127.0.0.6:5066", ("127.0.0.6", 5066))
    assert (bye.to_tag, bye["From"], bye["Call-ID"]) == ("callee", invite["From"], invite["Call-ID"])
    assert bye.cseq > invite.cseq
    assert after.receive(response(invite, 180)) == []  # once is enough
    after.receive(response(bye, 200))
    [ack] = after.receive(response(invite, 487))
    assert ack["Via"] == invite["Via"]
    after.is_over(LeftEnd.HUNG_UP, call)


def test_picked_up_while_the_early_bye_is_on_its_way() -> None:
    invite, call = ringing()
    after = Next()
    [cancel] = after.end(call)
    after.receive(response(cancel, 481))
    [early] = after.receive(response(invite, 180))
    ack, bye = after.receive(response(invite, 200, body=ANSWER))
    assert (ack.method, bye.method) == ("ACK", "BYE")
    assert early.branch != bye.branch
    after.receive(response(early, 481))
    after.receive(response(bye, 200))
    told = after.told()
    assert [type(event) for event in told] == [LeftCallOver]


def test_picked_up_after_it_was_taken_for_over() -> None:
    invite, call = ringing()
    after = Next()
    [cancel] = after.end(call)
    after.receive(response(cancel, 200))
    after.run_until(33.0)
    after.told()
    assert [wire.method for wire in after.receive(response(invite, 200, body=ANSWER))] == ["ACK", "BYE"]
    assert after.told() == [AnsweredLate(invite["Call-ID"])]


def test_refused_by_the_callee_meanwhile() -> None:
    invite, call = ringing()
    after = Next()
    after.end(call)
    [ack] = after.receive(response(invite, 486))
    assert ack.method == "ACK"
    after.is_over(LeftEnd.GONE, call)


# --- answered -------------------------------------------------------------------------------------


def test_a_call_that_was_up_is_acknowledged_once_more_and_hung_up() -> None:
    invite, ack, call = talking(*ROUTES, contact="sip:gateway@127.0.0.5:5055")
    after = Next()
    again, bye = after.end(call)
    assert (again.start, again.headers, again.to) == (ack.start, ack.headers, ack.to)
    assert (bye.method, bye.uri, bye.to) == ("BYE", "sip:gateway@127.0.0.5:5055", ("127.0.0.2", 5080))
    for name in ("From", "To", "Call-ID"):
        assert bye[name] == ack[name]
    assert bye.all("Route") == ack.all("Route")
    # The dead process may have used up numbers for requests of its own.
    assert bye.cseq == invite.cseq + USED_BEFORE + 1
    assert len({invite.branch, ack.branch, bye.branch}) == 3
    assert after.run_until(1.0)[0].start == bye.start
    after.receive(response(bye, 200))
    after.is_over(LeftEnd.HUNG_UP, call)


def test_a_strict_router_is_followed() -> None:
    _, ack, call = talking("Record-Route: <sip:127.0.0.2:5080>")
    _, bye = Next().end(call)
    assert ack.uri == bye.uri == "sip:127.0.0.2:5080"
    assert bye.all("Route") == ["<sip:callee@127.0.0.9:5070>"]


@pytest.mark.parametrize(
    ("status", "end"),
    [
        (200, LeftEnd.HUNG_UP),
        (481, LeftEnd.GONE),
        (408, LeftEnd.GONE),
        (500, LeftEnd.REFUSED),
        (407, LeftEnd.REFUSED),
    ],
)
def test_what_the_far_end_says_of_the_bye(status: int, end: LeftEnd) -> None:
    _, _, call = talking()
    after = Next()
    _, bye = after.end(call)
    after.receive(response(bye, 100, tag=""))
    after.receive(response(bye, status))
    after.is_over(end, call)


def test_nobody_answers_the_bye() -> None:
    _, _, call = talking()
    after = Next()
    after.end(call)
    assert {wire.method for wire in after.run_until(33.0)} == {"BYE"}
    after.is_over(LeftEnd.UNANSWERED, call)


def test_a_challenged_bye_is_sent_again_with_credentials_once() -> None:
    _, _, call = talking()
    after = Next()
    _, bye = after.end(call, Credentials("us", "pw"))
    [second] = after.receive(response(bye, 401, headers=(CHALLENGE,)))
    assert (second.method, second.cseq) == ("BYE", bye.cseq + 1)
    assert 'username="us"' in second["Authorization"]
    assert after.receive(response(second, 401, headers=(CHALLENGE,))) == []
    after.is_over(LeftEnd.REFUSED, call)


def test_an_answer_repeated_because_its_ack_was_never_sent() -> None:
    invite, ack, call = talking()
    after = Next()
    _, bye = after.end(call)
    [again] = after.receive(response(invite, 200, body=ANSWER))
    assert (again.start, again.headers) == (ack.start, ack.headers)
    fork_ack, fork_bye = after.receive(response(invite, 200, tag="fork", body=ANSWER))
    assert (fork_ack.to_tag, fork_bye.to_tag) == ("fork", "fork")
    after.receive(response(bye, 200))
    after.receive(response(fork_bye, 200))
    after.is_over(LeftEnd.HUNG_UP, call)


def test_their_bye_crosses_ours() -> None:
    invite, _, call = talking()
    after = Next()
    _, bye = after.end(call)
    theirs = request("BYE", call_id=invite["Call-ID"], from_=f"{invite['To']};tag=callee", to=invite["From"])
    [answer] = after.receive(theirs)
    assert answer.status == 481  # § 15.1.2: there is no dialog any more, which ends it as well
    after.receive(response(bye, 481))
    after.run_until(after.now + 60.0)
    assert LeftCallOver(1, invite["Call-ID"], LeftEnd.GONE) in after.told()


# --- what cannot be ended -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"nonsense",
        b"BYE sip:a@b SIP/2.0\r\n",
        b"INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n"
        b"Call-ID: x\r\nCSeq: 1 INVITE\r\n",  # no branch
    ],
)
def test_octets_that_are_no_call(octets: bytes) -> None:
    world = Next()
    with pytest.raises(MalformedMessage):
        world.end(LeftCall(1, b"x", REMOTE, octets))
    good = ringing()[1]
    if octets:
        with pytest.raises(MalformedMessage):
            world.end(LeftCall(1, good.call_id, REMOTE, good.invite, octets, REMOTE))
    assert world.agent.is_idle()


def test_the_same_call_is_not_ended_twice_at_the_same_time() -> None:
    for call in (ringing()[1], talking()[2]):
        world = Next()
        world.end(call)
        with pytest.raises(DuplicateCall):
            world.end(call)


def test_killed_again_while_ending_it_the_third_process_does_the_same() -> None:
    _, _, call = talking()
    first, second = Next(), Next()
    assert [(w.start, w.headers) for w in first.end(call)] == [(w.start, w.headers) for w in second.end(call)]
