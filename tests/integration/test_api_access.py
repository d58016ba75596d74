"""Who may what: every route against every role, tokens and their ends, clients kept apart."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

from dialer.api import requests
from dialer.api.access import Login, NewToken, NewUser
from dialer.api.client import AsyncControlClient
from dialer.api.desks import AgentLogin
from dialer.api.edits import CampaignText, Numbers, ResetAsked
from dialer.api.errors import ApiRefused, NotAllowed, NotAuthenticated, NotFound, Unavailable
from dialer.api.requests import Request
from dialer.api.roles import MAY, Permission, Role
from dialer.ports.access import StoredToken
from dialer.ports.store import SaveToken
from dialer.settings import ClientSettings, TrunkSettings
from dialer.storage.errors import StoreUnreachable
from dialer.web.app import create_app
from dialer.web.caller import Needs, guard_of
from dialer.web.credentials import make_secret
from dialer.web.guard import OPEN
from tests.contract.storage_values import save_attempt
from tests.integration.api_world import NOW, World, api_world, campaign_text
from tests.integration.test_api import portion
from tests.walls import SIMULATED

NUMBER = "+12025550123"
PASSWORD = "correct horse battery"

P = Permission
EXPECTED: dict[tuple[str, str], tuple[Permission | None, bool]] = {
    ("GET", "/metrics"): (P.METRICS_READ, True),
    ("GET", "/v1/overview"): (P.FLOOR_READ, False),
    ("GET", "/v1/stream"): (P.FLOOR_READ, False),
    ("GET", "/v1/settings"): (P.SETTINGS_READ, True),
    ("POST", "/v1/settings/reload"): (P.SETTINGS_EDIT, True),
    ("POST", "/v1/service/stop"): (P.SERVICE_STOP, True),
    ("POST", "/v1/logout"): (None, False),
    ("GET", "/v1/me"): (None, False),
    ("GET", "/v1/tokens"): (P.ACCESS_EDIT, False),
    ("POST", "/v1/tokens"): (P.ACCESS_EDIT, False),
    ("DELETE", "/v1/tokens/{token_id}"): (P.ACCESS_EDIT, False),
    ("GET", "/v1/users"): (P.ACCESS_EDIT, False),
    ("PUT", "/v1/users/{name}"): (P.ACCESS_EDIT, False),
    ("DELETE", "/v1/users/{name}"): (P.ACCESS_EDIT, False),
    ("GET", "/v1/changes"): (P.CHANGES_READ, False),
    ("GET", "/v1/campaigns"): (P.CAMPAIGNS_READ, False),
    ("GET", "/v1/campaigns/{name:path}/funnel"): (P.CAMPAIGNS_READ, False),
    ("GET", "/v1/lists/{name:path}/freshness"): (P.REPORTS_READ, False),
    ("GET", "/v1/campaigns/{name:path}/callbacks"): (P.CAMPAIGNS_READ, False),
    ("GET", "/v1/callbacks"): (P.CAMPAIGNS_READ, False),
    ("POST", "/v1/campaigns/{name:path}/reset"): (P.CAMPAIGNS_RUN, False),
    ("GET", "/v1/campaigns/{name:path}"): (P.CAMPAIGNS_READ, False),
    ("PUT", "/v1/campaigns/{name:path}"): (P.CAMPAIGNS_EDIT, False),
    ("POST", "/v1/campaigns/{name:path}/start"): (P.CAMPAIGNS_RUN, False),
    ("POST", "/v1/campaigns/{name:path}/pause"): (P.CAMPAIGNS_RUN, False),
    ("POST", "/v1/campaigns/{name:path}/stop"): (P.CAMPAIGNS_RUN, False),
    ("GET", "/v1/campaigns/{name:path}/summary"): (P.REPORTS_READ, False),
    ("POST", "/v1/campaigns/{name:path}/reports"): (P.REPORTS_READ, False),
    ("GET", "/v1/lists"): (P.LISTS_READ, False),
    ("GET", "/v1/lists/{name:path}"): (P.LEADS_READ, False),
    ("POST", "/v1/lists/{name:path}/leads"): (P.LISTS_EDIT, False),
    ("POST", "/v1/lists/{name:path}/leads/update"): (P.LISTS_EDIT, False),
    ("GET", "/v1/lists/{name:path}/segment"): (P.LEADS_READ, False),
    ("GET", "/v1/mappings"): (P.LISTS_READ, True),
    ("GET", "/v1/mappings/{name}"): (P.LISTS_READ, True),
    ("DELETE", "/v1/mappings/{name}"): (P.LISTS_EDIT, True),
    ("POST", "/v1/lists/{name:path}/expiry"): (P.LISTS_EDIT, False),
    ("POST", "/v1/lists/{name:path}/moves"): (P.LISTS_EDIT, False),
    ("POST", "/v1/person/retention"): (P.PEOPLE_ERASE, True),
    ("POST", "/v1/person/erase"): (P.PEOPLE_ERASE, False),
    ("POST", "/v1/lists/{name:path}/imports"): (P.LISTS_EDIT, False),
    ("POST", "/v1/lists/{name:path}/imports/end"): (P.LISTS_EDIT, False),
    ("GET", "/v1/jobs"): (P.REPORTS_READ, False),
    ("GET", "/v1/jobs/{job_id}"): (P.REPORTS_READ, False),
    ("POST", "/v1/jobs/{job_id}/cancel"): (P.LISTS_EDIT, False),
    ("GET", "/v1/leads"): (P.LEADS_READ, False),
    ("GET", "/v1/leads/{lead_id}"): (P.LEADS_READ, False),
    ("GET", "/v1/rules"): (P.CAMPAIGNS_READ, False),
    ("GET", "/v1/rules/{name}"): (P.CAMPAIGNS_READ, False),
    ("GET", "/v1/rules/for"): (P.LEADS_READ, False),
    ("GET", "/v1/why"): (P.LEADS_READ, False),
    ("GET", "/v1/why/everywhere"): (P.LEADS_READ, False),
    ("POST", "/v1/dnc"): (P.DNC_EDIT, False),
    ("POST", "/v1/dnc/remove"): (P.DNC_EDIT, False),
    ("GET", "/v1/dnc/{number}"): (P.DNC_READ, False),
    ("POST", "/v1/consents"): (P.CONSENTS_EDIT, False),
    ("POST", "/v1/consents/withdraw"): (P.CONSENTS_EDIT, False),
    ("GET", "/v1/consents/{number}"): (P.CONSENTS_READ, False),
    ("GET", "/v1/agents"): (P.FLOOR_READ, False),
    ("GET", "/v1/agents/stream"): (P.AGENTS_WORK, False),
    ("POST", "/v1/agents/{agent_id}/login"): (P.AGENTS_WORK, False),
    ("POST", "/v1/agents/{agent_id}/ready"): (P.AGENTS_WORK, False),
    ("POST", "/v1/agents/{agent_id}/pause"): (P.AGENTS_WORK, False),
    ("POST", "/v1/agents/{agent_id}/logout"): (P.AGENTS_WORK, False),
    ("POST", "/v1/agents/{agent_id}/hangup"): (P.AGENTS_WORK, False),
    ("POST", "/v1/agents/{agent_id}/disposition"): (P.AGENTS_WORK, False),
    ("POST", "/v1/agents/{agent_id}/recording"): (P.AGENTS_WORK, False),
    ("GET", "/v1/trunks"): (P.FLOOR_READ, True),
    ("POST", "/v1/trunks/{name}/test"): (P.TRUNKS_TEST, True),
    ("POST", "/v1/trunks/{name}/release"): (P.TRUNKS_TEST, True),
    ("GET", "/v1/calls"): (P.FLOOR_READ, False),
    ("POST", "/v1/calls/{attempt_id}/hangup"): (P.CALLS_END, False),
    ("POST", "/v1/calls/{attempt_id}/recording"): (P.CALLS_RECORD, False),
    ("POST", "/v1/calls/{attempt_id}/consult"): (P.AGENTS_WORK, False),
    ("POST", "/v1/calls/{attempt_id}/consult/join"): (P.AGENTS_WORK, False),
    ("POST", "/v1/calls/{attempt_id}/consult/complete"): (P.AGENTS_WORK, False),
    ("POST", "/v1/calls/{attempt_id}/consult/drop"): (P.AGENTS_WORK, False),
    ("GET", "/v1/supervisions"): (P.CALLS_LISTEN, False),
    ("POST", "/v1/agents/{agent_id}/supervision"): (P.CALLS_LISTEN, False),
    ("POST", "/v1/agents/{agent_id}/supervision/end"): (P.CALLS_LISTEN, False),
}
"""What each route asks for, and whether it is the house's alone. Written out once more, so that a permission
changed by mistake shows."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with api_world(tmp_path) as made:
        yield made


