"""How long the worker takes to import the app, against importing azure.functions alone."""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.figures import Figure

_ROOT = Path(__file__).resolve().parents[1]
_ROUNDS = 15


def measure() -> list[Figure]:
    """Import both in fresh processes, in turn; the ratio is taken pair by pair."""
    ratios = [_seconds("function_app") / _seconds("azure.functions") for _ in range(_ROUNDS)]
    return [
        Figure(
            name="cold start: import function_app / import azure.functions",
            value=statistics.median(ratios),
            unit="×",
            most=2.0,
            note=f"median of {_ROUNDS} pairs, {min(ratios):.2f} to {max(ratios):.2f}",
        )
    ]


def _seconds(module: str) -> float:
    code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=True
    )
    return float(result.stdout)
