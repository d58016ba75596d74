"""Invented floors for the console: the same arguments give the same picture."""

from __future__ import annotations

from campaigns.callback import wall_of
from campaigns.life import CampaignState
from dialer.api.access import Me
from dialer.api.callbacks import DueCallback, DueCallbacks
from dialer.api.holdings import FunnelAnswer, WhyAnswer, WhyEverywhere
from dialer.api.roles import MAY, Role
from dialer.api.schemas import (
    AgentRow,
    Alarm,
    CallRow,
    CampaignRow,
    Figures,
    LeadFigures,
    Overview,
    PaceRow,
    ServiceInfo,
    TrunkRow,
    WaitReason,
)
from dialer.operations.funnel import Funnel, Stage, Standing

NINE_OH_FIVE = 1_795_421_100.0  # 2026-11-23 09:05 in Berlin, a Monday
MIDNIGHT = 1_795_388_400.0

AGENT_STATES = (
    "talking",
    "talking",
    "ready",
    "talking",
    "wrap_up",
    "talking",
    "talking",
    "ready",
    "paused",
    "talking",
)
CALL_STATES = ("talking", "alerting", "placed", "alerting", "talking", "waiting", "alerting", "committing")
NAMES = ("Anna Schmidt", "Bo Li", "Ólafur Þórðarson", "María José Carreño Quiñones", "Ng", "Jean-Luc d'Aubigné")


def service(now: float = NINE_OH_FIVE, state: str = "running", **changed: object) -> ServiceInfo:
    values: dict[str, object] = {
        "version": "0.2.0",
        "home": "/srv/calls/dialer-home",
        "pid": 4711,
        "started_at": NINE_OH_FIVE - 7_200,
        "now": now,
        "state": state,
        "sip_address": "192.0.2.10:5060",
        "timezone": "Europe/Berlin",
    }
    return ServiceInfo.model_validate(values | changed)


def campaign(name: str = "spring", **changed: object) -> CampaignRow:
    """A running campaign with everything as it should be; `figures` and `leads` may be given as dicts of what
    differs."""
    figures = {
        "since": MIDNIGHT,
        "attempts": 12_345,
        "connects": 5_432,
        "live": 3_210,
        "machine": 2_000,
        "abandoned": 64,
        "abandonment_rate": 64 / 3_210,
        "abandon_cap": 0.03,
        "rpc": 1_204,
        "agent_hours": 98.3,
        "rpc_per_agent_hour": 12.25,
        "occupancy": 0.823,
        "busy_share": 0.823,
        "talk_share": 0.641,
        "answer_to_agent_ms": {"p50": 14.0, "p99": 48.0},
        "amd": {
            "verdicts": {"human": 3_150, "machine": 1_904, "screening": 96, "unsure": 240, "none": 42},
            "verdict_ms": {"p50": 1_120.0, "p99": 1_800.0},
            "hung_up": 1_806,
            "checked": 98,
            "people": 1,
        },
        "people_lost": 18.4,
        "outcomes": {"answered": 5_432, "no_answer": 4_801, "busy": 1_312, "congestion": 400, "rejected": 400},
        "dispositions": {
            "right_party": 1_204,
            "wrong_number": 310,
            "callback": 222,
            "refused": 180,
            "machine": 2_000,
        },
    }
    leads = {
        "total": 20_000,
        "attempted": 8_000,
        "final": 2_010,
        "penetration": 0.4,
        "at_hand": 40,
        "next_in_s": None,
    }
    figures |= dict(changed.pop("figures", {}))  # type: ignore[call-overload]
    leads |= dict(changed.pop("leads", {}))  # type: ignore[call-overload]
    values: dict[str, object] = {
        "name": name,
        "client": name.partition("/")[0] if "/" in name else "",
        "title": "",
        "mode": "predictive",
        "state": CampaignState.RUNNING,
        "state_reason": "started by maria",
        "state_since": NINE_OH_FIVE - 3_900,
        "figures": Figures.model_validate(figures),
        "leads": LeadFigures.model_validate(leads),
        "agents": {"ready": 2, "talking": 6, "wrap_up": 1, "paused": 1},
        "dialing": 9,
        "waiting": 0,
        "talking": 6,
        "lines_in_use": 15,
        "lines": 60,
        "waits_because": [
            WaitReason(code="window_closed", text="outside the calling hours", count=4_210),
            WaitReason(code="not_due", text="a retry is scheduled for later", count=1_820),
            WaitReason(code="cap", text="a limit of attempts is reached", count=77),
        ],
        "pace": PaceRow(
            answer_rate=0.284,
            answer_rate_error=0.019,
            answer_s=12.4,
            talk_s=151.0,
            wrapup_s=25.2,
            next_lost=0.041,
            allowed=0.032,
            may_lose=3,
            window_s=28_800.0,
            limit="pace",
        ),
    }
    return CampaignRow.model_validate(values | changed)


