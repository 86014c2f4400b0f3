"""How many storage transactions a new ticket and a duplicate cost, counted at the HTTP transport."""

from __future__ import annotations

import secrets
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from azure.core.pipeline.transport import RequestsTransport

from benchmarks.alerts import adf_alert
from benchmarks.figures import Figure
from localhost.azurite import Azurite
from rca.settings import Settings
from rca.storage.connection import Storage, pooled_transport
from rca.wiring import App
from rca.workflow.delivery import Delivery
from rca.workflow.messages import ALERTS, ANALYSES, BROADCASTS, CHANGES

_STAGES = (ALERTS, ANALYSES, CHANGES, BROADCASTS)
_BATCH = 16


class _Stages:
    """The stages in this process, driven as the host drives them, every request counted for its stage."""

    def __init__(self, connection: str) -> None:
        self.counts: Counter[str] = Counter()
        self._stage = threading.local()
        settings = Settings(
            data_storage=connection,
            storage_prefix=f"b{secrets.token_hex(5)}",
            audit_secret=secrets.token_urlsafe(32),
            change_delay_seconds=0,
        )
        self.app = App(settings, storage=Storage(settings, self._transport))
        self._in("set-up", self.app.prepare)

    def post(self, number: int) -> None:
        """Take one alert in."""
        self._in("intake", lambda: self.app.intake.accept(adf_alert(number), "azure-monitor"))

    def drain(self, threads: int = 1) -> None:
        """Empty the queues stage by stage, taking messages in batches when many work at once."""
        handlers: dict[str, Callable[[dict[str, Any], bool], None]] = {
            ALERTS: self.app.extract,
            ANALYSES: self.app.analyse,
            CHANGES: self.app.project,
            BROADCASTS: lambda message, first: None,
        }
        with ThreadPoolExecutor(threads) as pool:
            for stage in _STAGES:
                client = self.app.queues.client(stage)

                def handle(message: Any, stage: str = stage, client: Any = client) -> None:
                    def work() -> None:
                        self.app.deliverer.deliver(Delivery(stage, _text(message), 1), handlers[stage])
                        client.delete_message(message)

                    self._in(stage, work)

                while taken := self._take(stage, client, _BATCH if threads > 1 else 1):
                    list(pool.map(handle, taken))

    def _take(self, stage: str, client: Any, most: int) -> list[Any]:
        before = self.counts[stage]
        taken: list[Any] = []
        self._in(
            stage, lambda: taken.extend(client.receive_messages(max_messages=most, messages_per_page=most))
        )
        if not taken:
            # The look that found the queue empty belongs to no alert.
            self.counts[stage] = before
        return taken

    def _in(self, stage: str, do: Callable[[], object]) -> None:
        self._stage.name = stage
        do()

    def _transport(self) -> RequestsTransport:
        stages = self

        class Counting(RequestsTransport):
            def send(self, request: Any, **kwargs: Any) -> Any:
                stages.counts[getattr(stages._stage, "name", "?")] += 1
                return super().send(request, **kwargs)

        return Counting(session=pooled_transport().session, session_owner=False)


def measure(*, tickets: int = 50, duplicates: int = 200) -> list[Figure]:
    """Count for new tickets, for duplicates one by one, and for duplicates 24 at once."""
    with Azurite(in_memory=True) as azurite:
        stages = _Stages(azurite.connection_string)
        new = _count(stages, list(range(tickets)), one_by_one=True)
        one_by_one = _count(stages, [0] * duplicates, one_by_one=True)
        at_once = _count(stages, [1] * duplicates, one_by_one=False)
    return [
        _figure("a new ticket", new, tickets, 36),
        _figure("a duplicate, one by one", one_by_one, duplicates, 8),
        _figure("a duplicate, 24 at once", at_once, duplicates, 8),
    ]


def _count(stages: _Stages, numbers: list[int], *, one_by_one: bool) -> Counter[str]:
    stages.counts.clear()
    if one_by_one:
        for number in numbers:
            stages.post(number)
            stages.drain()
    else:
        for number in numbers:
            stages.post(number)
        stages.drain(threads=24)
    return Counter(stages.counts)


def _figure(name: str, counts: Counter[str], of: int, goal: float) -> Figure:
    note = ", ".join(f"{stage} {counts[stage] / of:.2f}" for stage in ("intake", *_STAGES))
    return Figure(
        name=f"storage transactions: {name}",
        value=sum(counts.values()) / of,
        unit="",
        most=goal,
        note=note,
    )


def _text(message: Any) -> str:
    import base64

    return base64.b64decode(message.content).decode()