def routes_of(world: World) -> Iterator[tuple[str, str, Needs | None]]:
    for route in create_app(world.serving.control).routes:
        assert isinstance(route, APIRoute)
        for method in route.methods or ():
            yield method, route.path, guard_of(one.call for one in route.dependant.dependencies)


async def test_every_route_asks_for_what_it_should(world: World) -> None:
    found = {}
    for method, path, guard in routes_of(world):
        if (method, path) in OPEN:
            assert guard is None
        else:
            assert guard is not None, f"{method} {path} is open to everybody"
            found[method, path] = guard.permission, guard.house
    assert found == EXPECTED


@pytest.mark.parametrize("client", ["", "acme"])
@pytest.mark.parametrize("role", list(Role))
async def test_every_route_lets_in_the_roles_that_may_and_no_others(world: World, role: Role, client: str) -> None:
    for (method, path), (permission, house) in EXPECTED.items():
        bearer = await world.token(role, client, name="ana")
        address = re.sub(r"\{(lead_id|attempt_id)\}", "1", re.sub(r"\{number\}", NUMBER, path))
        address = re.sub(r"\{agent_id\}", "ana", address)
        address = re.sub(r"\{[a-z_:]+\}", "nothing", address)
        params = {"agent": "ana"} if path == "/v1/agents/stream" else {}
        async with world.http(bearer.token) as http, http.stream(method, address, params=params) as response:
            may = (permission is None or permission in MAY[role]) and not (house and client)
            assert (response.status_code == 403) == (not may), f"{method} {path} as {role}: {response.status_code}"
            assert response.status_code not in (401, 405, 500)


