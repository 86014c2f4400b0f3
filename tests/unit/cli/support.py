"""Runs the command line as its users do: as a process, with pipes."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
# No setting at all: what works here needs none.
BARE = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "PYTHONPATH"}}


def start(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "rca", *arguments],
        cwd=ROOT,
        env=BARE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def run(*arguments, given=b""):
    """Return exit status, output and what was said on the side."""
    given = given.encode() if isinstance(given, str) else given
    process = start(*arguments)
    out, err = process.communicate(given, timeout=120)
    return process.returncode, out.decode(errors="surrogateescape"), err.decode()


def lines(*values):
    return "".join(json.dumps(value) + "\n" for value in values)


def answers(out):
    return [json.loads(line) for line in out.splitlines()]
