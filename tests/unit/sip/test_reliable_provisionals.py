"""100rel, both sides (RFC 3262)."""

from __future__ import annotations

from typing import Any

from dialer.sip.events import Accepted, Acked, Ended, Failed, Incoming, Progress, Renegotiated, Reoffered
from dialer.sip.sdp import offer
from tests.unit.sip.peer import ANSWER, OFFER, Wire, World, request, response

EARLY = offer("127.0.0.9", 4300, 9)
INVITE = request("INVITE", body=OFFER, headers=("Supported: 100rel",))


def reliable(invite: Wire, rseq: int, status: int = 183, **more: object) -> bytes:
    headers = ("Require: 100rel", f"RSeq: {rseq}", *more.pop("headers", ()))  # type: ignore[misc]
    return response(invite, status, headers=headers, **more)  # type: ignore[arg-type]


# -- calls we place --


def test_a_reliable_provisional_is_acknowledged_in_the_dialog_it_makes() -> None:
    world = World()
    invite = world.invite()
    assert invite["Supported"] == "100rel, timer"
    routes = ("Record-Route: <sip:127.0.0.3;lr>, <sip:127.0.0.2:5080;lr>",)
    (prack,) = world.receive(reliable(invite, 41, body=EARLY, headers=routes, contact="sip:gw@127.0.0.7"))
    assert (prack.method, prack.uri, prack.to) == ("PRACK", "sip:gw@127.0.0.7", ("127.0.0.2", 5080))
    assert (prack.cseq, prack["RAck"], prack.to_tag) == (2, "41 1 INVITE", "callee")
    assert prack.all("Route") == ["<sip:127.0.0.2:5080;lr>", "<sip:127.0.0.3;lr>"]
    assert world.told() == [Progress(1, 183, EARLY)]


def test_one_that_repeats_or_skips_is_neither_acknowledged_nor_told() -> None:
    world = World()
    invite = world.invite()
    (prack,) = world.receive(reliable(invite, 41, body=EARLY))
    world.receive(response(prack, 200))
    world.told()
    assert world.receive(reliable(invite, 41, body=EARLY)) == []
    assert world.receive(reliable(invite, 43, 180)) == []
    assert world.told() == []
    (second,) = world.receive(reliable(invite, 42, 180))
    assert (second["RAck"], second.cseq) == ("42 1 INVITE", 3)
    assert world.told() == [Progress(1, 180)]


def test_a_lost_prack_is_sent_again_by_its_transaction() -> None:
    world = World()
    world.receive(reliable(world.invite(), 1))
    assert [message.method for message in world.run_until(1.6)] == ["PRACK", "PRACK"]


def test_the_description_that_came_reliably_stands() -> None:
    world = World()
    invite = world.invite()
    world.receive(reliable(invite, 1, body=EARLY))
    (ack,) = world.receive(response(invite, 200, body=ANSWER))
    assert (ack.method, ack.cseq) == ("ACK", 1)
    assert world.told() == [Progress(1, 183, EARLY), Accepted(1, EARLY, "callee")]
    world.agent.bye(1, world.now)
    (bye,) = world.take()
    assert bye.cseq == 3  # the PRACK had 2


def test_each_branch_of_a_fork_has_numbers_of_its_own() -> None:
    world = World()
    invite = world.invite()
    (one,) = world.receive(reliable(invite, 7, tag="one", body=EARLY))
    (two,) = world.receive(reliable(invite, 700, tag="two", body=ANSWER))
    assert (one.cseq, two.cseq, one.branch != two.branch) == (2, 2, True)
    assert (one.to_tag, two.to_tag) == ("one", "two")
    (ack,) = world.receive(response(invite, 200, tag="two"))
    assert ack.to_tag == "two"
    assert world.told()[-1] == Accepted(1, ANSWER, "two")


def test_without_an_offer_of_ours_it_is_not_asked_for() -> None:
    assert World().invite(body=b"")["Supported"] == "timer"


def test_a_broken_rseq_is_dropped() -> None:
    world = World()
    invite = world.invite()
    for rseq in ("0", "x", "4294967296"):
        assert world.receive(response(invite, 183, headers=("Require: 100rel", f"RSeq: {rseq}"))) == []
    assert world.agent.counters["malformed"] == 3


def test_a_cancelled_call_acknowledges_too() -> None:
    world = World()
    invite = world.invite()
    world.receive(reliable(invite, 1))
    world.agent.cancel(1, world.now)
    world.take()
    (prack,) = world.receive(reliable(invite, 2))
    assert prack["RAck"] == "2 1 INVITE"
    world.receive(response(invite, 487))
    assert [event for event in world.told() if isinstance(event, Failed)]
    world.run_until(200.0)
    assert world.agent.is_idle()


def test_the_far_end_moves_early_media_by_update() -> None:
    world = World()
    invite = world.invite()
    moved = offer("127.0.0.9", 4999, 9, payload_types=(0,))
    update: dict[str, Any] = {
        "call_id": invite["Call-ID"],
        "from_": invite["To"] + ";tag=callee",
        "to": invite["From"],
        "body": moved,
    }
    (refused,) = world.receive(request("UPDATE", **update))
    assert refused.status == 481  # no reliable provisional, no dialog
    world.receive(reliable(invite, 1, body=EARLY))
    world.told()
    (agreed,) = world.receive(request("UPDATE", branch="z9hG4bKu2", **update))
    assert (agreed.status, "m=audio 4000" in agreed.body) == (200, True)
    assert world.told() == [Reoffered(1, moved)]
    world.receive(response(invite, 200))
    assert world.told() == [Accepted(1, moved, "callee")]


