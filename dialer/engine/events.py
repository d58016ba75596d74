"""What happens to the engine. Values only; together with their moments they are the whole input of a run, so
that a recorded log of them replays it."""

from __future__ import annotations

from campaigns.callback import Promise
from campaigns.campaign import Campaign
from campaigns.consent import AgreedTo
from campaigns.record import AudioFigures
from campaigns.refusal import Refusal
from campaigns.rule_choice import Rules
from campaigns.walls import Walls
from dialer.ports.store import Candidate, Usage, Write
from dialer.trunks.trunk import Trunk
from lists.lead import PhoneNumber
from lists.value import value


@value
class WakeUp:
    """The deadline the engine asked for (`Engine.next_deadline`) has come."""


@value
class CampaignOpened:
    """Start dialing. `zone_groups`: those that the campaign's leads fall into."""

    campaign: Campaign
    rules: Rules
    zone_groups: tuple[str, ...]


@value
class CampaignChanged:
    """A running campaign has a new text: it holds from the next decision on; open calls go on."""

    campaign: Campaign
    rules: Rules


@value
class AnswersRecalled:
    """How many people answered the campaign before it was opened, and how many of them were abandoned: `spans` of
    (moment, live answers, abandoned), oldest first."""

    campaign: str
    spans: tuple[tuple[float, int, int], ...]


@value
class LeadsAdded:
    """Leads have joined the campaign. `zone_groups`: those of their numbers; `no_others`: those of all its leads,
    some of which lay in others."""

    campaign: str
    zone_groups: tuple[str, ...]
    no_others: bool = False


@value
class TrunksChanged:
    """These are the trunks from now on. Calls on one that is gone go on to their end; a campaign that is left
    without any of its trunks stops dialing."""

    trunks: tuple[Trunk, ...]


@value
class WallsChanged:
    """This is what may be dialed from now on. What was used of ceilings and caller ids stays used."""

    walls: Walls


@value
class UsageKnown:
    """What was used of the ceilings before this process began, in the order of its moments."""

    usage: tuple[Usage, ...]


@value
class TrunkAsked:
    """An OPTIONS to the trunk was answered, by whatever status, or was not."""

    trunk: str
    answered: bool


@value
class TrunkFound:
    """Where the trunk's host is has become known. `why`: it has not, and why."""

    trunk: str
    why: str


@value
class TrunkReleased:
    """Somebody says that what was wrong with the trunk is mended."""

    trunk: str


@value
class ClockDoubted:
    """The machine's clock cannot be relied on: nothing is dialed until `ClockTrusted`; calls in progress go on.
    `why`: for people, with what to do."""

    why: str


@value
class ClockTrusted:
    """It can be relied on again."""


@value
class MediaRoomChanged:
    """The audio of so many calls can be carried at once from now on, those that are up included. Without any such
    event there is no limit but the trunks'. `lost`: whoever carries it is gone, and is being started again."""

    calls: int
    lost: bool = False


@value
class PauseRequested:
    """No new calls until `ResumeRequested`; those in progress finish, and the campaign's agents stay on duty."""

    campaign: str


@value
class ResumeRequested:
    """Dial again, after a pause."""

    campaign: str


@value
class DrainRequested:
    """No new calls; those ringing and talking finish."""

    campaign: str


@value
class CutRequested:
    """Hang up everything now, and record it."""

    campaign: str


@value
class LeadsFetched:
    """Answer to `FetchLeads`; see `LeadsLeased`."""

    campaign: str
    candidates: tuple[Candidate, ...]
    next_due_at: float | None
    more_ready: bool = False
    next_callback_at: float | None = None
    seen_to: tuple[int, int] | None = None


@value
class AttemptSaved:
    attempt_id: int


@value
class SaveRefused:
    """The writer refused the attempt inside its transaction: a cap or the do-not-call register."""

    attempt_id: int
    reason: Refusal
    detail: str


@value
class RecordSaved:
    """The attempt's record is committed (answer to `CloseAttempt`)."""

    campaign: str
    attempt_id: int


@value
class SaveFailed:
    """A write did not succeed, and nothing of it is stored. The campaign stops dialing with this cause."""

    campaign: str
    write: Write
    cause: str


@value
class CallProgress:
    """A provisional response that says the phone is being alerted or early media flows (180, 181, 182, 183)."""

    attempt_id: int
    status: int


@value
class CallAnswered:
    """200 OK received, dialog confirmed. May follow `CancelCall`, when the two crossed: the carrier then ends
    the call by itself and `CallEnded` follows."""

    attempt_id: int


@value
class CallEnded:
    """The call is over, whatever it had come to. `status`: final SIP status of an unanswered call; None for
    an answered one, or when no final response was seen. `q850`: cause of a Reason header (RFC 3326),
    `cause_by` who set it ("user", "network", "analytics", ""). `by`: an `EndedBy` value. `heard`: what early
    media said (`dialer.calls.outcomes.Heard`). `retry_after_s`: of a 503. `moved_to`: the number that a 3xx
    names, "" for none or for the one called. `audio`: None where there was none, and in virtual time. `note`: why,
    where it is not told by the rest."""

    attempt_id: int
    by: str
    status: int | None = None
    q850: int | None = None
    cause_by: str = ""
    heard: str | None = None
    retry_after_s: float | None = None
    moved_to: str = ""
    audio: AudioFigures | None = None
    note: str = ""


@value
class CallFault:
    """The call could not be placed at all (no RTP port, no socket, bad number): our fault, not the lead's."""

    attempt_id: int
    cause: str


@value
class Detected:
    """The answering-machine detector says who answered: `verdict` as of `campaigns.amd.Heard`, `cause` as of
    `dialer.media.amd.events.Cause`, `at_s`: seconds of sound since the answer. `heard`: the tones of the network
    in it (`dialer.calls.outcomes.Heard`). There may be others after the first."""

    attempt_id: int
    verdict: str
    cause: str
    at_s: float
    heard: str | None = None


