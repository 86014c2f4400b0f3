"""What the dashboard and an operator read: lists, one ticket, the trail, totals, queues, dead letters."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from rca.domain.counters import summarise
from rca.domain.failure import identity_hash
from rca.domain.ticket import Ticket
from rca.domain.times import iso
from rca.domain.vocabulary import Source, Status
from rca.errors import NotFoundError, ShapeError
from rca.sources import identity
from rca.storage.activity import Activity
from rca.storage.board import Board, Page
from rca.storage.counters import Counters
from rca.storage.dead_letters import DeadLetters
from rca.storage.links import RUN, Links
from rca.storage.queues import Queues
from rca.storage.runs import Runs
from rca.storage.tickets import Tickets
from rca.workflow.messages import INTAKE, QUEUES

MOST_LIVE = 10_000
"""Live tickets load whole; this bounds a mistake."""
CLOSED_PAGE = 500
MOST_AUDITS = 500
MOST_LETTERS = 500

type Data = dict[str, Any]


class Overview:
    """Answers the read API. All methods raise UnavailableError while storage does not answer."""

    def __init__(
        self,
        tickets: Tickets,
        runs: Runs,
        board: Board,
        activity: Activity,
        counters: Counters,
        links: Links,
        queues: Queues,
        letters: DeadLetters,
    ) -> None:
        self._tickets = tickets
        self._runs = runs
        self._board = board
        self._activity = activity
        self._counters = counters
        self._links = links
        self._queues = queues
        self._letters = letters

    def live(self, status: Status) -> Data:
        """Return all tickets of a live status, newest first."""
        return {"tickets": self._board.list(status, MOST_LIVE).cards}

    def closed(self, limit: int = CLOSED_PAGE, continuation: dict[str, str] | None = None) -> Data:
        """Return a page of closed tickets, newest closed first, and where it goes on."""
        page: Page = self._board.list(Status.ACKNOWLEDGED, limit, continuation)
        return {"tickets": page.cards, "continuation": page.continuation}

    def ticket(self, key: str) -> Data:
        """Return one ticket whole, by ticket id or run id, with its trail. Raises NotFoundError."""
        record = self._tickets.record(key) if _plain_key(key) else None
        if record is None and (linked := self._links.find(RUN, key)):
            record = self._tickets.record(linked)
        if record is None:
            raise NotFoundError(f"no ticket or run {key[:100]!r}")
        ticket = record.ticket
        count = self._runs.occurrences(ticket.source, ticket.identity_hash)
        trail = [{**asdict(entry), "timestamp": iso(entry.timestamp)} for entry in record.entries]
        for entry in trail:
            del entry["mac"], entry["user_id"]
        return {"ticket": {**ticket_data(ticket), "occurrences": count}, "audits": trail}

    def summary(self) -> Data:
        """Return the figures at the head of the dashboard."""
        return asdict(summarise(self._counters.totals()))

    def audits(self, action: str | None, ticket_id: str | None) -> Data:
        """Return the newest entries of the trail, of one action or one ticket if asked."""
        if ticket_id is None:
            return {"audits": self._activity.feed(action=action, limit=MOST_AUDITS)}
        trail = reversed(self.ticket(ticket_id)["audits"])
        return {
            "audits": [entry for entry in trail if action is None or entry["action"] == action][:MOST_AUDITS]
        }

    def known(self, source: str, run_id: str) -> Data:
        """Tell whether a run has a ticket. Raises ShapeError where the source is none of ours."""
        if source not in set(Source):
            raise ShapeError(f"source must be one of {', '.join(Source)}", ["source"])
        if not run_id:
            raise ShapeError("run_id is missing", ["run_id"])
        ticket_id = self._known_ticket(Source(source), run_id)
        return {"source": source, "run_id": run_id, "known": ticket_id is not None, "ticket_id": ticket_id}

    def _known_ticket(self, source: Source, run_id: str) -> str | None:
        claim = self._runs.find(source, identity_hash(source, identity.run(source, run_id)))
        if claim is not None and claim.ticket_id is not None:
            return claim.ticket_id
        # Not every identity is made of the run id alone, Airflow's is not; those are found by the link.
        linked = self._links.find(RUN, identity.run_id(source, run_id))
        stored = self._tickets.find(linked) if linked else None
        return linked if stored is not None and stored.ticket.source is source else None

    def queue_status(self) -> Data:
        """Return how many messages each queue holds, those hidden by a lease or a delay apart."""
        with ThreadPoolExecutor(len(QUEUES)) as pool:
            return {"queues": list(pool.map(self._queue, QUEUES))}

    def dead_letters(self, limit: int = MOST_LETTERS) -> Data:
        """Return the newest dead letters of all queues."""
        return {"deadletters": self._letters.newest([INTAKE, *QUEUES], limit)}

    def _queue(self, name: str) -> Data:
        total = self._queues.depth(name)
        visible = self._queues.visible(name)
        # Peeking tells of 32 messages at most, so a full answer is only a lower bound.
        return {
            "queue": name,
            "messages": total,
            "visible": visible,
            "visible_is_minimum": visible >= 32,
            "hidden": max(total - visible, 0),
            "poison": self._queues.depth(f"{name}-poison"),
        }


def ticket_data(ticket: Ticket) -> Data:
    """Return a ticket's fields as the API shows them."""
    failure = ticket.failure
    return {
        "id": ticket.id,
        "source": str(ticket.source),
        "timestamp": iso(ticket.timestamp),
        "event_time": iso(failure.occurred_at),
        "pipeline": failure.resource,
        "run_id": failure.run_id,
        "status": str(ticket.status),
        "severity": str(ticket.severity),
        "priority": str(ticket.priority),
        "error_type": ticket.error_type,
        "category": ticket.category,
        "rca_result": ticket.rca_result,
        "recommendations": list(ticket.recommendations),
        "confidence": ticket.confidence,
        "affected_entity": ticket.affected_entity,
        "remediable": ticket.remediable,
        "action": ticket.action,
        "max_retries": ticket.max_retries,
        "documentation": ticket.documentation,
        "analysed_by": ticket.analysed_by,
        "signature": ticket.signature,
        "evidence": [asdict(exhibit) for exhibit in ticket.basis.exhibits],
        "evidence_notes": list(ticket.basis.notes),
        "evidence_url": ticket.basis.url,
        "cited": list(ticket.basis.cited),
        "runbooks": list(ticket.basis.runbooks),
        "model": ticket.basis.model,
        "prompt_version": ticket.basis.prompt_version,
        "llm_tokens": ticket.basis.tokens,
        "llm_cost_usd": ticket.basis.cost / 1_000_000,
        "reused_from": ticket.basis.reused_from,
        "seen_before": [asdict(seen) for seen in ticket.basis.seen],
        "helpful": ticket.helpful,
        "feedback_comment": ticket.feedback_comment,
        "upgradable": ticket.upgradable,
        "error_code": failure.code,
        "error_message": failure.message,
        "activities": [asdict(activity) for activity in failure.activities],
        "labels": dict(failure.labels),
        "link": failure.link,
        "ack_user": ticket.ack_user,
        "ack_empid": ticket.ack_empid,
        "ack_ts": iso(ticket.ack_ts) if ticket.ack_ts else None,
        "ack_seconds": ticket.ack_seconds,
        "resolution": ticket.resolution,
        "resolution_note": ticket.resolution_note,
        "sla_seconds": ticket.sla_seconds,
        "sla_status": str(ticket.sla_status),
        "slack_ts": ticket.slack_ts,
        "slack_channel": ticket.slack_channel,
        "finops_team": ticket.finops.team,
        "finops_owner": ticket.finops.owner,
        "finops_cost_center": ticket.finops.cost_center,
        "blob_log_url": ticket.blob_log_url,
        "itsm_ticket_id": ticket.itsm_ticket_id,
        "logic_app_run_id": ticket.logic_app_run_id,
        "processing_mode": ticket.processing_mode,
        "version": ticket.version,
    }


def continuation_of(text: str | None) -> dict[str, str] | None:
    """Read a continuation that an earlier page gave. Raises ShapeError."""
    if not text:
        return None
    try:
        token = json.loads(text)
    except ValueError:
        token = None
    if not isinstance(token, dict) or not all(isinstance(value, str) for value in token.values()):
        raise ShapeError("continuation must be what an earlier page gave", ["continuation"])
    return token


def _plain_key(key: str) -> bool:
    return 0 < len(key) <= 100 and not any(character in "/\\#?" or ord(character) < 32 for character in key)
