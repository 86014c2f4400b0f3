"""What passes by itself delays; what does not is kept where people see it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from rca.errors import ShapeError, UnavailableError
from tests.support.world import World, custom


def test_an_outage_of_ten_minutes_loses_nothing_and_buries_nothing(world: World) -> None:
    ids = [world.post(custom(f"run-{number}")) for number in range(5)]
    world.faults.down = True
    world.run(until=timedelta(minutes=10))
    assert world.queues.waiting
    world.faults.down = False
    world.run(until=timedelta(hours=2))

    assert len(world.tickets()) == 5
    assert world.rows("deadletters") == {}
    assert {world.app.intake.fate(alert).status for alert in ids} == {"processed"}
    assert world.app.recount.check().clean


def test_an_outage_longer_than_the_window_ends_in_a_dead_letter(world: World) -> None:
    alert = world.post(custom())

    def down(message: object, first: bool) -> None:
        raise UnavailableError("storage does not answer")

    world.app.__dict__["extract"] = down
    world.run(until=timedelta(hours=30))

    (letter,) = letters(world)
    assert letter["alert_id"] == alert
    assert world.app.intake.fate(alert).status == "dead"


def test_a_bug_in_a_handler_ends_in_a_dead_letter_with_its_payload(world: World) -> None:
    alert = world.post(custom("run-9"))

    def bug(message: object, first: bool) -> None:
        raise KeyError("secret detail")

    world.app.__dict__["extract"] = bug
    world.run()

    (letter,) = letters(world)
    assert letter["queue"] == "alerts"
    assert letter["attempts"] == 5
    assert json.loads(letter["payload"])["payload"]["run_id"] == "run-9"
    assert "secret detail" not in letter["reason"]
    fate = world.app.intake.fate(alert)
    assert (fate.status, fate.reason) == ("dead", "KeyError in the handler")


def test_a_dead_letter_found_twice_is_kept_once(world: World) -> None:
    world.deliver("analyses", "not json", 1)
    world.deliver("analyses", "not json", 2)
    assert len(letters(world)) == 1


def test_a_wrong_shape_is_kept_whole(world: World) -> None:
    with pytest.raises(ShapeError):
        world.post({"nothing": "we know", "long": "x" * 100_000})
    (letter,) = letters(world)
    assert letter["queue"] == "intake"
    assert letter["truncated"]
    whole = world.app.letters.payload("intake", letter["at"], letter["id"])
    assert whole is not None
    assert json.loads(whole)["long"] == "x" * 100_000


def letters(world: World) -> list[dict[str, object]]:
    found = world.app.letters.newest(["intake", "alerts", "analyses", "changes"], 100)
    return list(found)