@value
class AudioFlowing:
    """First audio of the contact was sent towards the agent. `latency_s`: since the 200 OK was received."""

    attempt_id: int
    latency_s: float


@value
class BeepEnded:
    """A tone that asks for a message ended `at_s` seconds of sound after the answer."""

    attempt_id: int
    at_s: float


@value
class SpeechBegan:
    """The first sound of a turn (`Speak`) went to the person called, `after_answer_s` after the 200 OK."""

    attempt_id: int
    turn: int
    after_answer_s: float


@value
class SpeechOver:
    """A turn is over. `end`: a `dialer.calls.walk.TurnEnd` value. `heard`: the digits that were collected, or the
    name of the recording, below the folder of all."""

    attempt_id: int
    turn: int
    end: str
    heard: str = ""


@value
class OptOutSaved:
    """The number is on the register, as the person called has asked."""

    attempt_id: int


@value
class RecordingBegan:
    """The conversation is being recorded into `name` from now on (answer to `StartRecording`)."""

    attempt_id: int
    name: str


@value
class RecordingFailed:
    """No more of it is recorded. `kept`: what was recorded until now can be played."""

    attempt_id: int
    cause: str
    kept: bool


@value
class RecordingAgreed:
    """The agent says that the person called agrees to be recorded."""

    agent_id: str
    attempt_id: int


@value
class RecordingPaused:
    """Somebody says that what is said now is not to be recorded, or (`on` False) that it may be again."""

    attempt_id: int
    on: bool


@value
class AgentLoggedIn:
    """The agent is on duty for the campaign, and paused until ready."""

    agent_id: str
    campaign: str


@value
class AgentReady:
    agent_id: str


@value
class AgentPaused:
    """Takes effect at once when idle, else when the current contact is over."""

    agent_id: str
    reason: str = ""


@value
class AgentLoggedOut:
    """Takes effect at once when idle, else when the current contact is over."""

    agent_id: str


@value
class AgentHungUp:
    """The agent ends the conversation."""

    agent_id: str


@value
class ContactHeld:
    """The contact is on hold from now on (`on`), at the agent's phone or while the agent asks somebody; or is
    back."""

    attempt_id: int
    on: bool


@value
class AgentLeft:
    """The agent leaves the conversation, which goes on without them: the contact was handed over `to` somebody."""

    agent_id: str
    to: str


@value
class Dispositioned:
    """The agent says what the conversation came to, which ends wrap-up (or the talk, if still on).
    `promise`: of a callback. `agreed`: what the person has agreed to in it."""

    agent_id: str
    attempt_id: int
    code: str
    promise: Promise | None = None
    agreed: tuple[AgreedTo, ...] = ()


@value
class ThirdAsked:
    """The agent wants somebody outside in the conversation of the attempt. `key`: see `ThirdCall`."""

    key: int
    attempt_id: int
    agent_id: str
    number: PhoneNumber


@value
class ThirdSaved:
    """The call to the third party is on record."""

    key: int


@value
class ThirdAnswered:
    """The third party has answered."""

    key: int


@value
class ThirdOver:
    """The call to a third party is over. `answered`: it had been; `given_up`: by us; `rang`: an 18x had come.
    `fault`: nothing left, and why. The rest as of `CallEnded`."""

    key: int
    answered: bool = False
    given_up: bool = False
    rang: bool = False
    status: int | None = None
    q850: int | None = None
    cause_by: str = ""
    retry_after_s: float | None = None
    fault: str = ""


@value
class DeskLost:
    """Nobody hears what the agent's desk is told: no contact for the agent from now on. A contact in progress goes
    on, but after `grace_s` seconds without `DeskOpened` the agent is off duty and the call hung up."""

    agent_id: str
    grace_s: float


@value
class DeskOpened:
    """The lost desk is there again. Whoever was ready before says so again; a contact goes on as if nothing had
    been."""

    agent_id: str


@value
class PhoneLost:
    """Nobody can be put through to the agent's phone: it is being called, has hung up, or is silent. No contact
    for the agent from now on. One that has heard the agent is kept for `grace_s` seconds, and hung up after that;
    one that has not goes to somebody else at once."""

    agent_id: str
    grace_s: float


@value
class PhoneBack:
    """The lost phone is there: the agent goes on as before, and a contact that was kept is joined again."""

    agent_id: str


Event = (
    WakeUp
    | CampaignOpened
    | CampaignChanged
    | AnswersRecalled
    | LeadsAdded
    | TrunksChanged
    | WallsChanged
    | UsageKnown
    | TrunkAsked
    | TrunkFound
    | TrunkReleased
    | MediaRoomChanged
    | ClockDoubted
    | ClockTrusted
    | PauseRequested
    | ResumeRequested
    | DrainRequested
    | CutRequested
    | LeadsFetched
    | AttemptSaved
    | SaveRefused
    | RecordSaved
    | SaveFailed
    | CallProgress
    | CallAnswered
    | CallEnded
    | CallFault
    | Detected
    | AudioFlowing
    | BeepEnded
    | SpeechBegan
    | SpeechOver
    | OptOutSaved
    | RecordingBegan
    | RecordingFailed
    | RecordingAgreed
    | RecordingPaused
    | AgentLoggedIn
    | AgentReady
    | AgentPaused
    | AgentLoggedOut
    | AgentHungUp
    | AgentLeft
    | Dispositioned
    | ContactHeld
    | ThirdAsked
    | ThirdSaved
    | ThirdAnswered
    | ThirdOver
    | DeskLost
    | DeskOpened
    | PhoneLost
    | PhoneBack
)
