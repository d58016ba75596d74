"""An arbitrary but legal shell around the engine: a journal that commits in its own time or fails, a carrier on
which everything crosses, and agents who do as they please. What it is told to do it checks at once."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise

from campaigns.abandoned import AbandonedMessage
from campaigns.amd import Amd, AmdPolicy, MachineAction
from campaigns.audit import Violation, audit
from campaigns.audit_attempt import AuditedAttempt
from campaigns.campaign import AttemptLimits, Campaign, Delivery, Mode, Pacing, Recording
from campaigns.disposition import STANDARD, Disposition
from campaigns.flow import Flow, GatherStep, HangUpStep, OptOutStep, RecordStep, ToAgentsStep
from campaigns.hours import WeeklyHours
from campaigns.hours_rule import HoursRule
from campaigns.preset_files import load_rule_set
from campaigns.prompt import Prompt
from campaigns.record import AgentTime, AttemptRecord
from campaigns.recording_rule import RecordingRule
from dialer.agents.agent import CONVERSING
from dialer.calls.call import UNANSWERED, CallState
from dialer.calls.walk import Turn, TurnEnd
from dialer.engine import events as ev
from dialer.engine.answers import event_of
from dialer.engine.commands import (
    CampaignEnded,
    CancelCall,
    CloseAttempt,
    Command,
    FetchLeads,
    HangUp,
    Hush,
    Join,
    Notice,
    NotifyAgent,
    Originate,
    PauseRecording,
    ReturnLeads,
    SaveAgentTime,
    SaveAttempt,
    SaveOptOut,
    Speak,
    StartRecording,
)
from dialer.engine.engine import Engine
from dialer.engine.event_log import replay, to_line
from dialer.ports.store import (
    AttemptAccepted,
    LeadsLeased,
    LeadsStored,
    NewLead,
    PlaceLeads,
    SaveCampaign,
    SaveLeads,
    StoredAttempt,
    Write,
)
from dialer.storage.memory import MemoryStore
from dialer.trunks.trunk import Trunk
from lists.dnc import blocked_since
from lists.lead import NumberKind, PhoneNumber, ZoneSource
from tests.walls import SIMULATED

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC).timestamp()  # a Monday, noon in London, seven in New York
CHANNELS = 4
SIM = Trunk("sim", "127.0.0.1", 5060, channels=CHANNELS, cps=5.0)
SPARE = Trunk("spare", "127.0.0.1", 5062, channels=2, cps=1.0)
TRUNKS = ((SIM,), (SIM, SPARE), (SPARE,), (replace(SIM, channels=1, cps=0.5), SPARE), ())
AGENTS = {"a1": "a", "a2": "a", "b1": "b", "b2": "b"}
MOST_FETCHES_AT_ONCE = 60
UNLIMITED = 1_000


def campaign(name: str, pacing: Pacing, limits: AttemptLimits) -> Campaign:
    return Campaign(
        name=name,
        lists=("people",),
        rules=("fictional",),
        hours=HoursRule(WeeklyHours(days=(((0, 1440),),) * 7)),
        pacing=pacing,
        trunks=("sim", "spare"),
        caller_ids=("+442079460000", "+442079460001"),
        limits=limits,
    )


CAMPAIGNS = {
    "a": replace(
        campaign("a", Pacing(Mode.POWER, ratio=2.5), AttemptLimits()), recording=Recording(RecordingRule.ALLOWED)
    ),
    "b": replace(
        campaign("b", Pacing(Mode.PROGRESSIVE), AttemptLimits(per_lead=3, per_number=2, per_number_day=2)),
        amd=Amd(AmdPolicy.HOLD, checked=0.3),
        recording=Recording(RecordingRule.ASK),
    ),
}


HELLO = Prompt(text="Hello")
MESSAGE = AbandonedMessage(HELLO, confirmation=HELLO)
FLOW = Flow(
    "menu",
    (
        (
            "menu",
            GatherStep(
                HELLO, 1, "", 5.0, 3.0, True, 1, (("1", "agent"), ("2", "say"), ("9", "stop")), "", "bye", "bye"
            ),
        ),
        ("agent", ToAgentsStep()),
        ("say", RecordStep(HELLO, 20.0, "gold")),
        ("stop", OptOutStep(HELLO)),
        ("gold", HangUpStep("sale")),
        ("bye", HangUpStep()),
    ),
)
MORNING = HoursRule(WeeklyHours(days=(((0, 13 * 60),),) * 7))
GOLD = Disposition("gold", "Gold", live=True, rpc=True, final=True)
TEXTS: dict[str, tuple[Campaign, ...]] = {
    name: (
        text,
        replace(text, caller_ids=("+442079460002",), source_hash="other caller id"),
        replace(text, hours=MORNING, ring_timeout_s=55.0, source_hash="other hours"),
        replace(text, pacing=Pacing(Mode.POWER, ratio=1.5), trunks=("spare",), source_hash="other trunk"),
        replace(text, dispositions=(*STANDARD, GOLD), limits=AttemptLimits(per_lead=2), source_hash="other code"),
        replace(text, amd=Amd(AmdPolicy.JOINED), source_hash="other policy"),
        replace(text, abandoned=MESSAGE, source_hash="a message"),
        replace(
            text,
            delivery=Delivery.PRERECORDED,
            pacing=Pacing(Mode.LINES, lines=3),
            flow=FLOW,
            abandoned=MESSAGE,
            amd=Amd(AmdPolicy.HOLD, machine=MachineAction.MESSAGE, message=HELLO),
            source_hash="a flow",
        ),
    )
    for name, text in CAMPAIGNS.items()
}
"""What the campaigns are changed to while they run: the first is how they began."""


def phone(n: int, zone: str = "Europe/London", kind: NumberKind = NumberKind.FIXED) -> PhoneNumber:
    region = "US" if zone.startswith("America") else "GB"
    source = ZoneSource.NUMBER if zone else ZoneSource.UNKNOWN
    return PhoneNumber(f"+4420794600{n:02d}", region, kind, (zone,) if zone else (), source)


ZONES = ("Europe/London", "Asia/Tokyo")
PEOPLE = (
    NewLead((phone(1),)),
    NewLead((phone(2), phone(3, "America/New_York"))),
    NewLead((phone(4, "America/New_York"), phone(5))),
    NewLead((phone(6), phone(7, kind=NumberKind.PREMIUM))),
    NewLead((phone(8), phone(9, ""))),
    NewLead((phone(1),)),  # shares the number of the first
    NewLead((phone(10), phone(11), phone(12))),
    *(NewLead((phone(n),)) for n in range(13, 24)),
)
NEWCOMERS = tuple(NewLead((phone(n, zone),)) for n, zone in zip(range(24, 40), ZONES * 8, strict=True))
NUMBERS = tuple(dict.fromkeys(number.e164 for lead in (*PEOPLE, *NEWCOMERS) for number in lead.phones))


def new_engine() -> Engine:
    return Engine([SIM], walls=SIMULATED, next_attempt_id=1, call_id_of=lambda n: f"call-{n}@test")


@dataclass(slots=True)
class WireCall:
    """What the carrier knows of a call. `given_up`: the engine wants it no more. `turn`: what is said to it."""

    number: str
    campaign: str
    listened_to: bool
    answered: bool = False
    alerted: bool = False
    given_up: bool = False
    turn: Turn | None = None


@dataclass(slots=True)
class Desk:
    """What an agent's screen shows."""

    state: str = "logged_out"
    campaign: str = ""
    attempt_id: int | None = None
    advice: str = ""
    recording: str = ""


