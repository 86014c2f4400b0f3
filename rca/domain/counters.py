"""Exact totals: what one ticket adds to which counter row.

A ticket's contribution is remembered beside the totals, so a new state is booked as the difference to the old.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zlib import crc32

from rca.domain.ticket import Ticket
from rca.domain.times import day_of
from rca.domain.vocabulary import Severity, SlaStatus, Source, Status

SHARDS = 16
TOTAL = "total"

type Contribution = dict[str, dict[str, int]]
"""Counter row → counter name → amount."""


def shard_of(ticket_id: str) -> str:
    """Return the partition, `00` to `15`, that counts this ticket."""
    return f"{crc32(ticket_id.encode()) % SHARDS:02d}"


def day_row(day: str) -> str:
    """Return the row that counts one UTC day."""
    return f"day-{day}"


def contribution(ticket: Ticket) -> Contribution:
    """Return what this state of a ticket adds to the totals and to the days it was opened and closed."""
    total = {
        "tickets": 1,
        f"status_{ticket.status}": 1,
        f"source_{ticket.source}": 1,
        f"severity_{ticket.severity}": 1,
    }
    if ticket.basis.tokens:
        total["llm_tokens"] = ticket.basis.tokens
        total["llm_cost"] = ticket.basis.cost
    if ticket.sla_status is SlaStatus.BREACHED:
        total["sla_breached"] = 1
    rows: Contribution = {TOTAL: total, day_row(day_of(ticket.timestamp)): {"opened": 1}}
    if ticket.closed and ticket.ack_ts is not None:
        total["ack_seconds"] = ticket.ack_seconds or 0
        closing = rows.setdefault(day_row(day_of(ticket.ack_ts)), {})
        closing["closed"] = 1
        closing["ack_seconds"] = ticket.ack_seconds or 0
    return rows


def difference(new: Contribution, old: Contribution) -> Contribution:
    """Return what must be added to the counters to go from the old contribution to the new; no zeros."""
    rows: Contribution = {}
    for row in new.keys() | old.keys():
        before, after = old.get(row, {}), new.get(row, {})
        deltas = {name: after.get(name, 0) - before.get(name, 0) for name in before.keys() | after.keys()}
        if changed := {name: amount for name, amount in deltas.items() if amount}:
            rows[row] = changed
    return rows


def added(rows: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Sum counter rows by name."""
    sums: dict[str, int] = {}
    for row in rows:
        for name, amount in row.items():
            sums[name] = sums.get(name, 0) + amount
    return sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The figures at the head of the dashboard. Averages are over closed tickets; cost is an estimate."""

    total_tickets: int
    open_tickets: int
    in_progress_tickets: int
    acknowledged_tickets: int
    sla_breached: int
    avg_ack_time_sec: float | None
    mttr_min: float | None
    llm_tokens: int
    llm_cost_usd: float
    by_source: dict[str, int]
    by_severity: dict[str, int]


def summarise(totals: Mapping[str, int]) -> Summary:
    """Make the summary of summed `total` rows."""
    closed = totals.get(f"status_{Status.ACKNOWLEDGED}", 0)
    seconds = totals.get("ack_seconds", 0)
    return Summary(
        total_tickets=totals.get("tickets", 0),
        open_tickets=totals.get(f"status_{Status.OPEN}", 0),
        in_progress_tickets=totals.get(f"status_{Status.IN_PROGRESS}", 0),
        acknowledged_tickets=closed,
        sla_breached=totals.get("sla_breached", 0),
        avg_ack_time_sec=round(seconds / closed, 1) if closed else None,
        mttr_min=round(seconds / closed / 60, 1) if closed else None,
        llm_tokens=totals.get("llm_tokens", 0),
        llm_cost_usd=totals.get("llm_cost", 0) / 1_000_000,
        by_source={source: totals.get(f"source_{source}", 0) for source in Source},
        by_severity={severity: totals.get(f"severity_{severity}", 0) for severity in Severity},
    )
