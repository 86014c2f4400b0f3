"""Makes the read models follow a ticket, whatever order, number or crowd its changes come in.

Each run reads the ticket's partition, writes the read models, and reads the version again: if the ticket moved,
it starts over. A run that dies after writing something old is delivered again, and then nothing is skipped.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from datetime import datetime

from rca.domain.audit import AuditAction
from rca.domain.board import badge, earlier_keys
from rca.domain.ticket import Ticket
from rca.domain.times import parse_iso
from rca.errors import UnavailableError
from rca.storage.activity import Activity
from rca.storage.analyses import Analyses
from rca.storage.board import Board
from rca.storage.counters import NOTHING, Booking, Counters
from rca.storage.links import RUN, Links
from rca.storage.runs import Runs
from rca.storage.tickets import Record, Tickets
from rca.workflow.emit import Emit
from rca.workflow.messages import Message

log = logging.getLogger(__name__)

_ROUNDS = 30


class Project:
    """Handles the queue `changes`."""

    def __init__(
        self,
        tickets: Tickets,
        runs: Runs,
        board: Board,
        activity: Activity,
        counters: Counters,
        links: Links,
        analyses: Analyses,
        emit: Emit,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._tickets = tickets
        self._runs = runs
        self._board = board
        self._activity = activity
        self._counters = counters
        self._links = links
        self._analyses = analyses
        self._emit = emit
        self._pause = pause

    def __call__(self, message: Message, first: bool) -> None:
        """Bring board, activity, counters, links and memory in step with the ticket, then tell the dashboards."""
        ticket_id = message["ticket_id"]
        at = parse_iso(message["at"])
        if "badge" in message:
            self._recount(ticket_id, at)
            return
        booking = self._counters.booking(ticket_id)
        if first and booking.version >= int(message.get("version", 0)) > 0:
            # Another change brought the read models at least this far, and this message wrote nothing yet.
            return
        record = self.follow(ticket_id, booking)
        if record is not None:
            event = "ticket_created" if booking == NOTHING else "ticket_updated"
            self._emit.broadcast(event, ticket_id, record.ticket.version, at)

    def follow(self, ticket_id: str, booking: Booking, *, recount: bool = False) -> Record | None:
        """Write the read models until they show the ticket as it is; None where there is no such ticket.

        `recount` takes the count on the card afresh, for a board that was thrown away.
        """
        for _ in range(_ROUNDS):
            record = self._tickets.record(ticket_id)
            if record is None:
                return None
            self._write(record, booking, recount)
            if self._tickets.version(ticket_id) == record.ticket.version:
                return record
            booking = self._counters.booking(ticket_id)
        raise UnavailableError(f"ticket {ticket_id} keeps moving")

    def _write(self, record: Record, booking: Booking, recount: bool) -> None:
        ticket = record.ticket
        moved = earlier_keys(ticket, record.entries)
        occurrences = None
        if moved or recount:
            # A card that moves leaves its badge behind, so the count is taken afresh.
            occurrences = self._badge(ticket)
        self._board.put(ticket, occurrences)
        self._board.remove(moved)
        self._activity.put(entry for entry in record.entries if entry.version > booking.version)
        if booking == NOTHING:
            self._links.put(RUN, ticket.failure.run_id, ticket.id)
        if _tells_later_ones(record):
            self._analyses.sight(ticket)
        # Last, because it marks how far the read models have come.
        self._book(record, booking)

    def _book(self, record: Record, booking: Booking) -> None:
        for attempt in range(_ROUNDS):
            if booking.version >= record.ticket.version or self._counters.book(record.ticket, booking):
                return
            # Others book in the same shard; the less we run into them, the sooner all are done.
            self._pause(random.uniform(0, 0.01 * (attempt + 1)))  # noqa: S311 - no secret
            booking = self._counters.booking(record.ticket.id)
        raise UnavailableError("the counters of this shard are busy")

    def _recount(self, ticket_id: str, at: datetime) -> None:
        for _ in range(_ROUNDS):
            record = self._tickets.record(ticket_id)
            if record is None:
                raise UnavailableError(f"ticket {ticket_id} is still being opened")
            ticket = record.ticket
            count = self._badge(ticket)
            self._board.put(ticket, count)
            self._board.remove(earlier_keys(ticket, record.entries))
            if self._badge(ticket) == count and self._tickets.version(ticket_id) == ticket.version:
                self._emit.broadcast("ticket_updated", ticket_id, ticket.version, at)
                return
        raise UnavailableError(f"ticket {ticket_id} keeps moving")

    def _badge(self, ticket: Ticket) -> int:
        return badge(self._runs.occurrences(ticket.source, ticket.identity_hash))


def _tells_later_ones(record: Record) -> bool:
    """Whether people or the source said something of the ticket that later tickets of its signature should know."""
    ticket = record.ticket
    reopened = any(entry.action is AuditAction.TICKET_REOPENED for entry in record.entries)
    return ticket.closed or ticket.feedback_at is not None or reopened
