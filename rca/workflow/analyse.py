"""Says what went wrong and what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rca.domain.sla import due_at
from rca.domain.ticket import Book, Change, Ticket
from rca.domain.times import parse_iso
from rca.storage.tickets import Tickets
from rca.workflow.commit import commit_once
from rca.workflow.emit import Emit
from rca.workflow.investigate import Opinion
from rca.workflow.messages import Message
from rca.workflow.ports import Clock

UPGRADES = 6
"""How often a better analysis is tried for, after 15 minutes, half an hour, and so on: two thirds of a day."""
_FIRST_UPGRADE = 900.0
_WAITS = 60
"""How often somebody else's answer is looked for; by far most waits end with the first or second look."""
_FIRST_WAIT, _LONGEST_WAIT = 5.0, 60.0


class Analyse:
    """Handles the queue `analyses`: one analysis for each revision of what is known of a failure."""

    def __init__(
        self,
        tickets: Tickets,
        investigate: Callable[[Ticket], Opinion],
        sight: Callable[[Ticket], None],
        book: Book,
        emit: Emit,
        clock: Clock,
    ) -> None:
        self._tickets = tickets
        self._investigate = investigate
        self._sight = sight
        self._book = book
        self._emit = emit
        self._clock = clock

    def __call__(self, message: Message, first: bool) -> None:
        """Analyse the ticket unless that is done already, and pass it on."""
        del first  # the ticket says whether it was analysed
        revision, turn = int(message["revision"]), int(message.get("upgrade", 0))
        waited = int(message.get("waited", 0))
        now = self._clock()
        opinions: dict[int, Opinion] = {}

        def analysing(ticket: Ticket) -> Change | None:
            done = ticket.analysed >= revision
            if done and not (turn and ticket.upgradable and not ticket.closed):
                return None
            # Asked once for a revision, however often the commit must be tried.
            opinion = opinions.get(ticket.revision) or self._investigate(ticket)
            opinions[ticket.revision] = opinion
            if done and opinion.wait is not None:
                return None  # somebody still asks; the ticket has the rules' word already
            return self._book.analyse(
                ticket,
                opinion.analysis,
                ticket.revision,
                now,
                basis=opinion.basis,
                signature=opinion.signature,
                upgradable=opinion.upgradable,
            )

        cause = f"analysis-{revision}" + (f"-upgrade-{turn}" if turn else "")
        cause += f"-{waited}" if waited else ""
        ticket = commit_once(self._tickets, message["ticket_id"], cause, analysing)
        at = parse_iso(message["at"])
        opinion = opinions.get(ticket.revision)
        wait = opinion.wait if opinion else None
        if not (waited and wait is not None):  # a look that found nothing has nothing to tell
            self._sight(ticket)
            self._emit.change(ticket.id, ticket.version, at)
            if not ticket.closed:
                self._emit.deadline(ticket.id, due_at(ticket.timestamp, ticket.sla_seconds), now)
        if ticket.upgradable and not ticket.closed:
            self._come_back(ticket, turn, waited, wait, at)

    def _come_back(self, ticket: Ticket, turn: int, waited: int, wait: float | None, at: datetime) -> None:
        """Look for a better analysis later: soon where somebody else asks for one."""
        if wait is not None and waited < _WAITS:
            delay = max(wait, min(_FIRST_WAIT * 2**waited, _LONGEST_WAIT))
            self._emit.upgrade(ticket.id, ticket.revision, max(turn, 1), at, delay, waited=waited + 1)
        elif turn < UPGRADES:
            self._emit.upgrade(ticket.id, ticket.revision, turn + 1, at, _FIRST_UPGRADE * 2**turn)
