"""What is remembered of signatures, in whatever order it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from rca.domain.memory import Lease
from rca.domain.ticket import Ticket
from rca.domain.vocabulary import Source
from tests.support.world import START, World, custom

SOURCE, SIGNATURE = Source.AZURE_MONITOR, "0" * 32
LATER = START + timedelta(hours=1)


def a_ticket(world: World) -> Ticket:
    world.post(custom())
    world.run(until=timedelta(minutes=5))
    stored = world.app.tickets.find(world.tickets()[0]["PartitionKey"])
    assert stored is not None
    return replace(stored.ticket, signature=SIGNATURE)


def test_verdicts_move_forward_only(world: World) -> None:
    ticket = a_ticket(world)
    for at in (LATER, START):
        world.app.analyses.sight(replace(ticket, helpful=False, feedback_at=at))
    assert world.app.analyses.recall(SOURCE, SIGNATURE).rejected_at == LATER


def test_the_latest_word_on_a_ticket_counts(world: World) -> None:
    ticket = a_ticket(world)
    for note in ("restarted", None):
        world.app.analyses.sight(replace(ticket, resolution_note=note))
    (seen,) = world.app.analyses.recall(SOURCE, SIGNATURE).sightings
    assert seen.note is None


def test_one_of_two_gets_the_lease(world: World) -> None:
    known = world.app.analyses.recall(SOURCE, SIGNATURE)
    first, second = (Lease(holder=name, until=LATER) for name in ("T-1", "T-2"))
    assert world.app.analyses.acquire(SOURCE, SIGNATURE, first, known)
    assert not world.app.analyses.acquire(SOURCE, SIGNATURE, second, known)
    after = world.app.analyses.recall(SOURCE, SIGNATURE)
    assert after.lease == first
    assert world.app.analyses.acquire(SOURCE, SIGNATURE, second, after)
    assert not world.app.analyses.acquire(SOURCE, SIGNATURE, first, after)
