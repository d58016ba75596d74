"""The summary of a campaign as text: the same for `demo`, `simulate` and `report`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dialer.cli.output import print_facts, print_table, say, warn

if TYPE_CHECKING:
    from dialer.operations.run_report import Report


def print_summary(summary: Mapping[str, Any]) -> None:
    """`summary`: the document of `Report.as_dict` (`docs/reference/kpi.md`)."""
    leads, busy, talk = summary["leads"], summary["busy_share"], summary["talk_share"]
    latency = summary["answer_to_agent_ms"]
    say(f"{summary['campaign']}  {summary['from']} – {summary['to']}\n")
    print_facts(
        [
            ("right-party contacts per agent hour", f"{summary['rpc_per_agent_hour']:.1f}"),
            ("right-party contacts", summary["rpc"]),
            ("agent hours", f"{summary['agent_hours']:.2f}"),
            ("occupancy", _percent(summary["occupancy"])),
            (
                "talking / busy, of agent time",
                f"{_percent(talk)} / {_percent(busy)}",
            ),
            ("attempts", summary["attempts"]),
            ("connects (network answers)", summary["connects"]),
            ("live (answered by a person)", summary["live"]),
            ("machines", summary["machine"]),
            ("abandoned", f"{summary['abandoned']:,} = {_percent(summary['abandonment_rate'])} of live"),
            *_amd(summary.get("amd")),
            *_spoken(summary),
            ("answer to agent, p50 / p99", f"{_milliseconds(latency['p50'])} / {_milliseconds(latency['p99'])}"),
            (
                "leads attempted",
                f"{leads['attempted']:,} of {leads['total']:,}",
            ),
            ("penetration", _percent(leads["penetration"])),
            ("leads final", leads["final"]),
            ("violations", summary["violations"]),
        ]
    )
    for title, key in (("outcome", "outcomes"), ("disposition", "dispositions")):
        if summary[key]:
            say("")
            most = sorted(summary[key].items(), key=lambda item: (-item[1], item[0]))
            print_table((title, "attempts#"), most, empty="")
    if answers := [(step, said, n) for step, all_of in summary["answers"].items() for said, n in all_of.items()]:
        say("")
        print_table(("step", "answer", "attempts#"), answers, empty="")


_VERDICTS = {
    "human": "people", "machine": "machines", "screening": "screening", "unsure": "unsure", "none": "no word",
}  # fmt: skip

_SPOKEN = (
    ("delivered by recording", "delivered"),
    ("messages on machines", "messages_left"),
    ("messages to the abandoned", "messages"),
    ("opted out by a key", "opted_out"),
)


def _spoken(summary: Mapping[str, Any]) -> list[tuple[str, object]]:
    """What was said without an agent; nothing where nothing was."""
    return [(name, summary[key]) for name, key in _SPOKEN if summary.get(key)]


def _amd(amd: Mapping[str, Any] | None) -> list[tuple[str, object]]:
    """What the answering-machine detector said, and hung up; nothing where it was not asked."""
    if amd is None:
        return []
    said = ", ".join(f"{_VERDICTS[verdict]} {count:,}" for verdict, count in amd["verdicts"].items())
    facts: list[tuple[str, object]] = [
        ("detector's verdicts", said),
        ("verdict, p50 / p99", " / ".join(_milliseconds(amd["verdict_ms"][share]) for share in ("p50", "p99"))),
    ]
    if not (amd["hung_up"] or amd["checked"]):
        return facts
    lost = f"{amd['hung_up']:,}, of them people {amd['people_lost']:.1f}"
    found = f"{amd['people']:,} of {amd['checked']:,} checked"
    rate = f"{_percent(amd['abandonment_rate'])} of live"
    return [*facts, ("hung up as machines", f"{lost} ({found})"), ("abandoned with these", rate)]


def warn_of_figures(report: Report) -> None:
    """What is to be known of a report besides its figures, on standard error: a line each, with what to do."""
    if report.under_way:
        warn(
            f"calls under way (or left by a service that was killed): {report.under_way:,}; they count once they "
            "are over and on record"
        )
    if report.violations:
        warn(
            f"warning: {report.violations:,} attempts would not have been permitted; "
            f"`dialer audit {report.campaign}` names them"
        )
    if report.above_abandon_cap:
        rate = report.summary.abandonment_rate_with_lost
        warn(
            f"warning: {rate:.1%} of live answers were abandoned, rule set {report.rules} allows "
            f"{report.abandon_cap:.1%}; lower pacing.abandon_target (predictive) or pacing.ratio (power), or use "
            'mode = "progressive", and try it with `dialer simulate` before it dials'
        )


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} ms"