@dataclass(slots=True)
class Shell:
    store: MemoryStore = field(default_factory=MemoryStore)
    now: float = NOON
    submitted: deque[Write] = field(default_factory=deque)
    answers: deque[ev.Event] = field(default_factory=deque)
    committed: set[int] = field(default_factory=set)
    told_saved: set[int] = field(default_factory=set)
    originated: set[int] = field(default_factory=set)
    wire: dict[int, WireCall] = field(default_factory=dict)
    told_over: set[int] = field(default_factory=set)
    recorded: dict[int, str] = field(default_factory=dict)
    agreed: set[int] = field(default_factory=set)
    desks: dict[str, Desk] = field(default_factory=lambda: {name: Desk() for name in AGENTS})
    lost_until: dict[str, float] = field(default_factory=dict)
    phones_lost: set[str] = field(default_factory=set)
    leased: dict[tuple[str, int], float] = field(default_factory=dict)
    closed: dict[int, AttemptRecord] = field(default_factory=dict)
    failed: list[Write] = field(default_factory=list)
    texts: dict[str, Campaign] = field(default_factory=lambda: dict(CAMPAIGNS))
    trunks: dict[str, Trunk] = field(default_factory=lambda: {"sim": SIM})
    media_room: int = UNLIMITED
    newcomers: deque[NewLead] = field(default_factory=lambda: deque(NEWCOMERS))
    paused: set[str] = field(default_factory=set)
    doubted: bool = False
    decided_before: set[int] = field(default_factory=set)
    opened: Counter[str] = field(default_factory=Counter)
    no_more_calls: set[str] = field(default_factory=set)
    cut: set[str] = field(default_factory=set)
    ended: dict[str, str] = field(default_factory=dict)
    lists_done: dict[str, bool] = field(default_factory=dict)
    stretches: list[AgentTime] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    opted_out: set[str] = field(default_factory=set)
    fetched_at: tuple[float, int] = (0.0, 0)
    last_id: int = 0
    log: list[str] = field(default_factory=list)
    engine: Engine = field(default_factory=new_engine)

    def __post_init__(self) -> None:
        self.store.write(SaveLeads("people", PEOPLE, "test", "2026-11-01", NOON))
        for name in CAMPAIGNS:
            self.store.write(SaveCampaign(name, "", ("people",), "oldest", NOON))
            self.store.write(PlaceLeads(name, len(PEOPLE)))

    # --- events in ----------------------------------------------------------------------------------------

    def tell(self, event: ev.Event) -> None:
        commands = self.engine.handle(event, self.now)
        self.log.append(to_line(event, self.now, commands))
        self._carry_out(commands)

    def open(self, name: str) -> None:
        """Start dialing, or start again what has ended."""
        groups = tuple(group for group, _ in self.store.zone_groups(name))
        self.ended.pop(name, None)
        self.no_more_calls.discard(name)
        self.cut.discard(name)
        self.paused.discard(name)
        self.opened[name] += 1
        self.lists_done[name] = False
        self.tell(ev.CampaignOpened(self.texts[name], load_rule_set("fictional"), groups))

    def pause(self, name: str) -> None:
        self.paused.add(name)
        self.tell(ev.PauseRequested(name))

    def lose_desk(self, agent_id: str, grace_s: float) -> None:
        if self.desks[agent_id].state != "logged_out":
            self.lost_until.setdefault(agent_id, self.now + grace_s)
        self.tell(ev.DeskLost(agent_id, grace_s))

    def open_desk(self, agent_id: str) -> None:
        self.lost_until.pop(agent_id, None)
        self.tell(ev.DeskOpened(agent_id))

    def lose_phone(self, agent_id: str, grace_s: float) -> None:
        if self.desks[agent_id].state != "logged_out":
            self.phones_lost.add(agent_id)
        self.tell(ev.PhoneLost(agent_id, grace_s))

    def have_phone(self, agent_id: str) -> None:
        self.phones_lost.discard(agent_id)
        self.tell(ev.PhoneBack(agent_id))

    def resume(self, name: str) -> None:
        self.paused.discard(name)
        self.tell(ev.ResumeRequested(name))

    def change(self, name: str, text: Campaign) -> None:
        self.texts[name] = text
        if not self.has_trunk(name):
            self.no_more_calls.add(name)
        self.tell(ev.CampaignChanged(text, load_rule_set("fictional")))

    def change_trunks(self, trunks: tuple[Trunk, ...]) -> None:
        self.trunks = {trunk.name: trunk for trunk in trunks}
        self.no_more_calls.update(name for name in CAMPAIGNS if not self.has_trunk(name))
        self.tell(ev.TrunksChanged(trunks))

    def doubt_clock(self, doubted: bool) -> None:
        self.doubted = doubted
        if doubted:
            self.decided_before |= self.engine.state.calls.keys() - self.originated
        self.tell(ev.ClockDoubted("it was set") if doubted else ev.ClockTrusted())

    def change_media_room(self, calls: int) -> None:
        self.media_room = calls
        self.tell(ev.MediaRoomChanged(calls))

    def add_lead(self) -> None:
        """Somebody new joins all campaigns, whether they are dialed or not."""
        answer = self.store.write(SaveLeads("people", (self.newcomers.popleft(),), "test", "", self.now))
        assert isinstance(answer, LeadsStored)
        assert [name for name, _ in answer.joined] == sorted(CAMPAIGNS)
        for name, groups in answer.joined:
            self.lists_done[name] = False
            self.tell(ev.LeadsAdded(name, groups))

    def has_trunk(self, name: str) -> bool:
        return not self.trunks.keys().isdisjoint(self.texts[name].trunks)

    def wait(self, seconds: float, *, late: bool = False) -> None:
        """Time passes; the engine is woken on time, or not before the end."""
        until = self.now + seconds
        while not late and (deadline := self.engine.next_deadline()) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self.tell(ev.WakeUp())
        self.now = until
        self.tell(ev.WakeUp())

    def stop(self, name: str, event: ev.DrainRequested | ev.CutRequested) -> None:
        self.no_more_calls.add(name)
        if isinstance(event, ev.CutRequested):
            self.cut.add(name)
        self.tell(event)

    # --- the journal --------------------------------------------------------------------------------------

    def commit(self) -> None:
        """The oldest write is committed; its answer is under way."""
        write = self.submitted.popleft()
        answer = self.store.write(write)  # raises if the engine writes what cannot be
        if isinstance(answer, AttemptAccepted):
            self.committed.add(answer.attempt_id)
        if isinstance(answer, LeadsLeased):
            for candidate in answer.candidates:
                self.leased[self._campaign_of(write), candidate.lead.lead_id] = self.now
        if isinstance(write, ReturnLeads):
            for update in write.updates:
                del self.leased[update.campaign, update.lead_id]
        if isinstance(write, CloseAttempt):
            del self.leased[write.record.campaign, write.record.lead_id]
            self.closed[write.record.attempt_id] = write.record
        if isinstance(write, SaveOptOut):
            self.opted_out.update(write.block.numbers)
        if isinstance(write, SaveAgentTime):
            self.stretches.extend(write.stretches)
        event = event_of(write, answer)
        if event is not None:
            self.answers.append(event)

    def fail(self) -> None:
        """The oldest write does not succeed."""
        write = self.submitted.popleft()
        self.failed.append(write)
        event = event_of(write, OSError("disk full"))
        assert event is not None
        self.answers.append(event)

    def deliver(self) -> None:
        """The oldest answer reaches the engine."""
        event = self.answers.popleft()
        if isinstance(event, ev.AttemptSaved):
            self.told_saved.add(event.attempt_id)
        elif isinstance(event, ev.SaveFailed):
            self.no_more_calls.add(event.campaign)
        self.tell(event)

    @staticmethod
    def _campaign_of(write: Write) -> str:
        match write:
            case FetchLeads():
                return write.campaign
            case SaveAttempt():
                return write.intent.campaign
            case CloseAttempt():
                return write.record.campaign
            case ReturnLeads():
                return write.updates[0].campaign
            case SaveAgentTime():
                return write.stretches[0].campaign
            case SaveOptOut():
                return write.campaign
        raise AssertionError(write)

    # --- the carrier --------------------------------------------------------------------------------------

    def progress(self, attempt_id: int) -> None:
        self.wire[attempt_id].alerted = True
        self.tell(ev.CallProgress(attempt_id, 180))

    def answer(self, attempt_id: int) -> None:
        """Picked up, perhaps while our CANCEL is under way."""
        self.wire[attempt_id].answered = True
        self.tell(ev.CallAnswered(attempt_id))

    def detect(self, attempt_id: int, verdict: str) -> None:
        """The detector listens where it was ordered to, and speaks while the call is up."""
        if self.wire[attempt_id].listened_to:
            self.tell(ev.Detected(attempt_id, verdict, "a cause", 1.0))

    def beep(self, attempt_id: int) -> None:
        self.tell(ev.BeepEnded(attempt_id, 1.5))

    def turn_over(self, attempt_id: int, digits: str, *, fails: bool) -> None:
        """What was said to somebody without an agent is over; told twice, as a carrier never would."""
        turn = self.wire[attempt_id].turn
        assert turn is not None
        self.wire[attempt_id].turn = None
        self.tell(ev.SpeechBegan(attempt_id, turn.turn, 2.0))
        end, heard = TurnEnd.PLAYED, ""
        if fails:
            end = TurnEnd.FAILED
        elif turn.digits:
            end, heard = (TurnEnd.COMPLETE, digits) if digits else (TurnEnd.NOTHING, "")
        elif turn.record_s:
            end, heard = TurnEnd.RECORDED, "day/said.wav"
        for _ in range(2):
            self.tell(ev.SpeechOver(attempt_id, turn.turn, end.value, heard))

    def recording(self, attempt_id: int, *, fails: bool) -> None:
        """Whoever records says how it goes."""
        if fails:
            self.tell(ev.RecordingFailed(attempt_id, "disk full", kept=False))
        else:
            self.tell(ev.RecordingBegan(attempt_id, self.recorded[attempt_id]))

    def agree(self, agent_id: str, attempt_id: int) -> None:
        if self.desks[agent_id].attempt_id == attempt_id:
            self.agreed.add(attempt_id)
        self.tell(ev.RecordingAgreed(agent_id, attempt_id))

    def fault(self, attempt_id: int) -> None:
        self.tell(ev.CallFault(attempt_id, "no RTP port is free"))
        self._over(attempt_id)

    def end(self, attempt_id: int, status: int | None) -> None:
        """The call comes to its end, by whoever may end it in its state."""
        call = self.wire[attempt_id]
        if call.answered or (call.given_up and status in {None, 487}):
            by, status = ("dialer" if call.given_up else "callee"), None if call.answered else status
        else:
            by = "callee" if status in {486, 603, 607} else "network"
        # What the engine says meanwhile, woken late, crosses this end: a carrier ignores it.
        self.tell(ev.CallEnded(attempt_id, by, status))
        self._over(attempt_id)

    def _over(self, attempt_id: int) -> None:
        del self.wire[attempt_id]
        self.told_over.add(attempt_id)

    # --- commands out -------------------------------------------------------------------------------------

    def _carry_out(self, commands: Iterable[Command]) -> None:
        for command in commands:
            match command:
                case (
                    FetchLeads() | SaveAttempt() | CloseAttempt() | ReturnLeads() | SaveAgentTime() | SaveOptOut()
                ):
                    self._submit(command)
                case Hush():
                    self.wire[command.attempt_id].turn = None
                case Speak():
                    call = self.wire[command.attempt_id]
                    assert call.answered
                    assert not call.given_up
                    said = call.turn
                    again = said is not None and said.prompt == command.turn.prompt and not said.digits
                    assert said is None or again, "two turns at once, and not a message after another beep"
                    assert call.campaign == command.campaign
                    call.turn = command.turn
                case Originate():
                    assert command.attempt_id in self.told_saved, "placed before it was saved"
                    assert command.attempt_id not in self.originated, "placed twice"
                    campaign = self.engine.state.calls[command.attempt_id].intent.campaign
                    assert campaign not in self.no_more_calls, "placed after the campaign was stopped"
                    assert campaign not in self.paused, "placed while the campaign was paused"
                    assert not self.doubted, "placed while the clock was doubted"
                    assert command.attempt_id not in self.decided_before, "a permit of before was used"
                    assert command.trunk in self.trunks, "placed over a trunk that is gone"
                    assert command.trunk in self.texts[campaign].trunks, "placed over another campaign's trunk"
                    assert command.caller_id in self.texts[campaign].caller_ids, "an old caller id was shown"
                    ringing = [c for c in self.wire.values() if c.number == command.number and not c.given_up]
                    assert not ringing, "a number is rung twice at once"
                    self.originated.add(command.attempt_id)
                    listened_to = command.amd.policy is not AmdPolicy.OFF
                    self.wire[command.attempt_id] = WireCall(command.number, campaign, listened_to)
                case CancelCall() | HangUp():
                    assert command.attempt_id not in self.told_over, "a command for a call that is over"
                    call = self.wire[command.attempt_id]
                    assert not call.given_up, "given up twice"
                    assert call.answered is isinstance(command, HangUp)
                    call.given_up = True
                case Join():
                    call = self.wire[command.attempt_id]
                    assert call.answered
                    assert not call.given_up
                    assert call.turn is None, "joined while something is said"
                    assert command.agent_id not in self.phones_lost, "joined with a phone that is lost"
                    desk = self.desks[command.agent_id]
                    if desk.state in CONVERSING:  # the phone is back
                        assert desk.attempt_id == command.attempt_id, "joined with an agent who talks"
                    else:
                        assert desk.state in {"ready", "reserved"}, "joined with an agent who is not free"
                        assert command.agent_id not in self.lost_until, "joined with a desk that is lost"
                    assert self.desks[command.agent_id].campaign == call.campaign, "another campaign's agent"
                    assert call.campaign not in self.cut, "put through only to be hung up on"
                case StartRecording():
                    call = self.wire[command.attempt_id]
                    asked = self.texts[call.campaign].recording.wish is RecordingRule.ASK
                    assert command.attempt_id not in self.recorded, "recorded twice"
                    assert not asked or command.attempt_id in self.agreed, "recorded without consent"
                    self.recorded[command.attempt_id] = command.name
                case PauseRecording():
                    assert command.attempt_id in self.recorded, "nothing is recorded"
                case NotifyAgent():
                    self._show(command)
                case CampaignEnded():
                    name, reason = command.campaign, command.reason
                    assert name not in self.ended, "ended twice"
                    assert name not in self.paused or reason != "list_done", "ended while paused"
                    self.ended[name] = reason
                    self.lists_done[name] = reason == "list_done" and self.texts[name].hours is not MORNING
                case Notice():
                    self.notices.append(command)

    def _submit(self, write: Write) -> None:
        match write:
            case FetchLeads():
                at, times = self.fetched_at
                self.fetched_at = (self.now, times + 1 if at == self.now else 1)
                assert self.fetched_at[1] < MOST_FETCHES_AT_ONCE, "leads are fetched again and again"
            case SaveAttempt():
                assert not self.doubted, "decided while the clock was doubted"
                assert write.intent.attempt_id > self.last_id, "ids are counted"
                self.last_id = write.intent.attempt_id
                in_use = sum(limits.in_use for limits in self.engine.state.trunks.values())
                assert in_use <= self.media_room, "more calls than can be heard"
                assert (write.intent.campaign, write.intent.lead_id) in self.leased, "dialed without a lease"
            case CloseAttempt():
                again = write in self.failed
                pending = any(w == write for w in self.submitted)
                assert write.record.attempt_id not in self.closed, "recorded twice"
                assert not pending, "recorded twice"
                assert again or all(
                    w.record.attempt_id != write.record.attempt_id
                    for w in self.failed
                    if isinstance(w, CloseAttempt)
                )
        self.submitted.append(write)

    def _show(self, change: NotifyAgent) -> None:
        desk = self.desks[change.agent_id]
        if (change.state, change.campaign, change.attempt_id) == (desk.state, desk.campaign, desk.attempt_id):
            assert change.state in CONVERSING, "the same state told twice"
            assert (change.advice, change.recording) != (desk.advice, desk.recording), "nothing new"
            desk.advice, desk.recording = change.advice, change.recording
            return
        if desk.campaign and desk.state != "logged_out" and change.campaign != desk.campaign:
            assert change.state == "paused", "who moves is paused until ready"
        assert (change.attempt_id is not None) is (change.state in {*CONVERSING, "wrap_up"})
        if change.state == "wrap_up":
            assert desk.state in CONVERSING
            assert desk.attempt_id == change.attempt_id
        if change.state == "holding":
            assert (desk.state, desk.attempt_id) == ("talking", change.attempt_id)
        if change.state == "ready":
            assert change.agent_id not in self.lost_until, "ready at a desk that is lost"
            assert change.agent_id not in self.phones_lost, "ready at a phone that is lost"
        if change.state == "logged_out":
            self.lost_until.pop(change.agent_id, None)
            self.phones_lost.discard(change.agent_id)
        desk.state, desk.campaign, desk.attempt_id = change.state, change.campaign, change.attempt_id
        desk.advice, desk.recording = change.advice, change.recording

    # --- what must always hold ----------------------------------------------------------------------------

    def check(self) -> None:
        state = self.engine.state
        assert all(until > self.now for until in self.lost_until.values()), "on duty after its desk's grace"
        on_line = Counter(call.intent.trunk for call in state.calls.values() if call.ended_at is None)
        assert {name: limits.in_use for name, limits in state.trunks.items() if limits.in_use} == on_line
        assert set(state.trunks) == {*self.trunks, *on_line}, "a trunk is forgotten with its last call"
        called = [(call.intent.number, call.candidate.lead.party) for call in state.calls.values()]
        assert state.in_call == {key for keys in called for key in keys}
        assert len(state.in_call) == 2 * len(state.calls), "a number, or somebody, is in two calls"
        assert self.ended.keys() | state.runs.keys() == CAMPAIGNS.keys() & self.opened.keys()
        assert self.ended.keys().isdisjoint(state.runs), "what has ended is forgotten"
        for name, run in state.runs.items():
            unanswered = {n for n, call in run.calls.items() if call.state in UNANSWERED}
            for_nobody = {n for n in unanswered if run.calls[n].reserved_agent is None}
            assert set(run.ringing) == for_nobody, "what rings may still be answered, and has no agent of its own"
            waiting = {n for n, call in run.calls.items() if call.state is CallState.WAITING}
            assert {*run.waiting, *run.held} == waiting
            assert not (run.waiting and state.pool.idle(name)), "somebody waits while an agent is idle"
            if name in self.paused:
                assert not run.hopper.ready
                assert not run.parked
            assert state.in_call >= run.parked.keys(), "a lead waits for a call that is over"
        assert set(state.calls) == {n for run in state.runs.values() for n in run.calls}
        busy = [desk.attempt_id for desk in self.desks.values() if desk.attempt_id is not None]
        assert len(busy) == len(set(busy)), "two agents in one call"
        for agent in state.pool:
            desk = self.desks[agent.agent_id]
            assert (agent.state.value, agent.attempt_id) == (desk.state, desk.attempt_id)
            assert agent.campaign == desk.campaign
            if agent.state in CONVERSING:
                assert state.calls[desk.attempt_id or 0].state is CallState.TALKING
        for attempt_id in self.wire:
            # The engine may only forget a call whose end it has waited for in vain.
            assert attempt_id in state.calls or self.wire[attempt_id].given_up
        deadline = self.engine.next_deadline()
        if not state.calls and not state.runs:
            assert deadline is None or self.failed or self.lost_until, "a deadline is left for nothing"

    # --- the end ------------------------------------------------------------------------------------------

    def settle(self, *, drain: bool) -> None:
        """Let everything come to its end: drained, or by working through the list."""
        self.change_media_room(UNLIMITED)
        self.doubt_clock(False)
        for name in list(self.engine.state.runs):
            if drain:
                self.stop(name, ev.DrainRequested(name))
            elif name in self.paused:
                self.resume(name)
        for agent_id in AGENTS:
            if not drain:
                self.open_desk(agent_id)
                self.have_phone(agent_id)
                self.tell(ev.AgentLoggedIn(agent_id, AGENTS[agent_id]))
                self.tell(ev.AgentReady(agent_id))
        for _ in range(20_000):
            self._quieten()
            if not self.engine.state.runs:
                break
            deadline = self.engine.next_deadline()
            assert deadline is not None, "nothing will ever happen again, and a campaign has not ended"
            self.now = max(self.now, deadline)
            self.tell(ev.WakeUp())
            self.check()
        else:
            raise AssertionError("a campaign never ends")
        for agent_id in self.desks:
            self.tell(ev.AgentLoggedOut(agent_id))
        self._quieten()
        while (deadline := self.engine.next_deadline()) is not None:
            self.now = max(self.now, deadline)
            self.tell(ev.WakeUp())
            self._quieten()
        self.check()
        self._check_books()
        assert replay(self.log, new_engine()) == len(self.log)

    def _quieten(self) -> None:
        while self.submitted or self.answers or self.wire or self._in_contact():
            if self.submitted:
                self.commit()
            elif self.answers:
                self.deliver()
            elif self.wire:
                self.now += 1.0
                self.tell(ev.WakeUp())
                attempt_id, call = next(iter(self.wire.items()))
                if attempt_id % 3 == 0 and not (call.answered or call.given_up):
                    self.answer(attempt_id)
                self.end(attempt_id, 487 if call.given_up else 486)
            else:
                agent_id = self._in_contact()[0]
                self.tell(ev.Dispositioned(agent_id, self.desks[agent_id].attempt_id or 0, "not_interested"))
                self.tell(ev.AgentReady(agent_id))
            self.check()

    def _in_contact(self) -> list[str]:
        return [agent_id for agent_id, desk in self.desks.items() if desk.attempt_id is not None]

    def _check_books(self) -> None:
        state = self.engine.state
        assert not state.calls
        assert self.engine.next_deadline() is None, "a deadline is left for nothing"
        lost = any(notice.code == "records_lost" for notice in self.notices)
        assert lost or not self.leased, "a lease was not returned"
        assert lost or self.committed == set(self.closed), "an attempt without a record"
        for attempt_id, record in self.closed.items():
            self._check_record(attempt_id, record)
        for name in CAMPAIGNS:
            left = [place for place in self.store.places(name) if place.state != "final"]
            assert not (left and self.lists_done.get(name)), f"ended too early: {left}"
            found = list(self._violations(name))
            assert not found, found
        for agent_id in AGENTS:
            mine = sorted((s for s in self.stretches if s.agent_id == agent_id), key=lambda s: s.since)
            for before, after in pairwise(mine):
                assert before.until <= after.since, "an agent's time is counted twice"

    def _violations(self, name: str) -> Iterator[Violation]:
        """What the audit finds, but for numbers blocked between commit and INVITE: those cross."""
        stored = [attempt for other in CAMPAIGNS for attempt in self.store.attempts(other)]
        attempts = sorted(map(_audited, stored), key=lambda attempt: (attempt.moment, attempt.attempt_id))
        created = {attempt.attempt_id: (attempt.number, attempt.created_at) for attempt in attempts}
        blocked = blocked_since(self.store.dnc_entries(NUMBERS))
        numbers = {phone.e164: phone for lead in (*PEOPLE, *NEWCOMERS) for phone in lead.phones}
        rule_set = load_rule_set("fictional")
        for found in audit(
            self.texts[name],
            (rule_set,),
            attempts,
            earlier_versions=[(text, (rule_set,)) for text in TEXTS[name]],
            number_of=lambda _, number: numbers[number],
            blocked={number: (("", since, None),) for number, since in blocked.items()},
            walls={SIMULATED.hash: SIMULATED.body},
        ):
            number, created_at = created[found.attempt_id]
            if found.code != "dnc" or blocked[number] < created_at:
                yield found

    def _check_record(self, attempt_id: int, record: AttemptRecord) -> None:
        assert record.counted is (record.dialed_at is not None)
        assert (attempt_id in self.originated) or not record.counted
        moments = [
            moment
            for moment in (
                record.created_at,
                record.dialed_at,
                record.answered_at,
                record.assigned_at,
                record.ended_at,
                record.closed_at,
            )
            if moment is not None
        ]
        assert moments == sorted(moments)
        assert record.talk_s >= 0.0
        assert record.wrapup_s >= 0.0
        if record.assigned_at is not None:
            assert record.assigned_at + record.talk_s + record.wrapup_s <= record.closed_at + 1e-6
        machine = record.outcome in {"answering_machine", "message_left", "not_in_use"} and record.machine
        spoken = record.outcome in {"delivered", "broken_off"} or machine
        assert record.abandoned is (record.answered_at is not None and record.agent_id is None and not spoken)
        assert (record.outcome == "connected") is (record.agent_id is not None)
        assert (
            record.disposition is None
            if record.abandoned
            else (spoken or (record.disposition is not None) is (record.agent_id is not None))
        )
        in_flow = bool(record.flow_end) or record.amd_policy == "hold"
        assert machine or spoken <= in_flow, "spoken to by a flow, or held for it"
        assert machine or record.abandoned or not record.message
        assert (record.outcome == "message_left") <= (record.message_end == "finished")
        if record.opted_out_at is not None:
            assert record.final
            assert record.number in self.opted_out, "who asks for no more calls gets none"
        assert record.live or not record.rpc
        assert record.final is (record.next_attempt_at is None)
        if record.hung_up_waiting:
            assert record.abandoned


def _audited(stored: StoredAttempt) -> AuditedAttempt:
    """Judged by the moment of its commit: that is what the writer's caps count, and what a candidate's history
    knows of an attempt that is still open."""
    record = stored.record
    placed = record is not None and record.dialed_at is not None
    return AuditedAttempt(
        attempt_id=stored.attempt_id,
        campaign=stored.campaign,
        lead_id=stored.lead_id,
        number=stored.number,
        trunk=stored.trunk,
        caller_id=stored.caller_id,
        created_at=stored.created_at,
        dialed_at=stored.created_at if placed else None,
        outcome=None if record is None else record.outcome,
        permit=stored.permit,
        purpose=stored.purpose,
        ended_at=None if record is None else record.ended_at,
        opted_out_at=None if record is None else record.opted_out_at,
    )
