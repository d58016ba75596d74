"""Our dialer is killed (-9) in the middle of calls to SIPp and started again: SIPp sees each call ended as RFC
3261 wants it. (An answer that the dead process did not see is not among them: SIPp drops what it has answered when
a CANCEL comes, against § 9.2.)"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.test_carrier_killed import run
from tests.peers.sipp import Sipp, branch, header, scenario, sipp

pytestmark = pytest.mark.needs("sipp")

NUMBER = "+4930231250"


async def killed_and_back(peer: Sipp, home: Path, moment: str) -> list[list[object]]:
    """What became of the call that the killed process left."""
    status, _ = await run("dial", str(home), str(peer.port), moment, NUMBER)
    assert status == -9
    status, said = await run("end", str(home), str(peer.port))
    assert status == 0
    word, ends = said[-1]
    assert word == "left"
    return list(ends)


@pytest.mark.parametrize("moment", ["talking", "answer noted"])
async def test_an_answered_call_is_hung_up(moment: str, tmp_path: Path) -> None:
    async with sipp(tmp_path, "-sn", "uas") as peer:
        assert await killed_and_back(peer, tmp_path, moment) == [[1, "hung_up"]]
        [invite] = peer.messages("received", "INVITE")
        acks, byes = peer.messages("received", "ACK"), peer.messages("received", "BYE")
        assert acks
        assert len({header(bye, "CSeq") for bye in byes}) == 1
        for message in (*acks, byes[0]):
            assert header(message, "Call-ID") == header(invite, "Call-ID")
            assert header(message, "From") == header(invite, "From")
            assert ";tag=" in header(message, "To")


async def test_through_a_proxy(tmp_path: Path) -> None:
    async with sipp(tmp_path, *scenario("record_route")) as peer:
        assert await killed_and_back(peer, tmp_path, "talking") == [[1, "hung_up"]]
        await peer.succeeds()
        assert peer.messages("received", "BYE")[0].split()[1] == "sip:gateway@192.0.2.99:5099"


@pytest.mark.parametrize("moment", ["ringing", "invite sent"])
async def test_a_ringing_call_is_cancelled(moment: str, tmp_path: Path) -> None:
    async with sipp(tmp_path, *scenario("no_answer")) as peer:
        assert await killed_and_back(peer, tmp_path, moment) == [[1, "cancelled"]]
        await peer.succeeds()
        [invite] = peer.messages("received", "INVITE")
        cancel = peer.messages("received", "CANCEL")[0]
        [ack] = peer.messages("received", "ACK")
        for message in (cancel, ack):
            assert branch(message) == branch(invite)  # RFC 3261 § 9.1, § 17.1.1.3
            assert header(message, "Via") == header(invite, "Via")
        assert header(cancel, "CSeq") == header(invite, "CSeq").replace("INVITE", "CANCEL")


async def test_the_answer_crosses_the_cancel(tmp_path: Path) -> None:
    async with sipp(tmp_path, *scenario("answer_after_cancel")) as peer:
        assert await killed_and_back(peer, tmp_path, "ringing") == [[1, "hung_up"]]
        await peer.succeeds()
