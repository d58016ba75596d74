"""After an owner that died: whose turn it was is over, and what became of its calls nobody saw.

- Leases are given back: the lead was never dialed for them.
- An attempt without a record may have rung somebody's phone. It is closed as `unknown`, counts against every cap,
  and its lead becomes final with reason `unknown` in that campaign: a person decides whether to go on, it is
  never redialed silently. So is a callback that it was to keep.
- Callbacks are resolved again: the zone data may be newer than the promise.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from sqlalchemy import Connection, Row, literal_column, select, update

from campaigns.campaign import LeadOrder
from campaigns.errors import PermitError
from campaigns.outcome import Outcome, Stage
from campaigns.permission.permit import from_json
from campaigns.record import AttemptRecord, EndedBy
from dialer.storage import thirds
from dialer.storage.callbacks import STATE_OF_WAITING, drop_unseen, resolve_again
from dialer.storage.places import FINAL, LEASED, add_try, pairs_to_json, tries_from_json
from dialer.storage.placing import rekey
from dialer.storage.tables import attempts, campaign_leads, campaigns, leads, lists

GIVE_BACK_LEASES = (
    update(campaign_leads)
    .where(campaign_leads.c.state == literal_column(f"'{LEASED}'"))
    .values(state=STATE_OF_WAITING)
)
"""The state is written into the SQL: the planner takes a partial index only for a condition it can see."""


@dataclass(frozen=True, slots=True)
class Recover:
    """To the writer: tidy up after an owner that died. `now`: when these attempts are taken as closed."""

    now: float


@dataclass(frozen=True, slots=True)
class Recovered:
    """How many leases were given back, and which attempts had no end."""

    leases: int
    unknown_attempts: tuple[int, ...]


def recover(connection: Connection, now: float) -> Recovered:
    """Inside a transaction of the writer, before anything is leased."""
    leases = connection.execute(GIVE_BACK_LEASES).rowcount
    thirds.close_unseen(connection, now)
    found = connection.execute(
        select(attempts, lists.c.name.label("of_list"))
        .join_from(attempts, leads, leads.c.lead_id == attempts.c.lead_id)
        .join(lists, lists.c.list_id == leads.c.list_id)
        .where(attempts.c.closed_at.is_(None))
        .order_by(attempts.c.attempt_id)
    ).all()
    for row in found:
        record = _unseen(row, now)
        values = {f.name: getattr(record, f.name) for f in fields(record) if f.name != "attempt_id"}
        connection.execute(update(attempts).where(attempts.c.attempt_id == record.attempt_id).values(values))
        _hold(connection, record)
    unseen = ((row.attempt_id, row.campaign, row.lead_id) for row in found)
    drop_unseen(connection, unseen, Outcome.UNKNOWN.value, now)
    resolve_again(connection)
    return Recovered(leases, tuple(row.attempt_id for row in found))


def _unseen(row: Row[tuple[object, ...]], now: float) -> AttemptRecord:
    """The record of an attempt whose end nobody saw, as far as its permit tells. `local_hour` is that of the
    first zone, -1 when the permit cannot be read; the mode is not known any more."""
    region, zones, local_hour, rule_set, note = "", "", -1, "", "the service ended before this attempt did"
    expected, currency = None, ""
    try:
        evidence = from_json(row.permit)
    except PermitError as error:
        note = f"{note}; its permit cannot be read: {error}"
    else:
        region, rule_set = evidence.region, evidence.rule_set
        expected, currency = evidence.expected_cost_micro, evidence.currency
        zones = "|".join(zone.zone for zone in evidence.zones)
        if evidence.zones:
            local_hour = int(evidence.zones[0].local_time[11:13])
    return AttemptRecord(
        attempt_id=row.attempt_id, campaign=row.campaign, list_name=row.of_list, lead_id=row.lead_id,
        number=row.number, region=region, zones=zones, local_hour=local_hour, attempt_no=row.attempt_no, mode="",
        trunk=row.trunk, caller_id=row.caller_id, call_id=row.call_id, created_at=row.created_at, dialed_at=None,
        progress_at=None, answered_at=None, assigned_at=None, connected_at=None, ended_at=None, closed_at=now,
        outcome=Outcome.UNKNOWN.value, sip_status=None, q850=None, ended_by=EndedBy.NOBODY.value, agent_id=None,
        disposition=None, live=False, machine=False, rpc=False, abandoned=False, hung_up_waiting=False,
        queued=False, counted=True, talk_s=0.0, hold_s=0.0, wrapup_s=0.0, answer_to_agent_s=None, final=True,
        next_attempt_at=None, rule_set=rule_set, note=note, stage=Stage.ANSWERED.value,
        expected_cost_micro=expected, cost_micro=expected, currency=currency, person=row.person, debt=row.debt,
        purpose=row.purpose,
    )  # fmt: skip


def _hold(connection: Connection, record: AttemptRecord) -> None:
    place = campaign_leads.c
    campaign = connection.execute(select(campaigns).where(campaigns.c.name == record.campaign)).one_or_none()
    if campaign is None:
        return
    here = (place.campaign_id == campaign.campaign_id, place.lead_id == record.lead_id)
    row = connection.execute(select(place.attempts, place.tries).where(*here)).one_or_none()
    if row is None:
        return
    tries = add_try(tries_from_json(row.tries), Outcome.UNKNOWN.value)
    connection.execute(
        update(campaign_leads)
        .where(*here)
        .values(state=FINAL, attempts=row.attempts + 1, tries=pairs_to_json(tries), reason=Outcome.UNKNOWN.value)
    )
    if campaign.lead_order == LeadOrder.LAST_CALL:
        rekey(connection, campaign, [record.lead_id])
