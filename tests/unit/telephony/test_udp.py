from __future__ import annotations

import errno
import socket

import pytest

from dialer.telephony.errors import AddressUnavailable
from dialer.telephony.udp import bind_udp, drain, send

HOST = "127.0.0.1"


def test_a_port_already_taken_names_it_and_says_what_to_do() -> None:
    with bind_udp(HOST, 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(AddressUnavailable) as caught:
            bind_udp(HOST, port)
    assert (caught.value.host, caught.value.port) == (HOST, port)
    assert str(caught.value) == (
        f"cannot listen on 127.0.0.1:{port} (UDP): the port is already taken; "
        "end the program that has it (`ss -lunp` shows it) or choose another port"
    )


@pytest.mark.parametrize(
    ("host", "port", "text"),
    [
        ("203.0.113.1", 5060, "no such address"),
        (HOST, 70_000, "not a port"),
        ("0.0.0.0", 5060, "choose that of an interface"),
        ("", 5060, "choose that of an interface"),
        ("no.such.host.invalid", 0, "choose another"),
    ],
)
def test_addresses_that_cannot_be_bound(host: str, port: int, text: str) -> None:
    with pytest.raises(AddressUnavailable, match=text):
        bind_udp(host, port)


def test_no_more_files_is_told_as_any_other_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(socket, "socket", refuse)
    with pytest.raises(AddressUnavailable, match="ulimit -n") as caught:
        bind_udp(HOST, 0)
    assert not caught.value.in_use  # trying the next port would not help


def test_drain_takes_what_is_there_up_to_its_limit() -> None:
    with bind_udp(HOST, 0) as here, bind_udp(HOST, 0) as there:
        for n in range(5):
            assert send(there, b"%d" % n, here.getsockname())
        taken = list(drain(here, limit=3))
        assert taken == [(b"%d" % n, there.getsockname()) for n in range(3)]
        assert [data for data, _ in drain(here)] == [b"3", b"4"]
        assert list(drain(here)) == []


def test_drain_ends_when_the_socket_is_closed_meanwhile() -> None:
    with bind_udp(HOST, 0) as here, bind_udp(HOST, 0) as there:
        for _ in range(2):
            send(there, b"x", here.getsockname())
        seen = 0
        for _ in drain(here):
            seen += 1
            here.close()
        assert seen == 1


def test_sending_what_cannot_be_sent_is_told_not_raised() -> None:
    with bind_udp(HOST, 0) as sock:
        assert not send(sock, b"x" * 70_000, (HOST, 9))
        assert not send(sock, b"x", (HOST, 70_000))
    assert not send(sock, b"x", (HOST, 9))


def test_the_socket_does_not_block() -> None:
    with bind_udp(HOST, 0, receive_buffer=65_536) as sock:
        assert sock.getblocking() is False
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) >= 65_536
