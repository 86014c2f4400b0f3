"""One cause is asked about once: reuse by signature, single-flight, verdicts and notes of people."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from localhost.azurite import Azurite
from rca.domain.ticket import Actor
from rca.domain.vocabulary import Resolution
from rca.workflow.commit import commit_once
from tests.support.chat import chat
from tests.support.faults import Mode
from tests.support.scripted_http import Answer, ScriptedServer
from tests.support.world import World, custom

SOON = timedelta(minutes=5)
PATH = "/v1/chat/completions"
RESPONDER = Actor(account_id="a-1", name="Ada", employee_id="E1")
ANSWER = {
    "error_type": "StaleMirror",
    "category": "dependency",
    "severity": "High",
    "cause": [{"statement": "The mirror of the feed was not refreshed.", "evidence": ["E0"]}],
    "recommendations": ["Refresh the mirror.", "Alert on the age of the mirror."],
    "confidence": "High",
    "affected_entity": "mirror",
}
OUTAGE = Answer({"error": {"message": "overloaded", "type": "server_error"}}, 503)


def completion(cause: str = "The mirror of the feed was not refreshed.") -> dict[str, Any]:
    return chat({**ANSWER, "cause": [{"statement": cause, "evidence": ["E0"]}]})


def failure(number: int, cause: str = "mirror of the feed is stale since Tuesday") -> dict[str, Any]:
    """The same failure of another run: its ids and times differ, its cause does not."""
    message = f"2026-11-20T03:{number % 60:02d}:11Z run {90_000 + number}: FeedAgeException: {cause}"
    return custom(f"run-{number}", message=message)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        monkeypatch.setenv("LLM_PROVIDERS", "openai")
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-in-a-test-0123456789abcdef")
        monkeypatch.setenv("OPENAI_MODEL", "gpt-test")
        monkeypatch.setenv("LLM_MAX_ATTEMPTS", "1")
        server.on(PATH, completion(), method="POST")
        yield server


@pytest.fixture
def world(azurite: Azurite) -> Iterator[World]:
    made = World(azurite.connection_string, analyst=None)
    yield made
    made.close()


def tickets(world: World) -> list[dict[str, Any]]:
    """All tickets as the API shows them, in the order in which they were reported."""
    shown = [world.app.overview.ticket(row["PartitionKey"])["ticket"] for row in world.tickets()]
    return sorted(shown, key=lambda ticket: int(ticket["run_id"].partition("-")[2]))


def report(world: World, number: int, **fields: Any) -> dict[str, Any]:
    """Report a failure and return its ticket once it is analysed."""
    world.post({**failure(number), **fields})
    world.run(until=SOON)
    return next(ticket for ticket in tickets(world) if ticket["run_id"] == f"run-{number}")


def judge(world: World, ticket_id: str, helpful: bool, comment: str = "") -> None:
    world.app.respond.judge(ticket_id, helpful, comment, RESPONDER, "request-1")
    world.run(until=SOON)


def close(world: World, ticket_id: str, note: str) -> None:
    at = world.clock.now
    ticket = commit_once(
        world.app.tickets,
        ticket_id,
        f"close-{note[:8]}",
        lambda ticket: world.app.book.close(ticket, Resolution.USER, at, note=note, actor=RESPONDER),
    )
    world.app.emit.change(ticket_id, ticket.version, at)
    world.run(until=SOON)


def test_the_next_run_takes_the_answer_of_the_first(world: World, model: ScriptedServer) -> None:
    first, second = report(world, 1), report(world, 2)
    assert first["signature"] == second["signature"]
    assert len(model.asked) == 1
    assert first["reused_from"] is None
    assert second["reused_from"] == first["id"]
    assert second["rca_result"] == first["rca_result"]
    assert (second["analysed_by"], second["model"]) == ("openai", "gpt-test")
    assert (first["llm_tokens"], second["llm_tokens"]) == (1000, 0)
    assert [seen["ticket_id"] for seen in second["seen_before"]] == [first["id"]]
    assert world.app.overview.summary()["llm_tokens"] == 1000
    assert world.app.recount.check().clean


def test_another_cause_is_another_question(world: World, model: ScriptedServer) -> None:
    report(world, 1)
    world.post(failure(2, cause="the archive of the vendor holds no manifest"))
    world.run(until=SOON)
    assert len(model.asked) == 2


def test_an_old_answer_is_asked_for_again(
    world: World, model: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_REUSE_SECONDS", "3600")
    report(world, 1)
    world.clock.advance(3_500)
    report(world, 2)
    assert len(model.asked) == 1
    world.clock.advance(3_600)
    report(world, 3)
    assert len(model.asked) == 2


def test_reuse_can_be_switched_off(
    world: World, model: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_REUSE_SECONDS", "0")
    report(world, 1)
    assert report(world, 2)["reused_from"] is None
    assert len(model.asked) == 2


def test_a_thumbs_down_ends_reuse_and_the_next_question_tells_of_it(
    world: World, model: ScriptedServer
) -> None:
    first = report(world, 1)
    judge(world, first["id"], helpful=False, comment="the mirror was fine, the clock was wrong")
    world.clock.advance(60)
    model.from_now_on(PATH, completion("The clock of the host runs ahead."), method="POST")
    second = report(world, 2)

    assert len(model.asked) == 2
    asked = model.asked[1].body.decode()
    assert "judged wrong" in asked
    assert "the clock was wrong" in asked
    assert "clock of the host" in second["rca_result"]
    (seen,) = second["seen_before"]
    assert (seen["helpful"], seen["comment"]) == (False, "the mirror was fine, the clock was wrong")
    # The new answer holds for those that follow.
    assert report(world, 3)["reused_from"] == second["id"]
    assert len(model.asked) == 2


def test_a_thumbs_up_keeps_the_answer(world: World, model: ScriptedServer) -> None:
    first = report(world, 1)
    judge(world, first["id"], helpful=True)
    assert report(world, 2)["reused_from"] == first["id"]
    shown = next(ticket for ticket in tickets(world) if ticket["id"] == first["id"])
    assert shown["helpful"] is True


def test_what_people_wrote_helps_the_next_one_even_without_a_model(world: World) -> None:
    first = report(world, 1)
    close(world, first["id"], "restarted the mirror job by hand")
    second = report(world, 2)
    assert any("restarted the mirror job" in step for step in second["recommendations"])
    assert any(first["id"] in step for step in second["recommendations"])
    assert second["seen_before"][0]["resolution"] == "user"


def test_a_storm_of_one_cause_costs_one_question(world: World, model: ScriptedServer) -> None:
    """While the first question is on its way, the others take the rules' word and come back for the answer."""
    answer = threading.Event()
    model.from_now_on(PATH, Answer(completion(), gate=answer), method="POST")
    for number in range(12):
        world.post(failure(number))
    leader = threading.Thread(target=lambda: first_analysis(world))
    take(world, "alerts")
    leader.start()
    until(lambda: model.asked)
    take(world, "analyses")
    waiting = [ticket for ticket in tickets(world) if ticket["analysed_by"] == "rules"]
    assert len(waiting) == 11
    assert all(ticket["upgradable"] and ticket["rca_result"] for ticket in waiting)
    answer.set()
    leader.join(30)
    world.run(until=SOON)

    assert len(model.asked) == 1
    shown = tickets(world)
    assert {ticket["analysed_by"] for ticket in shown} == {"openai"}
    assert not any(ticket["upgradable"] for ticket in shown)
    origins = [ticket["reused_from"] for ticket in shown]
    assert origins.count(None) == 1
    assert world.app.recount.check().clean


