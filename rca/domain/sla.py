"""How long a ticket may stay open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rca.domain.vocabulary import Priority, Severity, SlaStatus

_PRIORITIES = {
    Severity.CRITICAL: Priority.P1,
    Severity.HIGH: Priority.P2,
    Severity.MEDIUM: Priority.P3,
    Severity.LOW: Priority.P4,
}


def priority_of(severity: Severity) -> Priority:
    """Return the priority that follows from a severity."""
    return _PRIORITIES[severity]


@dataclass(frozen=True, slots=True)
class SlaPolicy:
    """Seconds from opening to closing, by priority."""

    seconds: Mapping[Priority, int]

    def seconds_for(self, severity: Severity) -> int:
        """Return the time to close a ticket of this severity, in seconds."""
        return self.seconds[priority_of(severity)]


def due_at(opened_at: datetime, sla_seconds: int) -> datetime:
    """Return the moment after which an open ticket is in breach."""
    return opened_at + timedelta(seconds=sla_seconds)


def status_at(opened_at: datetime, sla_seconds: int, closed_at: datetime) -> SlaStatus:
    """Return whether closing at that moment kept the time."""
    return SlaStatus.MET if closed_at <= due_at(opened_at, sla_seconds) else SlaStatus.BREACHED
