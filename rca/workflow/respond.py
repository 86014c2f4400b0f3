"""What people say of a ticket, as commands from the dashboard."""

from __future__ import annotations

from rca.domain.redaction import redact
from rca.domain.ticket import FIELD_LIMIT, Actor, Book, Change, Ticket
from rca.errors import ConflictError, NotFoundError
from rca.storage.tickets import Tickets
from rca.workflow.commit import commit_once
from rca.workflow.emit import Emit
from rca.workflow.ports import Clock


class Respond:
    """Applies the commands of people to tickets.

    A request over HTTP is not delivered again, so the read models are told to follow before the commit as well,
    a little later: whoever dies in between leaves nothing out of step.
    """

    def __init__(self, tickets: Tickets, book: Book, emit: Emit, clock: Clock) -> None:
        self._tickets = tickets
        self._book = book
        self._emit = emit
        self._clock = clock

    def judge(self, ticket_id: str, helpful: bool, comment: str, actor: Actor, request_id: str) -> Ticket:
        """Record whether the analysis of a ticket helped. Raises NotFoundError, ConflictError."""
        now = self._clock()
        remark = redact(comment.strip()[:FIELD_LIMIT])
        stored = self._tickets.find(ticket_id)
        if stored is None:
            raise NotFoundError(f"no ticket {ticket_id[:100]!r}")
        if not stored.ticket.analysed:
            raise ConflictError(f"ticket {ticket_id} has no analysis yet; try again in a moment")

        def judging(ticket: Ticket) -> Change | None:
            if (ticket.helpful, ticket.feedback_comment or "") == (helpful, remark):
                return None
            return self._book.judge(ticket, helpful, now, actor, comment=remark)

        self._emit.change_anyway(ticket_id, stored.ticket.version + 1, now)
        ticket = commit_once(self._tickets, ticket_id, f"feedback-{request_id}", judging)
        self._emit.change(ticket_id, ticket.version, now)
        return ticket