def test_a_dead_leader_is_replaced(world: World, model: ScriptedServer) -> None:
    """Whoever asked died before it could tell anyone; its lease ends, and another one asks."""
    world.post(failure(1))
    take(world, "alerts")
    # It dies at its second write, the answer; the first was the lease. Its message is lost for good.
    world.faults.arm(2, Mode.DIES_BEFORE)
    first_analysis(world, lose=True)
    assert len(model.asked) == 1
    world.post(failure(2))
    world.run(until=timedelta(seconds=20))
    assert {ticket["analysed_by"] for ticket in tickets(world)} <= {"rules", None}
    world.run(until=timedelta(minutes=10))
    second = next(ticket for ticket in tickets(world) if ticket["run_id"] == "run-2")
    assert second["analysed_by"] == "openai"
    assert len(model.asked) == 2


def test_models_out_of_reach_are_asked_once_for_a_signature_and_later_again(
    world: World, model: ScriptedServer
) -> None:
    model.from_now_on(PATH, OUTAGE, method="POST")
    for number in range(6):
        report(world, number)
    assert len(model.asked) == 1
    assert {ticket["analysed_by"] for ticket in tickets(world)} == {"rules"}
    model.from_now_on(PATH, completion(), method="POST")
    world.run(until=timedelta(hours=1))
    shown = tickets(world)
    assert {ticket["analysed_by"] for ticket in shown} == {"openai"}
    assert len(model.asked) == 2


def test_killed_between_asking_and_committing_asks_only_once(world: World, model: ScriptedServer) -> None:
    world.post(failure(1))
    take(world, "alerts")
    # Lease, answer, and then the ticket: it dies at the third write.
    world.faults.arm(3, Mode.DIES_BEFORE)
    first_analysis(world)
    assert world.faults.struck
    world.run(until=SOON)
    (ticket,) = tickets(world)
    assert len(model.asked) == 1
    assert (ticket["analysed_by"], ticket["reused_from"], ticket["llm_tokens"]) == ("openai", None, 1000)


def test_a_ticket_that_was_opened_again_takes_its_note_back(world: World) -> None:
    first = report(world, 1)
    close(world, first["id"], "restarted the mirror job by hand")
    at = world.clock.now
    ticket = commit_once(
        world.app.tickets, first["id"], "reopen", lambda ticket: world.app.book.reopen(ticket, at, RESPONDER)
    )
    world.app.emit.change(first["id"], ticket.version, at)
    second = report(world, 2)
    assert second["seen_before"][0]["note"] is None
    assert not any("by hand" in step for step in second["recommendations"])


def until(reached: Callable[[], object]) -> None:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def take(world: World, queue: str) -> None:
    """Deliver what waits in one queue now."""
    now = [each for each in sorted(world.queues.waiting) if each[2] == queue and each[0] <= world.clock.now]
    for each in now:
        world.queues.waiting.remove(each)
    for each in now:
        world.deliver(queue, each[3], each[4])


def first_analysis(world: World, *, lose: bool = False) -> None:
    """Deliver the oldest message of the queue `analyses`."""
    each = min(each for each in world.queues.waiting if each[2] == "analyses")
    world.queues.waiting.remove(each)
    world.deliver("analyses", each[3], 10 if lose else each[4])
