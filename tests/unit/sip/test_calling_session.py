"""Calls we place, beyond what `test_what_others_get_wrong.py` covers."""

from __future__ import annotations

import pytest

from dialer.sip.digest import Credentials
from dialer.sip.errors import DuplicateCall, InvalidOrder
from dialer.sip.events import Accepted, Ended, Failed, Progress, SipEvent
from dialer.sip.order import InviteOrder
from tests.unit.sip.peer import ANSWER, IDENTITY, LOCAL, OFFER, REMOTE, Wire, World, order, request, response

ALICE = Credentials("alice", "secret")


def challenge(nonce: str, extra: str = "") -> tuple[str, ...]:
    return (f'WWW-Authenticate: Digest realm="carrier", nonce="{nonce}", qop="auth"{extra}',)


def failures(events: list[SipEvent]) -> list[int]:
    return [event.status for event in events if isinstance(event, Failed)]


def test_the_invite_says_who_calls_whom() -> None:
    world = World()
    invite = world.invite(display_name='Ann "Q" Caller', extra_headers=(("X-Campaign", "spring"),))
    assert invite.start == "INVITE sip:+442079460001@127.0.0.9:5070 SIP/2.0"
    assert invite.to == REMOTE
    assert invite["Via"] == f"SIP/2.0/UDP 127.0.0.1:5060;rport;branch={IDENTITY.branch(1)}"
    assert invite["From"] == rf'"Ann \"Q\" Caller" <sip:+442079460999@127.0.0.1>;tag={IDENTITY.tag(1)}'
    assert invite["To"] == "<sip:+442079460001@127.0.0.9>"
    assert invite["Call-ID"] == IDENTITY.call_id(1)
    assert invite["CSeq"] == "1 INVITE"
    assert invite["Contact"] == "<sip:dialer@127.0.0.1:5060>"
    assert invite["X-Campaign"] == "spring"
    assert invite["Content-Type"] == "application/sdp"
    assert invite.body == OFFER.decode()


def test_an_invite_without_offer_has_no_content_type() -> None:
    assert World().invite(body=b"").all("Content-Type") == []


@pytest.mark.parametrize(
    "change",
    [
        {"call_id": "a\r\nX: 1"},
        {"from_tag": ""},
        {"request_uri": "sip:a b@c"},
        {"to_uri": "sip:a>@c"},
        {"display_name": "a\nb"},
        {"extra_headers": (("X", "1\r\nVia: x"),)},
        {"extra_headers": (("X:", "1"),)},
        {"key": -5},
    ],
)
def test_an_order_that_would_break_a_header_is_refused(change: dict[str, object]) -> None:
    good = order()
    fields = {name: getattr(good, name) for name in InviteOrder.__annotations__} | change
    world = World()
    with pytest.raises(InvalidOrder, match=r"call|header"):
        world.agent.invite(InviteOrder(**fields), 0.0)
    assert world.take() == []


def test_a_key_in_use_is_refused() -> None:
    world = World()
    world.invite()
    with pytest.raises(DuplicateCall):
        world.agent.invite(order(), 0.0)


def test_commands_for_a_call_that_is_over_change_nothing() -> None:
    world = World()
    world.receive(response(world.invite(), 486))
    for command in (world.agent.cancel, world.agent.bye):
        command(1, world.now)
    world.agent.answer(1, ANSWER, world.now)
    assert world.take() == []


def test_each_provisional_but_100_is_told() -> None:
    world = World()
    invite = world.invite()
    for status in (100, 183, 180, 182):
        world.receive(response(invite, status, body=ANSWER if status == 183 else b""))
    assert world.told() == [Progress(1, 183, ANSWER), Progress(1, 180), Progress(1, 182)]


def test_183_then_480_with_a_q850_cause() -> None:
    world = World()
    invite = world.invite()
    world.receive(response(invite, 183, body=ANSWER))
    world.receive(response(invite, 480, headers=('Reason: SIP;cause=480, Q.850 ;cause=20;text="Absent, gone"',)))
    (_, failed) = world.told()
    assert isinstance(failed, Failed)
    assert (failed.status, failed.q850, failed.timeout) == (480, 20, False)
    assert dict(failed.headers)["call-id"] == IDENTITY.call_id(1)


