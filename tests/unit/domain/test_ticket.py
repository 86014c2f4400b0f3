from datetime import UTC, datetime, timedelta

import pytest

from rca.domain.analysis import Analysis
from rca.domain.audit import AuditAction
from rca.domain.board import badge, card_key, earlier_keys
from rca.domain.counters import added, contribution, difference, shard_of, summarise
from rca.domain.excerpt import excerpt, utf16_length
from rca.domain.failure import Activity, Failure, identity_hash
from rca.domain.finops import Owner
from rca.domain.ids import alert_time, new_alert_id, ticket_id
from rca.domain.sla import SlaPolicy
from rca.domain.ticket import Actor, Book, Ticket
from rca.domain.times import iso, parse_iso, reverse_day, reverse_time
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

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
BOOK = Book(
    b"key" * 12, SlaPolicy({Priority.P1: 900, Priority.P2: 1800, Priority.P3: 7200, Priority.P4: 86400})
)
DANA = Actor("acc-1", "Dana", "E1")


def failure(**fields: object) -> Failure:
    values: dict[str, object] = {
        "source": Source.ADF,
        "resource": "pl_orders",
        "run_id": "r1",
        "identity": "run:r1",
        "occurred_at": AT - timedelta(minutes=5),
        "message": "boom",
    }
    return Failure(**{**values, **fields})  # type: ignore[arg-type]


def opened(**fields: object) -> Ticket:
    told = failure(**fields)
    return BOOK.open(
        told,
        ticket_id=ticket_id(told),
        identity_hash=identity_hash(told.source, told.identity),
        opened_at=AT,
        finops=Owner(team="t", owner="o@example.com", cost_center="c"),
        blob_log_url="https://blob.example.com/p.json",
        processing_mode="direct_webhook",
    ).ticket


def analysis(severity: Severity) -> Analysis:
    return Analysis(
        error_type="X",
        category=Category.CODE,
        severity=severity,
        root_cause="because",
        recommendations=("mend",),
        confidence=Confidence.HIGH,
    )


def test_the_ticket_id_says_source_event_time_and_identity() -> None:
    assert ticket_id(failure()).startswith("ADF-20261120T025500-")
    assert ticket_id(failure()) != ticket_id(failure(identity="run:r2"))


@pytest.mark.parametrize(
    ("severity", "priority", "seconds"),
    [
        (Severity.CRITICAL, Priority.P1, 900),
        (Severity.HIGH, Priority.P2, 1800),
        (Severity.MEDIUM, Priority.P3, 7200),
        (Severity.LOW, Priority.P4, 86400),
    ],
)
def test_priority_and_sla_follow_from_the_severity(
    severity: Severity, priority: Priority, seconds: int
) -> None:
    ticket = BOOK.analyse(opened(), analysis(severity), 1, AT).ticket
    assert (ticket.priority, ticket.sla_seconds, ticket.version) == (priority, seconds, 2)


@pytest.mark.parametrize(
    ("after", "kept"), [(1799, SlaStatus.MET), (1800, SlaStatus.MET), (1801, SlaStatus.BREACHED)]
)
def test_closing_decides_the_sla(after: int, kept: SlaStatus) -> None:
    ticket = BOOK.analyse(opened(), analysis(Severity.HIGH), 1, AT).ticket
    change = BOOK.close(ticket, Resolution.USER, AT + timedelta(seconds=after), actor=DANA)
    assert (change.ticket.sla_status, change.ticket.ack_seconds) == (kept, after)
    assert change.entries[0].mttr_minutes == round(after / 60, 2)
    assert (change.entries[0].user_name, change.entries[0].user_empid) == ("Dana", "E1")


def test_a_breach_is_not_forgiven_by_closing_later() -> None:
    breached = BOOK.breach(opened(), AT + timedelta(hours=2)).ticket
    closed = BOOK.close(breached, Resolution.USER, AT + timedelta(minutes=1)).ticket
    assert closed.sla_status is SlaStatus.BREACHED


def test_an_end_before_the_beginning_takes_no_time() -> None:
    closed = BOOK.close(opened(), Resolution.SOURCE, AT - timedelta(hours=1)).ticket
    assert (closed.ack_seconds, closed.ack_ts) == (0, AT)


