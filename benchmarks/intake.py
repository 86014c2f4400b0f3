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


def measure(*, rounds: int = 7, alerts: int = 400) -> list[Figure]:
    """Post to both functions of one host in turn; nothing takes the messages out of the queue meanwhile."""
    bodies = [adf_alert(number) for number in range(alerts)]
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder)
        (app / "function_app.py").write_text(_APP, encoding="utf-8")
        (app / "host.json").write_text((_ROOT / "host.json").read_text(encoding="utf-8"), encoding="utf-8")
        example = (_ROOT / "local.settings.json.example").read_text(encoding="utf-8")
        (app / "local.settings.json.example").write_text(example, encoding="utf-8")
        with HostProcess(app, arguments=["--quiet", "--prepare", "rca.wiring:prepare"]) as host:
            pairs = []
            for _ in range(rounds + 1):
                ours = alerts / post_all(host.url, "/api/azure-monitor", bodies)
                bare = alerts / post_all(host.url, "/api/baseline", bodies)
                pairs.append((ours, bare))
    counted = pairs[1:]
    ratios = [ours / bare for ours, bare in counted]
    return [
        Figure(
            name="intake / a bare queue call",
            value=statistics.median(ratios),
            unit="×",
            least=0.8,
            note=f"median of {rounds} pairs, {min(ratios):.2f} to {max(ratios):.2f}",
        ),
        Figure(
            name="intake",
            value=statistics.median(ours for ours, _ in counted),
            unit="alerts/s",
            note=f"bare queue call: {statistics.median(bare for _, bare in counted):,.0f}/s",
        ),
    ]
