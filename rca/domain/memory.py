"""What is remembered of a signature: the last answer of a model, and how earlier tickets ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from rca.domain.analysis import Analysis
from rca.domain.basis import Sighting
from rca.domain.excerpt import excerpt, first_line
from rca.domain.ticket import Ticket
from rca.domain.times import iso

SHOWN: Final = 5
"""Earlier tickets that a ticket lists."""
_TOLD: Final = 3
"""Notes of people that become recommendations."""
_NOTE_LIMIT: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the models said of a signature: for which ticket, when, and at what price.

    `analysis.provider` is `rules` where they were asked and could not tell.
    """

    analysis: Analysis
    ticket_id: str
    at: datetime
    cited: tuple[str, ...] = ()
    model: str | None = None
    prompt_version: str | None = None
    tokens: int = 0
    cost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who asks the models about a signature and until when the others wait; `asking` is False after a failure."""

    holder: str
    until: datetime
    asking: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """All that is remembered of one signature; `tag` guards the next write of answer and lease."""

    answer: Answer | None = None
    rejected_at: datetime | None = None
    lease: Lease | None = None
    sightings: tuple[Sighting, ...] = ()
    tag: str | None = None

    def reusable(self, now: datetime, time_to_live: timedelta, passing: timedelta) -> Answer | None:
        """Return the answer if it still holds: not too old, and not judged wrong since.

        That the models could not tell is believed for `passing` only.
        """
        answer = self.answer
        if answer is None or (self.rejected_at is not None and self.rejected_at >= answer.at):
            return None
        lifetime = time_to_live if answer.analysis.provider != "rules" else min(passing, time_to_live)
        return answer if now - answer.at < lifetime else None

    def held(self, by_other_than: str, now: datetime) -> Lease | None:
        """Return the lease if another ticket holds it now."""
        lease = self.lease
        return lease if lease and lease.holder != by_other_than and lease.until > now else None


def sighting(ticket: Ticket) -> Sighting:
    """Return what later tickets of the same signature are told of this one."""
    return Sighting(
        ticket_id=ticket.id,
        opened_at=iso(ticket.timestamp),
        closed_at=iso(ticket.ack_ts) if ticket.ack_ts else None,
        resolution=str(ticket.resolution) if ticket.resolution else None,
        note=excerpt(ticket.resolution_note, _NOTE_LIMIT) if ticket.resolution_note else None,
        helpful=ticket.helpful,
        comment=excerpt(ticket.feedback_comment, _NOTE_LIMIT) if ticket.feedback_comment else None,
        cause=first_line(ticket.rca_result, _NOTE_LIMIT) if ticket.rca_result else None,
    )


def adapted(answer: Answer, own: Analysis) -> Analysis:
    """Fit a remembered analysis to another failure of its signature.

    What to do by machine, how bad it is at least and what is affected follow from that failure's own finding.
    """
    told = answer.analysis
    return replace(
        told,
        severity=min(told.severity, own.severity, key=lambda severity: severity.rank),
        remediable=own.remediable,
        action=own.action,
        max_retries=own.max_retries,
        affected_entity=own.affected_entity or told.affected_entity,
        documentation=own.documentation or told.documentation,
    )


def with_history(analysis: Analysis, sightings: Iterable[Sighting]) -> Analysis:
    """Add to the advice what people wrote when they closed such tickets, newest first, each note once."""
    advice = list(analysis.recommendations)
    notes: set[str] = set()
    for seen in sightings:
        if seen.resolution == "user" and seen.note and len(notes) < _TOLD:
            note = first_line(seen.note)
            step = f"{seen.ticket_id} failed the same way and was closed with the note: “{note}”"
            if note.lower() not in notes and step not in advice:
                advice.append(step)
            notes.add(note.lower())
    return replace(analysis, recommendations=tuple(advice))


def history(sightings: Sequence[Sighting]) -> str:
    """Write what people said of earlier tickets, for a model to read; empty where nobody said anything."""
    lines: list[str] = []
    for seen in sightings:
        said = [f"closed with the note: {seen.note}"] if seen.note and seen.resolution == "user" else []
        if seen.helpful is not None:
            verdict = "helpful" if seen.helpful else "wrong"
            said.append(f"its analysis was judged {verdict}: {seen.cause or 'not told'}")
        if seen.comment:
            said.append(f"comment: {seen.comment}")
        if said:
            lines.append(f"- {seen.ticket_id}, opened {seen.opened_at}: {'; '.join(said)}")
    return "\n".join(lines)
