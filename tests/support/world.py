"""The application in this process: real tables and blobs, queues and clock under the test's control."""

from __future__ import annotations

import heapq
import itertools
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from rca.analysis.diagnosis import Diagnosis
from rca.domain.analysis import Analysis
from rca.domain.evidence import Evidence
from rca.domain.failure import Failure
from rca.domain.vocabulary import Category, Confidence, Severity
from rca.settings import Settings
from rca.storage.blobs import Blobs
from rca.storage.connection import Storage
from rca.storage.queues import encoded
from rca.wiring import TABLES, App
from rca.workflow.consult import Analyst
from rca.workflow.delivery import Delivery
from tests.support.faults import Faults, Killed, faulty_transport

START = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
AUDIT_SECRET = "audit-secret-of-the-tests-0123456789abcdef"
SESSION_SECRET = "session-secret-of-the-tests-0123456789abcdef"
VOLATILE = {"Timestamp", "etag"}


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class FakeQueues:
    """Queues in memory: delayed messages show by the test's clock. Sends count as writes for the faults."""

    def __init__(self, clock: Clock, faults: Faults) -> None:
        self._clock = clock
        self._faults = faults
        self._order = itertools.count()
        self.waiting: list[tuple[datetime, int, str, str, int]] = []
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def send(self, queue: str, message: Mapping[str, object], *, delay: float = 0) -> None:
        self.send_text(queue, encoded(message), delay=delay)

    def send_text(self, queue: str, text: str, *, delay: float = 0) -> None:
        def put() -> None:
            self.push(queue, text, 1, delay)
            self.sent.append((queue, json.loads(text)))

        self._faults.write(f"send {queue}", put)

    def push(self, queue: str, text: str, count: int, delay: float) -> None:
        visible = self._clock.now + timedelta(seconds=delay)
        heapq.heappush(self.waiting, (visible, next(self._order), queue, text, count))

    def pop(self) -> tuple[str, str, int] | None:
        if not self.waiting:
            return None
        visible, _, queue, text, count = heapq.heappop(self.waiting)
        self._clock.now = max(self._clock.now, visible)
        return queue, text, count

    def poison(self, queue: str) -> list[Any]:
        return []


def quick_analyst(failure: Failure, evidence: Evidence, history: str, finding: Analysis) -> Diagnosis:
    """An analysis that costs nothing, for tests of everything but the analysis."""
    del evidence, history, finding
    return Diagnosis(analysis=_quick(failure))


def _quick(failure: Failure) -> Analysis:
    return Analysis(
        error_type="TestError",
        category=Category.CODE,
        severity=Severity.HIGH,
        root_cause=f"{failure.resource} failed",
        recommendations=("Mend it.",),
        confidence=Confidence.LOW,
    )


class World:
    """One application over a fresh set of tables."""

    def __init__(self, connection: str, analyst: Analyst | None = quick_analyst) -> None:
        self.clock = Clock()
        self.faults = Faults()
        self.prefix = f"t{secrets.token_hex(5)}"
        self.settings = Settings(
            data_storage=connection,
            storage_prefix=self.prefix,
            audit_secret=AUDIT_SECRET,
            session_secret=SESSION_SECRET,
            change_delay_seconds=3,
        )
        self.storage = Storage(self.settings, lambda: faulty_transport(self.faults))
        self.app = App(self.settings, clock=self.clock, storage=self.storage, analyst=analyst)
        self.queues = FakeQueues(self.clock, self.faults)
        # A cached property is replaced by setting it.
        self.app.__dict__["queues"] = self.queues
        self.prepare()

    def prepare(self) -> None:
        from rca.storage.tables import create

        for table in TABLES:
            create(self.storage.table(table))
        for container in ("payloads", "evidence"):
            Blobs(self.storage, container).create()

    def post(self, payload: Any, route: str = "alerts/custom") -> str:
        """Post an alert as HTTP would; return its id."""
        return self.app.intake.accept(json.dumps(payload).encode(), route)

    def handlers(self) -> dict[str, Callable[[dict[str, Any], bool], None]]:
        return {
            # As in the blueprints, what building a stage raises is the wrapper's to judge.
            "alerts": lambda message, first: self.app.extract(message, first),
            "analyses": self.app.analyse,
            "changes": self.app.project,
            "deadlines": self.app.deadline,
            "broadcasts": lambda message, first: None,
        }

    def deliver(self, queue: str, text: str, count: int) -> None:
        """Deliver one message; what a killed or failing handler leaves comes back later, as from a host."""
        try:
            self.app.deliverer.deliver(Delivery(queue, text, count), self.handlers()[queue])
        except (Exception, Killed):
            if count < 10:
                self.queues.push(queue, text, count + 1, delay=30)

    def run(self, *, until: timedelta = timedelta(hours=1)) -> None:
        """Deliver messages in order of their time until none is left that shows before `until`."""
        end = self.clock.now + until
        while self.queues.waiting and self.queues.waiting[0][0] <= end:
            taken = self.queues.pop()
            assert taken is not None
            self.deliver(*taken)

    def rows(self, table: str) -> dict[tuple[str, str], dict[str, Any]]:
        """All rows of a table by key."""
        return {
            (row["PartitionKey"], row["RowKey"]): {
                name: value for name, value in row.items() if name not in VOLATILE
            }
            for row in self.storage.table(table).list_entities()
        }

    def snapshot(self) -> dict[str, dict[tuple[str, str], dict[str, Any]]]:
        """Everything stored."""
        return {table: self.rows(table) for table in TABLES}

    def tickets(self) -> list[dict[str, Any]]:
        return [row for key, row in self.rows("tickets").items() if key[1] == "ticket"]

    def close(self) -> None:
        """Drop the tables, so that the emulator stays small."""
        for table in TABLES:
            self.storage.table(table).delete_table()
        for container in ("payloads", "evidence"):
            self.storage.container(container).delete_container()


def custom(run_id: str = "run-1", **fields: Any) -> dict[str, Any]:
    """The smallest alert."""
    return {"resource": "nightly_load", "run_id": run_id, "message": "ValueError: bad row", **fields}
