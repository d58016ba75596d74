"""Long work through the API: imports and reports in processes of their own, over a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from campaigns.callback import Callback, moment_of
from dialer.api import requests
from dialer.api.client import AsyncControlClient, ControlClient
from dialer.api.edits import CampaignText, ExpiryText, MoveText, ResetAsked
from dialer.api.endpoint import Endpoint
from dialer.api.errors import ApiRefused, NotAllowed, NotFound
from dialer.api.holdings import JobRow
from dialer.api.person import RetentionAsked
from dialer.api.roles import Role
from dialer.errors import InputError
from dialer.operations.freshness_words import document_of
from dialer.operations.list_freshness import list_freshness
from dialer.operations.moments import iso
from dialer.ports.store import FINAL, Answer, LeadUpdate, Reader, ReturnLeads, SaveLeads, Write
from dialer.settings import DATABASE_NAME
from dialer.storage.database import Database, open_database
from dialer.storage.errors import DiskFull
from dialer.web import jobs, lead_sender
from dialer.web.funnels import KEPT_S
from lists.dedupe import Policy
from lists.lead import Origin
from tests.contract.storage_values import close_attempt, save_attempt, update_for
from tests.integration.api_world import FakeService, World, api_world, campaign_text
from tests.integration.test_api import portion

ROWS = 1_200
CSV = "phone,first_name\n" + "".join(f"+1202555{n:04d},P{n}\n" for n in range(ROWS)) + "12,Nobody\n"


@dataclass
class DatabaseService(FakeService):
    """As `FakeService`, over a database."""

    database: Database | None = None

    @property
    def reader(self) -> Reader:  # type: ignore[override]
        assert self.database is not None
        return self.database.reader

    async def write(self, write: Write) -> Answer:
        assert self.database is not None
        self.writes.append(write)
        return await asyncio.to_thread(self.database.writer.write, write)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    with open_database(tmp_path / DATABASE_NAME) as database:
        async with api_world(tmp_path, DatabaseService(database=database)) as made:
            yield made


async def over(client: AsyncControlClient, job_id: str) -> JobRow:
    async with asyncio.timeout(60.0):
        while (row := await client.call(requests.job(job_id))).state in ("waiting", "running"):
            await asyncio.sleep(0.05)
    return row


async def send(
    world: World, token: str, list_name: str, text: str, filename: str = "people.csv"
) -> httpx.Response:
    async with world.http(token) as http:
        return await http.post(
            f"/v1/lists/{list_name}/imports", params={"filename": filename}, content=text.encode()
        )


async def test_a_file_is_imported_for_whom_sent_it_with_its_progress(world: World) -> None:
    bearer = await world.token(Role.MANAGER, "acme", name="crm")
    other = await world.token(Role.MANAGER, "zeta")
    response = await send(world, bearer.token, "acme/people", CSV)
    assert response.status_code == 202, response.text
    job = JobRow.model_validate_json(response.content)
    assert (job.kind, job.subject, job.client) == ("import", "acme/people", "acme")
    async with world.client(bearer.token) as client, world.client(other.token) as stranger:
        row = await over(client, job.job_id)
        assert (row.state, row.error, row.done, row.total) == ("done", "", ROWS + 1, ROWS + 1)
        assert row.result is not None
        assert (row.result["accepted"], row.result["rejected"]) == (ROWS, 1)
        listed = await client.call(requests.contact_list("acme/people"))
        assert (listed.leads, listed.source, listed.first[0].first_name) == (ROWS, "people.csv", "P0")
        assert [one.job_id for one in (await client.call(requests.jobs())).jobs] == [job.job_id]
        assert (await stranger.call(requests.jobs())).jobs == []
        with pytest.raises(NotFound):
            await stranger.call(requests.job(job.job_id))
        changes = (await client.call(requests.changes())).changes
    assert [(one.action, one.by) for one in changes if one.action.startswith("list.")] == [
        ("list.imported", "token:crm"),
        ("list.import", "token:crm"),
    ]
    assert list((world.home / "uploads").iterdir()) == [], "what was sent is not kept"
    assert world.serving.control.access._lent == {}


@pytest.mark.parametrize(
    ("text", "filename", "said"),
    [
        ("name\nAda\n", "people.csv", "people.csv"),
        ("", "people.csv", "the body is empty"),
        ("not a workbook", "people.xlsx", "people.xlsx"),
    ],
)
async def test_a_file_that_cannot_be_imported_says_why_by_the_name_it_was_sent_under(
    world: World, text: str, filename: str, said: str
) -> None:
    response = await send(world, "", "people", text, filename)
    if response.status_code == 202:
        async with world.client() as client:
            row = await over(client, response.json()["job_id"])
        assert row.state == "failed"
        error = row.error
    else:
        error = response.json()["text"]
    assert said in error
    assert str(world.home) not in error
    assert list((world.home / "uploads").iterdir()) == []


async def test_a_client_on_another_machine_sends_a_file(world: World, tmp_path: Path) -> None:
    path = tmp_path / "two people.csv"
    path.write_text("Mobile,first_name\n2025550123,Ada\n2025550124,Bob\n")
    bearer = await world.token(Role.MANAGER)

    def work() -> JobRow:
        with ControlClient(Endpoint.of_home(world.home, token=bearer.token)) as client:
            with pytest.raises(InputError, match="cannot be read"):
                client.import_file("people", tmp_path / "none.csv")
            return client.import_file("people", path, region="US", mapping=["Mobile=phone"], source="fair")

    job = await asyncio.to_thread(work)
    async with world.client() as client:
        row = await over(client, job.job_id)
        assert row.result is not None, row.error
        assert row.result["accepted"] == 2
        (listed,) = (await client.call(requests.lists())).lists
    assert (listed.name, listed.source) == ("people", "fair")


async def test_what_came_of_a_campaign_as_a_job_and_at_once(world: World) -> None:
    (world.home / "dialer.toml").write_text("")
    async with world.client() as client:
        await over(client, (await send(world, "", "people", CSV)).json()["job_id"])
        await client.call(requests.put_campaign("spring", CampaignText(toml=campaign_text("spring"))))
        job = await client.call(requests.summarise("spring"))
        row = await over(client, job.job_id)
        assert row.result is not None, row.error
        assert (row.result["campaign"], row.result["attempts"]) == ("spring", 0)
        assert row.result["leads"] == {"total": ROWS, "attempted": 0, "final": 0, "penetration": 0.0}
        with pytest.raises(ApiRefused, match="ends before it begins"):
            await client.call(requests.summarise("spring", 10.0, 5.0))
        with pytest.raises(NotFound):
            await client.call(requests.summarise("none"))
    async with world.http() as http:
        summary = await http.get("/v1/campaigns/spring/summary", params={"from": 0, "to": 1e9})
    assert summary.json()["leads"]["total"] == ROWS


async def promise(world: World, campaign: str, lead_id: int) -> None:
    """An attempt on a lead of it, in which a call is promised."""
    wall, number = "2027-01-04T18:30:00", f"+1202555{lead_id - 1:04d}"
    due_at = moment_of(wall, "America/New_York")
    callback = Callback(
        77, campaign, lead_id, number, wall, "America/New_York", due_at, due_at, "ana", "ana", "yes"
    )
    attempt = save_attempt(77, lead_id, number, campaign=campaign)
    place = update_for(lead_id, campaign=campaign, due_at=due_at, group="US:America/New_York")
    await world.service.write(attempt)
    close = close_attempt(attempt, update=replace(place, callback=callback))
    await world.service.write(replace(close, promised=callback))


async def test_callbacks_are_listed_and_closed_leads_taken_up_again(world: World) -> None:
    (world.home / "dialer.toml").write_text('[[trunk]]\nname = "sim"\nhost = "127.0.0.1"\nsimulated = true\n')
    async with world.client() as client:
        await over(client, (await send(world, "", "acme/people", CSV)).json()["job_id"])
        text = campaign_text("spring", "acme")
        await client.call(requests.put_campaign("acme/spring", CampaignText(toml=text)))
        none = await client.call(requests.callbacks("acme/spring", only_open=True))
        assert (none.callbacks, none.open, none.on_time) == ([], 0, None)
        await promise(world, "acme/spring", 2)
        due = await client.call(requests.due_callbacks(limit=1))
        (row,) = due.callbacks
        assert (due.total, row.campaign, row.lead_id, row.local) == (1, "acme/spring", 2, "2027-01-04T18:30:00")
        assert "......" in row.number, "masked"
        assert (await client.call(requests.due_callbacks("acme/spring"))).callbacks == [row]
        with pytest.raises(NotFound):
            await client.call(requests.due_callbacks("acme/none"))
        closed = LeadUpdate("acme/spring", 1, FINAL, 0.0, 0, "GB:Europe/London", 1, (("busy", 5),), "busy")
        await world.service.write(ReturnLeads((closed,)))
        asked = ResetAsked(outcomes=["busy"], dry_run=True)
        planned = await client.call(requests.reset_campaign("acme/spring", asked))
        assert (planned.leads, planned.back, planned.stored) == (1, 1, False)
        done = await client.call(requests.reset_campaign("acme/spring", ResetAsked(outcomes=["busy"])))
        assert (done.leads, done.back, done.stored) == (1, 1, True)
        again = await client.call(requests.reset_campaign("acme/spring", ResetAsked(outcomes=["busy"])))
        assert again.leads == 0, "it is closed no more"
        with pytest.raises(ApiRefused, match="do-not-call"):
            await client.call(requests.reset_campaign("acme/spring", ResetAsked(outcomes=["dnc"])))
        changes = (await client.call(requests.changes())).changes
        assert [one.action for one in changes].count("campaign.reset") == 1


async def test_a_segment_is_counted_and_a_list_split_for_its_client_alone(world: World) -> None:
    acme, other = await world.token(Role.MANAGER, "acme"), await world.token(Role.MANAGER, "zeta")
    reads = await world.token(Role.AUDITOR, "acme")
    async with world.client() as client:
        await over(client, (await send(world, "", "acme/people", CSV)).json()["job_id"])
    async with world.client(acme.token) as client:
        found = await client.call(requests.segment("acme/people", ["attempts=0"], by="number_country"))
        assert (found.leads, found.of, found.by) == (ROWS, ROWS, {"US": ROWS})
        half = MoveText(into="acme/half", percent=50, dry_run=True)
        looked = await client.call(requests.move_leads("acme/people", half))
        assert (looked.parts, looked.stored) == ({"acme/half": ROWS // 2}, False)
        done = await client.call(requests.move_leads("acme/people", half.model_copy(update={"dry_run": False})))
        assert (done.parts, done.stored) == (looked.parts, True)
        sizes = {one.name: one.leads for one in (await client.call(requests.lists())).lists}
        assert sizes == {"acme/people": ROWS - ROWS // 2, "acme/half": ROWS // 2}
        with pytest.raises(ApiRefused, match="citty"):
            await client.call(requests.segment("acme/people", ["citty=Bari"]))
        with pytest.raises(ApiRefused):
            await client.call(requests.move_leads("acme/people", MoveText(into="zeta/theirs")))
        day = await client.call(requests.expire_list("acme/half", ExpiryText(expires_on="2030-12-31")))
        assert (day.before, day.expires_on, day.stored) == ("", "2030-12-31", True)
        assert [one.expires_on for one in (await client.call(requests.lists())).lists] == ["2030-12-31", ""]
        with pytest.raises(ApiRefused, match="is no day"):
            await client.call(requests.expire_list("acme/half", ExpiryText(expires_on="soon")))
    async with world.client(other.token) as client:
        with pytest.raises(NotFound):
            await client.call(requests.segment("acme/people", []))
        with pytest.raises(NotFound):
            await client.call(requests.expire_list("acme/half", ExpiryText(expires_on="never")))
        with pytest.raises(NotFound):
            await client.call(requests.move_leads("acme/people", MoveText(into="zeta/ours")))
    async with world.client(reads.token) as client:
        with pytest.raises(NotAllowed):
            await client.call(requests.move_leads("acme/people", MoveText(into="acme/half")))
    async with world.client() as client:
        changes = (await client.call(requests.changes())).changes
        assert [one.subject for one in changes if one.action == "list.moved"] == ["acme/people"]


async def test_saved_mappings_are_the_installations(world: World) -> None:
    (world.home / "mappings").mkdir()
    (world.home / "mappings" / "crm.toml").write_text('source = "shop"\n[columns]\nA = "phone"\n', "utf-8")
    acme = await world.token(Role.MANAGER, "acme")
    async with world.client(acme.token) as client:
        with pytest.raises(NotAllowed):
            await client.call(requests.mappings())
        with pytest.raises(NotAllowed):
            await client.call(requests.mapping("crm"))
        with pytest.raises(NotAllowed):
            await client.call(requests.remove_mapping("crm"))
    async with world.client() as client:
        (row,) = (await client.call(requests.mappings())).mappings
        assert (row.name, row.columns, row.source, row.problem) == ("crm", 1, "shop", "")
        assert (await client.call(requests.mapping("crm"))).columns == {"A": "phone"}
        with pytest.raises(NotFound):
            await client.call(requests.mapping("../dialer"))
        await client.call(requests.remove_mapping("crm"))
        with pytest.raises(NotFound):
            await client.call(requests.remove_mapping("crm"))
        assert (await client.call(requests.mappings())).mappings == []


async def test_leads_past_their_time_are_erased_when_somebody_asks(world: World) -> None:
    async with world.client() as client:
        await over(
            client, (await send(world, "", "people", "phone\n+12025550100\n+12025550101\n")).json()["job_id"]
        )
        assert (await client.call(requests.apply_retention(RetentionAsked(dry_run=True)))).clients == []
        world.service.settings = replace(world.service.settings, lead_days=1)
        world.service.clock.at += 2 * 86_400.0
        due = await client.call(requests.apply_retention(RetentionAsked(dry_run=True)))
        assert (due.stored, due.clients[0].leads, due.clients[0].called) == (False, 2, 0)
        done = await client.call(requests.apply_retention(RetentionAsked()))
        assert (done.stored, done.clients[0].leads, done.clients[0].attempts) == (True, 2, 0)
        assert [one.leads for one in (await client.call(requests.lists())).lists] == [0]
        (change,) = [
            one for one in (await client.call(requests.changes())).changes if one.action == "person.retention"
        ]
        assert change.subject == "house"
    acme = await world.token(Role.ADMIN, "acme")
    async with world.client(acme.token) as client:
        with pytest.raises(NotAllowed):
            await client.call(requests.apply_retention(RetentionAsked(dry_run=True)))


async def test_a_funnel_is_counted_once_for_all_who_look_and_for_nobody_else(world: World) -> None:
    (world.home / "dialer.toml").write_text('[[trunk]]\nname = "sim"\nhost = "127.0.0.1"\nsimulated = true\n')
    acme = await world.token(Role.SUPERVISOR, "acme")
    other = await world.token(Role.MANAGER, "zeta")
    agent = await world.token(Role.AGENT, "acme")
    async with world.client() as client:
        await over(client, (await send(world, "", "acme/people", CSV)).json()["job_id"])
        text = campaign_text("spring", "acme")
        await client.call(requests.put_campaign("acme/spring", CampaignText(toml=text)))
    async with world.client(acme.token) as client:
        asked = [client.call(requests.funnel("acme/spring")) for _ in range(3)]
        first, *more = await asyncio.gather(*asked)
        assert first.total == ROWS == sum(stage.lost for stage in first.stages) + first.dialable
        assert more == [first, first]
        world.service.clock.at += KEPT_S / 2
        assert await client.call(requests.funnel("acme/spring")) == first
        world.service.clock.at += KEPT_S
        later = await client.call(requests.funnel("acme/spring"))
        assert (later.at, later.total) != (first.at, 0)
        tomorrow = world.service.clock.at + 86_400.0
        assert (await client.call(requests.funnel("acme/spring", at=tomorrow))).at == iso(tomorrow)
        with pytest.raises(ApiRefused, match="is not kept"):
            await client.call(requests.funnel("acme/spring", at=world.service.clock.at - 1.0))
        with pytest.raises(NotFound):
            await client.call(requests.funnel("acme/none"))
    async with world.client(other.token) as client:
        with pytest.raises(NotFound):
            await client.call(requests.funnel("acme/spring"))
    async with world.client(agent.token) as client:
        with pytest.raises(NotAllowed):
            await client.call(requests.funnel("acme/spring"))


async def test_how_fresh_a_list_is_as_the_command_says_it_counted_once(world: World) -> None:
    acme = await world.token(Role.SUPERVISOR, "acme")
    other = await world.token(Role.MANAGER, "zeta")
    agent = await world.token(Role.AGENT, "acme")
    async with world.client() as client:
        await client.call(requests.store_leads("acme/people", portion("+12025550101", "+12025550102")))
    at = world.service.clock.now()
    async with world.client(acme.token) as client:
        asked = [client.call(requests.freshness("acme/people", verify_below=0.7)) for _ in range(3)]
        first, *more = await asyncio.gather(*asked)
        said = document_of(list_freshness(world.service.reader, "acme/people", at, verify_at=0.7))
        assert first.model_dump(by_alias=True) == said
        assert more == [first, first]
        world.service.clock.at += 250.0
        kept = await client.call(requests.freshness("acme/people", verify_below=0.7))
        assert kept.at == first.at
        world.service.clock.at += 100.0
        later = await client.call(requests.freshness("acme/people", verify_below=0.7))
        assert later.at == iso(world.service.clock.at)
        with pytest.raises(ApiRefused, match="verify_below"):
            await client.call(requests.freshness("acme/people", verify_below=80))
    async with world.client(other.token) as client:
        with pytest.raises(NotFound):
            await client.call(requests.freshness("acme/people"))
    async with world.client(agent.token) as client:
        with pytest.raises(NotAllowed):
            await client.call(requests.freshness("acme/people"))


async def test_a_funnel_that_cannot_be_counted_says_why(world: World) -> None:
    (world.home / "dialer.toml").write_text("[walls")
    async with world.client() as client:
        await over(client, (await send(world, "", "people", CSV)).json()["job_id"])
        await client.call(requests.put_campaign("spring", CampaignText(toml=campaign_text("spring"))))
        with pytest.raises(ApiRefused, match=r"dialer\.toml"):
            await client.call(requests.funnel("spring"))


async def test_a_job_is_cancelled_waiting_or_running_and_too_many_are_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "WAITING_LIMIT", 2)
    first = (await send(world, "", "people", CSV)).json()["job_id"]
    second = (await send(world, "", "people", CSV)).json()["job_id"]
    third = await send(world, "", "people", CSV)
    assert (third.status_code, third.json()["code"]) == (429, "too_many_jobs")
    async with world.client() as client:
        assert (await client.call(requests.cancel_job(second))).state == "cancelled"
        row = await client.call(requests.cancel_job(first))
        assert (row.state, row.result) == ("cancelled", None)
        assert (await client.call(requests.cancel_job(first))).state == "cancelled"
    assert list((world.home / "uploads").iterdir()) == []


async def test_work_does_not_outlive_the_service(tmp_path: Path) -> None:
    with open_database(tmp_path / DATABASE_NAME) as database:
        async with api_world(tmp_path, DatabaseService(database=database)) as world:
            await send(world, "", "people", CSV)
            (job,) = world.serving.control.jobs.rows()
            await asyncio.sleep(0)
        assert world.serving.control.jobs.row(job.job_id).state == "cancelled"  # type: ignore[union-attr]
        assert list((tmp_path / "uploads").iterdir()) == []
        (tmp_path / "uploads" / "left.csv").write_text("by a process that was killed")
        async with api_world(tmp_path, DatabaseService(database=database)):
            assert list((tmp_path / "uploads").iterdir()) == []


async def test_a_file_with_consents_updates_leads_as_a_saved_mapping_reads_it(world: World) -> None:
    mapping = world.home / "mappings" / "shop.toml"
    mapping.parent.mkdir()
    mapping.write_text('source = "shop"\ndates = "dmy"\n[columns]\nRing = "phone"\nAgreed = "consent_at"\n')
    first = world.home / "first.csv"
    first.write_text("phone,city\n+12025550101,Albany\n")
    better = world.home / "better.csv"
    better.write_text("Ring,city,Agreed\n+12025550101,Troy,03/04/2026\n")

    def imported(file: Path, saved: str = "", on_duplicate: Policy = Policy.SKIP) -> JobRow:
        with ControlClient(Endpoint.of_home(world.home, token=bearer.token)) as client:
            return client.import_file("people", file, saved=saved, on_duplicate=on_duplicate)

    bearer = await world.token(Role.MANAGER)
    async with world.client() as client:
        assert (await over(client, (await asyncio.to_thread(imported, first)).job_id)).state == "done"
        job = await asyncio.to_thread(imported, better, "shop", Policy.UPDATE)
        row = await over(client, job.job_id)
    assert row.result is not None, row.error
    assert (row.result["duplicates"], row.result["updated"], row.result["consents"]) == (1, 1, 1)
    reader = world.service.reader
    (lead,) = reader.leads("people")
    assert (lead.details.city, lead.origins) == ("Troy", (Origin("city", "shop", ""),))
    (agreed,) = reader.consents(["+12025550101"], "")
    assert (agreed.given_at, agreed.source) == (datetime(2026, 4, 3, tzinfo=UTC).timestamp(), "shop")


async def test_a_disk_that_is_full_half_way_is_said_with_what_is_stored(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the same import finds what is stored once there is room again."""
    # The first portion comes with its entry in the log of changes.
    assert isinstance(world.service, DatabaseService)
    write, left = world.service.write, [10]

    async def until_full(asked: Write) -> Answer:
        if isinstance(asked, SaveLeads):
            left[0] -= 1
            if left[0] < 0:
                raise DiskFull("no space left for the database: this was not stored; free some space and go on")
        return await write(asked)

    monkeypatch.setattr(world.service, "write", until_full)
    async with world.client() as client:
        row = await over(client, (await send(world, "", "people", CSV)).json()["job_id"])
        stored = (await client.call(requests.contact_list("people"))).leads
        assert (row.state, row.result, stored) == (
            "failed",
            None,
            11 * lead_sender.PORTION,
        )
        assert "no space left for the database" in row.error
        assert "the import was cut short" in row.error
        left[0] = 1_000
        again = await over(client, (await send(world, "", "people", CSV)).json()["job_id"])
    assert again.result is not None, again.error
    assert (again.result["accepted"], again.result["duplicates"]) == (ROWS - stored, stored)


