"""The ticket and all that may happen to it; every change returns a new ticket and its audit entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from rca.domain.analysis import Analysis
from rca.domain.audit import AuditAction, AuditEntry, seal
from rca.domain.basis import Basis
from rca.domain.excerpt import excerpt, first_line
from rca.domain.failure import ACTIVITY_LIMIT, Failure
from rca.domain.finops import Owner
from rca.domain.sla import SlaPolicy, priority_of, status_at
from rca.domain.times import iso
from rca.domain.vocabulary import (
    Category,
    Confidence,
    Priority,
    Resolution,
    Severity,
    SlaStatus,
    Source,
    Status,
)

FIELD_LIMIT = 1_000
_NOTES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One failure on its way from opened to closed. Times are aware and UTC, durations in seconds.

    `revision` counts what is known of the failure (1 when opened, one more for each addition), `analysed` the
    revision that the analysis rests on, `version` the audit entries. `last_mac` is the newest entry's code.
    `helpful` is what people think of the analysis, None while nobody said.
    """

    id: str
    source: Source
    identity_hash: str
    timestamp: datetime
    failure: Failure
    finops: Owner
    status: Status = Status.OPEN
    severity: Severity
    priority: Priority
    sla_seconds: int
    sla_status: SlaStatus = SlaStatus.PENDING
    error_type: str | None = None
    category: Category | None = None
    confidence: Confidence | None = None
    rca_result: str | None = None
    recommendations: tuple[str, ...] = ()
    affected_entity: str | None = None
    remediable: bool = False
    action: str | None = None
    max_retries: int = 0
    documentation: str | None = None
    analysed_by: str | None = None
    signature: str | None = None
    basis: Basis = field(default_factory=Basis)
    upgradable: bool = False
    ack_user: str | None = None
    ack_empid: str | None = None
    ack_ts: datetime | None = None
    ack_seconds: int | None = None
    resolution: Resolution | None = None
    resolution_note: str | None = None
    helpful: bool | None = None
    feedback_comment: str | None = None
    feedback_at: datetime | None = None
    slack_ts: str | None = None
    slack_channel: str | None = None
    itsm_ticket_id: str | None = None
    logic_app_run_id: str | None = None
    blob_log_url: str | None = None
    processing_mode: str | None = None
    revision: int = 1
    analysed: int = 0
    version: int = 0
    last_mac: str = ""

    @property
    def closed(self) -> bool:
        """Whether nothing is left to do."""
        return self.status is Status.ACKNOWLEDGED


