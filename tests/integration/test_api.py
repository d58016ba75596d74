"""The control API through its client: what each request answers, and what it does."""

from __future__ import annotations

import os
import pwd
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from campaigns.consent import AgreedTo
from campaigns.life import CampaignState
from dialer.api import requests
from dialer.api.desks import AgentDisposition, AgentLogin, Agreement, RecordingAsked
from dialer.api.edits import CampaignText, ImportEnd, LeadPortion, LeadText, Numbers, Phone
from dialer.api.errors import ApiRefused, Conflict, NotAllowed, NotFound
from dialer.api.person import ErasureAsked
from dialer.api.roles import Role
from dialer.engine.commands import NotifyAgent
from dialer.engine.events import (
    AgentHungUp,
    AgentLoggedIn,
    AgentPaused,
    DeskLost,
    Dispositioned,
    RecordingAgreed,
    RecordingPaused,
)
from dialer.ports.store import FetchLeads, PlaceLeads, SaveLeads, UpdateLeads
from dialer.web.portions import changes_of
from dialer.web.routes import lists as routes_lists
from lists.lead import Details, Origin
from tests.integration.api_world import NOW, SETTINGS, World, api_world, campaign_text

USER = pwd.getpwuid(os.getuid()).pw_name
NUMBER = "+12025550123"
EASTERN = "US:America/New_York"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with api_world(tmp_path) as made:
        yield made


def portion(*numbers: str) -> LeadPortion:
    zones = ["America/New_York"]
    leads = [
        LeadText(
            phones=[Phone(e164=one, region="US", kind="mobile", zones=zones, zone_source="number")],
            fields=[("a", "b")],
        )
        for one in numbers
    ]
    return LeadPortion(leads=leads, source="crm", as_of="2026-11-01")


async def test_the_owner_of_the_home_is_admin_by_the_kernels_word(world: World) -> None:
    async with world.client() as client:
        me = await client.call(requests.me())
    assert (me.name, me.role, me.client) == (f"os:{USER}", "admin", "")
    assert len(me.permissions) == len(set(me.permissions)) > 10


async def test_a_campaign_from_its_leads_to_its_end(world: World) -> None:
    async with world.client() as client:
        stored = await client.call(requests.store_leads("acme/people", portion(NUMBER, "+12025550124")))
        assert stored.stored == 2
        assert [(x.name, x.client, x.leads) for x in (await client.call(requests.lists())).lists] == [
            ("acme/people", "acme", 2)
        ]
        text = CampaignText(toml=campaign_text("spring", "acme"))
        added = await client.call(requests.put_campaign("acme/spring", text))
        assert (added.campaign, added.replaced, added.state, added.leads) == ("acme/spring", False, "ready", 2)
        assert [problem.field for problem in added.warnings] == ["trunks[0]"]
        assert list(world.service.reader.zone_group_names("acme/spring")) == [EASTERN]
        text = CampaignText(toml=f'{text.toml}[hours.list.people]\ndaily = "11:00-18:00"\n')
        assert (await client.call(requests.put_campaign("acme/spring", text))).replaced
        assert list(world.service.reader.zone_group_names("acme/spring")) == [f"{EASTERN};list=acme/people"]
        moved = await client.call(requests.start_campaign("acme/spring"))
        assert moved.state is CampaignState.RUNNING
        with pytest.raises(Conflict, match="is running and cannot start") as refused:
            await client.call(requests.start_campaign("acme/spring"))
        assert refused.value.fault.code == "step_refused"
        assert (await client.call(requests.pause_campaign("acme/spring"))).state is CampaignState.PAUSED
        assert (await client.call(requests.stop_campaign("acme/spring"))).state is CampaignState.DRAINING
        (entry,) = (await client.call(requests.campaigns())).campaigns
        assert (entry.name, entry.state, entry.mode, entry.leads) == ("acme/spring", "draining", "progressive", 2)
        detail = await client.call(requests.campaign("acme/spring"))
        assert detail.toml == text.toml
        assert detail.campaign["lists"] == ["acme/people"]
        listed = await client.call(requests.contact_list("acme/people", first=1))
        assert listed.campaigns == ["acme/spring"]
        assert [one.phones[0].e164 for one in listed.first] == [NUMBER]
        changes = (await client.call(requests.changes())).changes
    assert [(one.action, one.subject, one.client) for one in reversed(changes)] == [
        ("list.import", "acme/people", "acme"),
        ("campaign.add", "acme/spring", "acme"),
        ("campaign.replace", "acme/spring", "acme"),
        ("campaign.start", "acme/spring", "acme"),
        ("campaign.pause", "acme/spring", "acme"),
        ("campaign.stop", "acme/spring", "acme"),
    ]
    assert {(one.by, one.role, one.via, one.at) for one in changes} == {(f"os:{USER}", "admin", "api", NOW)}


