"""The `intake` table: what became of each alert."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from azure.core.exceptions import ResourceNotFoundError

from rca.domain.ids import alert_time
from rca.domain.times import day_of
from rca.storage.connection import Storage
from rca.storage.faults import translated
from rca.storage.rows import Row, compact, get_long, put_long

_MOST_TICKETS = 2_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an alert did to one ticket: `created`, `duplicate`, `resolved` or `noted`."""

    ticket_id: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an alert: `processed`, `ignored` or `dead`, with the reason where there is one."""

    status: str
    reason: str | None = None
    tickets: Sequence[Outcome] = field(default_factory=tuple)


class Intake:
    """Fates by alert id. All methods raise UnavailableError while storage does not answer."""

    def __init__(self, storage: Storage) -> None:
        self._client = storage.table("intake")

    def put(self, alert_id: str, fate: Fate) -> None:
        """Record what became of an alert; the last word counts."""
        row: Row = {"PartitionKey": _day(alert_id), "RowKey": alert_id, "status": fate.status}
        if fate.reason:
            row["reason"] = fate.reason[:2_000]
        tickets = [[outcome.ticket_id, outcome.outcome] for outcome in fate.tickets[:_MOST_TICKETS]]
        put_long(row, "tickets", compact(tickets))
        with translated():
            self._client.upsert_entity(row)

    def find(self, alert_id: str) -> Fate | None:
        """Return what became of an alert; None where nothing is known (yet)."""
        with translated():
            try:
                row: Any = self._client.get_entity(_day(alert_id), alert_id)
            except ResourceNotFoundError:
                return None
        tickets = tuple(Outcome(*pair) for pair in json.loads(get_long(row, "tickets")))
        return Fate(row["status"], row.get("reason"), tickets)


def _day(alert_id: str) -> str:
    moment = alert_time(alert_id)
    return day_of(moment) if moment else "unknown"
