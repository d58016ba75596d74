"""Calls that come in."""

from __future__ import annotations

import pytest

from dialer.sip.errors import InvalidOrder
from dialer.sip.events import Acked, Cancelled, Ended, Held, Incoming, Reoffered
from dialer.sip.sdp import Media, describe, parse
from tests.unit.sip.peer import ANSWER, OFFER, REMOTE, Wire, World, request, response

INVITE = request("INVITE", body=OFFER)


def called(world: World, invite: bytes = INVITE) -> int:
    """An INVITE comes in; its key."""
    (trying,) = world.receive(invite)
    assert (trying.status, trying.to_tag) == (100, "")
    (event,) = world.told()
    assert isinstance(event, Incoming)
    return event.key


def in_dialog(method: str, ok: Wire, cseq: int = 2, **more: object) -> bytes:
    """A request of the far end's within the dialog that `ok` made."""
    fields: dict[str, object] = {"branch": f"z9hG4bK{method}{cseq}", "to": ok["To"], "cseq": cseq} | more
    return request(method, **fields)  # type: ignore[arg-type]


def up(world: World) -> tuple[int, Wire]:
    """A call that came in and is up: its key, its 200."""
    key = called(world)
    world.agent.answer(key, ANSWER, world.now)
    (ok,) = world.take()
    world.receive(in_dialog("ACK", ok, 1))
    assert world.told() == [Acked(key)]
    return key, ok


def test_an_incoming_call_is_told_with_all_there_is_to_know() -> None:
    world = World(accept_calls=True)
    world.receive(INVITE)
    assert world.told() == [
        Incoming(
            key=-1,
            call_id="peer-call",
            from_uri="sip:peer@127.0.0.9",
            to_uri="sip:dialer@127.0.0.1",
            request_uri="sip:dialer@127.0.0.1:5060",
            body=OFFER,
            source=REMOTE,
        )
    ]


def test_keys_count_down() -> None:
    world = World(accept_calls=True)
    assert [called(world, request("INVITE", branch=f"z9hG4bK{n}", call_id=str(n))) for n in range(3)] == [
        -1,
        -2,
        -3,
    ]


def test_ringing_answer_ack_bye() -> None:
    world = World(accept_calls=True)
    key = called(world)
    world.agent.progress(key, 180, world.now)
    world.agent.progress(key, 183, world.now, ANSWER)
    ringing, progress = world.take()
    assert (ringing.status, progress.status, progress.body) == (180, 183, ANSWER.decode())
    world.agent.answer(key, ANSWER, world.now)
    (ok,) = world.take()
    assert (ok.status, ok.body, ok["Contact"]) == (200, ANSWER.decode(), "<sip:dialer@127.0.0.1:5060>")
    assert ok.to_tag == ringing.to_tag == progress.to_tag != ""
    world.receive(in_dialog("ACK", ok, 1))
    world.receive(in_dialog("BYE", ok))
    assert world.told() == [Acked(key), Ended(key, by_remote=True)]
    world.run_until(100.0)
    assert world.agent.is_idle()


def test_a_retransmitted_invite_gets_the_last_response_again_and_is_told_once() -> None:
    world = World(accept_calls=True)
    key = called(world)
    world.agent.progress(key, 180, world.now)
    (ringing,) = world.take()
    (again,) = world.receive(INVITE)
    assert again.headers == ringing.headers
    assert world.told() == []


def test_the_200_is_repeated_until_its_ack() -> None:
    world = World(accept_calls=True)
    key = called(world)
    world.agent.answer(key, ANSWER, world.now)
    (ok,) = world.take()
    world.run_until(16.0)  # doubled up to T2
    assert [message.at for message in world.sent if message.status == 200] == [0.0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5]
    world.receive(in_dialog("ACK", ok, 1))
    assert world.run_until(60.0) == []
    assert world.told() == [Acked(key)]


def test_without_ack_the_call_is_ended_after_64_t1() -> None:
    world = World(accept_calls=True)
    key = called(world)
    world.agent.answer(key, ANSWER, world.now)
    byes = [message for message in world.run_until(32.4) if message.start.startswith("BYE")]
    assert [bye.at for bye in byes] == [32.0]
    world.receive(response(byes[0], 200))
    assert world.told() == [Ended(key, by_remote=False)]
    world.run_until(200.0)
    assert world.agent.is_idle()


def test_a_late_ack_twice_changes_nothing() -> None:
    world = World(accept_calls=True)
    _, ok = up(world)
    assert world.receive(in_dialog("ACK", ok, 1)) == []
    assert world.told() == []