def test_a_provisional_during_cancelling_is_not_told() -> None:
    world = World()
    invite = world.invite()
    world.receive(response(invite, 100, tag=""))
    world.agent.cancel(1, world.now)
    world.receive(response(invite, 180))
    assert world.told() == []


def test_cancel_and_bye_before_the_answer_mean_the_same_and_cancel_once() -> None:
    world = World()
    invite = world.invite()
    world.receive(response(invite, 180))
    world.agent.bye(1, world.now)
    world.agent.cancel(1, world.now)
    assert [message.method for message in world.take()] == ["CANCEL"]


def test_cancel_of_an_answered_call_hangs_it_up() -> None:
    world = World()
    world.answered()
    world.agent.cancel(1, world.now)
    (bye,) = world.take()
    world.receive(response(bye, 200))
    assert world.told() == [Ended(1, by_remote=False)]


def test_wrong_credentials_are_final() -> None:
    world = World()
    invite = world.invite(credentials=ALICE)
    _, again = world.receive(response(invite, 401, headers=challenge("n1")))
    sent = world.receive(response(again, 401, headers=challenge("n2")))
    assert [message.method for message in sent] == ["ACK"]
    assert failures(world.told()) == [401]


def test_a_stale_nonce_is_tried_once_more() -> None:
    world = World()
    invite = world.invite(credentials=ALICE)
    _, second = world.receive(response(invite, 401, headers=challenge("n1")))
    _, third = world.receive(response(second, 401, headers=challenge("n2", ", stale=TRUE")))
    assert (third.method, third.cseq) == ("INVITE", 3)
    assert 'nonce="n2"' in third["Authorization"]
    assert len({invite.branch, second.branch, third.branch}) == 3
    assert third.branch == IDENTITY.branch(1, 3)
    world.receive(response(third, 401, headers=challenge("n3", ", stale=TRUE")))
    assert failures(world.told()) == [401]


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ('WWW-Authenticate: Basic realm="x"',),
        ('WWW-Authenticate: Digest realm="x", nonce="n", algorithm=SHA3',),
    ],
)
def test_a_challenge_we_cannot_answer_is_final(headers: tuple[str, ...]) -> None:
    world = World()
    world.receive(response(world.invite(credentials=ALICE), 401, headers=headers))
    assert failures(world.told()) == [401]


def test_a_challenge_without_credentials_is_final() -> None:
    world = World()
    world.receive(response(world.invite(), 407, headers=challenge("n")))
    assert failures(world.told()) == [407]


def test_a_challenge_to_a_call_given_up_is_final() -> None:
    world = World()
    invite = world.invite(credentials=ALICE)
    world.agent.cancel(1, world.now)
    sent = world.receive(response(invite, 401, headers=challenge("n1")))
    assert [message.method for message in sent] == ["ACK"]
    assert failures(world.told()) == [401]


def test_after_the_retry_cancel_waits_for_its_provisional() -> None:
    world = World()
    invite = world.invite(credentials=ALICE)
    world.receive(response(invite, 100, tag=""))
    _, again = world.receive(response(invite, 401, headers=challenge("n1")))
    world.agent.cancel(1, world.now)
    assert world.take() == []
    (cancel,) = world.receive(response(again, 180))
    assert (cancel.branch, cancel.cseq) == (again.branch, 2)


def test_a_challenged_bye_is_sent_again_with_credentials() -> None:
    world = World()
    world.receive(response(world.invite(credentials=ALICE), 200, body=ANSWER))
    world.agent.bye(1, world.now)
    (bye,) = world.take()
    (again,) = world.receive(response(bye, 401, headers=challenge("n1")))
    assert (again.method, again.cseq) == ("BYE", bye.cseq + 1)
    assert 'uri="sip:callee@127.0.0.9:5070"' in again["Authorization"]
    world.receive(response(again, 401, headers=challenge("n2")))
    assert world.told()[-1] == Ended(1, by_remote=False)


def test_the_far_end_hangs_up() -> None:
    world = World()
    invite, ack = world.answered()
    bye = request(
        "BYE", call_id=invite["Call-ID"], from_=ack["To"], to=ack["From"], headers=("Reason: Q.850;cause=16",)
    )
    (ok,) = world.receive(bye)
    assert (ok.status, ok["CSeq"], ok["To"]) == (200, "1 BYE", ack["From"])
    assert world.told() == [Ended(1, by_remote=True, q850=16)]
    (again,) = world.receive(bye)  # retransmitted: the transaction answers
    assert again.status == 200
    assert world.told() == []