def agents(count: int, campaign: str = "spring", second: int = 0) -> list[AgentRow]:
    rows = []
    for n in range(count):
        state = AGENT_STATES[(n + second // 30) % len(AGENT_STATES)]
        busy = state in ("talking", "wrap_up")
        rows.append(
            AgentRow(
                agent_id=f"agent-{n + 1:03d}",
                name=f"{NAMES[n % len(NAMES)]} {n + 1}",
                campaign=campaign,
                state=state,
                for_s=float((n * 37) % 900 + second % 30 + (0 if state != "paused" else 600)),
                attempt_id=9_000 + n if busy else None,
                contact=f"Contact Number {n + 1}" if busy else "",
                pause_code="lunch" if state == "paused" else "",
            )
        )
    return rows


def calls(count: int, campaign: str = "spring", second: int = 0) -> list[CallRow]:
    """Calls that come and go: one in twenty is new each second."""
    rows = []
    for n in range(count):
        age = (n * 7) % 20 + second
        born = 10_000 + n + count * (age // 20)
        state = CALL_STATES[(n + age // 20) % len(CALL_STATES)]
        rows.append(
            CallRow(
                attempt_id=born,
                campaign=campaign,
                trunk="carrier-a" if n % 2 else "carrier-b",
                number=f"+120......{n % 100:02d}",
                contact=f"Contact Number {n + 1}",
                state=state,
                for_s=float(age % 20) * 3 + (n % 7) / 7,
                agent_id=f"agent-{n % 100 + 1:03d}" if state == "talking" else None,
            )
        )
    return rows


def trunks() -> list[TrunkRow]:
    return [
        TrunkRow(
            name="carrier-a",
            address="198.51.100.7:5060",
            channels=30,
            in_use=8,
            cps=10.0,
            campaigns=["acme/spring-renewals-2026-north", "charity"],
        ),
        TrunkRow(name="carrier-b", address="198.51.100.8:5060", channels=300, in_use=7, cps=10.0),
        TrunkRow(
            name="spare",
            address="sip.carrier.example",
            channels=30,
            in_use=0,
            cps=10.0,
            state="held",
            why="its carrier asked for 60 s of rest (503 with Retry-After)",
            opens_in_s=42.0,
        ),
    ]


def alarms() -> list[Alarm]:
    return [
        Alarm(
            at=NINE_OH_FIVE - 100,
            level="alarm",
            code="abandonment",
            campaign="spring",
            text="Abandonment is 3.4 % and the cap is 3 %: put more agents on or lower pacing.ratio; it goes on"
            " more slowly until it is below the cap again.",
        ),
        Alarm(
            at=NINE_OH_FIVE - 4_000,
            level="warning",
            code="trunk_errors",
            campaign="",
            text="Trunk carrier-b refused 12 of the last 50 calls with 503: ask the carrier, or take it out.",
        ),
        Alarm(
            at=NINE_OH_FIVE - 90_000, level="info", code="reloaded", campaign="", text="Settings were read again."
        ),
    ]


def overview(
    rows: list[CampaignRow] | None = None,
    *,
    second: int = 0,
    agent_count: int = 10,
    call_count: int = 15,
    **changed: object,
) -> Overview:
    """A floor of one campaign unless told otherwise, `second` seconds after five past nine."""
    rows = [campaign()] if rows is None else rows
    name = rows[0].name if rows else "spring"
    values: dict[str, object] = {
        "service": service(NINE_OH_FIVE + second),
        "campaigns": rows,
        "agents": agents(agent_count, name, second),
        "calls": calls(call_count, name, second),
        "trunks": trunks(),
        "alarms": alarms(),
    }
    return Overview.model_validate(values | changed)


def me(role: Role = Role.MANAGER, name: str = "maria") -> Me:
    return Me(name=name, role=role, client="", permissions=sorted(MAY[role]))


def funnel() -> FunnelAnswer:
    """Of 20,000 leads 310 may be dialed; Berlin opens at ten past nine, New York at two."""
    lost: dict[Stage, dict[str, tuple[int, float | None]]] = {
        Stage.STATUS: {"sale": (310, None), "no_answer": (1_204, None), "wrong_number": (496, None)},
        Stage.NEVER: {"no_zone": (12, None)},
        Stage.WINDOW: {"window_closed": (11_740, 300.0)},
        Stage.CAPS: {"cap": (77, 7_260.0)},
        Stage.DNC: {"dnc": (41, None)},
        Stage.LEASED: {"leased": (60, None)},
        Stage.WAITING: {"not_due": (2_650, 840.0)},
    }
    counted = Funnel("bank", NINE_OH_FIVE)
    for stage, reasons in lost.items():
        for code, (leads, free_in) in reasons.items():
            until = None if free_in is None else NINE_OH_FIVE + free_in
            group = "DE:Europe/Berlin" if stage is Stage.WINDOW else ""
            counted.count(Standing(stage, code, until, group), leads)
    later = Standing(Stage.WINDOW, "window_closed", NINE_OH_FIVE + 18_000, "US:America/New_York|America/Chicago")
    counted.count(later, 3_100)
    counted.count(Standing(None, "", None, "GB:Europe/London"), 310)
    return FunnelAnswer.model_validate(counted.as_dict())


def callback(n: int, due_in_s: float, **changed: object) -> DueCallback:
    """A call promised to somebody in New York, whose clock is six hours behind that of `service`."""
    at = NINE_OH_FIVE + due_in_s
    values: dict[str, object] = {
        "campaign": "charity",
        "callback": n,
        "lead_id": 100 + n,
        "contact": f"{NAMES[n % len(NAMES)]}",
        "number": f"+120......{n:02d}",
        "local": wall_of(at, "America/New_York"),
        "zone": "America/New_York",
        "promised_at": at,
        "agent_id": "",
        "agent_until": None,
        "consent": False,
        "at_hand": False,
        "due_at": at,
        "reason": "",
    }
    return DueCallback.model_validate(values | changed)


def callbacks() -> DueCallbacks:
    """Late ones that wait for hours, an agent, a line and a paused campaign; one in a call; others to come."""
    ana = {"agent_id": "agent-001", "consent": True}
    rows = [
        callback(1, -5_400.0, reason="window_closed", due_at=NINE_OH_FIVE + 18_000),
        callback(2, -1_500.0, at_hand=True, agent_until=NINE_OH_FIVE - 600, **ana),
        callback(3, -300.0, at_hand=True, agent_until=NINE_OH_FIVE + 600, **ana),
        callback(4, -120.0, campaign="bank", at_hand=False),
        callback(5, -30.0, at_hand=True),
        callback(6, 900.0, agent_id="agent-007", agent_until=NINE_OH_FIVE + 1_800),
        callback(7, 26_000.0, local="2026-11-23T15:18:20", zone="Europe/London"),
        callback(8, 180_000.0, consent=True),
    ]
    return DueCallbacks(at=NINE_OH_FIVE, total=8, overdue=5, callbacks=rows)


def why_answer() -> WhyAnswer:
    """A lead at a cap, outside its hours."""
    stages: dict[Stage, dict[str, object]] = {
        stage: {"gate": stage.value, "text": stage.words, "open": True}
        for stage in Stage
        if stage is not Stage.LEASED
    }
    stages[Stage.WINDOW] |= {
        "open": False, "reason": "window_closed", "until": "2026-11-23T14:00:00Z",
        "detail": "outside the calling window in America/New_York",
        "remedy": "wait; widen [hours], where the law's own hours are wider",
    }  # fmt: skip
    stages[Stage.CAPS] |= {
        "open": False, "reason": "cap", "until": "2026-11-24T14:03:20Z", "detail": "number_24h: 3 of 3 used",
        "remedy": "wait; no setting lifts the cap of a law",
    }  # fmt: skip
    evidence: dict[str, object] = {
        "at": "2026-11-23T08:05:00Z", "campaign": "charity", "lead_id": 101, "list": "people",
        "number": "+12125550101", "region": "US", "kind": "fixed", "trunk": "carrier-a",
        "caller_id": "+12025550100", "zone_source": "number",
        "zones": [{"zone": "America/New_York", "utc_offset_s": -18_000, "local_time": "2026-11-23T03:05:00"}],
        "rule_set": "us-federal-telemarketing", "rule_set_hash": "cf4afe", "basis": "preset",
        "campaign_hash": "62f597", "lead_attempts": 3, "on_dnc": False, "detail": "number_24h: 3 of 3 used",
        "gates": list(stages.values()),
    }  # fmt: skip
    return WhyAnswer(allowed=False, reason="cap", until="2026-11-24T14:03:20Z", evidence=evidence)


def why_everywhere() -> WhyEverywhere:
    one = {"campaign": "charity", "state": "running"} | why_answer().model_dump()
    other: dict[str, object] = {
        "campaign": "bank", "state": "paused", "allowed": None, "reason": None, "until": None,
    }  # fmt: skip
    calls = [
        {
            "at": "2026-11-22T15:00:00Z", "campaign": "charity", "number": "+12125550101", "outcome": "connected",
            "disposition": "callback",
        }
    ]  # fmt: skip
    since, until = "2026-01-02T10:00:00Z", "2026-02-01T10:00:00Z"
    was = {"number": "+12125550101", "client": "", "since": since, "until": until}
    return WhyEverywhere.model_validate(
        {
            "at": "2026-11-23T08:05:00Z", "allowed": False, "leads": [101], "numbers": ["+12125550101"],
            "registers": [was], "attempts": calls, "campaigns": [one, other],
        }
    )  # fmt: skip
