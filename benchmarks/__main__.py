"""Run the benchmarks: `python -m benchmarks [--only NAME …] [--quick]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from benchmarks import catalog_cold_start, classification, cold_start, intake, pipeline, storm, transactions
from benchmarks.figures import Figure, show
from localhost.errors import HostError

_ALL: dict[str, Callable[[bool], list[Figure]]] = {
    "cold-start": lambda quick: cold_start.measure(),
    "catalog-cold-start": lambda quick: catalog_cold_start.measure(),
    "classification": lambda quick: classification.measure(
        messages=300 if quick else 1_000, rounds=3 if quick else 5
    ),
    "intake": lambda quick: intake.measure(rounds=8 if quick else 20),
    "throughput": lambda quick: pipeline.throughput(tickets=100 if quick else 300),
    "transactions": lambda quick: transactions.measure(tickets=20 if quick else 50),
    "storm": lambda quick: storm.measure(alerts=200 if quick else 1_000),
    "memory": lambda quick: pipeline.memory(alerts=1_000, tickets=200) if quick else pipeline.memory(),
}


def main() -> int:
    """Measure what was asked for, show it, and return 1 where a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(_ALL), default=list(_ALL), metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="smaller numbers, for trying it out")
    options = parser.parse_args()
    figures: list[Figure] = []
    try:
        for name in options.only:
            print(f"measuring {name} …", file=sys.stderr)
            figures += _ALL[name](options.quick)
    except HostError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    show(figures)
    return 1 if any(figure.met is False for figure in figures) else 0


sys.exit(main())
