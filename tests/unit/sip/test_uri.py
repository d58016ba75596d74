from __future__ import annotations

import pytest

from dialer.sip.errors import MalformedMessage
from dialer.sip.events import Address
from dialer.sip.uri import Uri


@pytest.mark.parametrize(
    ("text", "uri", "address"),
    [
        ("sip:a@1.2.3.4", Uri("sip", "a", "1.2.3.4"), ("1.2.3.4", 5060)),
        (
            "SIPS:a:pw@[2001:db8::1]:5071;lr",
            Uri("sips", "a:pw", "[2001:db8::1]", 5071, "lr"),
            ("2001:db8::1", 5071),
        ),
        ("sip:a@999.1.1.1", Uri("sip", "a", "999.1.1.1"), None),
        ("sip:a@10.0.0.01", Uri("sip", "a", "10.0.0.01"), None),
        ("sip:example.org;lr?X=1", Uri("sip", "", "example.org", None, "lr", "X=1"), None),
        ("sip:+1;phone-context=x@h;user=phone", Uri("sip", "+1;phone-context=x", "h", None, "user=phone"), None),
        ("tel:+44-20-7946-0001;ext=1", Uri("tel", "+44-20-7946-0001", "", None, "ext=1"), None),
    ],
)
def test_parse_and_write(text: str, uri: Uri, address: Address | None) -> None:
    assert Uri.parse(text) == uri
    assert str(uri).lower() == text.lower()
    assert uri.address == address


@pytest.mark.parametrize(
    "text", ["", "sip:", "a@b", "sip:a b@c", "sip:a@b:99999", "http://x", "sip:a@<b>", "tel:", "mailto:a@b"]
)
def test_what_does_not_parse(text: str) -> None:
    with pytest.raises(MalformedMessage):
        Uri.parse(text)


def test_parameters_compare_without_case() -> None:
    uri = Uri.parse("sip:a@b;LR;Transport=udp")
    assert (uri.is_loose_router, uri.param("transport"), uri.param("x")) == (True, "udp", None)
    assert not Uri.parse("sip:a@b;lrx").is_loose_router
