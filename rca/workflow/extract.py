"""Reads the failures out of an alert and sees to it that each has its one ticket."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import replace
from itertools import chain
from typing import Protocol

from rca import sources
from rca.domain.failure import Benign, Failure, Recovery, identity_hash
from rca.domain.finops import Owner
from rca.domain.ticket import Book, Change, Ticket, joined
from rca.domain.vocabulary import Resolution
from rca.errors import NotFoundError, UnavailableError
from rca.storage.intake import Fate, Outcome
from rca.storage.queues import encoded
from rca.storage.runs import Claim, Runs
from rca.storage.tickets import Tickets
from rca.workflow.claims import Claimed, Claims
from rca.workflow.commit import commit_once
from rca.workflow.emit import Emit
from rca.workflow.filtering import Filter, nothing_filtered, told
from rca.workflow.messages import Alert, Message
from rca.workflow.ports import Fates
from rca.workflow.rows import Rows

log = logging.getLogger(__name__)

_ROUNDS = 10


class Archive(Protocol):
    """Keeps payloads."""

    def put(self, name: str, data: bytes) -> None:
        """Write one document."""

    def get(self, name: str) -> bytes | None:
        """Read one document."""

    def url(self, name: str) -> str:
        """Return the address of a document."""


class Owners(Protocol):
    """Knows which team a failure belongs to."""

    def __call__(self, failure: Failure) -> Owner:
        """Return the team, owner and cost centre of a failure."""


class Extract:
    """Handles the queue `alerts`."""

    def __init__(
        self,
        runs: Runs,
        tickets: Tickets,
        fates: Fates,
        archive: Archive,
        book: Book,
        owners: Owners,
        emit: Emit,
        rows: Rows | None = None,
        filtered: Filter = nothing_filtered,
    ) -> None:
        self._runs = runs
        self._claims = Claims(runs)
        self._tickets = tickets
        self._fates = fates
        self._archive = archive
        self._book = book
        self._owners = owners
        self._emit = emit
        self._rows = rows
        self._filtered = filtered

    def __call__(self, message: Message, first: bool) -> None:
        """Turn one alert into tickets, occurrences and recoveries, and record what became of it."""
        alert = self._with_payload(Alert.of(message))
        if self._rows is not None:
            attempt = int((message.get("retry") or {}).get("attempt", 0))
            alert = replace(alert, payload=self._rows(alert, attempt, first))
        reading = sources.read(alert.payload, alert.route, alert.received_at)
        outcomes: list[Outcome] = []
        reasons: list[str] = []
        ignored: list[tuple[str, Failure]] = []
        for event in reading.events:
            match event:
                case Failure():
                    if rule := self._ignoring(event, alert):
                        ignored.append((rule, event))
                    else:
                        outcomes.append(self._fail(event, alert))
                case Recovery():
                    outcome, reason = self._recover(event, alert)
                    outcomes += [outcome] if outcome else []
                    reasons += [reason] if reason else []
                case Benign():
                    reasons.append(event.reason)
        status = "processed" if outcomes else "ignored"
        words = "; ".join(dict.fromkeys(chain(told(ignored), reasons, reading.notes)))
        self._fates.put(alert.id, Fate(status, words or None, outcomes))

    def _ignoring(self, failure: Failure, alert: Alert) -> str | None:
        """Name the rule that ignores a failure; one that has a ticket is never ignored."""
        rule = self._filtered(failure)
        if rule is None or self._claims.known(failure):
            return None
        log.info("alert %s: run %s ignored by rule '%s'", alert.id, failure.run_id, rule)
        return rule

    def _with_payload(self, alert: Alert) -> Alert:
        if alert.payload_blob is None:
            return alert
        data = self._archive.get(alert.payload_blob)
        if data is None:
            raise NotFoundError(f"the payload {alert.payload_blob} is gone")
        return replace(alert, payload=json.loads(data))

    def _fail(self, failure: Failure, alert: Alert) -> Outcome:
        claimed = self._claims.claim(failure, alert)
        ticket_id = claimed.claim.ticket_id or ""
        if claimed.first:
            self._open(failure, claimed.claim, alert)
            return Outcome(ticket_id, "created")
        if not claimed.claim.ready and self._tickets.version(ticket_id) is None:
            # Whoever claimed it may have died before it opened the ticket.
            self._open(failure, claimed.claim, alert)
        if claimed.news:
            self._fold(failure, ticket_id, alert)
        self._announce(failure, claimed, alert)
        return Outcome(ticket_id, "duplicate")

    def _open(self, failure: Failure, claim: Claim, alert: Alert) -> None:
        if alert.payload_blob is None:
            self._archive.put(alert.blob, encoded(alert.payload).encode())
        change = self._opening(failure, claim, alert)
        self._tickets.create(change, f"alert-{claim.opened_by}")
        self._emit.analysis(change.ticket.id, 1, alert.received_at)
        self._emit.change_later(change.ticket.id, change.ticket.version, alert.received_at)
        self._runs.mark_ready(failure.source, claim.primary)

    def _opening(self, failure: Failure, claim: Claim, alert: Alert) -> Change:
        opened = self._book.open(
            failure,
            ticket_id=claim.ticket_id or "",
            identity_hash=claim.primary,
            opened_at=claim.opened_at,
            finops=self._owners(failure),
            blob_log_url=self._archive.url(alert.blob),
            processing_mode=alert.mode,
        )
        if claim.recovered_at is None or claim.recovered_at < failure.occurred_at:
            return opened
        note = "its end was reported before its beginning"
        closed = self._book.close(opened.ticket, Resolution.SOURCE, claim.opened_at, note=note)
        return joined([opened, closed])

    def _fold(self, failure: Failure, ticket_id: str, alert: Alert) -> None:
        cause = _cause("fold", alert, failure.identity)

        def folding(ticket: Ticket) -> Change | None:
            return self._book.fold(ticket, failure, alert.received_at)

        ticket = commit_once(self._tickets, ticket_id, cause, folding)
        if ticket.analysed < ticket.revision:
            self._emit.analysis(ticket_id, ticket.revision, alert.received_at)
            self._emit.change_later(ticket_id, ticket.version, alert.received_at)

    def _announce(self, failure: Failure, claimed: Claimed, alert: Alert) -> None:
        if claimed.reached and self._claims.announce(failure, claimed.claim, claimed.reached, alert):
            self._emit.badge(claimed.claim.ticket_id or "", claimed.reached, alert.received_at)

    def _recover(self, recovery: Recovery, alert: Alert) -> tuple[Outcome | None, str | None]:
        identity = identity_hash(recovery.source, recovery.identity)
        for _ in range(_ROUNDS):
            claim = self._runs.find(recovery.source, identity)
            if claim is not None and claim.ticket_id is not None:
                return self._end(recovery, claim, alert), None
            if not recovery.closes:
                return None, f"{recovery.message}; no ticket for {recovery.run_id}"
            if claim is None:
                remembered = self._runs.remember_recovery(recovery.source, identity, recovery.at, alert.id)
            else:
                latest = max(recovery.at, claim.recovered_at or recovery.at)
                remembered = self._runs.renew_recovery(recovery.source, claim, latest)
            if remembered:
                return None, f"{recovery.message}; remembered, should its failure be reported later"
        raise UnavailableError("the claim of this recovery keeps moving")

    def _end(self, recovery: Recovery, claim: Claim, alert: Alert) -> Outcome:
        ticket_id = claim.ticket_id or ""

        def ending(ticket: Ticket) -> Change | None:
            if ticket.closed:
                return None
            late = recovery.at < ticket.failure.occurred_at
            if not recovery.closes or claim.borrowed or late:
                return self._book.note(ticket, recovery.message, alert.received_at)
            return self._book.close(ticket, Resolution.SOURCE, alert.received_at, note=recovery.message)

        cause = _cause("recovery", alert, recovery.identity)
        ticket = commit_once(self._tickets, ticket_id, cause, ending)
        self._emit.change(ticket_id, ticket.version, alert.received_at)
        resolved = ticket.closed and ticket.resolution is Resolution.SOURCE and recovery.closes
        return Outcome(ticket_id, "resolved" if resolved else "noted")


def _cause(kind: str, alert: Alert, identity: str) -> str:
    return f"{kind}-{alert.id}-{hashlib.sha256(identity.encode()).hexdigest()[:10]}"
