"""The command line: `python -m rca …`, for operators."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from rca.errors import RcaError

type Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 the check failed, 2 it could not run."""
    options = _parser().parse_args(arguments)
    command: Command = options.command
    try:
        return command(options)
    except RcaError as error:
        print(f"rca: {error.detail}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rca", description="Operate the AIOps RCA Assistant.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add(commands, "prepare", _prepare, "make the tables, queues and containers that are missing")
    _add(commands, "verify", _verify, "compare board, activity, counters and audit chains with the tickets")
    _add(commands, "rebuild", _rebuild, "make all read models anew from the tickets; stop the app first")
    return parser


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, run: Command, text: str
) -> None:
    commands.add_parser(name, help=text, description=text).set_defaults(command=run)


def _prepare(options: argparse.Namespace) -> int:
    del options
    from rca import wiring

    wiring.app().prepare()
    print("tables, queues and containers are there")
    return 0


def _verify(options: argparse.Namespace) -> int:
    del options
    from rca import wiring

    findings = wiring.app().recount.check()
    for name, found in (
        ("audit chain broken", findings.broken_chains),
        ("card differs", findings.wrong_cards),
        ("activity differs", findings.wrong_activity),
        (
            "counter differs",
            [f"{key}: {was}, truth {is_}" for key, (was, is_) in findings.wrong_totals.items()],
        ),
    ):
        for item in found:
            print(f"{name}: {item}")
    print(f"{findings.tickets} tickets checked: {'all is well' if findings.clean else 'see above'}")
    return 0 if findings.clean else 1


def _rebuild(options: argparse.Namespace) -> int:
    del options
    from rca import wiring

    print(f"read models of {wiring.app().rebuild()} tickets rebuilt")
    return 0
