"""The command line: `python -m rca …`, for operators, developers and pipes; docs/cli.md shows each command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from rca.cli import analyze, catalog, classify, operate, redact
from rca.errors import RcaError

type Command = Callable[[argparse.Namespace], int]

_INTERRUPTED, _BROKEN_PIPE = 130, 141
"""What a shell reports of a program that SIGINT or SIGPIPE ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 the check failed, 2 it could not run."""
    options = _parser().parse_args(arguments)
    command: Command = options.command
    try:
        status = command(options)
        sys.stdout.flush()
    except RcaError as error:
        print(f"rca: {error.detail}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader has seen enough. What is buffered still must go nowhere when the interpreter flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rca",
        description="The AIOps RCA Assistant: analyse failures, keep its catalog, operate its storage.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for module in (analyze, classify, redact, catalog, operate):
        module.add(commands)
    return parser