def test_a_bye_nobody_answers_ends_the_call_after_64_t1() -> None:
    world = World()
    world.answered()
    world.agent.bye(1, world.now)
    world.run_until(31.9)
    assert world.agent.open_calls() == 1
    world.run_until(32.1)
    assert world.told() == [Ended(1, by_remote=False)]


def test_a_bye_before_the_answer_is_481() -> None:
    world = World()
    invite = world.invite()
    world.receive(response(invite, 180))
    (refusal,) = world.receive(
        request("BYE", call_id=invite["Call-ID"], from_=invite["To"] + ";tag=callee", to=invite["From"])
    )
    assert refusal.status == 481
    assert world.agent.open_calls() == 1


def test_requests_out_of_order_in_a_dialog_are_refused() -> None:
    world = World()
    invite, ack = world.answered()

    def options(cseq: int) -> Wire:
        (answer,) = world.receive(
            request(
                "OPTIONS",
                cseq=cseq,
                branch=f"z9hG4bKo{cseq}x{len(world.sent)}",
                call_id=invite["Call-ID"],
                from_=ack["To"],
                to=ack["From"],
            )
        )
        return answer

    assert [options(cseq).status for cseq in (7, 8, 7, 8, 9)] == [200, 200, 500, 500, 200]


def test_an_answer_without_contact_goes_to_where_the_invite_went() -> None:
    world = World()
    invite = world.invite()
    (ack,) = world.receive(response(invite, 200, contact=None))
    assert (ack.uri, ack.to) == (invite.uri, REMOTE)


def test_a_contact_by_name_goes_the_way_of_the_invite() -> None:
    world = World()
    (ack,) = world.receive(response(world.invite(), 200, contact="sip:callee@phone.example"))
    assert (ack.uri, ack.to) == ("sip:callee@phone.example", REMOTE)


@pytest.mark.parametrize("contact", ["<sip:", "nonsense"])
def test_a_contact_that_does_not_parse_breaks_nothing(contact: str) -> None:
    world = World()
    world.receive(response(world.invite(), 200, headers=(f"Contact: {contact}",), contact=None))
    assert [type(event) for event in world.told()] == [Accepted]


def test_cseq_and_branch_never_repeat_within_a_call() -> None:
    world = World()
    invite, ack = world.answered()
    world.agent.bye(1, world.now)
    (bye,) = world.take()
    assert len({invite.branch, ack.branch, bye.branch}) == 3
    assert (invite.cseq, ack.cseq, bye.cseq) == (1, 1, 2)
    assert bye["Via"].startswith(f"SIP/2.0/UDP {LOCAL[0]}:{LOCAL[1]};")


def datagram(world: World) -> bytes:
    """The INVITE of a call just placed, on its way out."""
    world.agent.invite(order(1), world.now)
    [(data, _)] = world.agent.datagrams_to_send()
    return data


def test_an_invite_that_cannot_be_sent_fails_at_once() -> None:
    for given_up in (False, True):
        world = World()
        data = datagram(world)
        if given_up:
            world.agent.cancel(1, world.now)
        world.agent.unsent(data, world.now)
        assert world.told() == [Failed(1, 503, unsent=True)]
        world.agent.unsent(data, world.now)
        assert world.told() == []
        assert world.agent.is_idle()
        assert world.run_until(100.0) == []


def test_one_that_was_sent_before_may_have_arrived() -> None:
    world = World()
    data = datagram(world)
    assert [again.method for again in world.run_until(0.6)] == ["INVITE"]
    world.agent.unsent(data, world.now)
    assert world.told() == []
    world.receive(response(Wire.read(data), 180))
    world.agent.unsent(data, world.now)
    assert world.told() == [Progress(1, 180)]


def test_what_else_cannot_be_sent_is_sent_again() -> None:
    world = World()
    world.answered()
    world.agent.bye(1, world.now)
    [(bye, _)] = world.agent.datagrams_to_send()
    world.agent.unsent(bye, world.now)
    assert [again.method for again in world.run_until(0.6)] == ["BYE"]
    assert world.told() == []
