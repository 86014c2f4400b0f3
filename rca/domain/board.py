"""The board: one card a ticket, keyed so that a list comes newest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from rca.domain.audit import AuditAction, AuditEntry
from rca.domain.ticket import Ticket
from rca.domain.times import reverse_time
from rca.domain.vocabulary import Status


@dataclass(frozen=True, slots=True)
class CardKey:
    """Where a card lies: its status, and a row key that sorts newest first within it."""

    status: Status
    row: str


def card_key(ticket: Ticket) -> CardKey:
    """Return where the ticket's card belongs now: closed tickets by closing time, others by opening time."""
    moment = ticket.ack_ts if ticket.closed and ticket.ack_ts else ticket.timestamp
    return CardKey(ticket.status, _row(moment, ticket.id))


def earlier_keys(ticket: Ticket, entries: Iterable[AuditEntry]) -> set[CardKey]:
    """Return every place where the card may have lain before, read off the audit trail."""
    keys: set[CardKey] = set()
    for entry in entries:
        if entry.action in {
            AuditAction.STATUS_CHANGED,
            AuditAction.TICKET_CLOSED,
            AuditAction.TICKET_REOPENED,
        }:
            keys.add(CardKey(Status.OPEN, _row(ticket.timestamp, ticket.id)))
            keys.add(CardKey(Status.IN_PROGRESS, _row(ticket.timestamp, ticket.id)))
        if entry.action is AuditAction.TICKET_CLOSED:
            keys.add(CardKey(Status.ACKNOWLEDGED, _row(entry.timestamp, ticket.id)))
    return keys - {card_key(ticket)}


def badge(occurrences: int) -> int:
    """Return the count that a card shows: the largest power of two within it, so that bursts cost little."""
    return 1 << max(occurrences, 1).bit_length() - 1


def _row(moment: datetime, ticket_id: str) -> str:
    return f"{reverse_time(moment)}_{ticket_id}"
