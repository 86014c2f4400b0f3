"""The `tickets` table: one partition a ticket, which is the truth about it.

Rows: `ticket`, `audit-<version>`, and `cause-<id>` for each message or request that changed it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import UpdateMode

from rca.domain.audit import AuditEntry
from rca.domain.ticket import Change, Ticket
from rca.storage.connection import Storage
from rca.storage.faults import ExistsError, StaleError, translated
from rca.storage.rows import Row, entry_of, entry_row, ticket_of, ticket_row


@dataclass(frozen=True, slots=True)
class Stored:
    """A ticket as read, with the tag that guards the next write."""

    ticket: Ticket
    etag: str


@dataclass(frozen=True, slots=True)
class Record:
    """All of a ticket's partition: the ticket and its trail, oldest entry first."""

    ticket: Ticket
    entries: tuple[AuditEntry, ...]


class Tickets:
    """Reads and commits tickets. All methods raise UnavailableError while storage does not answer."""

    def __init__(self, storage: Storage) -> None:
        self._client = storage.table("tickets")

    def find(self, ticket_id: str) -> Stored | None:
        """Read one ticket without its trail."""
        with translated():
            try:
                row = self._client.get_entity(ticket_id, "ticket")
            except ResourceNotFoundError:
                return None
        return Stored(ticket_of(row), str(row.metadata["etag"]))

    def version(self, ticket_id: str) -> int | None:
        """Read only how far a ticket has moved."""
        with translated():
            try:
                return int(self._client.get_entity(ticket_id, "ticket", select=["version"])["version"])
            except ResourceNotFoundError:
                return None

    def record(self, ticket_id: str) -> Record | None:
        """Read a ticket and its trail."""
        ticket: Ticket | None = None
        entries: list[AuditEntry] = []
        with translated():
            for row in self._client.query_entities(
                "PartitionKey eq @id and (RowKey eq 'ticket' or (RowKey ge 'audit-' and RowKey lt 'audit.'))",
                parameters={"id": ticket_id},
            ):
                if row["RowKey"] == "ticket":
                    ticket = ticket_of(row)
                else:
                    entries.append(entry_of(row))
        return Record(ticket, tuple(entries)) if ticket else None

    def caused(self, ticket_id: str, cause: str) -> bool:
        """Return whether that message or request changed the ticket already."""
        with translated():
            try:
                self._client.get_entity(ticket_id, _cause(cause), select=["RowKey"])
            except ResourceNotFoundError:
                return False
        return True

    def create(self, change: Change, cause: str) -> bool:
        """Insert a new ticket with its trail; False where it exists."""
        operations = [("create", row) for row in (ticket_row(change.ticket), *_trail(change, cause))]
        try:
            self._submit(operations)
        except ExistsError:
            return False
        return True

    def commit(self, change: Change, cause: str, etag: str) -> bool:
        """Write a change, its entries and its cause in one transaction.

        False where the cause was committed before, by an earlier delivery or by an attempt whose answer was lost.
        Raises StaleError where the ticket moved since it was read.
        """
        guard = {"etag": etag, "match_condition": MatchConditions.IfNotModified, "mode": UpdateMode.REPLACE}
        operations: list[Any] = [("update", ticket_row(change.ticket), guard)]
        operations += [("create", row) for row in _trail(change, cause)]
        try:
            self._submit(operations)
        except (ExistsError, StaleError):
            if self.caused(change.ticket.id, cause):
                return False
            raise StaleError(change.ticket.id) from None
        return True

    def ids(self) -> Iterator[str]:
        """List every ticket id; a scan, for rebuilds and recounts only."""
        with translated():
            for row in self._client.query_entities("RowKey eq 'ticket'", select=["PartitionKey"]):
                yield row["PartitionKey"]

    def _submit(self, operations: list[Any]) -> None:
        with translated():
            self._client.submit_transaction(operations)


def _trail(change: Change, cause: str) -> list[Row]:
    cause_row: Row = {
        "PartitionKey": change.ticket.id,
        "RowKey": _cause(cause),
        "version": change.ticket.version,
    }
    return [*(entry_row(entry) for entry in change.entries), cause_row]


def _cause(cause: str) -> str:
    return f"cause-{cause}"
