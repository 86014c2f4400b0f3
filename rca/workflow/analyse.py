"""Says what went wrong and what to do."""

from __future__ import annotations

from typing import Protocol

from rca.domain.analysis import Analysis
from rca.domain.failure import Failure
from rca.domain.sla import due_at
from rca.domain.ticket import Book, Change, Ticket
from rca.domain.times import parse_iso
from rca.storage.tickets import Tickets
from rca.workflow.commit import commit_once
from rca.workflow.emit import Emit
from rca.workflow.messages import Message
from rca.workflow.ports import Clock


class Analyst(Protocol):
    """Finds the root cause of a failure."""

    def __call__(self, failure: Failure, /) -> Analysis:
        """Return the analysis; always has an answer."""


class Analyse:
    """Handles the queue `analyses`: one analysis for each revision of what is known of a failure."""

    def __init__(self, tickets: Tickets, analyst: Analyst, book: Book, emit: Emit, clock: Clock) -> None:
        self._tickets = tickets
        self._analyst = analyst
        self._book = book
        self._emit = emit
        self._clock = clock

    def __call__(self, message: Message, first: bool) -> None:
        """Analyse the ticket unless that revision is analysed already, and pass it on."""
        del first  # the ticket says whether it was analysed
        revision = int(message["revision"])
        now = self._clock()

        def analysing(ticket: Ticket) -> Change | None:
            if ticket.analysed >= revision:
                return None
            analysis = self._analyst(ticket.failure)
            return self._book.analyse(ticket, analysis, ticket.revision, now)

        ticket = commit_once(self._tickets, message["ticket_id"], f"analysis-{revision}", analysing)
        self._emit.change(ticket.id, ticket.version, parse_iso(message["at"]))
        if not ticket.closed:
            self._emit.deadline(ticket.id, due_at(ticket.timestamp, ticket.sla_seconds), now)
