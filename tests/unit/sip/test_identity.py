from __future__ import annotations

import pytest

from dialer.sip.identity import MAGIC_COOKIE, Identity, keyed_token


def test_a_restart_finds_the_same_names() -> None:
    one, two = Identity(b"k" * 16), Identity(b"k" * 16)
    assert (one.call_id(7), one.tag(7), one.branch(7)) == (two.call_id(7), two.tag(7), two.branch(7))


def test_names_differ_by_attempt_purpose_and_installation() -> None:
    identities = [Identity(b"k" * 16), Identity(b"l" * 16)]
    names = [
        name
        for identity in identities
        for attempt in range(200)
        for name in (identity.call_id(attempt), identity.tag(attempt), identity.branch(attempt))
    ]
    assert len(set(names)) == len(names)
    assert Identity(b"k" * 16).call_id(1)[:16] != Identity(b"k" * 16).tag(1)


def test_branches_carry_the_cookie_and_extend_the_first() -> None:
    identity = Identity(b"k" * 16)
    assert identity.branch(1).startswith(MAGIC_COOKIE)
    assert identity.branch(1, 2) == identity.branch(1) + "-2"


@pytest.mark.parametrize("size", [0, 15, 65])
def test_keys_of_the_wrong_size(size: int) -> None:
    with pytest.raises(ValueError, match="16 to 64"):
        Identity(bytes(size))


def test_tokens_do_not_run_their_parts_together() -> None:
    key = b"k" * 16
    assert keyed_token(key, b"x", b"ab", b"c") != keyed_token(key, b"x", b"a", b"bc")
    assert keyed_token(key, b"x", b"a") != keyed_token(key, b"y", b"a")


def test_a_tag_belongs_to_its_call_id_and_key() -> None:
    one, two = Identity(b"k" * 16), Identity(b"l" * 16)
    call_id, tag = one.call_id(7).encode(), one.tag(7).encode()
    assert one.owns(call_id, tag)
    assert not two.owns(call_id, tag)
    for other in (one.tag(8).encode(), b"", b"\xff", tag + b"0"):
        assert not one.owns(call_id, other)