async def test_a_campaign_file_with_mistakes_is_refused_with_their_places(world: World) -> None:
    async with world.client() as client:
        with pytest.raises(ApiRefused) as refused:
            await client.call(requests.put_campaign("spring", CampaignText(toml='name = "spring"\nlsts = 3\n')))
        assert (refused.value.status, refused.value.fault.code) == (422, "campaign_file")
        assert {"lsts", "lists"} <= {problem.field for problem in refused.value.fault.problems}
        with pytest.raises(ApiRefused, match='the text is of campaign "autumn"'):
            await client.call(requests.put_campaign("spring", CampaignText(toml=campaign_text("autumn"))))
        with pytest.raises(ApiRefused, match="has no list"):
            await client.call(requests.put_campaign("spring", CampaignText(toml=campaign_text("spring"))))
    assert world.service.writes == []


async def test_portions_of_one_import_make_one_entry_until_it_ends(world: World) -> None:
    async with world.client() as client:
        for number in (NUMBER, "+12025550124", "+12025550125"):
            await client.call(requests.store_leads("people", portion(number)))
        await client.call(requests.end_import("people", ImportEnd(file="people.csv", summary={"accepted": 3})))
        await client.call(requests.store_leads("people", portion("+12025550126")))
        changes = (await client.call(requests.changes())).changes
    assert [one.action for one in changes] == ["list.import", "list.imported", "list.import"]
    assert changes[1].detail == {"file": "people.csv", "summary": '{"accepted": 3}'}
    assert len(world.service.told) == 4


async def test_a_portion_is_read_beside_the_event_loop_and_one_that_would_take_it_long_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_in: list[threading.Thread] = []

    def noting(list_name: str, body: bytes, now: float) -> SaveLeads:
        read_in.append(threading.current_thread())
        return reads(list_name, body, now)

    reads = routes_lists.read_portion
    monkeypatch.setattr(routes_lists, "read_portion", noting)
    largest = portion(*(f"+1202555{n:04}" for n in range(2_000)))
    async with world.client() as client:
        assert (await client.call(requests.store_leads("people", largest))).stored == 2_000
        assert read_in[0] is not threading.current_thread()
        wide = [LeadText(phones=largest.leads[0].phones, fields=[("note", "x" * 10_000)])] * 120
        with pytest.raises(ApiRefused, match="smaller portions"):
            await client.call(requests.store_leads("people", LeadPortion(leads=wide)))


async def test_a_kind_of_line_that_is_none_is_refused(world: World) -> None:
    phone = Phone(e164=NUMBER, region="US", kind="carrier pigeon", zones=[], zone_source="number")
    async with world.client() as client:
        with pytest.raises(ApiRefused, match="carrier pigeon") as refused:
            await client.call(requests.store_leads("people", LeadPortion(leads=[LeadText(phones=[phone])])))
    assert refused.value.status == 422
    assert world.service.writes == []


async def test_what_a_list_knows_better_of_leads_is_stored(world: World) -> None:
    world.service.add_campaign("acme/spring", NUMBER)
    world.service.store.write(PlaceLeads("acme/spring", 10))
    (known,) = world.service.store.leads_by_number(NUMBER)
    better = replace(
        known,
        first_name="Ida",
        details=Details(city="Bari"),
        phones=(
            replace(known.phones[0], use="work"),
            replace(known.phones[0], e164="+12025550124", source="a form"),
        ),
        origins=(Origin("city", "a form", "2026-05-05"),),
    )
    changes = changes_of(UpdateLeads("acme/people", (better,), 5.0))
    async with world.client() as client:
        answer = await client.call(requests.update_leads("acme/more", changes))
        with pytest.raises(ApiRefused, match="is of another client"):
            await client.call(requests.update_leads("people", changes))
    assert (answer.updated, answer.at_hand) == (1, [])
    assert world.service.store.lead(known.lead_id) == better
    ((name, groups),) = world.service.told[-1].joined
    assert (name, len(groups)) == ("acme/spring", 1)


