"""A campaign's figures in blocks that stand side by side: results, floor, leads, why leads wait, outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dialer.api.schemas import CampaignRow, Overview, TrunkRow, WaitReason
from dialer.tui.advice import Advice, abandoning, idle_agents
from dialer.tui.cells import Line, beside, fit, fit_line, line
from dialer.tui.figures import NONE, cap, decimal, duration, hours, number, share, time_of_day
from dialer.tui.words import AGENT_STATES, AMD_VERDICTS, LAUNCH_LIMITS, STATE_STYLE, TRUNK_STATES, spelled

VALUE = 9
RESULTS_W, FLOOR_W, LEADS_W, MACHINES_W, PACING_W = 30, 26, 24, 26, 34
TITLE_FROM = 110
"""From this width on a campaign's title stands beside its name."""

_FLOOR_LABEL, _LEADS_LABEL, _LABEL, _MACHINES_LABEL, _LONG_LABEL = 8, 9, 10, 11, 14
_TRUNK_LINES_W = 7
_BUSY_STATES = ("talking", "wrap_up", "paused")
ABANDON_STYLES = {"▲": "alarm", "!": "note", "": ""}

Block = list[Line]


def abandonment(row: CampaignRow) -> tuple[str, str]:
    """The rate with its sign, and the style that goes with it."""
    sign = abandoning(row)
    return f"{sign} {share(row.figures.abandonment_rate)}".lstrip(), ABANDON_STYLES[sign]


def results(row: CampaignRow, overview: Overview) -> Block:
    """What dialing has come to."""
    f, service = row.figures, overview.service
    rate, style = abandonment(row)
    under_way = sum(call.campaign == row.name for call in overview.calls)
    return [
        _title(f"Results since {time_of_day(f.since, service.timezone, service.now)}"),
        _pair("dials", number(f.attempts, VALUE), f"+ {under_way:,} now" if under_way else ""),
        _pair("connects", number(f.connects, VALUE), _part(f.connects, f.attempts)),
        _pair("live", number(f.live, VALUE), _part(f.live, f.attempts)),
        _pair("abandoned", rate, f"cap {cap(f.abandon_cap)}", style),
        _pair("RPC", number(f.rpc, VALUE), _part(f.rpc, f.live), "strong"),
        _pair("RPC/h", decimal(f.rpc_per_agent_hour, VALUE), f"in {hours(f.agent_hours)} h", "strong"),
        _pair("busy share", share(f.busy_share)),
    ]


def floor(row: CampaignRow) -> Block:
    """What its agents and calls do now."""
    count = dict(row.agents)
    idle = idle_agents(row)
    full = "note" if row.lines_in_use >= row.lines else ""
    waiting = ("!", "note") if row.waiting else ("", "")
    count |= {"talking": row.talking}  # those whose contact is on hold as well
    states = [(word, count.get(state, 0)) for state, word in AGENT_STATES.items() if state in _BUSY_STATES]
    pairs = [
        ("idle", idle, f"of {sum(row.agents.values()):,}", "strong" if idle else ""),
        *((word, of, "", "") for word, of in states),
        ("dialing", row.dialing, "", ""),
        ("waiting", row.waiting, *waiting),
        ("lines", row.lines_in_use, f"of {row.lines:,}", full),
    ]
    return [_title("Floor now"), *(_pair(w, number(n, VALUE), note, s, _FLOOR_LABEL) for w, n, note, s in pairs)]


def leads(row: CampaignRow, overview: Overview) -> Block:
    """How far through its leads it is."""
    of, service = row.leads, overview.service
    due = NONE if of.next_in_s is None else time_of_day(service.now + of.next_in_s, service.timezone, service.now)
    pairs = [
        ("total", number(of.total, VALUE), ""),
        ("attempted", number(of.attempted, VALUE), _part(of.attempted, of.total)),
        ("final", number(of.final, VALUE), _part(of.final, of.total)),
        ("at hand", number(of.at_hand, VALUE), ""),
        ("next in", duration(of.next_in_s), ""),
        ("next at", due, ""),
        ("in talk", number(row.talking, VALUE), ""),
    ]
    return [_title("Leads"), *(_pair(label, value, note, "", _LEADS_LABEL) for label, value, note in pairs)]


