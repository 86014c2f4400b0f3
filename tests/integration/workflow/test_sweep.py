"""What the host gave up on is kept, once, and can be seen."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from localhost.azurite import Azurite
from rca.storage.connection import Storage
from rca.wiring import App
from rca.workflow.messages import QUEUES
from tests.support.world import World


@pytest.fixture
def app(azurite: Azurite) -> Iterator[App]:
    """The application with its real queues."""
    world = World(azurite.connection_string)
    made = App(world.settings, clock=world.clock, storage=Storage(world.settings))
    made.prepare()
    yield made
    for name in QUEUES:
        made.queues.client(name).delete_queue()
        made.queues.client(f"{name}-poison").delete_queue()
    world.close()


def test_a_poison_message_becomes_a_dead_letter_with_its_payload(app: App) -> None:
    message = {"ticket_id": "ADF-1", "revision": 1, "at": "2026-11-20T01:00:00.000Z"}
    app.queues.send("analyses-poison", message)

    assert app.sweep() == 1
    assert app.sweep() == 0

    (letter,) = app.overview.dead_letters()["deadletters"]
    assert (letter["queue"], letter["at"]) == ("analyses", message["at"])
    assert json.loads(letter["payload"]) == message


def test_what_is_not_base64_or_not_json_is_kept_too(app: App) -> None:
    app.queues.client("alerts-poison").send_message("plain words")
    assert app.sweep() == 1
    (letter,) = app.overview.dead_letters()["deadletters"]
    assert letter["payload"] == "plain words"


def test_a_live_message_nobody_heard_is_dropped(app: App) -> None:
    app.queues.send("broadcasts-poison", {"event": "ticket_created", "ticket_id": "ADF-1", "version": 1})
    assert app.sweep() == 1
    assert app.overview.dead_letters()["deadletters"] == []


def test_the_queue_status_tells_visible_from_hidden(app: App) -> None:
    app.queues.send("changes", {"ticket_id": "ADF-1"})
    app.queues.send("changes", {"ticket_id": "ADF-2"}, delay=60)
    status = {queue["queue"]: queue for queue in app.overview.queue_status()["queues"]}
    assert (status["changes"]["messages"], status["changes"]["visible"], status["changes"]["hidden"]) == (
        2,
        1,
        1,
    )
    assert status["alerts"]["messages"] == 0


def test_preparing_again_changes_nothing(app: App) -> None:
    app.prepare()
    assert app.health() == {"settings": "ok", "filters": "ok", "queues": "ok", "tables": "ok"}
