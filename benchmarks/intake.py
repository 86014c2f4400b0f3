"""How many alerts a second intake takes, against a function that only makes the same queue call."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from benchmarks.alerts import adf_alert
from benchmarks.figures import Figure
from benchmarks.load import post_all
from localhost.process import HostProcess

_ROOT = Path(__file__).resolve().parents[1]
_APP = f"""
import sys

sys.path.insert(0, {str(_ROOT)!r})

import azure.functions as func

from blueprints import alerts

app = func.FunctionApp()
app.register_functions(alerts.bp)


@app.route(route="baseline", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
def baseline(req: func.HttpRequest) -> func.HttpResponse:
    from rca import wiring

    wiring.app().queues.send_text("alerts", req.get_body().decode())
    return func.HttpResponse(status_code=202)
"""


def measure(*, rounds: int = 20, alerts: int = 150) -> list[Figure]:
    """Post to both functions of one host in turn, each as often first; nothing empties the queue meanwhile."""
    bodies = [adf_alert(number) for number in range(alerts)]
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder)
        (app / "function_app.py").write_text(_APP, encoding="utf-8")
        for name in ("host.json", "local.settings.json.example"):
            (app / name).write_text((_ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
        with HostProcess(app, arguments=["--quiet", "--prepare", "rca.wiring:prepare"]) as host:
            pairs = [_pair(host.url, bodies, ours_first=bool(turn % 2)) for turn in range(rounds + 2)][2:]
    ratios = [ours / bare for ours, bare in pairs]
    return [
        Figure(
            name="intake / a bare queue call",
            value=statistics.median(ratios),
            unit="×",
            least=0.8,
            note=f"median of {rounds} pairs, middle half {_quartiles(ratios)}",
        ),
        Figure(
            name="intake",
            value=statistics.median(ours for ours, _ in pairs),
            unit="alerts/s",
            note=f"bare queue call: {statistics.median(bare for _, bare in pairs):,.0f}/s",
        ),
    ]


def _pair(url: str, bodies: list[bytes], *, ours_first: bool) -> tuple[float, float]:
    """Return alerts a second for intake and for the bare call."""
    paths = ["/api/azure-monitor", "/api/baseline"]
    seconds = {path: post_all(url, path, bodies) for path in (paths if ours_first else paths[::-1])}
    return len(bodies) / seconds[paths[0]], len(bodies) / seconds[paths[1]]


def _quartiles(values: list[float]) -> str:
    low, _, high = statistics.quantiles(values, n=4)
    return f"{low:.2f} to {high:.2f}"