@pytest.mark.parametrize("method", ["OPTIONS", "INVITE"])
def test_an_ack_overtaken_by_a_later_request_is_still_the_ack(method: str) -> None:
    world = World(accept_calls=True)
    key = called(world)
    world.agent.answer(key, ANSWER, world.now)
    (ok,) = world.take()
    (overtaker,) = world.receive(in_dialog(method, ok, 2))
    assert overtaker.status == (200 if method == "OPTIONS" else 500)
    world.receive(in_dialog("ACK", ok, 1, branch="z9hG4bKlate"))
    assert world.told() == [Acked(key)]
    world.run_until(60.0)
    assert world.agent.open_calls() == 1


def test_our_bye_goes_to_the_contact_and_along_the_record_route() -> None:
    world = World(accept_calls=True)
    routes = ("Record-Route: <sip:127.0.0.2:5080;lr>", "Record-Route: <sip:127.0.0.3;lr>")
    key = called(world, request("INVITE", headers=routes, contact="sip:p@127.0.0.8:5099"))
    world.agent.answer(key, ANSWER, world.now)
    (ok,) = world.take()
    assert ok.all("Record-Route") == ["<sip:127.0.0.2:5080;lr>", "<sip:127.0.0.3;lr>"]
    world.receive(in_dialog("ACK", ok, 1))
    world.agent.bye(key, world.now)
    (bye,) = world.take()
    assert (bye.uri, bye.to, bye.cseq) == ("sip:p@127.0.0.8:5099", ("127.0.0.2", 5080), 1)
    assert bye.all("Route") == ["<sip:127.0.0.2:5080;lr>", "<sip:127.0.0.3;lr>"]
    assert (bye["From"], bye["To"]) == (ok["To"], ok["From"])


def test_hanging_up_before_the_ack_waits_for_it() -> None:
    world = World(accept_calls=True)
    key = called(world)
    world.agent.answer(key, ANSWER, world.now)
    (ok,) = world.take()
    world.agent.bye(key, world.now)
    assert world.take() == []
    (bye,) = world.receive(in_dialog("ACK", ok, 1))
    assert bye.method == "BYE"


def test_bye_before_the_ack_ends_the_call() -> None:
    world = World(accept_calls=True)
    key = called(world)
    world.agent.answer(key, ANSWER, world.now)
    (ok,) = world.take()
    world.receive(in_dialog("BYE", ok))
    assert world.told() == [Ended(key, by_remote=True)]
    assert world.run_until(60.0) == []


def test_bye_in_the_early_dialog_ends_the_invite_with_487() -> None:
    world = World(accept_calls=True)
    key = called(world)
    world.agent.progress(key, 180, world.now)
    (ringing,) = world.take()
    assert [message.status for message in world.receive(in_dialog("BYE", ringing))] == [487, 200]
    assert world.told() == [Ended(key, by_remote=True)]


def test_crossing_byes() -> None:
    world = World(accept_calls=True)
    key, ok = up(world)
    world.agent.bye(key, world.now)
    (bye,) = world.take()
    (answer,) = world.receive(in_dialog("BYE", ok))
    assert answer.status == 200
    world.receive(response(bye, 481))
    assert world.told() == [Ended(key, by_remote=False)]


def test_reject_with_a_reason_until_acknowledged() -> None:
    world = World(accept_calls=True)
    key = called(world)
    world.agent.reject(key, 480, world.now, q850=19, extra_headers=(("Retry-After", "60"),))
    (refusal,) = world.take()
    assert (refusal.status, refusal["Reason"], refusal["Retry-After"]) == (480, "Q.850;cause=19", "60")
    assert world.agent.open_calls() == 0
    assert [message.status for message in world.run_until(2.0)] == [480, 480]
    world.receive(request("ACK", to=refusal["To"]))
    assert world.run_until(60.0) == []
    assert world.agent.is_idle()
    assert world.told() == []


def test_a_reason_cannot_smuggle_headers_in() -> None:
    world = World(accept_calls=True)
    with pytest.raises(InvalidOrder):
        world.agent.reject(called(world), 480, world.now, extra_headers=(("X", "1\r\nY: 2"),))
    assert world.take() == []


@pytest.mark.parametrize("status", [99, 100, 200, 700])
def test_a_status_out_of_place_is_an_error_of_the_caller(status: int) -> None:
    world = World(accept_calls=True)
    key = called(world)
    with pytest.raises(ValueError, match=str(status)):
        world.agent.progress(key, status, world.now)
    with pytest.raises(ValueError, match=str(status)):
        world.agent.reject(key, status, world.now)


def test_cancel_is_answered_and_the_invite_gets_487() -> None:
    world = World(accept_calls=True)
    key = called(world)
    ok, terminated = world.receive(request("CANCEL"))
    assert (ok.status, ok["CSeq"], terminated.status, terminated["CSeq"]) == (200, "1 CANCEL", 487, "1 INVITE")
    assert ok.to_tag == terminated.to_tag
    assert world.told() == [Cancelled(key)]
    world.receive(request("ACK", to=terminated["To"]))
    world.run_until(100.0)
    assert world.agent.is_idle()


