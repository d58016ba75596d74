from __future__ import annotations

import pytest

from dialer.telephony.errors import OtherVersion
from dialer.telephony.hosts import Hosts


def test_each_far_end_is_faced_by_its_version() -> None:
    hosts = Hosts(("192.0.2.7", "2001:db8::7"))
    assert (hosts.facing("198.51.100.1"), hosts.facing("2001:db8:1::1")) == ("192.0.2.7", "2001:db8::7")


def test_a_version_that_there_is_not() -> None:
    with pytest.raises(OtherVersion, match=r"::1 is IPv6.*\[sip\] listen_also"):
        Hosts(("192.0.2.7",)).facing("::1")
    with pytest.raises(OtherVersion, match=r"192\.0\.2\.1 is IPv4"):
        Hosts(("::1",)).facing("192.0.2.1")


def test_a_public_address_stands_for_its_own_version() -> None:
    hosts = Hosts(("192.0.2.7", "2001:db8::7"), "198.51.100.4")
    assert (hosts.shown("192.0.2.7"), hosts.shown("2001:db8::7")) == ("198.51.100.4", "2001:db8::7")
