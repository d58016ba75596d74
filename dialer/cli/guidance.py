"""What help says beside each command's own words: a line in the listing of its group, and examples."""

from __future__ import annotations

from collections.abc import Iterator

import typer
from typer.models import CommandInfo

from dialer.cli.home import DEFAULT, OPTION, VARIABLE

HOME = f"{OPTION} DIR (or {VARIABLE}; else ./{DEFAULT}) says which home it is about, before or after the command."

IN_SHORT = {
    "demo": "A campaign over real SIP and RTP on this machine.",
    "init": "Make a new home with commented examples.",
    "run": "The service of a home: its data, trunks and campaigns.",
    "console": "The floor on a terminal, once a second.",
    "status": "The service on one screen.",
    "reload": "Have the service read dialer.toml again.",
    "stop": "Stop the service: calls in progress finish.",
    "report": "What a campaign came to.",
    "callbacks": "What was promised to whom, and what became of it.",
    "audit": "Derive every attempt's permit again.",
    "why": "May a number or a lead be dialed, and if not, why?",
    "rules": "Rule sets, and what a call comes under.",
    "rules show": "One rule set: what it says, and where that is written.",
    "rules for": "What a call to a number comes under, and why.",
    "funnel": "How many leads may be dialed, and what keeps the rest.",
    "calibrate": "People for simulations, as a campaign's calls met them.",
    "simulate": "A campaign in virtual time: a day in seconds.",
    "changes": "Who changed what and when.",
    "carrier": "The simulated SIP trunk alone.",
    "amd": "Who answered, in recordings: a person or a machine.",
    "campaign": "Check, add, start, pause, stop campaigns.",
    "list": "Import and look at contact lists.",
    "person": "What is stored of one person: show, export, erase.",
    "numbering-plan": "Which numbers are in use in which region.",
    "dnc": "Do-not-call registers.",
    "consent": "Who has agreed to be called.",
    "trunk": "Ways out to carriers: their state, and trying one.",
    "agent": "Agents, and simulated ones.",
    "user": "Users of the control API.",
    "token": "Tokens of the control API.",
    "campaign check": "Every problem of a campaign file, with its line.",
    "campaign add": "Add a campaign, or give it a new text.",
    "campaign reset": "Take closed leads up again, by what closed them.",
    "campaign stop": "Place no more calls; done when the last one is over.",
    "list show": "One list: size, countries, zones, first leads.",
    "list rezone": "Find the time zones of its leads anew.",
    "list export": "One list as CSV that `list import` reads.",
    "person show": "Everything stored of one person.",
    "person export": "The same as an archive, with recordings.",
    "person erase": "Erase it, so that no import brings them back.",
    "numbering-plan import": "Keep a table of ranges, operators, regions.",
    "numbering-plan check": "Who has a number, and where it is in use.",
    "dnc add": "Put numbers on a register.",
    "dnc check": "May these numbers be called?",
    "agent ls": "The agents of dialer.toml, and what state they are in.",
    "agent simulate": "Simulated agents at work, with real audio.",
    "trunk ls": "Trunks: state, calls, and today's figures and cost.",
    "trunk test": "Ask a trunk whether it is there, or call over it.",
    "trunk release": "Use a stopped, held or paused trunk again.",
    "user add": "Add a user, or replace one.",
    "user remove": "Remove a user, and all their tokens.",
    "token add": "Make a token; it is shown this once.",
    "token ls": "Tokens, without what is secret in them.",
}
"""For listings, which have room for so much on 80 columns; the others' first lines are short enough."""

EXAMPLES = {
    "demo": ("dialer demo", "dialer demo --headless --seconds 30 --agents 20 --json"),
    "init": ("dialer init my-centre",),
    "run": ("dialer run --home my-centre",),
    "console": (
        "dialer console --home my-centre",
        "dialer console --url https://10.0.0.7:8470 --token-file floor.token",
    ),
    "report": (
        "dialer report spring",
        "dialer report spring --from 2026-11-22 --to 2026-11-23 --json",
        "dialer report spring --format csv --output spring.csv",
    ),
    "why": (
        "dialer why +12025550123 --campaign spring",
        "dialer why 4711 --campaign spring --at 2026-11-22T20:00:00Z --json",
    ),
    "rules show": ("dialer rules show us-fl-sales",),
    "rules for": ("dialer rules for +13055550123 --campaign spring",),
    "callbacks": ("dialer callbacks spring --open", "dialer callbacks spring --json"),
    "funnel": ("dialer funnel spring", "dialer funnel spring --at 2026-11-23T09:00:00Z --json"),
    "simulate": (
        "dialer simulate spring --agents 20 --hours 8",
        "dialer simulate spring.toml --agents 20 --hours 8 --start 2026-11-23T09:00:00Z --seed 7",
    ),
    "amd": ("dialer amd greeting.wav", "dialer amd recordings/*.wav --channel 1 --hold 1.8 --json"),
    "changes": ("dialer changes --from 2026-11-22 --limit 20",),
    "campaign reset": ("dialer campaign reset spring --outcome no_answer --outcome machine --dry-run",),
    "campaign check": ("dialer campaign check campaigns/spring.toml",),
    "campaign add": ("dialer campaign add campaigns/spring.toml",),
    "list import": (
        "dialer list import people.csv --list spring --region US --dry-run",
        "dialer list import people.csv --list spring --map Mobile=phone --map Home=phone2 --rejects bad.csv",
    ),
    "list export": ("dialer list export spring --output spring.csv",),
    "numbering-plan import": ("dialer numbering-plan import ABC-3xx.csv ABC-4xx.csv DEF-9xx.csv --region RU",),
    "consent add": ("dialer consent add +33612345678 --purpose sales --source 'web form'",),
    "consent import": ("dialer consent import agreed.csv --region FR",),
    "dnc add": ("dialer dnc add +12025550123 +442079460000 --source letter",),
    "dnc import": ("dialer dnc import register.txt --region GB --source TPS",),
    "dnc check": ("dialer dnc check +12025550123",),
    "trunk test": ("dialer trunk test main", "dialer trunk test main --call +442079460123"),
    "agent simulate": ("dialer agent simulate --campaign spring --count 10",),
    "user add": ("dialer user add maria --role manager",),
    "token add": ("dialer token add wallboard --role supervisor --scope floor.read --expires 30d",),
}


def complete(program: typer.Typer) -> None:
    """Give every command its line and its examples."""
    for name, command in commands(program):
        command.short_help = IN_SHORT.get(name)
        command.epilog = "\n\n".join([*(_examples(EXAMPLES[name]) if name in EXAMPLES else ()), HOME])
    for group in program.registered_groups:
        group.short_help = IN_SHORT[str(group.name)]


def commands(program: typer.Typer) -> Iterator[tuple[str, CommandInfo]]:
    """Every command with its full name: ("list import", …)."""
    for command in program.registered_commands:
        yield str(command.name), command
    for group in program.registered_groups:
        for command in group.typer_instance.registered_commands if group.typer_instance else ():
            name = command.name or (command.callback.__name__ if command.callback else "")
            yield f"{group.name} {name}", command


def _examples(lines: tuple[str, ...]) -> Iterator[str]:
    yield "\b\n" + "\n".join(["Examples:" if len(lines) > 1 else "Example:", *(f"  {line}" for line in lines)])