@dataclass(frozen=True, slots=True)
class Change:
    """A ticket after a change and the audit entries that the change adds, oldest first."""

    ticket: Ticket
    entries: tuple[AuditEntry, ...]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it: a person by account id and name, or nobody for the machine itself."""

    account_id: str | None = None
    name: str | None = None
    employee_id: str | None = None


MACHINE = Actor()


class Book:
    """Applies changes to a ticket and writes each into its audit trail under one key."""

    def __init__(self, key: bytes, sla: SlaPolicy) -> None:
        self._key = key
        self._sla = sla

    def open(
        self,
        failure: Failure,
        *,
        ticket_id: str,
        identity_hash: str,
        opened_at: datetime,
        finops: Owner,
        blob_log_url: str,
        processing_mode: str,
    ) -> Change:
        """Open a ticket that nobody has analysed yet."""
        severity = failure.severity or Severity.MEDIUM
        ticket = Ticket(
            id=ticket_id,
            source=failure.source,
            identity_hash=identity_hash,
            timestamp=opened_at,
            failure=failure.shortened(),
            finops=finops,
            severity=severity,
            priority=priority_of(severity),
            sla_seconds=self._sla.seconds_for(severity),
            blob_log_url=blob_log_url,
            processing_mode=processing_mode,
        )
        detail = f"Opened for {failure.resource}: {first_line(failure.message)}"
        return self._record(ticket, opened_at, AuditAction.TICKET_CREATED, detail)

    def fold(self, ticket: Ticket, failure: Failure, at: datetime) -> Change | None:
        """Add what another alert tells of the same failure; None where it tells nothing new."""
        known = {(activity.name, activity.code) for activity in ticket.failure.activities}
        added = tuple(
            activity for activity in failure.activities if (activity.name, activity.code) not in known
        )
        if not added or len(ticket.failure.activities) >= ACTIVITY_LIMIT:
            return None
        merged = replace(
            ticket.failure,
            activities=ticket.failure.activities + added,
            message=f"{ticket.failure.message}\n{failure.message}",
            code=ticket.failure.code or failure.code,
        ).shortened()
        names = ", ".join(activity.name for activity in added)
        folded = replace(ticket, failure=merged, revision=ticket.revision + 1)
        return self._record(folded, at, AuditAction.DETAILS_ADDED, f"Also failed in this run: {names}")

    def analyse(
        self,
        ticket: Ticket,
        analysis: Analysis,
        revision: int,
        at: datetime,
        *,
        basis: Basis | None = None,
        signature: str | None = None,
        upgradable: bool = False,
    ) -> Change:
        """Put an analysis on the ticket; severity, priority and SLA follow from it.

        `upgradable` says that only a passing failure kept a better one away.
        """
        basis = basis or Basis()
        analysed = replace(
            ticket,
            error_type=analysis.error_type,
            category=analysis.category,
            severity=analysis.severity,
            priority=priority_of(analysis.severity),
            sla_seconds=self._sla.seconds_for(analysis.severity),
            confidence=analysis.confidence,
            rca_result=excerpt(analysis.root_cause, 8 * FIELD_LIMIT),
            recommendations=tuple(excerpt(step, FIELD_LIMIT) for step in analysis.recommendations[:10]),
            affected_entity=analysis.affected_entity,
            remediable=analysis.remediable,
            action=analysis.action,
            max_retries=analysis.max_retries,
            documentation=analysis.documentation,
            analysed_by=analysis.provider,
            analysed=revision,
            signature=signature,
            basis=replace(
                basis,
                notes=tuple(excerpt(note, FIELD_LIMIT // 2) for note in basis.notes[:_NOTES]),
                tokens=ticket.basis.tokens + basis.tokens,
                cost=ticket.basis.cost + basis.cost,
            ),
            upgradable=upgradable,
        )
        if analysed.ack_ts is not None:
            kept = status_at(analysed.timestamp, analysed.sla_seconds, analysed.ack_ts)
            analysed = replace(analysed, sla_status=kept)
        detail = (
            f"{analysis.error_type} ({analysis.category}), severity {analysis.severity}, "
            f"confidence {analysis.confidence}, by {analysis.provider}"
        )
        return self._record(analysed, at, AuditAction.ANALYSIS_COMPLETED, detail)

    def close(
        self, ticket: Ticket, resolution: Resolution, at: datetime, *, note: str = "", actor: Actor = MACHINE
    ) -> Change:
        """Close the ticket; the seconds since opening decide whether the SLA was met."""
        moment = max(at, ticket.timestamp)
        breached = ticket.sla_status is SlaStatus.BREACHED
        kept = status_at(ticket.timestamp, ticket.sla_seconds, moment)
        closed = replace(
            ticket,
            status=Status.ACKNOWLEDGED,
            resolution=resolution,
            resolution_note=excerpt(note, FIELD_LIMIT) or None,
            ack_user=actor.name,
            ack_empid=actor.employee_id,
            ack_ts=moment,
            ack_seconds=int((moment - ticket.timestamp).total_seconds()),
            sla_status=SlaStatus.BREACHED if breached else kept,
        )
        detail = f"Closed by {resolution}" + (f": {closed.resolution_note}" if note else "")
        return self._record(closed, moment, AuditAction.TICKET_CLOSED, detail, actor)

    def note(self, ticket: Ticket, text: str, at: datetime, actor: Actor = MACHINE) -> Change:
        """Record a remark; nothing else changes."""
        return self._record(ticket, at, AuditAction.NOTE_ADDED, excerpt(text, FIELD_LIMIT), actor)

    def judge(
        self, ticket: Ticket, helpful: bool, at: datetime, actor: Actor, *, comment: str = ""
    ) -> Change:
        """Record whether the analysis helped; the latest word counts."""
        judged = replace(
            ticket,
            helpful=helpful,
            feedback_comment=excerpt(comment, FIELD_LIMIT) or None,
            feedback_at=at,
        )
        verdict = "helpful" if helpful else "not helpful"
        detail = f"Analysis judged {verdict}" + (f": {judged.feedback_comment}" if comment else "")
        return self._record(judged, at, AuditAction.FEEDBACK_GIVEN, detail, actor)

    def start(self, ticket: Ticket, at: datetime, actor: Actor) -> Change:
        """Take the ticket into work."""
        started = replace(ticket, status=Status.IN_PROGRESS)
        return self._record(
            started, at, AuditAction.STATUS_CHANGED, f"{ticket.status} → {started.status}", actor
        )

    def reopen(self, ticket: Ticket, at: datetime, actor: Actor, note: str = "") -> Change:
        """Open a closed ticket again; its first opening keeps counting for the SLA."""
        reopened = replace(
            ticket,
            status=Status.OPEN,
            resolution=None,
            resolution_note=None,
            ack_user=None,
            ack_empid=None,
            ack_ts=None,
            ack_seconds=None,
            sla_status=SlaStatus.PENDING,
        )
        return self._record(reopened, at, AuditAction.TICKET_REOPENED, excerpt(note, FIELD_LIMIT), actor)

    def breach(self, ticket: Ticket, at: datetime) -> Change:
        """Record that the ticket was not closed in time."""
        breached = replace(ticket, sla_status=SlaStatus.BREACHED)
        detail = f"Not closed within {ticket.sla_seconds} s of {iso(ticket.timestamp)}"
        return self._record(breached, at, AuditAction.SLA_BREACHED, detail)

    def _record(
        self, ticket: Ticket, at: datetime, action: AuditAction, details: str, actor: Actor = MACHINE
    ) -> Change:
        closing = action is AuditAction.TICKET_CLOSED
        seconds = ticket.ack_seconds
        entry = seal(
            AuditEntry(
                timestamp=at,
                ticket_id=ticket.id,
                version=ticket.version + 1,
                action=action,
                pipeline=ticket.failure.resource,
                run_id=ticket.failure.run_id,
                details=details,
                user_id=actor.account_id,
                user_name=actor.name,
                user_empid=actor.employee_id,
                time_taken_seconds=seconds if closing else None,
                mttr_minutes=round(seconds / 60, 2) if closing and seconds is not None else None,
                sla_status=ticket.sla_status,
                rca_summary=first_line(ticket.rca_result) if ticket.rca_result else None,
                finops_team=ticket.finops.team,
                finops_owner=ticket.finops.owner,
                itsm_ticket_id=ticket.itsm_ticket_id,
            ),
            ticket.last_mac,
            self._key,
        )
        return Change(replace(ticket, version=entry.version, last_mac=entry.mac), (entry,))


def joined(changes: Iterable[Change]) -> Change:
    """Make one change of several that follow on each other."""
    listed = list(changes)
    return Change(listed[-1].ticket, tuple(entry for change in listed for entry in change.entries))
