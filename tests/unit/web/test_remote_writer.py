from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from dialer.api.client import ControlClient
from dialer.api.edits import LeadPortion
from dialer.api.endpoint import BODY_LIMIT
from dialer.api.holdings import DncChanged, Stored, Updated
from dialer.api.requests import Request
from dialer.ports.store import (
    BlockNumbers,
    Done,
    LeadsStored,
    LeadsUpdated,
    NewLead,
    PlaceLeads,
    SaveLeads,
    UnblockNumbers,
    UpdateLeads,
)
from dialer.web import lead_sender, remote_writer
from dialer.web.portions import write_of
from dialer.web.remote_writer import RemoteWriter
from lists.lead import Details, Lead, Origin, PhoneNumber
from lists.phone import parse_phone

NUMBER = "+442079460001"


class FakeClient(ControlClient):
    """Keeps what it is asked; an answer takes `takes_s`."""

    def __init__(self, clock: list[float], takes_s: float = 0.0) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self._clock = clock
        self._takes_s = takes_s

    def call(self, request: Request[Any]) -> Any:
        body = json.loads(request.body.model_dump_json()) if request.body is not None else None
        self.asked.append((request.method, request.path, body))
        self._clock[0] += self._takes_s
        if request.answer is Updated:
            return Updated(updated=40, at_hand=[7], overtaken=[9])
        return Stored(stored=1) if request.answer is Stored else DncChanged(changed=1, unchanged=0)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    for module in (remote_writer, lead_sender):
        monkeypatch.setattr(module, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr(remote_writer.time, "sleep", found.append)  # type: ignore[attr-defined]
    return found


def portion() -> SaveLeads:
    phone = parse_phone(NUMBER, None)
    assert isinstance(phone, PhoneNumber)
    origins = (Origin("city", "a form", "2026-05-05"),)
    lead = NewLead((phone,), "Ana", "Popescu", "c-1", (("branch", "north"),), origins=origins)
    return SaveLeads("acme/people", (lead,), "crm", "2026-11-01", 5.0)


def test_a_portion_of_leads_arrives_as_it_was_judged(clock: list[float], pauses: list[float]) -> None:
    client = FakeClient(clock)
    assert RemoteWriter(client).write(portion()) == LeadsStored()
    ((method, path, body),) = client.asked
    assert (method, path) == ("POST", "/v1/lists/acme/people/leads")
    (lead,) = body["leads"]
    assert (lead["phones"][0]["e164"], lead["first_name"], lead["external_id"]) == (NUMBER, "Ana", "c-1")
    assert (lead["fields"], body["source"], body["as_of"]) == ([["branch", "north"]], "crm", "2026-11-01")
    assert lead["phones"][0]["zones"] == ["Europe/London"]
    assert write_of("acme/people", LeadPortion.model_validate(body), 5.0) == portion()


@pytest.mark.parametrize(("takes_s", "pause_s"), [(0.0, 0.005), (0.002, 0.005), (0.4, 0.4)])
def test_after_each_portion_the_service_is_left_alone(
    clock: list[float], pauses: list[float], takes_s: float, pause_s: float
) -> None:
    RemoteWriter(FakeClient(clock, takes_s)).write(portion())
    assert pauses == [pytest.approx(pause_s)]


def test_leads_go_a_few_at_a_time(clock: list[float], pauses: list[float]) -> None:
    client, many = FakeClient(clock, 0.01), portion()
    write = SaveLeads(many.list_name, many.leads * 120, many.source, many.as_of, many.now)
    RemoteWriter(client).write(write)
    assert [len(body["leads"]) for _, _, body in client.asked] == [50, 50, 20]
    assert pauses == [pytest.approx(0.01)] * 3


def test_leads_with_much_to_say_go_in_portions_that_the_service_takes(
    clock: list[float], pauses: list[float]
) -> None:
    client, one = FakeClient(clock), portion().leads[0]
    wide = replace(one, fields=(("note", "x" * 100_000),))
    RemoteWriter(client).write(SaveLeads("people", (one, *(wide,) * 24), "", "", 1.0))
    assert [len(body["leads"]) for _, _, body in client.asked] == [7, 6, 6, 6]
    assert all(len(json.dumps(body)) < BODY_LIMIT for _, _, body in client.asked)


def test_updates_of_leads_arrive_as_they_are(clock: list[float], pauses: list[float]) -> None:
    phone = parse_phone(NUMBER, None)
    assert isinstance(phone, PhoneNumber)
    origin = Origin("city", "a form", "2026-05-05")
    lead = Lead(7, "acme/people", (phone,), "Ana", details=Details(city="Bari"), origins=(origin,))
    client = FakeClient(clock)
    answer = RemoteWriter(client).write(UpdateLeads("acme/people", (lead,) * 70, 5.0, (lead.mark,) * 70))
    assert answer == LeadsUpdated(80, (7, 7), overtaken=(9, 9))
    assert [(method, path, len(body["leads"])) for method, path, body in client.asked] == [
        ("POST", "/v1/lists/acme/people/leads/update", 50),
        ("POST", "/v1/lists/acme/people/leads/update", 20),
    ]
    told = client.asked[0][2]["leads"][0]
    assert (told["lead_id"], told["details"]["city"], told["read_as"]) == (7, "Bari", lead.mark)
    assert told["origins"] == [{"field": "city", "source": "a form", "as_of": "2026-05-05"}]
    assert len(pauses) == 2


def test_registers_are_changed_through_it(clock: list[float]) -> None:
    client = FakeClient(clock)
    writer = RemoteWriter(client)
    assert writer.write(BlockNumbers((NUMBER,), "law", 1.0, "acme")) == Done()
    assert writer.write(UnblockNumbers((NUMBER,), 2.0)) == Done()
    assert client.asked == [
        ("POST", "/v1/dnc", {"numbers": [NUMBER], "source": "law", "client": "acme", "purpose": ""}),
        ("POST", "/v1/dnc/remove", {"numbers": [NUMBER], "source": "", "client": "", "purpose": ""}),
    ]


def test_a_write_with_a_request_of_its_own_is_not_guessed_at(clock: list[float]) -> None:
    with pytest.raises(TypeError, match="PlaceLeads"):
        RemoteWriter(FakeClient(clock)).write(PlaceLeads("spring", 10))
