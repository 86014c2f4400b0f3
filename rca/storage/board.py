"""The `board` table: a card a ticket, by status, newest first."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import UpdateMode

from rca.domain.board import CardKey, card_key
from rca.domain.ticket import Ticket
from rca.domain.times import iso
from rca.domain.vocabulary import Status
from rca.storage.connection import Storage
from rca.storage.faults import translated
from rca.storage.rows import Row, clear, compact, get_long, put_long

_SUMMARY_LIMIT = 2_000
_ABSENT = ""
"""Stands for None: merging into a row can't take a property away."""


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a list and where it goes on, None at its end."""

    cards: list[Row]
    continuation: dict[str, str] | None


class Board:
    """Cards for lists. All methods raise UnavailableError while storage does not answer."""

    def __init__(self, storage: Storage) -> None:
        self._client = storage.table("board")

    def put(self, ticket: Ticket, occurrences: int | None) -> None:
        """Write the ticket's card where it belongs now; None leaves the count on the card as it is."""
        with translated():
            self._client.upsert_entity(card_row(ticket, occurrences), mode=UpdateMode.MERGE)

    def remove(self, keys: Iterable[CardKey]) -> None:
        """Delete cards, those that are gone already included."""
        for key in keys:
            with translated():
                try:
                    self._client.delete_entity(str(key.status), key.row)
                except ResourceNotFoundError:
                    continue

    def list(self, status: Status, limit: int, continuation: dict[str, str] | None = None) -> Page:
        """Return at most `limit` cards of one status, newest first."""
        with translated():
            # The SDK types its table continuation, a pair of keys, as text.
            pages: Any = self._client.query_entities(
                "PartitionKey eq @status",
                parameters={"status": str(status)},
                results_per_page=min(limit, 1_000),
            ).by_page(continuation_token=cast("Any", continuation))
            cards: list[Row] = []
            for page in pages:
                cards += [card_of(row) for row in page]
                if len(cards) >= limit:
                    break
            return Page(cards, pages.continuation_token)

    def clear(self) -> None:
        """Delete all rows, for a rebuild."""
        clear(self._client)


def card_row(ticket: Ticket, occurrences: int | None) -> Row:
    """Return the card's row: what lists show, without the error text."""
    key = card_key(ticket)
    row: Row = {
        "PartitionKey": str(key.status),
        "RowKey": key.row,
        "id": ticket.id,
        "source": str(ticket.source),
        "timestamp": iso(ticket.timestamp),
        "pipeline": ticket.failure.resource,
        "run_id": ticket.failure.run_id,
        "status": str(ticket.status),
        "severity": str(ticket.severity),
        "priority": str(ticket.priority),
        "confidence": ticket.confidence,
        "category": ticket.category,
        "error_type": ticket.error_type,
        "affected_entity": ticket.affected_entity,
        "rca_result": ticket.rca_result[:_SUMMARY_LIMIT] if ticket.rca_result else None,
        "resolution": ticket.resolution,
        "resolution_note": ticket.resolution_note,
        "ack_user": ticket.ack_user,
        "ack_empid": ticket.ack_empid,
        "ack_ts": iso(ticket.ack_ts) if ticket.ack_ts else None,
        "ack_seconds": ticket.ack_seconds,
        "sla_seconds": ticket.sla_seconds,
        "sla_status": str(ticket.sla_status),
        "finops_team": ticket.finops.team,
        "finops_owner": ticket.finops.owner,
        "finops_cost_center": ticket.finops.cost_center,
        "blob_log_url": ticket.blob_log_url,
        "itsm_ticket_id": ticket.itsm_ticket_id,
        "slack_ts": ticket.slack_ts,
        "slack_channel": ticket.slack_channel,
        "processing_mode": ticket.processing_mode,
        "version": ticket.version,
        "occurrences": occurrences,
    }
    put_long(row, "recommendations", compact(list(ticket.recommendations)))
    if occurrences is None:
        del row["occurrences"]
    return {name: _plain(value) for name, value in row.items()}


def card_of(row: Any) -> Row:
    """Return a card as the API shows it; `occurrences` is 1 until a badge raised it."""
    card: Row = {
        name: None if value == _ABSENT else value
        for name, value in row.items()
        if name not in {"PartitionKey", "RowKey"}
    }
    card["recommendations"] = json.loads(get_long(row, "recommendations") or "[]")
    for extra in [name for name in card if name.startswith("recommendations_")]:
        del card[extra]
    card.setdefault("occurrences", 1)
    return card


def _plain(value: Any) -> Any:
    if value is None:
        return _ABSENT
    return str(value) if isinstance(value, str) else value