async def test_nothing_is_told_to_somebody_without_a_token_over_tcp_or_with_a_wrong_one(world: World) -> None:
    wrong = ["nonsense", "rp_0123456789abcdef_" + "A" * 43, make_secret().text, "rp_x_y"]
    async with world.http() as http:
        for method, path in EXPECTED:
            for text in wrong:
                response = await http.request(method, path, headers={"authorization": f"Bearer {text}"})
                assert response.status_code == 401
                assert response.json()["code"] == "not_authenticated"
                assert response.headers["www-authenticate"] == "Bearer"
        assert (await http.get("/v1/me", headers={"authorization": "Basic YTpi"})).status_code == 401
        twice = [("authorization", f"Bearer {make_secret().text}"), ("authorization", "Bearer x")]
        assert (await http.get("/v1/me", headers=twice)).status_code == 401


async def test_a_token_ends_by_itself_or_by_being_revoked(world: World) -> None:
    short = await world.token(Role.AUDITOR, expires_in_s=60.0)
    long = await world.token(Role.AUDITOR)
    async with world.client(short.token) as client, world.client(long.token) as other, world.client() as owner:
        assert (await client.call(requests.me())).name == "token:tool"
        world.service.clock.at += 59.9
        await client.call(requests.me())
        world.service.clock.at += 0.1
        with pytest.raises(NotAuthenticated):
            await client.call(requests.me())
        await other.call(requests.me())
        await owner.call(requests.revoke_token(long.token_id))
        with pytest.raises(NotAuthenticated):
            await other.call(requests.me())
        rows = {row.token_id: row for row in (await owner.call(requests.tokens())).tokens}
        assert rows[long.token_id].revoked_at == NOW + 60.0
        with pytest.raises(NotFound):
            await owner.call(requests.revoke_token("0123456789abcdef"))
    assert all(short.token.rsplit("_", 1)[1] not in str(write) for write in world.service.writes)


