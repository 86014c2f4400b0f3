"""The read models can be made from the truth at any time, and a check finds where they differ."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rca import wiring
from rca.cli import main
from rca.domain.vocabulary import Resolution
from rca.storage.tickets import Tickets
from rca.workflow.commit import commit_once
from tests.support.world import World, custom


@pytest.fixture
def busy(world: World) -> World:
    for number in range(5):
        for _ in range(number + 1):
            world.post(custom(f"run-{number}"))
    world.run(until=timedelta(minutes=5))
    tickets = Tickets(world.storage)
    for ticket_id in list(tickets.ids())[:2]:
        ticket = commit_once(
            tickets,
            ticket_id,
            "test",
            lambda ticket: world.app.book.close(ticket, Resolution.USER, world.clock()),
        )
        world.app.emit.change(ticket_id, ticket.version, world.clock())
    world.run(until=timedelta(minutes=5))
    return world


def test_lost_read_models_come_back(busy: World) -> None:
    before = {table: busy.rows(table) for table in ("activity", "links")}
    summary = busy.app.overview.summary()
    for table in ("board", "activity", "counters", "links"):
        client = busy.storage.table(table)
        for partition, row in busy.rows(table):
            client.delete_entity(partition, row)
    assert not busy.app.recount.check().clean

    assert busy.app.rebuild() == 5

    assert busy.app.recount.check().clean
    assert {table: busy.rows(table) for table in ("activity", "links")} == before
    assert busy.app.overview.summary() == summary


def test_verify_names_each_kind_of_difference(busy: World, capsys: pytest.CaptureFixture[str]) -> None:
    before = wiring.use(busy.app)
    try:
        assert main(["verify"]) == 0
        tickets = busy.storage.table("tickets")
        victim = next(key for key in busy.rows("tickets") if key[1] == "audit-000001")
        tickets.update_entity({"PartitionKey": victim[0], "RowKey": victim[1], "details": "nothing happened"})
        card = next(iter(busy.rows("board")))
        busy.storage.table("board").update_entity(
            {"PartitionKey": card[0], "RowKey": card[1], "severity": "Low"}
        )
        entry = next(iter(busy.rows("activity")))
        busy.storage.table("activity").delete_entity(*entry)
        shard = next(key for key in busy.rows("counters") if key[1] == "total")
        busy.storage.table("counters").update_entity(
            {"PartitionKey": shard[0], "RowKey": "total", "tickets": 99}
        )
        capsys.readouterr()

        assert main(["verify"]) == 1

        told = capsys.readouterr().out
        for kind in ("audit chain broken", "card differs", "activity differs", "counter differs"):
            assert kind in told
    finally:
        wiring.use(before)
