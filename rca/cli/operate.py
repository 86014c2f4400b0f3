"""`prepare`, `verify`, `rebuild`: what operators do with the storage."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from rca.cli.console import Commands


def add(commands: Commands) -> None:
    """Register the commands."""
    _add(commands, "prepare", _prepare, "make the tables, queues and containers that are missing")
    _add(commands, "verify", _verify, "compare board, activity, counters and audit chains with the tickets")
    _add(commands, "rebuild", _rebuild, "make all read models anew from the tickets; stop the app first")


def _add(commands: Commands, name: str, run: Callable[[argparse.Namespace], int], text: str) -> None:
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