async def test_a_token_narrows_what_the_owner_may_do_on_the_socket(world: World) -> None:
    bearer = await world.token(Role.MANAGER, scopes=[P.FLOOR_READ])
    async with world.client(bearer.token) as client:
        await client.call(requests.overview())
        assert (await client.call(requests.me())).permissions == [P.FLOOR_READ]
        with pytest.raises(NotAllowed, match=r"token:tool \(manager\) lacks the permission campaigns.read"):
            await client.call(requests.campaigns())


async def test_nobody_gives_more_than_they_have(world: World) -> None:
    scoped = await world.token(Role.ADMIN, scopes=[P.ACCESS_EDIT, P.FLOOR_READ])
    of_acme = await world.token(Role.ADMIN, "acme")
    brief = await world.token(Role.ADMIN, expires_in_s=3_600.0)
    async with world.client(scoped.token) as client, world.client() as owner:
        with pytest.raises(NotAllowed, match="cannot give what they do not have"):
            await client.call(requests.make_token(NewToken(name="x", role=Role.AUDITOR)))
        made = NewToken(name="x", role=Role.AUDITOR, scopes=[P.FLOOR_READ])
        assert (await client.call(requests.make_token(made))).role == Role.AUDITOR
        await owner.call(requests.save_user("boss", NewUser(role=Role.ADMIN, password=PASSWORD)))
        with pytest.raises(NotAllowed, match="cannot give"):
            await client.call(requests.save_user("me", NewUser(role=Role.AGENT, password=PASSWORD)))
    async with world.client(of_acme.token) as client:
        mine = await client.call(requests.make_token(NewToken(name="x", role=Role.ADMIN)))
        assert mine.client == "acme", "left out, it is the maker's own"
        with pytest.raises(NotAllowed):
            await client.call(requests.make_token(NewToken(name="x", role=Role.AGENT, client="zeta")))
        with pytest.raises(NotFound):
            await client.call(requests.save_user("boss", NewUser(role=Role.AGENT, password=PASSWORD)))
        with pytest.raises(NotFound):
            await client.call(requests.remove_user("boss"))
        with pytest.raises(NotFound):
            await client.call(requests.revoke_token(scoped.token_id))
        assert {row.client for row in (await client.call(requests.tokens())).tokens} == {"acme"}
        assert (await client.call(requests.users())).users == []
    async with world.client(brief.token) as client:
        with pytest.raises(NotAllowed, match="must not outlive"):
            await client.call(requests.make_token(NewToken(name="x", role=Role.AGENT)))
        await client.call(requests.make_token(NewToken(name="x", role=Role.AGENT, expires_in_s=3_600.0)))


async def test_a_wider_user_cannot_be_taken_over_by_a_new_password(world: World) -> None:
    may = sorted(MAY[Role.SUPERVISOR] | {P.ACCESS_EDIT})
    scoped = await world.token(Role.ADMIN, scopes=may)
    async with world.client() as owner, world.client(scoped.token) as client:
        await owner.call(requests.save_user("boss", NewUser(role=Role.ADMIN, password=PASSWORD)))
        await client.call(requests.save_user("sue", NewUser(role=Role.SUPERVISOR, password=PASSWORD)))
        with pytest.raises(NotAllowed):
            await client.call(requests.save_user("boss", NewUser(role=Role.AGENT, password="mine, all of it")))
        with pytest.raises(NotAllowed):
            await client.call(requests.remove_user("boss"))


