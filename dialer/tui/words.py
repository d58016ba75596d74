"""What the console calls things, and what its words mean."""

from __future__ import annotations

from typing import Final

from campaigns.life import CampaignState

STATE_STYLE: Final[dict[CampaignState, str]] = {
    CampaignState.DRAFT: "note",
    CampaignState.READY: "",
    CampaignState.RUNNING: "good",
    CampaignState.PAUSED: "note",
    CampaignState.DRAINING: "note",
    CampaignState.DONE: "dim",
}

AGENT_STATES: Final[dict[str, str]] = {
    "ready": "idle", "reserved": "reserved", "talking": "talking", "holding": "on hold", "wrap_up": "wrap-up",
    "unreachable": "no phone",
    "paused": "paused", "logged_out": "off",
}  # fmt: skip
"""`dialer.agents.agent.AgentState` → word, in the order they are counted in."""

CALL_STATES: Final[dict[str, str]] = {
    "committing": "saving", "placed": "dialed", "alerting": "ringing", "waiting": "waiting", "talking": "talking",
    "prompted": "recording",
    "cancelling": "giving up", "ending": "ending", "ended": "over", "closed": "closed",
}  # fmt: skip
"""`dialer.calls.call.CallState` → word, in the order of a call's life."""

TRUNK_STATES: Final[dict[str, tuple[str, str]]] = {
    "stopped": ("stopped", "alarm"), "unresolved": ("no host", "alarm"), "silent": ("silent", "alarm"),
    "held": ("held", "note"), "paused": ("paused", "note"), "probing": ("probing", "note"), "open": ("", ""),
}  # fmt: skip
"""`dialer.trunks.health.TrunkState` → word and style, the gravest first."""

AMD_VERDICTS: Final[dict[str, str]] = {
    "human": "people", "machine": "machines", "screening": "screening", "unsure": "unsure", "none": "no word",
}  # fmt: skip
"""`campaigns.amd.Heard`, and "none" → word."""

LAUNCH_LIMITS: Final[dict[str, str]] = {"pace": "agents", "lines": "lines", "leads": "leads"}
"""`dialer.engine.state.LaunchLimit` → what more calls wait for."""

LEVEL_SIGNS: Final[dict[str, str]] = {"alarm": "▲", "warning": "!", "info": "i"}
LEVEL_STYLES: Final[dict[str, str]] = {"alarm": "alarm", "warning": "note", "info": ""}

FLOOR_WORDS: Final = (
    ("▲  !", "needs you now; look at it. Beside abandonment: at or over its cap; at 80 % of it or more"),
    ("dials", "calls placed and over, from committed records, since the midnight before; + those under way now"),
    ("connects", "network answers: people, machines, anything that picks up"),
    ("live", "answered by a person"),
    ("abandonment", "live answers that no agent took in time, of all live answers; the cap is the rule set's"),
    ("RPC", "right-party contact: the agent spoke to the person sought"),
    ("RPC/h", "RPC by hour of agents' time: logged in less pauses, waiting included"),
    ("busy share", "talk, hold and wrap-up, of agents' time"),
    ("idle", "agents who wait for a call"),
    ("waiting", "people who have answered and hear no agent yet"),
    ("lines", "channels of the campaign's trunks"),
    (
        "trunks",
        "lines in use of all; ▲ ! not dialed over, or with care, and why. `dialer trunk test NAME` tries one",
    ),
    ("at hand", "leads fetched and permitted, next to be dialed"),
    ("next in", "nothing is at hand; the next lead may be dialed then (hours open, a retry comes due)"),
    ("why leads wait", "why leads were passed over, and how often since the campaign was opened"),
    ("draft", "something that dialing needs is missing (a trunk, a lead): its reason says what"),
    ("ready", "may be started"),
    ("paused", "no new calls; its agents stay. s goes on"),
    ("draining", "stopping: no new calls; done when the last one is over"),
    ("done", "over: every lead final, or stopped. s starts it again"),
)
CAMPAIGN_WORDS: Final = (
    *FLOOR_WORDS,
    ("answers", "the chance that a call is answered, as predictive pacing has learned it, and how sure that is"),
    (
        "no agent",
        "the chance that the next call, if answered, finds no agent; up to the other chance it is launched",
    ),
    ("may lose", "how many more people may be abandoned now, in the window that allows least"),
    ("waits for", "what keeps more calls from going out: agents (the two chances), lines or leads"),
    ("people … no word", "what the answering-machine detector said first, of the answered calls it listened to"),
    ("screening", "an assistant that asks who is calling; unsure is treated as a person"),
    ("median", "of sound, from the answer to the detector's word"),
    ("people lost", "likely to be among those hung up as machines, by what the checked ones were"),
)
AGENT_WORDS: Final = (
    ("idle", "ready, and waiting for a call"),
    ("on hold", "in a conversation whose contact waits; ! from 3 minutes on"),
    ("wrap-up", "finishing the contact after the call; ! from 2 minutes on"),
    ("no phone", "ready, but the phone is lost: it is called again; with what the line does"),
    ("paused", "not taking calls, with the pause code; ! from 15 minutes on"),
    ("no desk", "nobody reads what the agent's desk is told: no contacts, and soon logged out"),
    ("time", "how long in the present state"),
)
CALL_WORDS: Final = (
    ("saving", "written to disk before it may leave"),
    ("dialed", "sent to the carrier; nothing rings yet"),
    ("ringing", "the carrier tells of progress"),
    ("waiting", "answered, no agent yet: ! each second counts"),
    ("talking", "joined with an agent"),
    ("recording", "a recording speaks: a call flow, or the message of the abandoned"),
    ("giving up", "cancelled before an answer; its end is awaited"),
    ("over", "over on the wire; the agent wraps up"),
    ("number", "masked, but for its first and last digits"),
)
ALARM_WORDS: Final = (
    ("▲ alarm", "something stands still or breaks a rule: do what the text says"),
    ("! warning", "will become an alarm, or costs you contacts"),
    ("i info", "worth knowing"),
)

CALLBACK_WORDS: Final = (
    ("their clock", "the time that was promised, on the clock of the person called"),
    ("ours", "the same moment on the clock of the service"),
    ("▲  !", "overdue: by a quarter of an hour or more, which is not in time; by less"),
    (
        "by",
        "who makes the call. An agent who promised it in person is waited for, kept free first, and then called",
    ),
    ("anyone (was …)", "that agent has been waited for long enough: whoever is free makes it"),
    ("why it waits", "what keeps it from being made now; Enter tells all of it"),
    ("till", "it is looked at again then: the hours open, a cap comes free"),
)
WHY_WORDS: Final = (
    ("in the way", "everything that forbids the call now, in the order in which one asks; not only the first"),
    ("what to do", "what would take it out of the way; of a law's own limit, nothing but waiting"),
    ("used", "of each cap: attempts that count, of how many are allowed"),
    ("basis", "on whose word the rules are: ours (preset), or the installation's own (declared)"),
)


def counted(count: int, one: str, many: str = "") -> str:
    """`1 agent`, `1,200 agents`."""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {many or one + 's'}"


def spelled(code: str) -> str:
    """A code as words: `no_answer` → `no answer`."""
    return code.replace("_", " ")
