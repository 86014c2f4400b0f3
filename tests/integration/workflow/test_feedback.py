"""Thumbs up and down over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import azure.functions as func
import pytest

from blueprints import tickets
from rca import wiring
from rca.domain.accounts import Role, Session
from rca.errors import UnauthorizedError
from tests.support.faults import Killed, Mode
from tests.support.world import START, World, custom

SOON = timedelta(minutes=5)


@pytest.fixture
def ticket_id(world: World) -> Iterator[str]:
    """A ticket of an application that knows two people: `ada` may respond, `vic` may only look."""

    def verify(token: str) -> Session:
        roles = {"ada": Role.RESPONDER, "vic": Role.VIEWER}
        if token not in roles:
            raise UnauthorizedError("unknown")
        return Session(account_id=f"a-{token}", name=token.title(), role=roles[token], expires_at=START)

    world.app.__dict__["accounts"] = SimpleNamespace(verify=verify)
    before = wiring.use(world.app)
    world.post(custom())
    world.run(until=SOON)
    yield world.tickets()[0]["PartitionKey"]
    wiring.use(before)


def send(ticket_id: str, body: Any, token: str = "ada") -> tuple[int, dict[str, Any]]:
    response = tickets.feedback(
        func.HttpRequest(
            "POST",
            "http://127.0.0.1/api/tickets/x/feedback",
            body=json.dumps(body).encode(),
            headers={"X-Session-Token": token},
            route_params={"ticket_id": ticket_id},
        )
    )
    return response.status_code, json.loads(response.get_body())


def test_a_verdict_stands_on_the_ticket_and_in_the_trail(world: World, ticket_id: str) -> None:
    secret = "password=Tr0ub4dor&3xtra"
    status, shown = send(ticket_id, {"helpful": False, "comment": f"it was the proxy, {secret}"})
    world.run(until=SOON)
    assert (status, shown["ticket"]["helpful"]) == (200, False)
    whole = world.app.overview.ticket(ticket_id)
    assert "it was the proxy" in whole["ticket"]["feedback_comment"]
    last = whole["audits"][-1]
    assert (last["action"], last["user_name"]) == ("Feedback Given", "Ada")
    assert "Tr0ub4dor" not in f"{whole} {world.snapshot()}"
    assert world.app.recount.check().clean


def test_the_latest_verdict_counts_and_the_same_twice_is_one(world: World, ticket_id: str) -> None:
    send(ticket_id, {"helpful": False})
    version = send(ticket_id, {"helpful": False})[1]["ticket"]["version"]
    changed = send(ticket_id, {"helpful": True})[1]["ticket"]
    assert (changed["helpful"], changed["version"]) == (True, version + 1)


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "helpful"), ({"helpful": "yes"}, "helpful"), ({"helpful": True, "comment": 7}, "comment")],
)
def test_a_bad_verdict_names_the_field(ticket_id: str, body: dict[str, Any], field: str) -> None:
    status, problem = send(ticket_id, body)
    assert (status, problem["fields"]) == (422, [field])


def test_who_may(ticket_id: str) -> None:
    assert send(ticket_id, {"helpful": True}, "vic")[0] == 403
    assert send(ticket_id, {"helpful": True}, "nobody")[0] == 401
    assert send("ADF-20261120T000000-0123456789", {"helpful": True})[0] == 404


def test_there_must_be_an_analysis(world: World, ticket_id: str) -> None:
    world.post(custom("run-2"))
    taken = world.queues.pop()
    assert taken is not None
    world.deliver(*taken)
    (other,) = [row["PartitionKey"] for row in world.tickets() if row["PartitionKey"] != ticket_id]
    assert send(other, {"helpful": True})[0] == 409


def test_a_request_that_dies_after_its_commit_leaves_nothing_out_of_step(
    world: World, ticket_id: str
) -> None:
    # The late message is the first write, the commit the second.
    world.faults.arm(2, Mode.DIES_AFTER)
    with pytest.raises(Killed):
        send(ticket_id, {"helpful": False})
    world.run(until=SOON)
    assert world.app.overview.ticket(ticket_id)["ticket"]["helpful"] is False
    assert world.app.recount.check().clean