async def test_a_session_from_log_in_to_its_end(world: World) -> None:
    async with world.client() as owner:
        await owner.call(requests.save_user("ana", NewUser(role=Role.AGENT, password=PASSWORD)))
        for user, password in (("ana", "wrong"), ("nobody", PASSWORD)):
            with pytest.raises(NotAuthenticated, match="user or password is wrong"):
                await owner.call(requests.log_in(user, password))
        world.service.clock.at += 1.0
        session = await owner.call(requests.log_in("ana", PASSWORD))
        second = await owner.call(requests.log_in("ana", PASSWORD))
    assert session.expires_at == NOW + 1.0 + 12 * 3_600
    async with world.client(session.token) as client, world.client(second.token) as other, world.client() as owner:
        assert (await client.call(requests.me())).name == "user:ana"
        await client.call(requests.log_out())
        with pytest.raises(NotAuthenticated):
            await client.call(requests.me())
        await other.call(requests.me())
        world.service.clock.at += 1.0
        await owner.call(requests.save_user("ana", NewUser(role=Role.AGENT, password=f"{PASSWORD} 2")))
        with pytest.raises(NotAuthenticated):
            await other.call(requests.me())
        world.service.clock.at += 1.0
        third = await owner.call(requests.log_in("ana", f"{PASSWORD} 2"))
        async with world.client(third.token) as again:
            await again.call(requests.me())
            await owner.call(requests.remove_user("ana"))
            with pytest.raises(NotAuthenticated):
                await again.call(requests.me())
        with pytest.raises(ApiRefused, match="no token to take back"):
            await owner.call(requests.log_out())
        actions = [(one.action, one.subject, one.by) for one in (await owner.call(requests.changes())).changes]
    assert ("login", "ana", "user:ana") in actions
    assert ("user.remove", "ana", actions[-1][2]) in actions
    assert all(PASSWORD not in str(write) for write in world.service.writes)


async def test_guessing_passwords_takes_longer_and_longer(world: World) -> None:
    async with world.client() as owner:
        await owner.call(requests.save_user("ana", NewUser(role=Role.AGENT, password=PASSWORD)))
    async with world.http() as http:

        async def attempt(password: str) -> tuple[int, str | None]:
            body = Login(user="ana", password=password).model_dump()
            response = await http.post("/v1/login", json=body)
            return response.status_code, response.headers.get("retry-after")

        assert [await attempt("wrong") for _ in range(5)] == [(401, None)] * 5
        assert await attempt(PASSWORD) == (429, "1")
        world.service.clock.at += 1.0
        assert await attempt("wrong") == (401, None)
        assert await attempt(PASSWORD) == (429, "2")
        world.service.clock.at += 2.0
        assert (await attempt(PASSWORD))[0] == 201


async def test_a_desk_is_its_agents_own(world: World) -> None:
    world.service.add_campaign("spring")
    async with world.client() as owner:
        await owner.call(requests.save_user("ana", NewUser(role=Role.AGENT, password=PASSWORD)))
        world.service.clock.at += 1.0
        session = await owner.call(requests.log_in("ana", PASSWORD))
    login = AgentLogin(campaign="spring", phone="127.0.0.1:40000")
    async with world.client(session.token) as client:
        await client.call(requests.agent_login("ana", login))
        await client.call(requests.agent_pause("ana", "lunch"))
        with pytest.raises(NotAllowed, match="their own desk alone"):
            await client.call(requests.agent_login("ben", login))
        changes = client.read(requests.agent_stream(["ana", "ben"]))
        with pytest.raises(NotAllowed):
            await anext(changes)


