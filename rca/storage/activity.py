"""The `activity` table: all audit entries of all tickets, newest first, one partition a day."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import batched, groupby, islice
from typing import Any

from rca.domain.audit import AuditEntry
from rca.domain.times import reverse_day, reverse_time
from rca.storage.connection import Storage
from rca.storage.faults import translated
from rca.storage.rows import Row, clear, entry_row

_TRANSACTION = 100
_COLUMNS = (
    "timestamp",
    "ticket_id",
    "version",
    "pipeline",
    "run_id",
    "action",
    "user_name",
    "user_empid",
    "time_taken_seconds",
    "mttr_minutes",
    "sla_status",
    "rca_summary",
    "finops_team",
    "finops_owner",
    "details",
    "itsm_ticket_id",
)


class Activity:
    """The audit feed. All methods raise UnavailableError while storage does not answer."""

    def __init__(self, storage: Storage) -> None:
        self._client = storage.table("activity")

    def put(self, entries: Iterable[AuditEntry]) -> None:
        """Write entries; an entry never changes, so writing it again is harmless."""
        rows = sorted((activity_row(entry) for entry in entries), key=_partition)
        for _, of_day in groupby(rows, key=_partition):
            for batch in batched(of_day, _TRANSACTION, strict=False):
                operations: list[Any] = [("upsert", row) for row in batch]
                with translated():
                    self._client.submit_transaction(operations)

    def feed(self, *, action: str | None, limit: int, scan: int = 10_000) -> list[Row]:
        """Return the newest entries, of one action if given, looking at no more than `scan` rows."""
        found: list[Row] = []
        with translated():
            # Filtered here, not by the service: a filter would make it read on through all of history.
            for row in islice(self._client.list_entities(results_per_page=1_000), scan):
                if action is None or row["action"] == action:
                    found.append({name: row.get(name) for name in _COLUMNS})
                if len(found) >= limit:
                    break
        return found

    def shown(self) -> set[tuple[str, int]]:
        """Return ticket id and version of every entry; a scan, for recounts."""
        with translated():
            return {
                (row["ticket_id"], row["version"])
                for row in self._client.list_entities(select=["ticket_id", "version"])
            }

    def clear(self) -> None:
        """Delete all rows, for a rebuild."""
        clear(self._client)


def activity_row(entry: AuditEntry) -> Row:
    """Return an entry's row in the feed; the chain's code stays with the ticket."""
    row = entry_row(entry)
    del row["mac"]
    row["PartitionKey"] = reverse_day(entry.timestamp)
    row["RowKey"] = f"{reverse_time(entry.timestamp)}_{entry.ticket_id}_{entry.version:06d}"
    return row


def _partition(row: Row) -> str:
    return str(row["PartitionKey"])
