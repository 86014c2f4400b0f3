"""An alert storm: a thousand different failures with ten causes at once, and what it costs in questions to a model."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from benchmarks.figures import Figure
from benchmarks.load import post_all
from benchmarks.pipeline import ADMIN, ENV, TOKEN, wait_for
from localhost.api import Api
from localhost.process import HostProcess

_PATIENCE = 600
_THINKING = 1.0
"""Seconds that the model takes to answer, so that the storm overtakes its first questions."""
_CAUSES = (
    "mirror of the vendor feed is stale",
    "archive lacks its manifest",
    "ledger and warehouse disagree about the closing balance",
    "partition of the calendar dimension is absent",
    "currency table has no rate for the day",
    "exporter wrote no footer",
    "feature store rejected the schema fingerprint",
    "reference list of branches is locked by its editor",
    "dictionary of product codes was replaced while it was read",
    "snapshot of the customer master is half written",
)


class _Model:
    """A loopback stand-in for a model: answers every question the same way, slowly, and counts them."""

    def __init__(self) -> None:
        self.asked = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def answer(self) -> bytes:
        with self._lock:
            self.asked += 1
        time.sleep(_THINKING)
        analysis = {
            "error_type": "StaleInput",
            "category": "dependency",
            "severity": "High",
            "cause": [{"statement": "The input is not ready.", "evidence": ["E0"]}],
            "recommendations": ["Ask its owner."],
            "confidence": "High",
            "affected_entity": "input",
        }
        choice = {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": json.dumps(analysis)},
        }
        usage = {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100}
        return json.dumps({"model": "loopback", "choices": [choice], "usage": usage}).encode()

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(model: _Model) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            data = model.answer()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


def measure(*, alerts: int = 1_000) -> list[Figure]:
    """Post that many failures of ten causes, wait until every ticket has the model's analysis, count the questions."""
    bodies = [json.dumps(_alert(number)).encode() for number in range(alerts)]
    with _Model() as model:
        env = {
            **ENV,
            "LLM_PROVIDERS": "openai",
            "OPENAI_BASE_URL": model.url,
            "OPENAI_MODEL": "loopback",
            "LLM_MAX_ATTEMPTS": "1",
        }
        with HostProcess(arguments=["--quiet"], env=env) as host, Api(host.url, _PATIENCE) as api:
            api.sign_in(*ADMIN, TOKEN)
            started = time.perf_counter()
            post_all(host.url, "/api/alerts/custom", bodies)
            wait_for(api, alerts)
            seconds = time.perf_counter() - started
            by_model = _by_model(api)
    return [
        Figure(
            name=f"questions to a model, {alerts:,} alerts with {len(_CAUSES)} causes",
            value=model.asked,
            unit="calls",
            most=len(_CAUSES),
            note=f"each answered after {_THINKING:.0f} s; all done after {seconds:.0f} s",
        ),
        Figure(
            name="tickets of the storm that carry the model's analysis",
            value=by_model / alerts,
            unit="",
            least=1.0,
        ),
    ]


def _alert(number: int) -> dict[str, str]:
    cause = _CAUSES[number % len(_CAUSES)]
    return {
        "resource": f"load_{number % 40:02d}",
        "run_id": f"storm-{number}",
        "message": f"2026-11-20T03:{number % 60:02d}:07Z run {700_000 + number}: InputNotReadyException: {cause}",
    }


def _by_model(api: Api) -> int:
    tickets = api.get("open-tickets")["tickets"]
    return sum(1 for ticket in tickets if api.get(f"tickets/{ticket['id']}")["ticket"]["model"] is not None)
