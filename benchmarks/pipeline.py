"""End to end through the local host: tickets a second, and the worker's memory over many alerts."""

from __future__ import annotations

import json
import time
from pathlib import Path

from benchmarks.alerts import adf_alert
from benchmarks.figures import Figure
from benchmarks.load import post_all
from localhost.api import Api
from localhost.errors import HostError
from localhost.process import HostProcess

_ROOT = Path(__file__).resolve().parents[1]
ADMIN = ("bench@example.com", "a password for the benchmark only")
TOKEN = "set-up-token-of-the-benchmark-0123456789"
ENV = {
    "FIRST_ADMIN_EMAIL": ADMIN[0],
    "FIRST_ADMIN_PASSWORD": ADMIN[1],
    "SETUP_TOKEN": TOKEN,
    "AUDIT_SECRET": "audit-secret-of-the-benchmark-0123456789",
    "SESSION_SECRET": "session-secret-of-the-benchmark-0123456789",
}
_PATIENCE = 600


def throughput(*, tickets: int = 300) -> list[Figure]:
    """Post that many different failures and wait until every one is on the board with its analysis."""
    with HostProcess(arguments=["--quiet"], env=ENV) as host, Api(host.url, _PATIENCE) as api:
        api.sign_in(*ADMIN, TOKEN)
        post_all(host.url, "/api/azure-monitor", [adf_alert(10**6 + number) for number in range(20)])
        wait_for(api, 20)
        started = time.perf_counter()
        post_all(host.url, "/api/azure-monitor", [adf_alert(number) for number in range(tickets)])
        wait_for(api, 20 + tickets)
        seconds = time.perf_counter() - started
    return [
        Figure(
            name="end to end",
            value=tickets / seconds,
            unit="tickets/s",
            note=f"{tickets} failures, host, worker and emulator on this machine",
        )
    ]


def memory(*, alerts: int = 10_000, tickets: int = 2_000, steps: int = 10) -> list[Figure]:
    """Send many alerts, one in five a new failure, and watch the memory of host and worker, one process here."""
    step, new = alerts // steps, tickets // steps
    resident: list[float] = []
    with HostProcess(arguments=["--quiet"], env=ENV) as host, Api(host.url, _PATIENCE) as api:
        api.sign_in(*ADMIN, TOKEN)
        for number in range(steps):
            bodies = [adf_alert(number * new + turn % new) for turn in range(step)]
            post_all(host.url, "/api/azure-monitor", bodies)
            wait_for(api, (number + 1) * new)
            resident.append(_megabytes(host.pid, "VmRSS"))
        peak = _megabytes(host.pid, "VmHWM")
    course = ", ".join(f"{value:.0f}" for value in resident)
    return [
        Figure(
            name=f"peak memory after {alerts:,} alerts",
            value=peak,
            unit="MiB",
            most=200,
            note=f"resident after each {step:,} alerts: {course}",
        ),
        Figure(
            name=f"memory after {alerts:,} alerts / after {step:,}",
            value=resident[-1] / resident[0],
            unit="×",
            most=1.25,
        ),
    ]


def wait_for(api: Api, tickets: int) -> None:
    """Wait until all queues that lead to the board are empty and the counters know that many tickets."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        waiting = {
            queue["queue"]: queue["messages"]
            for queue in api.get("queue/status")["queues"]
            if queue["queue"] != "deadlines"
        }
        if not any(waiting.values()) and api.get("summary")["total_tickets"] >= tickets:
            return
        time.sleep(0.5)
    raise HostError(f"{tickets} tickets were not there after {_PATIENCE} s: {json.dumps(waiting)}")


def _megabytes(pid: int, field: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise HostError(f"/proc/{pid}/status has no {field}")
