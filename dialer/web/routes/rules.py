"""Rule sets: what there is, and what a call comes under."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from dialer.api.holdings import RuleSetDetail, RuleSets, RulesForNumber
from dialer.api.roles import Permission
from dialer.operations.show_rules import rule_rows, rules_for_number, show_rule_set
from dialer.ports.store import Reader
from dialer.web.caller import Caller, needs
from dialer.web.control import ControlOf
from dialer.web.moments import At
from dialer.web.router import Router
from dialer.web.routes.people import E164

router = Router(prefix="/v1/rules", tag="rules")

Sees = Annotated[Caller, needs(Permission.CAMPAIGNS_READ)]
SeesLeads = Annotated[Caller, needs(Permission.LEADS_READ)]


@router.get("", summary="Rule sets, by name")
async def rule_sets(control: ControlOf, caller: Sees) -> RuleSets:
    service = control.service
    return RuleSets.model_validate({"rule_sets": rule_rows(service.settings.rules, service.clock.now())})


@router.get("/for", summary="What a call of a campaign to a number comes under, and why")
async def rules_for(
    control: ControlOf,
    caller: SeesLeads,
    campaign: str,
    number: Annotated[str, Query(pattern=E164)],
    at: At = None,
) -> RulesForNumber:
    service = control.service
    moment = service.clock.now() if at is None else at

    def read(reader: Reader) -> RulesForNumber:
        caller.find("campaign", campaign, [stored.name for stored in reader.campaigns()])
        found = rules_for_number(reader, service.settings.rules, campaign, number, moment)
        return RulesForNumber.model_validate(found)

    return await control.threads.run(read, service.reader)


@router.get("/{name}", summary="A rule set, rule by rule")
async def rule_set(control: ControlOf, caller: Sees, name: str) -> RuleSetDetail:
    service = control.service
    return RuleSetDetail.model_validate(show_rule_set(service.settings.rules, name, service.clock.now()))
