"""The audit's own look at the walls: from the JSON that was in force, without the code that decides."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_EMERGENCY = re.compile(r"\+?0*([1-9][0-9]{0,2})?0?(000|08|10[0-9]|11[0-9]|12[0-9]|19[0-9]|911|99[0-9])", re.ASCII)


def wall_faults(
    number: str,
    region: str,
    *,
    client: str,
    trunk: str,
    caller_id: str,
    walls_hash: str,
    walls: Mapping[str, str],
    campaign_entries: tuple[str, ...] | None,
    prerecorded: bool = False,
    fictional: bool = False,
) -> Iterator[tuple[str, str]]:
    """What of the walls stood in the way of a call. `walls`: JSON of those that were ever in force, by hash;
    `walls_hash`: those that its permit names, "" for a permit from before there were any. `region`: of the
    number. `prerecorded`: its campaign has no agents speak; `fictional`: it was called under invented rules."""
    if _EMERGENCY.fullmatch(number):
        yield "emergency", f"{number} is an emergency number in disguise"
    elif not _E164.fullmatch(number):
        yield "short_code", f"{number} is no international number"
    if not walls_hash:
        return
    body = walls.get(walls_hash)
    if body is None:
        yield "unknown_walls", f"permitted under walls that were never stored: {walls_hash[:12]}"
        return
    wall: dict[str, Any] = json.loads(body)
    of_trunk = next((one for one in wall["trunks"] if one["name"] == trunk), None)
    if of_trunk is not None and of_trunk["simulated"]:
        return
    if prerecorded:
        yield "prerecorded", f"a call without an agent, over trunk {trunk}, which is no simulated one"
    if fictional:
        yield "no_rule", f"called under invented rules, over trunk {trunk}, which is no simulated one"
    narrower = [one["entries"] for name, one in wall["clients"] if name == client]
    if of_trunk is not None and of_trunk["destinations"] is not None:
        narrower.append(of_trunk["destinations"]["entries"])
    if campaign_entries is not None:
        narrower.append(list(campaign_entries))
    house = [] if wall["house"] is None else wall["house"]["entries"]
    for entries in (house, *narrower):
        if not _inside(entries, number, region):
            yield "destination", f"{number} in {region} is outside {', '.join(entries) or 'every destination'}"
            break
    yield from _caller_id_faults(wall, number, region, client, caller_id)


def _caller_id_faults(
    wall: Mapping[str, Any], number: str, region: str, client: str, caller_id: str
) -> Iterator[tuple[str, str]]:
    owned = next((one for one in wall["caller_ids"] if one["number"] == caller_id), None)
    if owned is None:
        yield "caller_id_not_ours", f"{caller_id} was not declared as ours"
    elif owned["client"] and owned["client"] != client:
        yield "caller_id_not_ours", f"{caller_id} belongs to client {owned['client']}"
    elif not owned["verified_on"]:
        yield "caller_id_not_ours", f"nobody had called {caller_id} back"
    elif owned["shown_in"] is not None and not _inside(owned["shown_in"]["entries"], number, region):
        yield "caller_id_country", f"{caller_id} may not be shown in {region}"


def _inside(entries: list[str], number: str, region: str) -> bool:
    matching = [
        (len(entry.lstrip("-")) if "+" in entry else 0, entry.startswith("-"))
        for entry in entries
        if entry.lstrip("-") == region or ("+" in entry and number.startswith(entry.lstrip("-")))
    ]
    return bool(matching) and not max(matching)[1]
