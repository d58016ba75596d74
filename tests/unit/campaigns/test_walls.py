from __future__ import annotations

import json
from dataclasses import replace

import pytest

from campaigns.audit_walls import wall_faults
from campaigns.destinations import Destinations
from campaigns.refusal import Refusal
from campaigns.walls import OwnedCallerId, TrunkWall, Walls

LONDON, NEW_YORK, PARIS = "+442079460123", "+12125550123", "+33123456789"
OURS = OwnedCallerId("+442079460999", verified_on="2026-11-01")
WALLS = Walls(
    house=Destinations(("GB", "US")),
    clients=(("acme", Destinations(("GB",))),),
    trunks=(TrunkWall("main"), TrunkWall("uk", Destinations(("+44",))), TrunkWall("sim", None, simulated=True)),
    caller_ids=(
        OURS,
        OwnedCallerId("+442079460998", "acme", "2026-11-01"),
        OwnedCallerId("+442079460997"),
        OwnedCallerId("+442079460996", "", "2026-11-01", Destinations(("GB",))),
    ),
)


def reason(
    number: str = LONDON,
    *,
    client: str = "",
    trunk: str = "main",
    caller_id: str = OURS.number,
    campaign: Destinations | None = None,
    walls: Walls = WALLS,
) -> Refusal | None:
    refused = walls.refusal(number, client=client, trunk=trunk, caller_id=caller_id, campaign=campaign)
    found = {
        code
        for code, _ in wall_faults(
            number,
            {LONDON: "GB", NEW_YORK: "US", PARIS: "FR"}.get(number, ""),
            client=client,
            trunk=trunk,
            caller_id=caller_id,
            walls_hash=walls.hash,
            walls={walls.hash: walls.body},
            campaign_entries=None if campaign is None else campaign.entries,
        )
    }
    if refused is None:
        assert not found, "the audit sees what the walls let pass"
    elif refused.reason not in (Refusal.PREMIUM, Refusal.NOT_VALID):
        assert refused.reason.value in found, "the audit does not see what the walls refuse"
    return None if refused is None else refused.reason


def test_a_number_inside_every_wall_passes() -> None:
    assert reason() is None
    assert reason(client="acme") is None
    assert reason(trunk="uk", campaign=Destinations(("+4420",))) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"number": PARIS}, Refusal.DESTINATION),
        ({"number": NEW_YORK, "client": "acme"}, Refusal.DESTINATION),
        ({"number": NEW_YORK, "trunk": "uk"}, Refusal.DESTINATION),
        ({"campaign": Destinations(("US",))}, Refusal.DESTINATION),
        ({"walls": Walls()}, Refusal.DESTINATION),
        ({"walls": replace(WALLS, house=None)}, Refusal.DESTINATION),
        ({"caller_id": "+442079460001"}, Refusal.CALLER_ID_NOT_OURS),
        ({"caller_id": "+442079460998"}, Refusal.CALLER_ID_NOT_OURS),
        ({"caller_id": "+442079460998", "client": "other"}, Refusal.CALLER_ID_NOT_OURS),
        ({"caller_id": "+442079460997"}, Refusal.CALLER_ID_NOT_OURS),
        ({"caller_id": "+442079460996", "number": NEW_YORK}, Refusal.CALLER_ID_COUNTRY),
        ({"number": "+44999"}, Refusal.EMERGENCY),
        ({"number": "112"}, Refusal.EMERGENCY),
        ({"number": "+449098790123"}, Refusal.PREMIUM),
        ({"number": "+44207"}, Refusal.SHORT_CODE),
    ],
)
def test_a_number_outside_a_wall_is_refused(changes: dict[str, object], expected: Refusal) -> None:
    assert reason(**changes) is expected  # type: ignore[arg-type]


def test_a_simulated_trunk_has_no_walls_but_those_that_always_hold() -> None:
    assert reason(PARIS, trunk="sim", caller_id="+1") is None
    assert reason("+33112", trunk="sim") is Refusal.EMERGENCY


def test_their_hash_is_that_of_their_json_and_changes_with_them() -> None:
    assert json.loads(WALLS.body)["house"] == {"entries": ["GB", "US"]}
    assert WALLS.hash == replace(WALLS).hash
    assert WALLS.hash != replace(WALLS, house=Destinations(("GB",))).hash


def test_a_permit_under_walls_that_nobody_stored_is_found() -> None:
    faults = wall_faults(
        LONDON, "GB", client="", trunk="main", caller_id=OURS.number, walls_hash="ab" * 32, walls={},
        campaign_entries=None,
    )  # fmt: skip
    assert [code for code, _ in faults] == ["unknown_walls"]