async def test_a_lead_by_id_and_by_number_and_why_it_waits(world: World) -> None:
    world.service.add_campaign("spring", NUMBER)
    async with world.client() as client:
        (found,) = (await client.call(requests.leads_by_number(NUMBER))).leads
        detail = await client.call(requests.lead(found.lead_id))
        assert detail.lead == found
        assert detail.attempts == []
        answer = await client.call(requests.why("spring", lead=found.lead_id, at=NOW))
        by_number = await client.call(requests.why("spring", number=NUMBER, at=NOW))
        assert answer.evidence["number"] == NUMBER
        assert (answer.allowed, answer.reason) == (by_number.allowed, by_number.reason)
        with pytest.raises(NotFound):
            await client.call(requests.lead(10**9))
        with pytest.raises(ApiRefused, match="give one of the two"):
            await client.call(requests.why("spring", at=NOW))
        with pytest.raises(NotFound, match='did you mean "spring"'):
            await client.call(requests.why("sprin", number=NUMBER, at=NOW))


async def test_why_for_every_campaign_of_who_asks(world: World) -> None:
    world.service.add_campaign("acme/spring", NUMBER)
    world.service.add_campaign("zeta/autumn", NUMBER)
    acme = await world.token(Role.SUPERVISOR, "acme")
    async with world.client() as client, world.client(acme.token) as theirs:
        await client.call(requests.block(Numbers(numbers=[NUMBER], client="zeta")))
        whole = await client.call(requests.why_everywhere(number=NUMBER, at=NOW))
        assert [one["campaign"] for one in whole.campaigns] == ["acme/spring", "zeta/autumn"]
        assert [one["client"] for one in whole.registers] == ["zeta"]
        assert [one["reason"] for one in whole.campaigns] == ["destination"] * 2  # its dialer.toml names none
        mine = await theirs.call(requests.why_everywhere(number=NUMBER, at=NOW))
        assert ([one["campaign"] for one in mine.campaigns], mine.registers) == (["acme/spring"], [])
        assert len(mine.leads) == 1
        with pytest.raises(ApiRefused, match="give one of the two"):
            await client.call(requests.why_everywhere(at=NOW))


async def test_numbers_on_a_register_and_off_it(world: World) -> None:
    numbers = Numbers(numbers=[NUMBER, "+12025550124", NUMBER], source="letter")
    async with world.client() as client:
        assert (await client.call(requests.block(numbers))).changed == 2
        assert (await client.call(requests.block(numbers))).unchanged == 2
        state = await client.call(requests.dnc(NUMBER, client="acme"))
        assert (state.blocked, state.since, state.client) == (True, NOW, "acme")
        world.service.clock.at += 60.0
        removed = await client.call(requests.unblock(Numbers(numbers=[NUMBER, "+12025550129"])))
        assert (removed.changed, removed.unchanged) == (1, 1)
        state = await client.call(requests.dnc(NUMBER))
        assert not state.blocked
        assert [(span.since, span.until) for span in state.spans] == [(NOW, NOW + 60.0)]
        with pytest.raises(NotFound, match='no client is called "nobody"'):
            await client.call(requests.block(Numbers(numbers=[NUMBER], client="nobody")))
        changes = (await client.call(requests.changes())).changes
    assert changes[0].detail["numbers"] == f"{NUMBER} +12025550129"
    assert [one.action for one in changes] == ["dnc.unblock", "dnc.block", "dnc.block"]


