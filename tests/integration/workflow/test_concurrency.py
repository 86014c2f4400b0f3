"""Many at once: one ticket a failure, and read models that equal the truth."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from rca.domain.ticket import Actor
from rca.domain.vocabulary import Resolution, Status
from rca.storage.tickets import Tickets
from rca.workflow.commit import commit_once
from tests.support.faults import Killed, Mode
from tests.support.world import World, custom

THREADS = 24


def drain_in_parallel(world: World, times: int = 1) -> None:
    """Deliver all that waits, 24 at once, each message `times` times, until nothing new comes."""
    with ThreadPoolExecutor(THREADS) as pool:
        while world.queues.waiting:
            taken = [world.queues.pop() for _ in range(len(world.queues.waiting))]
            messages = [message for message in taken if message and message[0] != "deadlines"] * times
            random.shuffle(messages)
            list(pool.map(lambda message: world.deliver(*message), messages))


def test_the_same_alert_fifty_times_at_once_is_one_ticket(world: World) -> None:
    ids = [world.post(custom("run-7")) for _ in range(50)]
    drain_in_parallel(world)

    (ticket,) = world.tickets()
    shown = world.app.overview.ticket(ticket["PartitionKey"])
    actions = Counter(entry["action"] for entry in shown["audits"])
    outcomes = Counter(world.app.fates.find(alert).tickets[0].outcome for alert in ids)  # type: ignore[union-attr]
    assert shown["ticket"]["occurrences"] == 50
    assert actions == {"Ticket Created": 1, "Analysis Completed": 1}
    assert outcomes == {"created": 1, "duplicate": 49}
    assert world.app.overview.live(shown["ticket"]["status"])["tickets"][0]["occurrences"] == 32
    assert world.app.recount.check().clean


def test_many_failures_at_once_delivered_twice_are_counted_once(world: World) -> None:
    for number in range(60):
        world.post(custom(f"run-{number}"))
    drain_in_parallel(world, times=2)

    assert len(world.tickets()) == 60
    assert world.app.overview.summary()["total_tickets"] == 60
    assert world.app.recount.check().clean


def test_changes_shuffled_repeated_and_at_once_leave_the_read_models_true(world: World) -> None:
    for number in range(6):
        world.post(custom(f"run-{number}"))
    world.run(until=timedelta(minutes=5))
    tickets = Tickets(world.storage)
    ids = list(tickets.ids())
    dana = Actor("acc-1", "Dana Okafor", "E100")
    book = world.app.book

    def live_through(ticket_id: str) -> list[str]:
        """Move a ticket about while projections run; return its change messages."""
        messages = []
        steps = [
            lambda ticket: book.start(ticket, world.clock(), dana),
            lambda ticket: book.close(ticket, Resolution.USER, world.clock(), actor=dana),
            lambda ticket: book.reopen(ticket, world.clock(), dana),
            lambda ticket: book.note(ticket, "looking", world.clock(), dana),
            lambda ticket: book.close(ticket, Resolution.USER, world.clock(), note="done", actor=dana),
        ]
        for number, step in enumerate(steps):
            world.clock.advance(1)
            ticket = commit_once(tickets, ticket_id, f"test-{number}", step)
            message = {"ticket_id": ticket_id, "version": ticket.version, "at": "2026-11-20T03:00:00.000Z"}
            messages.append(json.dumps(message))
            world.deliver("changes", messages[-1], 1)
        return messages

    with ThreadPoolExecutor(THREADS) as pool:
        messages = [message for made in pool.map(live_through, ids) for message in made] * 3
        random.shuffle(messages)
        list(pool.map(lambda text: world.deliver("changes", text, random.choice([1, 2])), messages))
    drain_in_parallel(world)

    findings = world.app.recount.check()
    assert findings.clean, findings
    assert world.app.overview.summary()["acknowledged_tickets"] == len(ids)


def stall_first_card(world: World, then: Callable[[], None]) -> tuple[threading.Event, threading.Event]:
    """Make the first card be written only when told, and do something right after it was."""
    project, stalled, go_on = world.app.project, threading.Event(), threading.Event()
    put = project._board.put

    def stalling(ticket: object, occurrences: object) -> None:
        first = not stalled.is_set()
        if first:
            stalled.set()
            go_on.wait(20)
        put(ticket, occurrences)  # type: ignore[arg-type]
        if first:
            then()

    project._board.put = stalling  # type: ignore[assignment,method-assign]
    return stalled, go_on


def overtake(world: World, then: Callable[[], None]) -> None:
    """One projection reads the open ticket and stalls, another shows it closed; then the first goes on."""
    world.post(custom())
    world.run(until=timedelta(minutes=5))
    tickets, book = Tickets(world.storage), world.app.book
    (ticket_id,) = tickets.ids()
    noted = commit_once(tickets, ticket_id, "note", lambda ticket: book.note(ticket, "hm", world.clock()))
    stalled, go_on = stall_first_card(world, then)
    message = {"ticket_id": ticket_id, "version": noted.version, "at": "2026-11-20T03:00:00.000Z"}
    late = threading.Thread(target=world.deliver, args=("changes", json.dumps(message), 1))
    late.start()
    assert stalled.wait(20)
    closed = commit_once(
        tickets, ticket_id, "close", lambda ticket: book.close(ticket, Resolution.USER, world.clock())
    )
    world.deliver("changes", json.dumps({**message, "version": closed.version}), 1)
    assert world.app.overview.live(Status.OPEN)["tickets"] == []
    go_on.set()
    late.join(20)


def test_a_projection_that_writes_late_does_not_bring_the_old_state_back(world: World) -> None:
    overtake(world, lambda: None)

    assert world.app.overview.live(Status.OPEN)["tickets"] == []
    assert world.app.recount.check().clean


def test_a_projection_that_dies_after_writing_late_is_put_right_by_its_redelivery(world: World) -> None:
    def die() -> None:
        raise Killed("after the card")

    overtake(world, die)
    assert world.app.overview.live(Status.OPEN)["tickets"], "the dead projection left nothing behind"

    world.run(until=timedelta(minutes=5))

    assert world.app.overview.live(Status.OPEN)["tickets"] == []
    assert world.app.recount.check().clean


def test_a_duplicate_opens_the_ticket_of_an_alert_that_died_after_its_claim(world: World) -> None:
    world.post(custom())
    taken = world.queues.pop()
    assert taken is not None
    world.faults.arm(2, Mode.DIES_BEFORE)
    world.deliver(*taken)
    assert world.rows("runs")
    assert world.tickets() == []
    died = world.queues.pop()

    second = world.post(custom())
    world.run(until=timedelta(minutes=5))

    assert [outcome.outcome for outcome in world.app.intake.fate(second).tickets] == ["duplicate"]
    assert world.app.overview.summary()["open_tickets"] == 1
    assert died is not None
    world.deliver(*died)
    world.run(until=timedelta(minutes=5))
    (ticket,) = world.tickets()
    assert (ticket["version"], ticket["error_type"]) == (2, "TestError")
    assert world.app.recount.check().clean