async def test_another_clients_names_are_as_if_they_were_not_there(world: World) -> None:
    service = world.service
    service.add_campaign("acme/spring", NUMBER)
    service.add_campaign("zeta/autumn", "+12025550124")
    service.add_campaign("house", "+12025550125")
    service.calls = {1: "acme/spring", 2: "zeta/autumn", 3: "house"}
    service.on_duty = {"ana": "acme/spring", "ben": "zeta/autumn"}
    bearer = await world.token(Role.ADMIN, "acme")
    login = AgentLogin(campaign="acme/spring", phone="127.0.0.1:40000")
    async with world.client(bearer.token) as client:
        floor = await client.call(requests.overview())
        assert [row.name for row in floor.campaigns] == ["acme/spring"]
        assert [row.agent_id for row in floor.agents] == ["ana"]
        assert [row.attempt_id for row in (await client.call(requests.calls())).calls] == [1]
        assert [row.name for row in (await client.call(requests.campaigns())).campaigns] == ["acme/spring"]
        assert [row.name for row in (await client.call(requests.lists())).lists] == ["acme/people-spring"]
        assert (await client.call(requests.leads_by_number("+12025550124"))).leads == []
        foreign: list[Request[Any]] = [
            requests.campaign("zeta/autumn"),
            requests.campaign("house"),
            requests.start_campaign("zeta/autumn"),
            requests.put_campaign("zeta/autumn", CampaignText(toml=campaign_text("autumn", "zeta"))),
            requests.put_campaign("fresh", CampaignText(toml=campaign_text("fresh"))),
            requests.summarise("zeta/autumn"),
            requests.contact_list("zeta/people-autumn"),
            requests.store_leads("zeta/people-autumn", portion(NUMBER)),
            requests.store_leads("people", portion(NUMBER)),
            requests.why("zeta/autumn", number=NUMBER, at=NOW),
            requests.why_everywhere(lead=2),
            requests.funnel("zeta/autumn"),
            requests.freshness("zeta/people-autumn"),
            requests.callbacks("zeta/autumn"),
            requests.due_callbacks("zeta/autumn"),
            requests.reset_campaign("zeta/autumn", ResetAsked(outcomes=["busy"])),
            requests.lead(2),
            requests.hang_up(2),
            requests.hang_up(3),
            requests.agent_ready("ben"),
            requests.agent_login("cy", AgentLogin(campaign="zeta/autumn", phone="127.0.0.1:4000")),
            requests.dnc(NUMBER, client="zeta"),
            requests.block(Numbers(numbers=[NUMBER], client="zeta")),
        ]
        for request in foreign:
            await _fault(client, request)
        missing = await _fault(client, requests.campaign("zeta/nothing"))
        there = await _fault(client, requests.campaign("zeta/autumn"))
        assert missing.replace("nothing", "autumn") == there
        await client.call(requests.start_campaign("acme/spring"))
        await client.call(requests.agent_login("cy", login))
        await client.call(requests.block(Numbers(numbers=[NUMBER])))
        again = await client.call(requests.block(Numbers(numbers=[NUMBER, "+12025550125"])))
        assert (again.changed, again.unchanged) == (1, 1)
        assert {one.client for one in (await client.call(requests.changes())).changes} == {"acme"}
    assert service.store.blocked_numbers([NUMBER], "acme") == {NUMBER}
    assert service.store.blocked_numbers([NUMBER], "zeta") == set()


async def test_no_refusal_tells_a_client_of_another_one(world: World) -> None:
    service = world.service
    service.add_campaign("acme/spring", NUMBER)
    service.add_campaign("zeta/autumn", "+12025550124")
    bearer = await world.token(Role.ADMIN, "acme")
    lists = ["acme/people-spring"]
    mine = campaign_text("summer", "acme", lists)
    clients = (ClientSettings("acme", "Acme"), ClientSettings("zeta", "Zeta", ("+12025550199",)))
    service.settings = replace(service.settings, clients=clients)
    asked: list[Request[Any]] = [
        requests.put_campaign("acme/summer", CampaignText(toml=mine.replace("+12025550100", "+12025550199"))),
        requests.put_campaign("acme/summer", CampaignText(toml=mine.replace('client = "acme"', 'client = "zet"'))),
        requests.put_campaign("acme/summer", CampaignText(toml=mine.replace("people-spring", "people-autum"))),
        requests.why("acme/spring", lead=2, at=NOW),
        requests.revoke_token((await world.token(Role.AGENT, "zeta")).token_id),
    ]
    async with world.client(bearer.token) as client:
        for request in asked:
            with pytest.raises(ApiRefused) as refused:
                await client.call(request)
            assert "zeta" not in refused.value.fault.model_dump_json(), request