async def test_an_agents_shift_at_the_desk(world: World) -> None:
    world.service.add_campaign("spring")
    login = AgentLogin(campaign="spring", phone="127.0.0.1:40000")
    async with world.client() as client:
        with pytest.raises(Conflict, match="not on duty; log in first"):
            await client.call(requests.agent_ready("ana"))
        line = await client.call(requests.agent_login("ana", login))
        assert line.line == "127.0.0.1:20000"
        with pytest.raises(Conflict, match="on duty already, for spring"):
            await client.call(requests.agent_login("ana", login))
        await client.call(requests.agent_hangup("ana"))
        await client.call(requests.dispose("ana", AgentDisposition(attempt_id=7, code="sale")))
        said = Agreement(kind="call", words="yes, in spring again")
        await client.call(requests.dispose("ana", AgentDisposition(attempt_id=7, code="sale", agreed=(said,))))
        with pytest.raises(ApiRefused, match=r"spring has no disposition 'sael'; it has .*sale"):
            await client.call(requests.dispose("ana", AgentDisposition(attempt_id=7, code="sael")))
        await client.call(requests.agent_pause("ana", "lunch"))
        assert [row.agent_id for row in (await client.call(requests.agents())).agents] == ["ana"]
        assert world.service.lines == {"ana": ("127.0.0.1", 40_000)}
        await client.call(requests.agent_logout("ana"))
        assert world.service.lines == {}, "whoever goes off duty gives their line back"
        with pytest.raises(NotFound):
            await client.call(requests.agent_login("nobody", login))
        with pytest.raises(NotFound):
            await client.call(requests.agent_login("ben", AgentLogin(campaign="autumn", phone="127.0.0.1:4000")))
        with pytest.raises(ApiRefused, match="there is no port 70000"):
            await client.call(requests.agent_login("ben", AgentLogin(campaign="spring", phone="127.0.0.1:70000")))
        for nobody in ("0.0.0.0", "255.255.255.255", "239.1.1.1"):
            wrong = AgentLogin(campaign="spring", phone=f"{nobody}:4000")
            with pytest.raises(ApiRefused, match="is no phone's address"):
                await client.call(requests.agent_login("ben", wrong))
    assert world.service.posted[:-1] == [
        AgentLoggedIn("ana", "spring"),
        DeskLost("ana", SETTINGS.desk_grace_s),
        AgentHungUp("ana"),
        Dispositioned("ana", 7, "sale"),
        Dispositioned("ana", 7, "sale", agreed=(AgreedTo("call", "yes, in spring again"),)),
        AgentPaused("ana", "lunch"),
    ]


async def test_a_call_is_ended_once_and_that_is_on_record(world: World) -> None:
    world.service.calls = {7: "acme/spring"}
    async with world.client() as client:
        assert [row.attempt_id for row in (await client.call(requests.calls())).calls] == [7]
        await client.call(requests.hang_up(7))
        with pytest.raises(NotFound):
            await client.call(requests.hang_up(7))
        (change,) = (await client.call(requests.changes())).changes
    assert (change.action, change.subject, change.client) == ("call.hangup", "attempt 7", "acme")


async def test_a_recording_is_agreed_to_and_paused_where_there_is_one(world: World) -> None:
    service = world.service
    service.add_campaign("acme/spring")
    service.on_duty, service.calls = {"ana": "acme/spring"}, {7: "acme/spring"}
    agreed, paused, resumed = (RecordingAsked(to=to) for to in ("agreed", "paused", "resumed"))
    async with world.client() as client:
        with pytest.raises(Conflict, match="talks to nobody"):
            await client.call(requests.agent_recording("ana", agreed))
        service.present_as = {"ana": NotifyAgent("ana", "talking", "acme/spring", 7)}
        for state, asked, why in (
            ("", agreed, "is not recorded"),
            ("on", agreed, "it is on"),
            ("ask", paused, "waits for the contact's consent"),
            ("on", resumed, "it is on"),
            ("starting", paused, "has not begun yet"),
        ):
            service.recordings = {7: state}
            with pytest.raises(Conflict, match=why):
                await client.call(requests.agent_recording("ana", asked))
        for state, asked in (("ask", agreed), ("on", paused), ("paused", resumed)):
            service.recordings = {7: state}
            await client.call(requests.agent_recording("ana", asked))
        service.recordings = {7: "on"}
        await client.call(requests.pause_recording(7, paused=True))
        with pytest.raises(Conflict, match="it is on"):
            await client.call(requests.pause_recording(7, paused=False))
        with pytest.raises(NotFound):
            await client.call(requests.pause_recording(8, paused=True))
        (change, *_) = (await client.call(requests.changes())).changes
    assert (change.action, change.subject, change.client) == ("call.recording.pause", "attempt 7", "acme")
    assert service.posted == [
        RecordingAgreed("ana", 7),
        RecordingPaused(7, on=True),
        RecordingPaused(7, on=False),
        RecordingPaused(7, on=True),
    ]


