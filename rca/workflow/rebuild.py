"""Makes the read models anew from the truth, and tells where they differ from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from rca.domain.audit import verify
from rca.domain.board import badge
from rca.domain.counters import TOTAL, Contribution, added, contribution
from rca.domain.ticket import Ticket
from rca.domain.vocabulary import Status
from rca.storage.activity import Activity
from rca.storage.board import Board, card_of, card_row
from rca.storage.counters import NOTHING, Counters
from rca.storage.runs import Runs
from rca.storage.tickets import Record, Tickets
from rca.workflow.overview import MOST_LIVE
from rca.workflow.project import Project


class Clearable(Protocol):
    """A read model that can be thrown away."""

    def clear(self) -> None:
        """Delete all of its rows."""


@dataclass(slots=True)
class Findings:
    """What a check found; empty lists mean that all is well."""

    tickets: int = 0
    broken_chains: list[str] = field(default_factory=list)
    wrong_cards: list[str] = field(default_factory=list)
    wrong_activity: list[str] = field(default_factory=list)
    wrong_totals: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Whether read models and trails agree with the truth."""
        return not (self.broken_chains or self.wrong_cards or self.wrong_activity or self.wrong_totals)


class Recount:
    """Reads every ticket; a scan, for people and tests, not for the request path."""

    def __init__(
        self,
        tickets: Tickets,
        runs: Runs,
        board: Board,
        activity: Activity,
        counters: Counters,
        keys: tuple[bytes, ...],
    ) -> None:
        self._tickets = tickets
        self._runs = runs
        self._board = board
        self._activity = activity
        self._counters = counters
        self._keys = keys

    def check(self) -> Findings:
        """Compare board, activity, counters and audit chains with the tickets."""
        findings = Findings()
        contributions: list[Contribution] = []
        trail: set[tuple[str, int]] = set()
        cards = {
            str(card["id"]): card
            for status in Status
            for card in self._board.list(status, MOST_LIVE * 100).cards
        }
        for ticket_id in list(self._tickets.ids()):
            record = self._tickets.record(ticket_id)
            if record is None:
                continue
            findings.tickets += 1
            contributions.append(contribution(record.ticket))
            trail |= {(ticket_id, entry.version) for entry in record.entries}
            if self._broken(record):
                findings.broken_chains.append(ticket_id)
            if cards.pop(ticket_id, None) != self._card(record.ticket):
                findings.wrong_cards.append(ticket_id)
        findings.wrong_cards += cards
        findings.wrong_activity = sorted(
            f"{key} {version}" for key, version in trail ^ self._activity.shown()
        )
        findings.wrong_totals = self._wrong_totals(contributions)
        return findings

    def _wrong_totals(self, contributions: list[Contribution]) -> dict[str, tuple[int, int]]:
        wrong: dict[str, tuple[int, int]] = {}
        for row in {TOTAL, *(name for rows in contributions for name in rows)}:
            truth = added(rows.get(row, {}) for rows in contributions)
            counted = self._counters.row(row)
            for name in counted.keys() | truth.keys():
                if counted.get(name, 0) != truth.get(name, 0):
                    wrong[f"{row} {name}"] = (counted.get(name, 0), truth.get(name, 0))
        return wrong

    def _broken(self, record: Record) -> bool:
        ends_right = bool(record.entries) and record.entries[-1].mac == record.ticket.last_mac
        return not ends_right or verify(record.entries, self._keys) is not None

    def _card(self, ticket: Ticket) -> object:
        count = badge(self._runs.occurrences(ticket.source, ticket.identity_hash))
        return card_of(card_row(ticket, count))


class Rebuild:
    """Throws the read models away and writes them anew; run it while no alerts are processed."""

    def __init__(self, tickets: Tickets, project: Project, read_models: Sequence[Clearable]) -> None:
        self._tickets = tickets
        self._project = project
        self._read_models = read_models

    def __call__(self) -> int:
        """Rebuild board, activity, counters and links; return how many tickets they show."""
        for read_model in self._read_models:
            read_model.clear()
        rebuilt = 0
        for ticket_id in list(self._tickets.ids()):
            self._project.follow(ticket_id, NOTHING, recount=True)
            rebuilt += 1
        return rebuilt