async def test_costly_numbers_are_kept_by_who_says_so(world: World) -> None:
    file = world.home / "costly.csv"
    file.write_text("phone,name\n+12025550101,Ada\n+19005550123,Ida\n+448431234567,Eve\n")
    bearer = await world.token(Role.MANAGER)

    def imported(name: str, accept: tuple[str, ...]) -> JobRow:
        with ControlClient(Endpoint.of_home(world.home, token=bearer.token)) as client:
            return client.import_file(name, file, accept=accept)

    async with world.client() as client:
        jobs = [
            await asyncio.to_thread(imported, *one) for one in (("few", ()), ("all", ("premium", "shared_cost")))
        ]
        few, every = [(await over(client, job.job_id)).result for job in jobs]
    assert few is not None
    assert every is not None
    assert (few["accepted"], few["reasons"]) == (1, {"premium": 2})
    assert (every["accepted"], every["reasons"]) == (3, {})


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"mapping": "../dialer"}, "mapping"),
        ({"duplicates_by": "colour"}, "'colour' is not one of"),
        ({"on_duplicate": "replace"}, "on_duplicate"),
        ({"accept": "expensive"}, "'premium' or 'shared_cost'"),
    ],
)
async def test_options_of_an_import_are_looked_at_before_the_file(
    world: World, params: dict[str, str], said: str
) -> None:
    async with world.http() as http:
        response = await http.post(
            "/v1/lists/people/imports", params={"filename": "a.csv", **params}, content=b"x"
        )
    assert response.status_code == 422
    assert said in response.text