def test_a_carrier_may_still_answer_what_was_cancelled() -> None:
    world = World(accept_calls=True, auto_terminate_cancelled=False)
    key = called(world)
    assert [message.status for message in world.receive(request("CANCEL"))] == [200]
    assert [message.status for message in world.receive(request("CANCEL"))] == [200]
    assert world.told() == [Cancelled(key)]
    world.agent.answer(key, ANSWER, world.now)
    assert [message.status for message in world.take()] == [200]


def test_a_second_cancel_after_the_first_is_forgotten_is_not_told_again() -> None:
    world = World(accept_calls=True, auto_terminate_cancelled=False)
    key = called(world)
    world.receive(request("CANCEL"))
    world.run_until(40.0)  # timer J of the CANCEL is over
    assert [message.status for message in world.receive(request("CANCEL"))] == [200]
    assert world.told() == [Cancelled(key)]


def test_an_ack_with_the_branch_of_its_invite_is_taken_all_the_same() -> None:
    """As RFC 2543 had it, and some switches still do."""
    world = World(accept_calls=True)
    key = called(world)
    world.agent.answer(key, ANSWER, world.now)
    (ok,) = world.take()
    world.receive(request("ACK", to=ok["To"]))
    assert world.told() == [Acked(key)]
    assert world.run_until(60.0) == []


def test_cancel_after_the_answer_changes_nothing() -> None:
    world = World(accept_calls=True)
    key = called(world)
    world.agent.answer(key, ANSWER, world.now)
    world.take()
    assert [message.status for message in world.receive(request("CANCEL"))] == [200]
    assert world.told() == []
    assert world.agent.open_calls() == 1


def test_an_offer_in_the_200_is_answered_in_the_ack() -> None:
    world = World(accept_calls=True)
    key = called(world, request("INVITE"))
    world.agent.answer(key, OFFER, world.now)
    (ok,) = world.take()
    world.receive(in_dialog("ACK", ok, 1, body=ANSWER))
    assert world.told() == [Acked(key, ANSWER)]


def test_reinvite_is_agreed_to_with_our_description() -> None:
    world = World(accept_calls=True)
    key, ok = up(world)
    moved = describe(Media("127.0.0.9", 4300, (0,), 101, 20, "sendonly"), 2, 3)
    (agreed,) = world.receive(in_dialog("INVITE", ok, body=moved, contact="sip:new@127.0.0.9:5999"))
    ours = parse(agreed.body.encode())
    assert (agreed.status, ours.address, ours.port, ours.direction) == (200, "127.0.0.9", 4100, "recvonly")
    assert world.told() == [Reoffered(key, moved), Held(key)]
    assert [message.at for message in world.run_until(2.0)] == [0.5, 1.5]  # repeated until its ACK
    world.receive(in_dialog("ACK", ok))
    assert world.run_until(60.0) == []
    world.agent.bye(key, world.now)
    (bye,) = world.take()
    assert (bye.uri, bye.to) == ("sip:new@127.0.0.9:5999", ("127.0.0.9", 5999))


def test_reinvite_without_offer_gets_ours_and_is_answered_in_the_ack() -> None:
    world = World(accept_calls=True)
    key, ok = up(world)
    (agreed,) = world.receive(in_dialog("INVITE", ok))
    assert agreed.body == ANSWER.decode()
    world.receive(in_dialog("ACK", ok, body=OFFER))
    assert world.told() == [Reoffered(key, OFFER)]


def test_reinvite_without_a_codec_of_ours_is_488_and_the_call_stays() -> None:
    world = World(accept_calls=True)
    _, ok = up(world)
    body = OFFER.replace(b"RTP/AVP 0 8 101", b"RTP/AVP 9 101")
    (refusal,) = world.receive(in_dialog("INVITE", ok, body=body))
    assert refusal.status == 488
    world.receive(in_dialog("ACK", ok))
    assert world.agent.open_calls() == 1


def test_reinvite_during_another_is_500() -> None:
    world = World(accept_calls=True)
    _, ok = up(world)
    world.receive(in_dialog("INVITE", ok, 2, body=OFFER))
    (refusal,) = world.receive(in_dialog("INVITE", ok, 3, body=OFFER, branch="z9hG4bKsecond"))
    assert (refusal.status, 0 <= int(refusal["Retry-After"]) <= 10) == (500, True)


def test_reinvite_whose_200_is_never_acknowledged_ends_the_call() -> None:
    world = World(accept_calls=True)
    key, ok = up(world)
    world.receive(in_dialog("INVITE", ok, 2, body=OFFER))
    byes = [message for message in world.run_until(33.0) if message.start.startswith("BYE")]
    world.receive(response(byes[0], 200))
    assert world.told()[-1] == Ended(key, by_remote=False)


def test_bye_of_an_unanswered_call_refuses_it() -> None:
    world = World(accept_calls=True)
    key = called(world)
    world.agent.bye(key, world.now)
    assert [message.status for message in world.take()] == [480]