async def test_settings_are_shown_without_secrets_and_read_again(world: World) -> None:
    async with world.client() as client:
        shown = (await client.call(requests.settings())).settings
        assert shown["agent"] == [{"id": one, "name": one.title()} for one in ("ana", "ben", "cy")]
        assert (await client.call(requests.reload_settings())).changed == ["trunk"]
        await client.call(requests.stop_service())
        assert world.service.stopped
        assert [one.action for one in (await client.call(requests.changes())).changes] == ["service.stop"]


async def test_health_readiness_and_metrics(world: World) -> None:
    world.service.add_campaign("spring")
    async with world.http() as http:
        assert (await http.get("/healthz")).json() == {"status": "ok", "checks": {"loop": "ok", "journal": "ok"}}
        assert (await http.get("/readyz")).json()["status"] == "running"
        world.service.state = "draining"
        assert (await http.get("/readyz")).status_code == 503
        world.service.fail_with = OSError("no disk")
        world.service.clock.at += 5.0
        ill = await http.get("/healthz")
        assert ill.status_code == 503
        assert "no disk" in ill.json()["checks"]["journal"]
        world.service.counters = {"sip_stray_response": 4, "rtp_relayed": 9}
        assert world.service.journal.observer is not None
        world.service.journal.observer(0.003)
        text = (await http.get("/metrics")).text
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert lines['dialer_attempts_total{campaign="spring",outcome="busy"}'] == "2.0"
    assert lines["dialer_journal_latency_seconds_count"] == "1.0"
    assert lines["dialer_journal_queued"] == "3.0"
    assert lines['dialer_sip_total{what="stray_response"}'] == "4.0"
    assert lines['dialer_rtp_total{what="relayed"}'] == "9.0"
    assert lines["dialer_running"] == "1.0"
    assert float(lines["dialer_process_resident_memory_bytes"]) > 0
    assert lines['dialer_api_request_seconds_count{method="GET",status="503"}'] == "2.0"


async def test_a_person_is_erased_once_no_call_is_at_hand(world: World) -> None:
    service, asked = world.service, ErasureAsked(number=NUMBER, reason="by letter")
    service.add_campaign("spring", NUMBER)
    service.store.write(PlaceLeads("spring", 10))
    service.store.write(FetchLeads("spring", 1, NOW, ("US:America/New_York",)))
    async with world.client() as client:
        with pytest.raises(Conflict, match="at hand"):
            await client.call(requests.erase_person(asked))
        assert (await client.call(requests.dnc(NUMBER))).blocked  # nobody calls it meanwhile
        service.store.recover()
        done = await client.call(requests.erase_person(asked))
        assert (done.leads, done.attempts, done.registers) == (1, 0, 0)
        assert not (await client.call(requests.dnc(NUMBER))).blocked
        with pytest.raises(NotFound):
            await client.call(requests.erase_person(asked))
    (change,) = [one.change for one in service.store.changes() if one.change.action == "person.erase"]
    assert change.by == f"os:{USER}"
    assert NUMBER not in str(service.store.changes())


async def test_a_client_erases_what_is_its_own(world: World) -> None:
    service = world.service
    service.add_campaign("spring", NUMBER)
    token = (await world.token(Role.MANAGER, "acme")).token
    async with world.client(token) as client:
        with pytest.raises(NotFound):
            await client.call(requests.erase_person(ErasureAsked(number=NUMBER)))
    async with world.client((await world.token(Role.SUPERVISOR, name="other")).token) as client:
        with pytest.raises(NotAllowed, match=r"people\.erase"):
            await client.call(requests.erase_person(ErasureAsked(lead=1)))
    async with world.client() as client:
        with pytest.raises(ApiRefused, match="give one of the two"):
            await client.call(requests.erase_person(ErasureAsked()))