def test_we_change_an_early_session_by_update() -> None:
    world = World()
    invite = world.invite()
    world.agent.reoffer(1, offer("127.0.0.1", 4555, 1), world.now)
    assert world.take() == []  # nothing agreed yet
    world.receive(reliable(invite, 1, body=EARLY))
    world.told()
    world.agent.reoffer(1, offer("127.0.0.1", 4555, 1), world.now)
    (update,) = world.take()
    assert (update.method, update.cseq, "m=audio 4555" in update.body) == ("UPDATE", 3, True)
    world.receive(response(update, 200, body=ANSWER))
    assert world.told() == [Renegotiated(1, ANSWER)]


# -- calls that come in --


def called(world: World, invite: bytes = INVITE) -> int:
    world.receive(invite)
    (event,) = world.told()
    assert isinstance(event, Incoming)
    return event.key


def prack(provisional: Wire, cseq: int = 2, **more: object) -> bytes:
    headers = (f"RAck: {provisional['RSeq']} {provisional['CSeq']}",)
    fields: dict[str, object] = {"to": provisional["To"], "branch": f"z9hG4bKp{cseq}", "headers": headers} | more
    return request("PRACK", cseq=cseq, **fields)  # type: ignore[arg-type]


def test_early_media_is_repeated_until_its_prack_and_the_answer_waits_for_it() -> None:
    world = World(accept_calls=True)
    key = called(world)
    world.agent.progress(key, 183, world.now, EARLY)
    (progress,) = world.take()
    assert (progress["Require"], progress.body) == ("100rel", EARLY.decode())
    world.agent.answer(key, ANSWER, world.now)
    assert world.take() == []
    assert [message.at for message in world.run_until(8.0)] == [0.5, 1.5, 3.5, 7.5]
    ok, answer = world.receive(prack(progress))
    assert (ok.status, ok["CSeq"], answer.status, answer["CSeq"]) == (200, "2 PRACK", 200, "1 INVITE")
    assert answer.body == ""  # RFC 3261 § 13.2.1: it was described before
    world.receive(request("ACK", to=answer["To"], branch="z9hG4bKack"))
    assert world.told() == [Acked(key)]
    assert world.run_until(60.0) == []


def test_provisionals_go_out_one_after_the_other() -> None:
    world = World(accept_calls=True)
    key = called(world, INVITE.replace(b"Supported", b"Require"))
    world.agent.progress(key, 180, world.now)
    world.agent.progress(key, 183, world.now, EARLY)
    (ringing,) = world.take()
    assert (ringing.status, ringing["Require"]) == (180, "100rel")
    ok, progress = world.receive(prack(ringing))
    assert (ok.status, progress.status) == (200, 183)
    assert int(progress["RSeq"]) == int(ringing["RSeq"]) + 1


def test_one_that_is_only_supported_is_used_for_descriptions_alone() -> None:
    world = World(accept_calls=True)
    key = called(world)
    world.agent.progress(key, 180, world.now)
    (ringing,) = world.take()
    assert not ringing.all("RSeq")


def test_a_prack_for_another_is_481() -> None:
    world = World(accept_calls=True)
    key = called(world)
    world.agent.progress(key, 183, world.now, EARLY)
    (progress,) = world.take()
    for cseq, rack in ((2, f"{int(progress['RSeq']) + 1} 1 INVITE"), (3, f"{progress['RSeq']} 2 INVITE")):
        (refused,) = world.receive(prack(progress, cseq, headers=(f"RAck: {rack}",)))
        assert refused.status == 481
    (broken,) = world.receive(prack(progress, 4, headers=("RAck: no",)))
    assert broken.status == 400


def test_without_prack_the_call_is_given_up() -> None:
    world = World(accept_calls=True)
    key = called(world)
    world.agent.progress(key, 183, world.now, EARLY)
    world.agent.answer(key, ANSWER, world.now)
    finals = [message.status for message in world.run_until(32.1) if message.status >= 200]
    assert finals == [504]
    assert world.told() == [Ended(key, by_remote=False)]
    world.run_until(100.0)
    assert world.agent.is_idle()


def test_a_refusal_ends_the_repetitions() -> None:
    world = World(accept_calls=True)
    key = called(world)
    world.agent.progress(key, 183, world.now, EARLY)
    world.agent.reject(key, 486, world.now)
    statuses = [message.status for message in (*world.take(), *world.run_until(40.0))]
    assert (statuses.count(183), set(statuses)) == (1, {183, 486})


def test_a_cancel_while_the_answer_is_held_back_wins() -> None:
    world = World(accept_calls=True)
    key = called(world)
    world.agent.progress(key, 183, world.now, EARLY)
    world.agent.answer(key, ANSWER, world.now)
    world.take()
    answers = world.receive(request("CANCEL", branch="z9hG4bKpeer1"))
    assert sorted(message.status for message in answers) == [200, 487]


def test_a_prack_may_bring_a_new_offer() -> None:
    world = World(accept_calls=True)
    key = called(world)
    world.agent.progress(key, 183, world.now, EARLY)
    (progress,) = world.take()
    world.receive(prack(progress))
    world.agent.progress(key, 183, world.now, EARLY)
    (again,) = world.take()
    moved = offer("127.0.0.9", 4777, 9, payload_types=(8,))
    (agreed,) = world.receive(prack(again, 3, body=moved))
    assert (agreed.status, "m=audio 4300 RTP/AVP 8" in agreed.body) == (200, True)
    assert world.told() == [Reoffered(key, moved)]
