"""baresip registers with us as an agent's phone, and answers our call by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.sip.events import Accepted, BindingsChanged, Ended
from dialer.sip.hop import StreamHop
from dialer.sip.registrar import Registrar, auto_answer
from dialer.telephony.sip_side import SipSide
from tests.integration.sip_sides import HOST, side
from tests.peers.baresip import baresip

pytestmark = pytest.mark.needs("baresip")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_registered_called_and_gone(tmp_path: Path, transport: str) -> None:
    registrar = Registrar(HOST, {"ana": "secret"}, bytes(32), md5_only=True)
    async with side(SipSide(tcp=True), registrar=registrar) as it:
        async with baresip(tmp_path, "ana", "secret", it.port, transport=transport) as phone:
            await it.until(BindingsChanged)
            (binding,) = registrar.bindings("ana", it.endpoint.now())
            assert isinstance(binding.hop, StreamHop) == (transport == "tcp")
            it.call(1, binding.hop, request_uri=binding.contact, extra_headers=auto_answer(HOST))
            await it.until(Accepted)  # and nobody has touched it; this baresip does so by its own setting
            it.do("bye", 1)
            await it.until(Ended)
            await phone.end()
        assert registrar.bindings("ana", it.endpoint.now()) == ()


async def test_a_wrong_password_gets_nowhere(tmp_path: Path) -> None:
    registrar = Registrar(HOST, {"ana": "secret"}, bytes(32), md5_only=True)
    async with side(SipSide(), registrar=registrar) as it:
        async with baresip(tmp_path, "ana", "wrong", it.port) as phone:
            await it.until_true(lambda: "503" in phone.log.read_text(errors="replace"))  # slowed down
        assert registrar.bindings("ana", it.endpoint.now()) == ()
        assert not it.told
