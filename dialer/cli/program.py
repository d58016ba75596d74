"""The program: its commands joined, and what each kind of failure comes to."""

from __future__ import annotations

import errno
import sys
import traceback
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer

from campaigns.errors import CampaignsError
from dialer.cli import (
    agents,
    amd,
    audit,
    calibrate,
    callbacks,
    campaigns,
    carrier,
    changes,
    consent,
    console,
    demo,
    dnc,
    funnel,
    guidance,
    init,
    lists,
    numbering_plan,
    person,
    report,
    rules,
    service,
    simulate,
    streams,
    tokens,
    trunks,
    users,
    why,
)
from dialer.cli import run as running
from dialer.cli.home import OPTION, VARIABLE, hoist
from dialer.errors import DONE, FAULT, INTERRUPTED, WRONG_INPUT, DialerError
from lists.errors import ListError

program = typer.Typer(
    name="dialer",
    help="An outbound dialer and campaign manager. Start with `dialer demo`, or `dialer init`.",
    epilog=f"{OPTION} DIR may stand before or after the subcommand.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a fault of ours shows its whole traceback, a user's mistake never any
    rich_markup_mode=None,  # rich costs as much to import as the rest of `dialer --help`
)

COMMANDS = (
    *(
        demo,
        init,
        running,
        console,
        service,
        campaigns,
        lists,
        numbering_plan,
        person,
        dnc,
        consent,
        trunks,
        agents,
    ),
    *(report, callbacks, audit, why, rules, funnel, simulate, calibrate, users, tokens, changes, carrier, amd),
)
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

for module in COMMANDS:
    module.register(program)
guidance.complete(program)


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        sys.stdout.write(f"dialer {version('rightparty')}\n")
        raise typer.Exit


@program.callback()
def _top(
    home: Annotated[
        Path | None,
        typer.Option(help=f"The installation's directory; else {VARIABLE}, else ./dialer-home.", metavar="DIR"),
    ] = None,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """The options of the program as a whole; `dialer.cli.home` reads them."""


def run(argv: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit status (`docs/reference/commands.md`)."""
    streams.prepare()
    status = _run(hoist(sys.argv[1:] if argv is None else argv))
    unwritten = streams.flush()
    if unwritten is None or isinstance(unwritten, BrokenPipeError):
        return status
    return _fail_to_write(unwritten)


@cache
def command() -> Any:
    """The program as it reads a command line: made once, for it takes longer than most commands."""
    return typer.main.get_command(program)


def _run(arguments: Sequence[str]) -> int:
    try:
        command()(args=arguments, prog_name="dialer")
    except SystemExit as done:
        if isinstance(done.__context__, BrokenPipeError):  # `dialer list export NAME | head`: no more was wanted
            return DONE
        _say_notes(done.__context__)
        return done.code if isinstance(done.code, int) else DONE
    except KeyboardInterrupt as interrupt:
        _say_notes(interrupt)
        return INTERRUPTED
    except DialerError as error:
        return _fail(error, error.exit_status)
    except (ListError, CampaignsError) as error:
        return _fail(error, WRONG_INPUT)
    except Exception as error:  # noqa: BLE001 - told in words where we have them, else with its whole traceback
        known = _in_our_words(error)
        if known is None and isinstance(error, OSError) and error.errno in NO_ROOM:
            streams.discard()  # what is left of it would fail again
            return _fail_to_write(error)
        if known is None:
            # Not 1, which is an answer: whoever scripts `audit` must not take a crash for a violation.
            sys.stdout.flush()
            traceback.print_exception(error)
            return FAULT
        sys.stdout.flush()
        sys.stderr.write(f"dialer: {known}\n")
        _say_notes(error)
        return WRONG_INPUT
    return DONE


def _fail(error: Exception, status: int) -> int:
    sys.stdout.flush()
    sys.stderr.write(f"dialer: {error}\n")
    _say_notes(error)
    return status


def _fail_to_write(error: OSError) -> int:
    why = f"{error.filename}: " if error.filename else "the result "
    sys.stderr.write(f"dialer: {why}cannot be written: {error.strerror}; make room, or send it elsewhere\n")
    return WRONG_INPUT


def _say_notes(error: BaseException | None) -> None:
    """What an operation adds to an error on its way out: what it leaves behind. The error may be wrapped."""
    while error is not None:
        for note in getattr(error, "__notes__", ()):
            sys.stderr.write(f"dialer: {note}\n")
        error = error.__cause__ or error.__context__


def _in_our_words(error: Exception) -> Exception | None:
    """The error as the store, the sockets or a population file word it; None for a fault of the program.
    Imported late: the store brings the whole of SQLAlchemy."""
    from dialer.storage.errors import StorageError, as_storage_error
    from dialer.telephony.errors import TelephonyError
    from sim_trunk.errors import PopulationFileError

    known = as_storage_error(error)
    return known if isinstance(known, StorageError | TelephonyError | PopulationFileError) else None
