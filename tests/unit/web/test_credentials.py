"""Tokens and passwords."""

from __future__ import annotations

import re

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from hypothesis import given
from hypothesis import strategies as st

from dialer.web.credentials import Passwords, make_secret, same_secret, secret_hash, split_token

CHEAP = Passwords(time_cost=1, memory_kib=8)


def test_a_token_has_256_bits_that_are_not_kept() -> None:
    made = make_secret()
    parts = split_token(made.text)
    assert parts is not None
    token_id, secret = parts
    assert token_id == made.token_id
    assert len(secret) * 6 >= 256
    assert secret not in made.secret_hash
    assert re.fullmatch(r"[0-9a-f]{64}", made.secret_hash)
    assert same_secret(secret, made.secret_hash)
    assert make_secret().text != made.text


@pytest.mark.parametrize("changed", ["", "x", "é", "A" * 43])
def test_another_secret_is_none(changed: str) -> None:
    assert not same_secret(changed, make_secret().secret_hash)
    assert not same_secret(changed, "")


@given(st.text(max_size=80))
def test_what_is_no_token_has_no_parts(text: str) -> None:
    parts = split_token(text)
    assert parts is None or f"rp_{parts[0]}_{parts[1]}" == text


@pytest.mark.parametrize(
    "text", ["rp_0123456789abcdef_" + "A" * 44, "rp_0123456789ABCDEF_" + "A" * 43, "\nrp_x_y"]
)
def test_near_misses(text: str) -> None:
    assert split_token(text) is None
    assert split_token(make_secret().text + "\n") is None


def test_passwords_are_argon2id_and_differ_though_equal() -> None:
    first, second = CHEAP.hash("correct horse"), CHEAP.hash("correct horse")
    assert first.startswith("$argon2id$")
    assert first != second
    assert CHEAP.verify(first, "correct horse")
    assert not CHEAP.verify(first, "Correct horse")
    assert not CHEAP.verify(None, "correct horse")
    assert not CHEAP.verify("not a hash", "correct horse")


def test_a_hash_of_other_costs_is_outdated() -> None:
    assert not CHEAP.outdated(CHEAP.hash("x"))
    assert Passwords(time_cost=2, memory_kib=8).outdated(CHEAP.hash("x"))


def test_the_costs_in_use_are_those_of_rfc_9106() -> None:
    assert "$m=65536,t=3,p=1$" in Passwords().hash("x")


def test_secrets_are_kept_as_sha_256() -> None:
    assert secret_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_making_one_hashes_nothing_for_the_event_loop_waits_for_it() -> None:
    Passwords(time_cost=1, memory_kib=2**32 - 1)  # four tebibytes, were it to hash


def test_the_password_of_nobody_takes_a_whole_hash_to_refuse() -> None:
    nobody = CHEAP._nobody
    assert not CHEAP.outdated(nobody)
    with pytest.raises(VerifyMismatchError):  # and not InvalidHashError, which is found at once
        PasswordHasher().verify(nobody, "x")
    assert not CHEAP.verify(None, "x")
