"""Commits one change to one ticket exactly once, whatever else moves the ticket meanwhile."""

from __future__ import annotations

from typing import Protocol

from rca.domain.ticket import Change, Ticket
from rca.errors import UnavailableError
from rca.storage.faults import StaleError
from rca.storage.tickets import Tickets

_ROUNDS = 20


class TicketChange(Protocol):
    """A change to a ticket; None where nothing is left to do."""

    def __call__(self, ticket: Ticket, /) -> Change | None:
        """Return the change for the ticket as it is now."""


def commit_once(tickets: Tickets, ticket_id: str, cause: str, change: TicketChange) -> Ticket:
    """Apply a change under its cause and return the ticket as it is then.

    A cause that was committed before changes nothing. Raises UnavailableError where the ticket does not exist
    yet (its opening is on the way) or moves faster than we can follow.
    """
    for _ in range(_ROUNDS):
        stored = tickets.find(ticket_id)
        if stored is None:
            raise UnavailableError(f"ticket {ticket_id} is still being opened")
        made = change(stored.ticket)
        if made is None:
            return stored.ticket
        try:
            committed = tickets.commit(made, cause, stored.etag)
        except StaleError:
            continue
        return made.ticket if committed else stored.ticket
    raise UnavailableError(f"ticket {ticket_id} keeps moving")
