"""Acts when the time of a ticket is up, if it still is."""

from __future__ import annotations

from rca.domain.sla import due_at
from rca.domain.ticket import Book, Change, Ticket
from rca.domain.vocabulary import SlaStatus
from rca.storage.tickets import Tickets
from rca.workflow.commit import commit_once
from rca.workflow.emit import Emit
from rca.workflow.messages import Message
from rca.workflow.ports import Clock


class Deadline:
    """Handles the queue `deadlines`."""

    def __init__(self, tickets: Tickets, book: Book, emit: Emit, clock: Clock) -> None:
        self._tickets = tickets
        self._book = book
        self._emit = emit
        self._clock = clock

    def __call__(self, message: Message, first: bool) -> None:
        """Mark the ticket as in breach if it is; come back later where its time was prolonged."""
        del first
        now = self._clock()

        def breaching(ticket: Ticket) -> Change | None:
            pending = not ticket.closed and ticket.sla_status is SlaStatus.PENDING
            due = due_at(ticket.timestamp, ticket.sla_seconds)
            return self._book.breach(ticket, due) if pending and due <= now else None

        cause = f"deadline-{message['due']}"
        ticket = commit_once(self._tickets, message["ticket_id"], cause, breaching)
        if ticket.sla_status is SlaStatus.BREACHED:
            self._emit.change(ticket.id, ticket.version, now)
        elif not ticket.closed:
            # The message came early, or the analysis gave the ticket more time meanwhile.
            self._emit.deadline(ticket.id, due_at(ticket.timestamp, ticket.sla_seconds), now)