def waits(row: CampaignRow, width: int) -> Block:
    """Why leads wait, the most frequent first."""
    block: Block = [_title("Why leads wait")]
    for reason in row.waits_because:
        block.append(line((f" {fit(reason.text, width - VALUE - 3)} {fit(_met(reason), VALUE, True)}", "")))
    return block if row.waits_because else [*block, _none()]


def waits_line(row: CampaignRow) -> Line:
    """The same as one line."""
    told = " · ".join(f"{reason.text} {_met(reason)}".rstrip() for reason in row.waits_because)
    return line((" Why leads wait  ", "head"), (told or NONE, ""))


def _met(reason: WaitReason) -> str:
    """How often; nothing for leads that were not asked for at all."""
    return number(reason.count, VALUE) if reason.count else ""


def counts(title: str, found: Mapping[str, int], most: int | None = None) -> Block:
    """Codes with their counts, the most frequent first; beyond `most` lines, the rest together."""
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    shown, rest = ordered, 0
    if most is not None and len(ordered) > most:
        shown, rest = ordered[: most - 1], sum(count for _, count in ordered[most - 1 :])
    block = [
        _title(title),
        *(_pair(spelled(code), number(count, VALUE), room=_LONG_LABEL) for code, count in shown),
    ]
    if rest:
        block.append(_pair("others", number(rest, VALUE)))
    return block if found else [*block, _none()]


def trunks(found: Sequence[TrunkRow]) -> Block:
    """Every trunk with its lines in use, and its state when it is not open."""
    block = [_title("Trunks")]
    for trunk in found:
        word, style = _trunk_state(trunk)
        full = "note" if trunk.in_use >= trunk.channels else ""
        lines = fit(f"{trunk.in_use:,}/{trunk.channels:,}", _TRUNK_LINES_W, right=True)
        block.append(line((f" {fit(trunk.name, _LABEL)}", ""), (lines, full), (f" {word}", style or "dim")))
    return block if found else [*block, _none()]


def trunks_line(found: Sequence[TrunkRow], width: int) -> Line:
    """All trunks in one line: first those that are not open, the gravest of them with its reason."""
    gravest = list(TRUNK_STATES)
    ordered = sorted(found, key=lambda trunk: gravest.index(trunk.state) if trunk.state in gravest else 0)
    spans = [(f" Trunks ({len(found):,})  ", "head")]
    for n, trunk in enumerate(ordered):
        word, style = _trunk_state(trunk)
        sign = {"alarm": "▲ ", "note": "! "}.get(style, "")
        why = f" for {duration(trunk.opens_in_s)}" if trunk.opens_in_s is not None else ""
        why += f": {trunk.why}" if n == 0 and trunk.why else ""
        told = f"{sign}{trunk.name} {word}{why}" if word else f"{trunk.name} {trunk.in_use:,}/{trunk.channels:,}"
        spans += [(" · " if n else "", "dim"), (told, style)]
    if not found:
        spans.append(("none: describe one in dialer.toml under [[trunk]]", "note"))
    return fit_line(line(*spans), width)


def _trunk_state(trunk: TrunkRow) -> tuple[str, str]:
    return ("removed", "") if trunk.removed else TRUNK_STATES.get(trunk.state, (trunk.state, "note"))


def more(row: CampaignRow) -> Block:
    """The figures that a floor view has no room for."""
    f = row.figures
    latency = {
        f"to agent, {name}": NONE if ms is None else f"{ms:,.0f} ms" for name, ms in f.answer_to_agent_ms.items()
    }
    pairs = {
        "machines": number(f.machine, VALUE),
        "abandoned": number(f.abandoned, VALUE),
        "occupancy": share(f.occupancy),
        "talk share": share(f.talk_share),
        "agent hours": hours(f.agent_hours, VALUE),
        "penetration": share(row.leads.penetration),
        **latency,
    }
    return [_title("More"), *(_pair(label, value, room=_LONG_LABEL) for label, value in pairs.items())]


