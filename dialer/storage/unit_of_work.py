"""Writes applied one after the other inside one transaction.

Attempts come in crowds: their inserts, their closings, their leads' moves and their agents' time are gathered and
run as one `executemany` each. What a later write has to see is written out before it looks, so the effect is
that of applying each in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, text, update
from sqlalchemy.engine.interfaces import DBAPICursor

from campaigns.campaign import LeadOrder
from campaigns.permission.permit import to_json
from campaigns.zone_group import Grouping
from dialer.ports.store import (
    Answer,
    AttemptAccepted,
    AttemptDenied,
    Audited,
    BlockNumbers,
    CloseAttempt,
    Done,
    ErasePerson,
    ExpireList,
    FetchLeads,
    LeadUpdate,
    MoveLeads,
    PlaceLeads,
    RemoveUser,
    RequeueLeads,
    ReturnLeads,
    RevokeToken,
    SaveAgentTime,
    SaveAttempt,
    SaveCampaign,
    SaveChange,
    SaveConsents,
    SaveLeads,
    SaveOptOut,
    SaveRuleSet,
    SaveThirdCall,
    SaveToken,
    SaveUser,
    SaveWalls,
    SetCampaignState,
    UnblockNumbers,
    UpdateLeads,
    WithdrawConsents,
    Write,
)
from dialer.storage import (
    access,
    agents,
    campaigns,
    changes,
    consents,
    dnc,
    expiry,
    lead_updates,
    leads,
    moving,
    placing,
    postgresql,
    sqlite,
    thirds,
)
from dialer.storage.attempts import AttemptStatements, closing_row, intent_row
from dialer.storage.callbacks import CallbackStatements, end_row, promise_row
from dialer.storage.caps import CapKey, asked, counts_on
from dialer.storage.chain import Chain
from dialer.storage.erasure import erase_person
from dialer.storage.errors import AttemptNotOpen, UnknownCampaign, UnknownPlace
from dialer.storage.fetching import Foreseen, LeaseStatements, foresee, lease, lease_foreseen
from dialer.storage.groups import UNHURRIED
from dialer.storage.lookahead import Lookahead
from dialer.storage.places import order_key, pairs_to_json, stored_state
from dialer.storage.placing import kept_groups
from dialer.storage.recovery import Recover, Recovered, recover
from dialer.storage.requeue import requeue
from dialer.storage.statement import Asked, Batch, Statement, in_one_go, open_cursor
from dialer.storage.tables import campaign_leads
from dialer.storage.tables import campaigns as campaigns_table
from lists.client import client_of

_MOVED = ("state", "due_at", "zone_group", "phone_position", "attempts", "tries", "reason")
_MOVE = (
    update(campaign_leads)
    .where(campaign_leads.c.campaign_id == bindparam("campaign_id"), campaign_leads.c.lead_id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in _MOVED})
)
_KEEP_GROUP = text(
    "INSERT INTO campaign_zone_groups (campaign_id, zone_group, outdated)"
    " VALUES (:campaign_id, :zone_group, false)"
    " ON CONFLICT (campaign_id, zone_group) DO UPDATE SET outdated = false"
)

_REKEY = (
    update(campaign_leads)
    .where(campaign_leads.c.campaign_id == bindparam("campaign_id"), campaign_leads.c.lead_id == bindparam("key"))
    .values(order_key=bindparam("new_key"))
)


class UnitOfWork:
    """Applies writes on the writer's connection. The caller begins and ends transactions, calls `begin` at once in
    each, `finish` before a commit and `forget` after a rollback."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursor = open_cursor(connection, keeps=True)
        self._attempts = AttemptStatements(connection.dialect)
        self._chain = Chain(connection.dialect)
        self._ahead = Lookahead(connection.dialect)
        self._leases = LeaseStatements(connection.dialect)
        self._move = Statement(
            _MOVE, connection.dialect, (*(f"new_{name}" for name in _MOVED), "campaign_id", "key")
        )
        self._callbacks = CallbackStatements(connection.dialect)
        self._append_stretch = agents.append_statement(connection.dialect)
        self._rekey = Statement(_REKEY, connection.dialect, ("new_key", "campaign_id", "key"))
        self._keep_group = Statement(_KEEP_GROUP, connection.dialect, ("campaign_id", "zone_group"))
        self._campaigns: dict[str, tuple[int, Grouping, str]] = {}
        self._groups: dict[int, set[str]] = {}  # of the campaigns that something was moved in
        self._last_days: dict[int, str] | None = None  # of lists that were given one of late; None: not asked yet
        self._beginning: Sequence[Asked] = ()
        self._foreseen: Foreseen | None = None
        self._written = False  # in this transaction something was written out already
        self._appended = False  # an attempt was, in this transaction
        self._saves: list[tuple[Any, ...]] = []
        self._closes: list[tuple[Any, ...]] = []
        self._moves: list[tuple[Any, ...]] = []
        self._rekeys: list[tuple[Any, ...]] = []  # of campaigns whose order goes by the last call
        self._moved: list[LeadUpdate] = []
        self._new_groups: list[tuple[Any, ...]] = []
        self._stretches: list[tuple[Any, ...]] = []
        self._promises: list[tuple[Any, ...]] = []
        self._promise_ends: list[tuple[Any, ...]] = []
        self._touched: set[CapKey] = set()  # on what the gathered saves and closings count

    def close(self) -> None:
        self._cursor.close()

    def begin(self, writes: Sequence[Write | Recover]) -> None:
        """Ask at once what the checks of these writes will ask: of a server together with its `BEGIN`. Where there
        is none to ask, that is sent with whatever goes first."""
        self._beginning = postgresql.begin(self._connection)
        self._appended = False
        if writes and all(isinstance(write, (FetchLeads, *UNHURRIED)) for write in writes):
            return
        with in_one_go(self._cursor) as another:
            for statement, values in self._begin():
                another().execute(statement, values)
            intents = [write.intent for write in writes if isinstance(write, SaveAttempt)]
            if intents:
                self._chain.ask(another)
            self._ahead.ask(another, intents)
        self._chain.learn(self._cursor)
        self._ahead.learn()

    def _begin(self) -> Sequence[Asked]:
        """What the transaction is to begin with; once."""
        beginning, self._beginning = self._beginning, ()
        return beginning

    def foresee(self, fetch: FetchLeads) -> bool:
        """Look up what is to be leased, in a transaction of its own that changes nothing, so that the one that
        leases is short. Whether anything was foreseen; what is written meanwhile and may change it has it
        forgotten."""
        self._foreseen = None
        self._foreseen = foresee(self._cursor, self._leases, self._campaign_id(fetch.campaign), fetch)
        return self._foreseen is not None

    def forget(self) -> None:
        """The transaction was rolled back: nothing gathered or learnt in it is true."""
        self._foreseen = None
        self._beginning, self._written = (), False
        self._campaigns.clear()
        self._last_days = None
        self._groups.clear()
        self._chain.forget()
        self._ahead.clear()
        self._clear()

    def apply(self, write: Write | Recover) -> Answer | Recovered:
        """Apply one write. Raises what keeps it from being stored; the transaction must then be rolled back."""
        match write:
            case SaveAttempt():
                return self._save(write)
            case CloseAttempt():
                return self._close_attempt(write)
            case ReturnLeads():
                for place in consents.due_again(self._connection, write).updates:
                    self._gather_move(place)
                return Done()
            case SaveAgentTime():
                self._stretches.extend([agents.stretch_row(stretch) for stretch in write.stretches])
                return Done()
            case Audited():
                answer = self.apply(write.write)
                changes.append(self._connection, write.change)
                return answer
        self.flush()
        self._written = True  # by what follows
        foreseen, self._foreseen = self._foreseen, None
        match write:
            case FetchLeads() if foreseen is not None and foreseen.write is write:
                campaign_id = self._campaign_id(write.campaign)
                return lease_foreseen(self._cursor, self._leases, campaign_id, foreseen, self._begin())
            case FetchLeads():
                campaign_id, grouping, _ = self._campaign(write.campaign)
                return lease(self._cursor, self._leases, campaign_id, write, grouping, self._begin())
            case SaveLeads():
                self._ahead.forget_registers()
                return leads.save_leads(self._connection, write)
            case UpdateLeads():
                self._ahead.forget_registers()
                return lead_updates.update_leads(self._connection, write)
            case ExpireList():
                self._last_days = None
                expiry.expire(self._connection, write)
                return Done()
            case MoveLeads():
                return moving.move_leads(self._connection, write)
            case PlaceLeads():
                self._campaigns.pop(write.campaign, None)
                self._groups.clear()
                return placing.place_leads(self._connection, write)
            case RequeueLeads():
                return requeue(self._connection, self._campaign_id(write.campaign), write)
            case Recover():
                return recover(self._connection, write.now)
        self._apply_settings(write)
        return Done()

    def _apply_settings(
        self,
        write: SaveCampaign | SetCampaignState | BlockNumbers | SaveOptOut | UnblockNumbers | SaveConsents
        | WithdrawConsents | SaveWalls
        | SaveRuleSet | ErasePerson
        | SaveUser | RemoveUser | SaveToken | RevokeToken | SaveChange | SaveThirdCall,
    ) -> None:  # fmt: skip
        """What people change, seldom."""
        connection = self._connection
        match write:
            case SaveCampaign():
                self._campaigns.pop(write.name, None)
                campaigns.save_campaign(connection, write)
            case SetCampaignState():
                campaigns.set_state(connection, write)
            case BlockNumbers():
                self._ahead.forget_registers()
                dnc.block(connection, write)
            case SaveOptOut():
                self._ahead.forget_registers()
                dnc.block(connection, write.block)
            case UnblockNumbers():
                self._ahead.forget_registers()
                dnc.unblock(connection, write)
            case SaveConsents():
                self._ahead.forget_registers()
                consents.save(connection, write)
            case WithdrawConsents():
                self._ahead.forget_registers()
                consents.withdraw(connection, write)
            case SaveWalls():
                campaigns.save_walls(connection, write)
            case SaveRuleSet():
                campaigns.save_rule_set(connection, write)
            case ErasePerson():
                self._ahead.forget_registers()
                erase_person(connection, write)
            case SaveUser():
                access.save_user(connection, write.user)
            case RemoveUser():
                access.remove_user(connection, write.name, write.now)
            case SaveToken():
                access.save_token(connection, write.token)
            case RevokeToken():
                access.revoke_token(connection, write.token_id, write.now)
            case SaveChange():
                changes.append(connection, write.change)
            case SaveThirdCall():
                thirds.save(connection, write.third)

    def _save(self, write: SaveAttempt) -> AttemptAccepted | AttemptDenied:
        intent = write.intent
        self._campaign_id(intent.campaign)
        keys = asked(intent)
        if not self._touched.isdisjoint(keys):
            self.flush()
        if self._last_days is None:
            self._last_days = expiry.recently_said(self._connection, intent.created_at)
        denied = self._attempts.denial(self._cursor, intent, keys, self._ahead)
        if denied is None and self._last_days:
            denied = expiry.denial(self._connection, intent, self._last_days)
        if denied is not None:
            return denied
        permit = to_json(intent.permitted.evidence)
        sealed = self._chain.seal(self._cursor, intent.attempt_id, permit)
        self._saves.append(intent_row(intent, permit, sealed))
        self._appended = True
        self._touched.update(counts_on(intent))
        return AttemptAccepted(intent.attempt_id)

    def _close_attempt(self, write: CloseAttempt) -> Done:
        record = write.record
        self._closes.append(closing_row(record))
        self._touched.update(counts_on(record))
        if write.promised is not None:
            self._promises.append(promise_row(write.promised, self._campaign_id(record.campaign)))
        self._gather_move(write.update)
        campaign_id, _, order = self._campaign(record.campaign)
        if order == LeadOrder.LAST_CALL and record.counted:
            key = order_key(order, 0, record.lead_id, called_at=record.created_at)
            self._rekeys.append((key, campaign_id, record.lead_id))
        if write.block is not None:
            self._foreseen = None
            self.flush()
            self._ahead.forget_registers()
            dnc.block(self._connection, write.block)
        if write.consents:
            self._foreseen = None
            self.flush()
            self._ahead.forget_registers()
            save = SaveConsents(write.consents, record.closed_at, client_of(record.campaign))
            consents.save(self._connection, save)
        return Done()

    def _gather_move(self, place: LeadUpdate) -> None:
        campaign_id, grouping, _ = self._campaign(place.campaign)
        group = grouping.group(place.zone_group)
        groups = self._groups.get(campaign_id)
        if groups is None:
            groups = self._groups[campaign_id] = kept_groups(self._connection, campaign_id)
        if group not in groups:  # as after a release with other area codes; a restart would not know it
            groups.add(group)
            self._new_groups.append((campaign_id, group))
        self._moved.append(place)
        self._promise_ends.extend([end_row(end) for end in place.ended])
        self._moves.append(
            (
                stored_state(place),
                place.due_at,
                group,
                place.phone_position,
                place.attempts,
                pairs_to_json(place.tries),
                place.reason,
                campaign_id,
                place.lead_id,
            )
        )

    def finish(self, *, durably: bool = True) -> None:
        """Write out what is gathered. On the server it owns that commits too, in the same go; the commit of the
        caller then finds nothing to be done. `durably`: see `postgresql.commit`, and `sqlite.choose_sync`, whose
        caller did that before. Raises as `flush`."""
        if self._written:  # what the server checks is all that was closed and moved, and each thing once
            self.flush()
        moved = [(row[-2], row[-1]) for row in self._moves]
        closed = [row[-1] for row in self._closes]
        self._write_out(postgresql.commit(self._connection, closed, moved, durably=durably))
        postgresql.committed(self._connection)
        if durably and not self._appended:
            sqlite.have_something_to_commit(self._connection)
        self._written = False

    def flush(self) -> None:
        """Write out what is gathered. Raises `AttemptNotOpen` or `UnknownPlace` when a row is not there: in a
        crowd for the first of it, so the writer then applies each write alone and finds the one."""
        self._write_out(())

    def _write_out(self, ending: Sequence[Asked]) -> None:
        gathered = (
            (self._attempts.save, self._saves), (self._attempts.close, self._closes), (self._move, self._moves),
            (self._rekey, self._rekeys), (self._append_stretch, self._stretches),
            (self._callbacks.promise, self._promises), (self._callbacks.end, self._promise_ends),
            (self._keep_group, self._new_groups),
        )  # fmt: skip
        batches = [batch for batch in gathered if batch[1]]
        if not batches and not ending:
            return
        cursors = []
        try:
            with in_one_go(self._cursor) as another:
                for asked in self._begin():
                    another().execute(*asked)
                for statement, rows in batches:
                    cursors.append(another())
                    statement.run_many(cursors[-1], rows)
                for asked in ending:
                    another().execute(*asked)
        except Exception as error:
            if postgresql.is_unnumbered(error):
                self._expect(batches, cursors)
            raise
        self._expect(batches, cursors)
        self._written = True
        self._clear()

    def _expect(self, batches: Sequence[Batch], cursors: Sequence[DBAPICursor]) -> None:
        """Every row that was to be changed was there."""
        for (statement, rows), cursor in zip(batches, cursors, strict=True):
            if statement is self._attempts.close and cursor.rowcount != len(rows):
                raise AttemptNotOpen(self._closes[0][-1])
            if statement is self._move and cursor.rowcount != len(rows):
                raise UnknownPlace(self._moved[0].campaign, self._moved[0].lead_id)

    def _clear(self) -> None:
        for gathered in (
            self._saves, self._closes, self._moves, self._moved, self._rekeys, self._stretches, self._promises,
            self._promise_ends, self._new_groups,
        ):  # fmt: skip
            gathered.clear()
        self._ahead.forget(self._touched)
        if self._foreseen is not None and not self._foreseen.keys.isdisjoint(self._touched):
            self._foreseen = None
        self._touched.clear()

    def _campaign_id(self, name: str) -> int:
        return self._campaign(name)[0]

    def _campaign(self, name: str) -> tuple[int, Grouping, str]:
        """Its id, by what its leads lie in zone groups, and its order."""
        known = self._campaigns.get(name)
        if known is None:
            table = campaigns_table.c
            found = self._connection.execute(
                select(table.campaign_id, table.grouping, table.lead_order).where(table.name == name)
            ).one_or_none()
            if found is None:
                raise UnknownCampaign(name)
            known = found.campaign_id, Grouping.from_text(found.grouping), found.lead_order
            self._campaigns[name] = known
        return known
