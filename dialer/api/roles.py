"""Who may do what over the control API. A role is a set of permissions; a token may be scoped to fewer of them and
to one client."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """What a route asks for. A scope of a token is one of these."""

    FLOOR_READ = "floor.read"  # the overview and its stream: campaigns, agents, calls, trunks, alarms
    CAMPAIGNS_READ = "campaigns.read"
    CAMPAIGNS_RUN = "campaigns.run"  # start, pause, stop
    CAMPAIGNS_EDIT = "campaigns.edit"  # add, replace
    LISTS_READ = "lists.read"
    LISTS_EDIT = "lists.edit"  # import
    LEADS_READ = "leads.read"  # people's names and numbers in full
    PEOPLE_ERASE = "people.erase"  # what is stored of a person
    DNC_READ = "dnc.read"
    DNC_EDIT = "dnc.edit"
    CONSENTS_READ = "consents.read"
    CONSENTS_EDIT = "consents.edit"
    CALLS_END = "calls.end"  # hang up a call in progress
    CALLS_RECORD = "calls.record"  # pause the recording of a call in progress
    CALLS_LISTEN = "calls.listen"  # listen to agents' calls, whisper, barge in
    AGENTS_WORK = "agents.work"  # one's own desk: log in, ready, pause, hang up, dispose
    AGENTS_MANAGE = "agents.manage"  # the same for others
    REPORTS_READ = "reports.read"
    TRUNKS_TEST = "trunks.test"  # ask a trunk, place a call to try it, use it again
    SETTINGS_READ = "settings.read"
    SETTINGS_EDIT = "settings.edit"  # reload
    SERVICE_STOP = "service.stop"
    ACCESS_EDIT = "access.edit"  # users and tokens
    CHANGES_READ = "changes.read"  # the log of changes
    METRICS_READ = "metrics.read"


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    ADMIN = "admin"
    AUDITOR = "auditor"


_P = Permission
_AGENT = frozenset({_P.AGENTS_WORK})
_SUPERVISOR = _AGENT | {
    _P.FLOOR_READ, _P.CAMPAIGNS_READ, _P.LISTS_READ, _P.LEADS_READ, _P.CALLS_END, _P.CALLS_LISTEN, _P.CALLS_RECORD,
    _P.AGENTS_MANAGE,
    _P.REPORTS_READ, _P.DNC_READ, _P.DNC_EDIT, _P.CONSENTS_READ, _P.CONSENTS_EDIT,
}  # fmt: skip
_MANAGER = _SUPERVISOR | {
    _P.CAMPAIGNS_RUN, _P.CAMPAIGNS_EDIT, _P.LISTS_EDIT, _P.PEOPLE_ERASE, _P.TRUNKS_TEST, _P.SETTINGS_READ,
    _P.CHANGES_READ, _P.METRICS_READ,
}  # fmt: skip
_AUDITOR = frozenset(
    {
        _P.FLOOR_READ, _P.CAMPAIGNS_READ, _P.LISTS_READ, _P.LEADS_READ, _P.DNC_READ, _P.CONSENTS_READ,
        _P.REPORTS_READ, _P.SETTINGS_READ, _P.CHANGES_READ, _P.METRICS_READ,
    }
)  # fmt: skip

MAY: dict[Role, frozenset[Permission]] = {
    Role.AGENT: _AGENT,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.MANAGER: _MANAGER,
    Role.ADMIN: frozenset(Permission),
    Role.AUDITOR: _AUDITOR,
}
"""The auditor reads everything and changes nothing."""


def permissions(role: Role, scopes: frozenset[Permission] = frozenset()) -> frozenset[Permission]:
    """What a bearer may do: all of the role, or of that what `scopes` leaves (empty: no narrowing)."""
    return MAY[role] & scopes if scopes else MAY[role]
