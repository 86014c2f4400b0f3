"""The `counters` table: exact totals in 16 shards, and what each ticket adds to them.

Rows of a shard: `total`, `day-<date>`, `ticket-<id>`. The last remembers the contribution that was booked and the
version it came from, so it also tells how far a ticket has been projected.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import UpdateMode

from rca.domain.counters import (
    SHARDS,
    TOTAL,
    Contribution,
    added,
    contribution,
    difference,
    shard_of,
)
from rca.domain.ticket import Ticket
from rca.storage.connection import Storage
from rca.storage.faults import ExistsError, StaleError, translated
from rca.storage.rows import Row, clear, compact


@dataclass(frozen=True, slots=True)
class Booking:
    """What of a ticket is in the totals; version 0 where nothing is."""

    version: int
    contribution: Contribution
    etag: str | None


NOTHING = Booking(0, {}, None)


class Counters:
    """The totals. All methods raise UnavailableError while storage does not answer."""

    def __init__(self, storage: Storage) -> None:
        self._client = storage.table("counters")

    def booking(self, ticket_id: str) -> Booking:
        """Return what of a ticket is counted."""
        row = self._get(shard_of(ticket_id), f"ticket-{ticket_id}")
        if row is None:
            return NOTHING
        return Booking(row["version"], json.loads(row["contribution"]), row.metadata["etag"])

    def book(self, ticket: Ticket, old: Booking) -> bool:
        """Add what changed since `old` in one transaction; False where another was faster."""
        shard = shard_of(ticket.id)
        new = contribution(ticket)
        mine: Row = {
            "PartitionKey": shard,
            "RowKey": f"ticket-{ticket.id}",
            "version": ticket.version,
            "contribution": compact(new),
        }
        operations = [_write(mine, old.etag)]
        for name, deltas in difference(new, old.contribution).items():
            row = self._get(shard, name)
            counted = {key: (row or {}).get(key, 0) + amount for key, amount in deltas.items()}
            # Merging keeps the counters that this ticket does not touch.
            write = {"PartitionKey": shard, "RowKey": name, **counted}
            operations.append(_write(write, row.metadata["etag"] if row else None, UpdateMode.MERGE))
        try:
            with translated():
                self._client.submit_transaction(operations)
        except (ExistsError, StaleError):
            return False
        return True

    def totals(self) -> dict[str, int]:
        """Return the totals, summed over all shards: one point read each."""
        return self.row(TOTAL)

    def row(self, name: str) -> dict[str, int]:
        """Return `total` or a day's row, summed over all shards, which are read side by side."""
        with ThreadPoolExecutor(SHARDS) as pool:
            return added(pool.map(lambda shard: self._counts(f"{shard:02d}", name), range(SHARDS)))

    def clear(self) -> None:
        """Delete all rows, for a rebuild."""
        clear(self._client)

    def _counts(self, shard: str, name: str) -> dict[str, int]:
        row = self._get(shard, name) or {}
        return {key: value for key, value in row.items() if isinstance(value, int)}

    def _get(self, shard: str, name: str) -> Any:
        with translated():
            try:
                return self._client.get_entity(shard, name)
            except ResourceNotFoundError:
                return None


def _write(row: Row, etag: str | None, mode: UpdateMode = UpdateMode.REPLACE) -> Any:
    if etag is None:
        return ("create", row)
    return ("update", row, {"etag": etag, "match_condition": MatchConditions.IfNotModified, "mode": mode})