async def test_a_client_is_not_told_how_often_others_called_a_number(world: World) -> None:
    service = world.service
    for name in ("acme/spring", "zeta/autumn"):
        service.add_campaign(name, NUMBER)
    at = NOW + 9 * 3_600.0  # noon in New York
    sim = TrunkSettings("sim", "127.0.0.1", simulated=True)
    service.settings = replace(service.settings, walls=SIMULATED, trunks=(sim,))
    service.store.write(save_attempt(1, 2, NUMBER, campaign="zeta/autumn", at=at - 60.0))
    asked = requests.why("acme/spring", number=NUMBER, at=at)
    told = []
    for client in ("", "acme"):
        bearer = await world.token(Role.ADMIN, client)
        async with world.client(bearer.token) as connected:
            answer = await connected.call(asked)
            everywhere = await connected.call(requests.why_everywhere(number=NUMBER, at=at))
        assert answer.allowed, answer
        evidence: Any = answer.evidence
        told.append({one["cap"]: one["used"] for one in evidence["counters"]})
        at_large: Any = next(one["evidence"] for one in everywhere.campaigns if one["campaign"] == "acme/spring")
        assert {one["cap"] for one in at_large["counters"]} == set(told[-1])
    assert told[0] | {"per_number_day": 1} == told[0]
    assert told[1] == {"per_lead": 0, "per_number": 0}


async def test_an_agent_who_goes_to_another_client_meanwhile_is_not_told_of(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.service.add_campaign("acme/spring")
    bearer = await world.token(Role.SUPERVISOR, "acme")
    read = world.service.store.campaigns

    def slow() -> object:
        world.service.on_duty["ana"] = "zeta/autumn"  # logged in while the campaigns are looked up
        return read()

    monkeypatch.setattr(world.service.store, "campaigns", slow)
    async with world.client(bearer.token) as client:
        text = await _fault(
            client, requests.agent_login("ana", AgentLogin(campaign="acme/spring", phone="127.0.0.1:4000"))
        )
    assert "zeta" not in text


async def test_a_revoked_token_is_in_the_log_of_its_client(world: World) -> None:
    token = await world.token(Role.AGENT, "acme")
    admin = await world.token(Role.ADMIN, "acme")
    async with world.client() as owner, world.client(admin.token) as client:
        await owner.call(requests.revoke_token(token.token_id))
        seen = (await client.call(requests.changes())).changes
    assert ("token.revoke", token.token_id, "acme") in [(one.action, one.subject, one.client) for one in seen]


async def _fault(client: AsyncControlClient, request: Request[Any]) -> str:
    with pytest.raises(NotFound) as refused:
        await client.call(request)
    return refused.value.fault.text


async def test_a_token_of_a_client_that_is_stored_twice_wide_is_no_admin_of_the_house(world: World) -> None:
    """Scopes never widen a role, whatever the store holds."""
    secret = make_secret()
    stored = StoredToken(
        secret.token_id, "t", Role.AGENT.value, "acme", (P.SERVICE_STOP.value,), secret.secret_hash, NOW
    )
    world.service.store.write(SaveToken(stored))
    async with world.client(secret.text) as client:
        assert (await client.call(requests.me())).permissions == []
        with pytest.raises(NotAllowed):
            await client.call(requests.stop_service())
    assert not world.service.stopped


async def test_while_the_store_is_away_who_is_known_is_let_in_and_may_stop_and_who_was_not_is_not(
    world: World,
) -> None:
    known, unseen, revoked = [await world.token(Role.ADMIN, name=name) for name in ("known", "unseen", "revoked")]
    for seen in (revoked, known):
        async with world.client(seen.token) as client:
            await client.call(requests.me())
    async with world.client() as owner:
        await owner.call(requests.revoke_token(revoked.token_id))
    async with world.client(known.token) as client:
        await client.call(requests.overview())
    world.service.away = StoreUnreachable("connection refused")
    for nobody in (unseen, revoked):
        async with world.client(nobody.token) as client:
            with pytest.raises(Unavailable, match="connection refused"):
                await client.call(requests.stop_service())
    asked_before = world.service.stopped
    async with world.client(known.token) as client:
        accepted = await client.call(requests.stop_service())
        assert (asked_before, world.service.stopped) == (False, True)
        assert "connection refused" in accepted.unstored
        world.service.clock.at += 365 * 86_400.0
        assert (await client.call(requests.me())).permissions, "it never expires"