def test_folding_adds_only_what_is_new() -> None:
    ticket = opened(activities=(Activity(name="copy", code="2200"),))
    assert BOOK.fold(ticket, failure(activities=(Activity(name="copy", code="2200"),)), AT) is None
    change = BOOK.fold(ticket, failure(activities=(Activity(name="load", code="3204"),)), AT)
    assert change is not None
    assert [one.name for one in change.ticket.failure.activities] == ["copy", "load"]
    assert change.ticket.revision == 2
    assert change.entries[0].action is AuditAction.DETAILS_ADDED


def test_folding_ends_where_a_ticket_is_full() -> None:
    full = opened(activities=tuple(Activity(name=f"a{n}") for n in range(60)))
    assert BOOK.fold(full, failure(activities=(Activity(name="another"),), message=""), AT) is None
    assert len(full.failure.activities) == 20


def test_a_card_moves_with_the_status_and_leaves_every_earlier_place() -> None:
    ticket = opened()
    first = card_key(ticket)
    started = BOOK.start(ticket, AT, DANA)
    closed = BOOK.close(started.ticket, Resolution.USER, AT + timedelta(seconds=5))
    reopened = BOOK.reopen(closed.ticket, AT + timedelta(seconds=9), DANA)
    entries = (*started.entries, *closed.entries, *reopened.entries)
    assert card_key(reopened.ticket) == first
    left = earlier_keys(reopened.ticket, entries)
    assert {key.status for key in left} == {Status.IN_PROGRESS, Status.ACKNOWLEDGED}
    assert first not in left


@pytest.mark.parametrize(("count", "shown"), [(0, 1), (1, 1), (2, 2), (3, 2), (4, 4), (50, 32), (1024, 1024)])
def test_a_badge_is_the_power_of_two_within(count: int, shown: int) -> None:
    assert badge(count) == shown


def test_counters_move_by_the_difference() -> None:
    ticket = opened()
    before = contribution(ticket)
    closed = BOOK.close(ticket, Resolution.USER, AT + timedelta(seconds=60)).ticket
    after = contribution(closed)
    moved = difference(after, before)
    assert moved["total"] == {"status_open": -1, "status_acknowledged": 1, "ack_seconds": 60}
    assert difference(after, after) == {}
    summary = summarise(added([before["total"], moved["total"]]))
    assert (summary.total_tickets, summary.open_tickets, summary.acknowledged_tickets) == (1, 0, 1)
    assert (summary.avg_ack_time_sec, summary.mttr_min) == (60.0, 1.0)


def test_shards_spread() -> None:
    assert len({shard_of(f"ADF-{number}") for number in range(200)}) == 16


def test_alert_ids_carry_their_time() -> None:
    made = new_alert_id(AT)
    assert alert_time(made) == AT
    assert new_alert_id(AT) != made
    for garbage in ("", "x" * 26, "0" * 25, "01ARZ3NDEKTSV4RRFFQ69G5FA!", "ZZZZZZZZZZZZZZZZZZZZZZZZZZ"):
        assert alert_time(garbage) is None


def test_reverse_keys_sort_newest_first() -> None:
    later = AT + timedelta(days=1)
    assert reverse_time(later) < reverse_time(AT)
    assert reverse_day(later) < reverse_day(AT)
    assert parse_iso(iso(AT)) == AT


@pytest.mark.parametrize("text", ["a" * 100_000, "🔥" * 100_000, "a" * 50_000 + "🔥" * 50_000, "short"])
def test_an_excerpt_fits_whatever_the_alphabet(text: str) -> None:
    cut = excerpt(text, 1_000)
    assert utf16_length(cut) <= 1_000
    assert excerpt(cut, 1_000) == cut


def test_a_full_ticket_fits_a_table_row() -> None:
    from rca.storage.rows import ticket_of, ticket_row

    wild = '\x01"\\🔥' * 5_000
    ticket = opened(
        message=wild,
        activities=tuple(Activity(name=wild, code=wild, message=wild) for _ in range(50)),
        labels={f"{number}{wild}": wild for number in range(60)},
    )
    row = ticket_row(ticket)
    assert ticket_of(row) == ticket
    texts = [value for value in row.values() if isinstance(value, str)]
    assert max(map(utf16_length, texts)) <= 32_768
    assert sum(2 * utf16_length(value) for value in texts) < 1_000_000