def machines(row: CampaignRow) -> Block:
    """What the answering-machine detector said, and what that may have cost in people; nothing where it is not
    asked."""
    amd = row.figures.amd
    if amd is None:
        return []
    answered = sum(amd.verdicts.values())
    median = amd.verdict_ms.get("p50")
    said = [(word, amd.verdicts.get(verdict, 0)) for verdict, word in AMD_VERDICTS.items()]
    pairs = [
        *((word, number(count, VALUE), _part(count, answered)) for word, count in said),
        ("median", NONE if median is None else f"{median:,.0f} ms", ""),
        ("hung up", number(amd.hung_up, VALUE), _part(amd.hung_up, answered)),
        ("people lost", decimal(row.figures.people_lost, VALUE) if amd.hung_up else NONE, ""),
    ]
    return [
        _title("Answering machines"),
        *(_pair(label, value, note, "", _MACHINES_LABEL) for label, value, note in pairs),
    ]


def pacing(row: CampaignRow) -> Block:
    """What predictive pacing believes, and why it waits; nothing for modes that learn nothing."""
    pace = row.pace
    if pace is None:
        return []
    lost = "note" if pace.next_lost > pace.allowed else ""
    pairs = [
        ("answers", share(pace.answer_rate), f"± {share(pace.answer_rate_error)}", ""),
        ("ringing", duration(pace.answer_s), "until then", ""),
        ("talk", duration(pace.talk_s), "", ""),
        ("wrap-up", duration(pace.wrapup_s), "", ""),
        ("no agent", share(pace.next_lost), f"up to {share(pace.allowed)}", lost),
        ("may lose", number(pace.may_lose, VALUE), f"in {pace.window_s / 3600:g} h", ""),
        ("waits for", LAUNCH_LIMITS.get(pace.limit, pace.limit), "", ""),
    ]
    return [_title("What pacing reckons with"), *(_pair(*pair) for pair in pairs)]


def side_by_side(blocks: Sequence[tuple[Block, int]], width: int) -> list[Line]:
    """Blocks of these widths in as many rows as it takes, a blank line between the rows."""
    lines: list[Line] = []
    row: list[tuple[Block, int]] = []
    for block, wide in (*blocks, ([], width + 1)):
        if row and sum(w for _, w in row) + wide > width:
            lines += [*([()] if lines else []), *beside([b for b, _ in row], [w for _, w in row])]
            row = []
        row.append((block, min(wide, width)))
    return lines


def _title(text: str) -> Line:
    return line((f" {text}", "head"))


def _none() -> Line:
    return line((f" {NONE}", "dim"))


def _pair(label: str, value: str, note: str = "", style: str = "", room: int = _LABEL) -> Line:
    return line((f" {fit(label, room)}", ""), (fit(value, VALUE, right=True), style), (f" {note}", "dim"))


def _part(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else ""


def state_line(row: CampaignRow, overview: Overview, advice: Advice | None, width: int) -> Line:
    """The campaign's name, state, and what is to be known of it now, else the state's reason: over the blocks."""
    since = duration(overview.service.now - row.state_since)
    state = (f"  {row.state}", STATE_STYLE[row.state] or "strong")
    title = f" “{row.title}”" if row.title not in ("", row.name) and width >= TITLE_FROM else ""
    if advice is None:
        said = f": {row.state_reason}" if row.state_reason else ""
        rest = [(f" for {since}{said}", "")]
    else:
        rest = [(": ", ""), (advice.text, "alarm" if advice.level == "alarm" else "note")]
    return fit_line(line((f" {row.name}", "strong"), (title, "dim"), state, *rest), width)
