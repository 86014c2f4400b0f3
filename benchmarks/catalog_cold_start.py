"""What the catalog costs a fresh process: importing and loading it, alone and on top of the app.

Bytecode is cached, as it is from the second start of an installation on.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure

_ROOT = Path(__file__).resolve().parents[1]
_ROUNDS = 15
_LOAD = "from rca.catalog import catalog; catalog()"
_WEIGHTS = f"{_LOAD}; from rca.catalog.likeness import likeness; likeness()"
"""What the first message loads besides: the weights of words."""
_LOAD_YAML = (
    "from rca.catalog.loader import load_directory; from rca.catalog.matcher import Catalog; "
    "Catalog(load_directory())"
)


def measure() -> list[Figure]:
    """Run bare, with the compiled catalog and with the data files, in turn; differences are taken round by round."""
    with tempfile.TemporaryDirectory() as cache:
        return _measure({**os.environ, "PYTHONPYCACHEPREFIX": cache, "PYTHONDONTWRITEBYTECODE": ""})


def _measure(env: dict[str, str]) -> list[Figure]:
    _check_fresh(env)
    _in_app(env), _process(_LOAD_YAML, env)  # fill the cache
    rounds = [[_process(code, env) for code in ("pass", _LOAD, _LOAD_YAML, _WEIGHTS)] for _ in range(_ROUNDS)]
    in_app = [_in_app(env) for _ in range(_ROUNDS)]
    _check_fresh(env)  # it may have been edited meanwhile
    size = int(_says("from rca.catalog import catalog; print(len(catalog().entries))", env))
    return [
        _figure("catalog, CPU in a process that has the app", in_app, f"{size} entries", most=50),
        _figure(
            "catalog, process with it less a bare one", [1e3 * (with_ - bare) for bare, with_, *_ in rounds]
        ),
        _figure("the same from the data files", [1e3 * (yaml - bare) for bare, _, yaml, _ in rounds]),
        _figure(
            "weights of words, with the first message", [1e3 * (all_ - with_) for _, with_, _, all_ in rounds]
        ),
        _figure("process with it / bare process", [with_ / bare for bare, with_, *_ in rounds], unit="×"),
        _figure("the same from the data files", [yaml / bare for bare, _, yaml, _ in rounds], unit="×"),
    ]


def _check_fresh(env: dict[str, str]) -> None:
    """Refuse to measure the data files for the compiled catalog."""
    if _says("from rca.catalog import compiled; print(compiled.read() is not None)", env) != "True":
        raise SystemExit("the compiled catalog is stale: run `python -m rca catalog compile`")


def _figure(
    name: str, values: list[float], note: str = "", *, unit: str = "ms", most: float | None = None
) -> Figure:
    spread = f"median of {len(values)}, {min(values):.1f} to {max(values):.1f}"
    return Figure(
        name=f"cold start: {name}",
        value=statistics.median(values),
        unit=unit,
        most=most,
        note=", ".join(filter(None, (spread, note))),
    )


def _process(code: str, env: dict[str, str]) -> float:
    """Return how long a process lives that runs some code, in seconds."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=_ROOT, env=env, check=True)
    return time.perf_counter() - started


def _in_app(env: dict[str, str]) -> float:
    return float(
        _says(
            "import time, function_app; t = time.process_time(); "
            f"{_LOAD}; print(1e3 * (time.process_time() - t))",
            env,
        )
    )


def _says(code: str, env: dict[str, str]) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=_ROOT, env=env, capture_output=True, text=True, check=True
    )
    return result.stdout.strip()
