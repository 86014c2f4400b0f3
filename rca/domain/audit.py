"""The audit trail: what happened to a ticket, chained so that a later change shows.

Each entry's code covers the entry and the code before it. Names of people are left out of it, so that a person
can be deleted without breaking the chain; their account id stays.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from rca.domain.times import iso


class AuditAction(StrEnum):
    """What an entry records."""

    TICKET_CREATED = "Ticket Created"
    ANALYSIS_COMPLETED = "Analysis Completed"
    DETAILS_ADDED = "Failure Details Added"
    NOTE_ADDED = "Note Added"
    FEEDBACK_GIVEN = "Feedback Given"
    STATUS_CHANGED = "Status Changed"
    TICKET_CLOSED = "Ticket Closed"
    TICKET_REOPENED = "Ticket Reopened"
    SLA_BREACHED = "SLA Breached"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the trail; `version` counts from 1 within the ticket, `mac` is 64 hex digits."""

    timestamp: datetime
    ticket_id: str
    version: int
    action: AuditAction
    pipeline: str
    run_id: str
    details: str = ""
    user_id: str | None = None
    user_name: str | None = None
    user_empid: str | None = None
    time_taken_seconds: int | None = None
    mttr_minutes: float | None = None
    sla_status: str | None = None
    rca_summary: str | None = None
    finops_team: str | None = None
    finops_owner: str | None = None
    itsm_ticket_id: str | None = None
    mac: str = ""


def seal(entry: AuditEntry, previous: str, key: bytes) -> AuditEntry:
    """Return the entry with its code; `previous` is the code of the entry before, empty for the first."""
    return replace(entry, mac=_code(entry, previous, key))


def verify(entries: Iterable[AuditEntry], keys: Iterable[bytes]) -> int | None:
    """Return the version of the first entry that was changed, removed or added behind our back, or None.

    `entries` are in order of version. An entry counts as true under any of the keys, so that keys can rotate.
    """
    candidates = tuple(keys)
    previous = ""
    for position, entry in enumerate(entries, start=1):
        genuine = any(hmac.compare_digest(_code(entry, previous, key), entry.mac) for key in candidates)
        if entry.version != position or not genuine:
            return position
        previous = entry.mac
    return None


def _code(entry: AuditEntry, previous: str, key: bytes) -> str:
    covered = [
        previous,
        iso(entry.timestamp),
        entry.ticket_id,
        entry.version,
        entry.action,
        entry.pipeline,
        entry.run_id,
        entry.details,
        entry.user_id,
        entry.time_taken_seconds,
        entry.sla_status,
        entry.rca_summary,
        entry.itsm_ticket_id,
    ]
    return hmac.new(key, json.dumps(covered, ensure_ascii=False).encode(), hashlib.sha256).hexdigest()
