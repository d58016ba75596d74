"""Nothing crosses: whatever two clients and the house do, no one's leads, registers or texts show in another's.

The model is written for this test alone and knows one client at a time. Only the house's register and caps on a
number reach over.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from campaigns.life import CampaignState
from dialer.ports.store import (
    AttemptAccepted,
    AttemptDenied,
    BlockNumbers,
    FetchLeads,
    LeadsLeased,
    LeadsPlaced,
    NewLead,
    SaveLeads,
    SetCampaignState,
    UnblockNumbers,
)
from dialer.storage.database import open_database
from dialer.storage.errors import ForeignList, StateConflict
from lists.client import client_of, full_name
from tests.contract.storage_values import (
    LONDON,
    NOW,
    close_attempt,
    number_cap,
    phone,
    place_leads,
    save_attempt,
    save_campaign,
)
from tests.contract.stores import InDatabase, InMemory, Store

CLIENTS = ("", "acme", "zeta")
NUMBERS = tuple(phone(index).e164 for index in range(4))
CAP = 3

clients = st.sampled_from(CLIENTS)
numbers = st.sampled_from(range(len(NUMBERS)))
states = st.sampled_from(list(CampaignState))


class TwoClients(RuleBasedStateMachine):
    """Each client has a list `people` and a campaign `spring` of it."""

    def __init__(self) -> None:
        super().__init__()
        self.store = self.new_store()
        self.now = NOW
        self.attempt_id = 0
        self.leads: dict[str, list[tuple[int, str]]] = {client: [] for client in CLIENTS}  # id, number
        self.placed: dict[str, int] = dict.fromkeys(CLIENTS, 0)
        self.leased: dict[str, list[tuple[int, str]]] = {client: [] for client in CLIENTS}
        self.on: dict[str, set[str]] = {client: set() for client in CLIENTS}
        self.calls: dict[str, int] = dict.fromkeys(NUMBERS, 0)
        self.state: dict[str, CampaignState] = dict.fromkeys(CLIENTS, CampaignState.DRAFT)
        self.count = 0
        for client in CLIENTS:
            self.store.write(SaveLeads(full_name(client, "people"), (), "", "", NOW))
            self.store.write(save_campaign(full_name(client, "spring"), (full_name(client, "people"),)))

    def new_store(self) -> Store:
        return InMemory()

    def campaign(self, client: str) -> str:
        return full_name(client, "spring")

    def forbidden(self, client: str) -> set[str]:
        return self.on[""] | self.on[client]

    @rule(client=clients, index=numbers)
    def a_lead_more(self, client: str, index: int) -> None:
        self.store.write(SaveLeads(full_name(client, "people"), (NewLead((phone(index),)),), "", "", self.now))
        self.count += 1
        self.leads[client].append((self.count, NUMBERS[index]))

    @rule(client=clients, limit=st.integers(1, 3))
    def place(self, client: str, limit: int) -> None:
        """Imports join at once: nothing is left for this, of whatever client."""
        assert self.store.write(place_leads(self.campaign(client), limit)) == LeadsPlaced(0, more=False)

    @rule(client=clients, index=numbers)
    def block(self, client: str, index: int) -> None:
        self.now += 1.0
        self.store.write(BlockNumbers((NUMBERS[index],), "register", self.now, client))
        self.on[client].add(NUMBERS[index])

    @rule(client=clients, index=numbers)
    def unblock(self, client: str, index: int) -> None:
        self.now += 1.0
        self.store.write(UnblockNumbers((NUMBERS[index],), self.now, client))
        self.on[client].discard(NUMBERS[index])

    @rule(client=clients, to=states, expected=st.none() | states)
    def move(self, client: str, to: CampaignState, expected: CampaignState | None) -> None:
        try:
            self.store.write(SetCampaignState(self.campaign(client), to, self.now, expected=expected))
        except StateConflict:
            assert expected is not None
            assert expected is not self.state[client]
        else:
            assert expected in (None, self.state[client])
            self.state[client] = to

    @rule(client=clients, other=clients)
    def store_again(self, client: str, other: str) -> None:
        """With the list of whomever."""
        try:
            self.store.write(save_campaign(self.campaign(client), (full_name(other, "people"),)))
        except ForeignList:
            assert client != other
        else:
            assert client == other

    @rule(client=clients, limit=st.integers(1, 3))
    def lease(self, client: str, limit: int) -> None:
        answer = self.store.write(FetchLeads(self.campaign(client), limit, self.now, (LONDON,)))
        assert isinstance(answer, LeadsLeased)
        expected = self.leads[client][self.placed[client] : self.placed[client] + limit]
        assert [(one.lead.lead_id, one.lead.phones[0].e164) for one in answer.candidates] == expected
        for one in answer.candidates:
            number = one.lead.phones[0].e164
            assert one.dnc == ((number,) if number in self.forbidden(client) else ())
        self.placed[client] += len(expected)
        self.leased[client] += expected

    @precondition(lambda self: any(self.leased.values()))
    @rule(client=clients, refuses=st.booleans())
    def dial(self, client: str, refuses: bool) -> None:
        if not self.leased[client]:
            return
        lead_id, number = self.leased[client].pop()
        self.attempt_id += 1
        self.now += 1.0
        save = save_attempt(
            self.attempt_id, lead_id, number, campaign=self.campaign(client), at=self.now,
            caps=(number_cap(CAP, number, since=0.0),),
        )  # fmt: skip
        answer = self.store.write(save)
        if number in self.forbidden(client) or self.calls[number] >= CAP:
            assert isinstance(answer, AttemptDenied)
            return
        assert answer == AttemptAccepted(self.attempt_id)
        self.calls[number] += 1
        self.store.write(close_attempt(save, block=number if refuses else None))
        if refuses:
            self.on[client].add(number)

    @invariant()
    def registers_are_each_ones_own(self) -> None:
        for client in CLIENTS:
            assert self.store.reader.blocked_numbers(NUMBERS, client) == self.forbidden(client)

    @invariant()
    def campaigns_are_where_they_were_put(self) -> None:
        found = {client_of(one.name): one.state for one in self.store.reader.campaigns()}
        assert found == self.state

    @invariant()
    def leads_and_attempts_stay_with_their_campaign(self) -> None:
        for client in CLIENTS:
            mine = {lead_id for lead_id, _ in self.leads[client]}
            assert {place.lead_id for place in self.store.reader.places(self.campaign(client))} == mine
            assert {one.lead_id for one in self.store.reader.attempts(self.campaign(client))} <= mine


class TwoClientsInSqlite(TwoClients):
    def new_store(self) -> Store:
        self.folder = tempfile.TemporaryDirectory()
        self.database = open_database(Path(self.folder.name) / "dialer.db")
        return InDatabase(self.database)

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()


TestTwoClientsInMemory = TwoClients.TestCase
TestTwoClientsInMemory.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestTwoClientsInSqlite = TwoClientsInSqlite.TestCase
TestTwoClientsInSqlite.settings = settings(max_examples=4, stateful_step_count=20, deadline=None)
