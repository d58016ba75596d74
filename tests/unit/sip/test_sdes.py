from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.sip.errors import NoAgreedKeys
from dialer.sip.sdes import OFFER_OCTETS, SUITES, Crypto, Keys, agreed, offered, taken

KEY = bytes(range(30))
TEXT = b64encode(KEY).decode()
LONG, SHORT = SUITES
OURS = offered(bytes(range(100, 100 + OFFER_OCTETS)))


def test_an_offer_has_a_key_for_each_suite_and_none_twice() -> None:
    assert [(it.tag, it.suite) for it in OURS] == [(1, LONG), (2, SHORT)]
    assert len({it.key for it in OURS}) == 2
    assert [Crypto.parse(str(it)) for it in OURS] == list(OURS)


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        (f"1 {LONG} inline:{TEXT}", 1),
        (f"999999999 {SHORT} inline:{TEXT}|2^20", 999_999_999),
        (f"1 {LONG} INLINE:{TEXT}|1048576 WSH=64", 1),
        (f"1 {LONG} inline:{TEXT} -KDR=4", 1),
    ],
)
def test_what_can_be_taken(value: str, tag: int) -> None:
    found = Crypto.parse(value)
    assert found is not None
    assert (found.tag, found.key) == (tag, KEY)


@pytest.mark.parametrize(
    "value",
    [
        "",
        f"1 {LONG}",
        f"x {LONG} inline:{TEXT}",
        f"1234567890 {LONG} inline:{TEXT}",
        f"1 F8_128_HMAC_SHA1_80 inline:{TEXT}",
        f"1 {LONG} inline:{TEXT[:-4]}",
        f"1 {LONG} inline:{TEXT}AAAA",
        f"1 {LONG} inline:!{TEXT[1:]}",
        f"1 {LONG} uri:{TEXT}",
        f"1 {LONG} inline:{TEXT}|2^20|1:4",  # an MKI in each packet
        f"1 {LONG} inline:{TEXT}|1:4",
        f"1 {LONG} inline:{TEXT};inline:{TEXT}",
        f"1 {LONG} inline:{TEXT} UNENCRYPTED_SRTP",
        f"1 {LONG} inline:{TEXT} UNENCRYPTED_SRTCP",
        f"1 {LONG} inline:{TEXT} UNAUTHENTICATED_SRTP",
        f"1 {LONG} inline:{TEXT} KDR=4",
        f"1 {LONG} inline:{TEXT} FEC_ORDER=FEC_SRTP",
    ],
)
def test_what_is_left_for_others_to_take(value: str) -> None:
    assert Crypto.parse(value) is None


@given(st.text(max_size=80))
def test_nothing_that_comes_is_more_than_no_key(value: str) -> None:
    found = Crypto.parse(value)
    assert found is None or len(found.key) == 30


def test_their_best_suite_counts_with_our_key_for_it() -> None:
    theirs = (Crypto(7, SHORT, KEY), Crypto(8, LONG, bytes(30)))
    assert agreed(OURS, theirs, required=True) == Keys(SHORT, OURS[1].key, KEY)
    assert taken(OURS, theirs) == Crypto(7, SHORT, OURS[1].key)
    assert agreed(OURS[:1], theirs, required=True) == Keys(LONG, OURS[0].key, bytes(30))


def test_without_a_common_suite_there_is_no_protection_and_that_is_said_when_it_must_be() -> None:
    short = (Crypto(1, SHORT, KEY),)
    assert agreed(OURS, (), required=False) is None
    assert agreed(OURS[:1], short, required=False) is None
    assert taken(OURS[:1], short) is None
    with pytest.raises(NoAgreedKeys, match="no a=crypto line"):
        agreed(OURS, (), required=True)
    with pytest.raises(NoAgreedKeys, match=f"{SHORT}, which was not offered"):
        agreed(OURS[:1], short, required=True)


def test_no_repr_shows_a_key() -> None:
    keys = agreed(OURS, (Crypto(1, LONG, KEY),), required=True)
    for shown in (repr(OURS), repr(keys)):
        assert LONG in shown
        assert "key" not in shown
        assert "ending" not in shown
