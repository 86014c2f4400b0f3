"""Queue triggers and outputs against real Azurite."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import pairwise

import httpx
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient

from localhost.azurite import Azurite
from localhost.process import HostProcess
from tests.integration.localhost.stage import Stage, until

GONE_AT_PICKUP = 6  # one more than maxDequeueCount


def test_five_failed_attempts_with_a_pause_between_and_then_poison(
    shared_host: HostProcess, shared_stage: Stage
) -> None:
    body = '{"fail": true, "case": "poison"}'
    shared_stage.queue("work").send_message(body)
    until(lambda: shared_stage.bodies("work-poison"))
    assert shared_stage.bodies("work-poison") == [body]
    tries = [event for event in shared_stage.events("work") if event["body"] == body]
    assert [event["attempt"] for event in tries] == [1, 2, 3, 4, 5]
    pauses = [later["at"] - earlier["at"] for earlier, later in pairwise(tries)]
    assert min(pauses) > 0.9  # visibilityTimeout is 1 s
    assert shared_stage.queue("work").get_queue_properties().approximate_message_count == 0
    assert "attempt 5 of 5]" in shared_host.output()
    assert f"moved to {shared_stage.prefix}-work-poison" in shared_host.output()


@pytest.mark.parametrize(
    ("output", "messages"),
    [
        ("plain text", ["plain text"]),
        ('"a JSON string"', ['"a JSON string"']),
        ('{"b": 1, "a": {"x": "é"}}', ['{\n  "b": 1,\n  "a": {\n    "x": "é"\n  }\n}']),
        ('[{"n": 1}, "two", 3, true, null]', ['{\n  "n": 1\n}', "two", "3", "True", ""]),
    ],
)
def test_output_is_split_as_by_the_real_host(
    shared_host: HostProcess, shared_stage: Stage, output: str, messages: list[str]
) -> None:
    if _exists(shared_stage, "sent"):
        shared_stage.queue("sent").clear_messages()
    assert httpx.post(f"{shared_host.url}/api/send", content=output.encode()).status_code == 200
    assert shared_stage.bodies("sent") == messages


def test_a_failed_output_fails_the_invocation(shared_host: HostProcess) -> None:
    answer = httpx.post(f"{shared_host.url}/api/send", content="{not json}")
    assert (answer.status_code, answer.content) == (500, b"")
    assert "function send failed: output 'out': InvocationError: not valid JSON" in shared_host.output()


def test_trigger_metadata(shared_host: HostProcess, shared_stage: Stage) -> None:
    sent = shared_stage.queue("work").send_message('{"case": "metadata"}')
    event = _done(shared_stage, "metadata")
    assert event["id"] == sent.id
    assert event["attempt"] == 1
    assert abs((datetime.fromisoformat(event["inserted"]) - datetime.now(UTC)).total_seconds()) < 60


def test_no_more_at_once_than_batch_and_threshold_allow(
    shared_host: HostProcess, shared_stage: Stage
) -> None:
    for number in range(20):
        shared_stage.queue("work").send_message(json.dumps({"case": "crowd", "n": number, "sleep": 0.1}))
    until(lambda: len([e for e in shared_stage.events("worked") if "crowd" in e["body"]]) == 20)
    together = [event["together"] for event in shared_stage.events("work") if "crowd" in event["body"]]
    assert 4 <= max(together) <= 6  # batchSize 4, newBatchThreshold 2


def test_what_is_not_base64_or_was_tried_too_often_is_poison_unseen(
    shared_host: HostProcess, shared_stage: Stage, azurite: Azurite
) -> None:
    raw = QueueClient.from_connection_string(azurite.connection_string, f"{shared_stage.prefix}-work")
    raw.send_message("*** not base64 ***")
    poison = QueueClient.from_connection_string(
        azurite.connection_string, f"{shared_stage.prefix}-work-poison"
    )
    until(lambda: "*** not base64 ***" in [m.content for m in poison.peek_messages(max_messages=32)])


def test_too_often_dequeued_is_poison_without_a_run(stage: Stage) -> None:
    queue = stage.queue("work")
    queue.create_queue()
    queue.send_message('{"case": "worn out"}')
    for _ in range(GONE_AT_PICKUP - 1):
        (message,) = queue.receive_messages(visibility_timeout=1, max_messages=1)
        queue.update_message(message, visibility_timeout=0)
    with stage.host():
        until(lambda: stage.bodies("work-poison") == ['{"case": "worn out"}'])
    assert stage.events("work") == []


def test_a_poison_queue_has_no_poison_queue(shared_host: HostProcess, shared_stage: Stage) -> None:
    queue = shared_stage.queue("bin-poison")
    queue.send_message("{}")
    until(lambda: shared_stage.events("grave"))
    until(lambda: "function grave failed" in shared_host.output())
    assert queue.get_queue_properties().approximate_message_count == 1
    assert list(queue.peek_messages()) == []  # hidden until its lease ends
    assert not _exists(shared_stage, "bin-poison-poison")


def test_a_long_function_keeps_its_message(stage: Stage) -> None:
    with stage.host("--lease", "2"):
        stage.queue("work").send_message('{"case": "long", "sleep": 5}')
        event = _done(stage, "long")
        assert event["attempt"] == 1
        until(lambda: stage.queue("work").get_queue_properties().approximate_message_count == 0)
    assert len(stage.events("work")) == 1


def _done(stage: Stage, case: str) -> dict:
    return until(lambda: next((e for e in stage.events("worked") if f'"{case}"' in e["body"]), {}))


def _exists(stage: Stage, name: str) -> bool:
    try:
        stage.queue(name).get_queue_properties()
    except ResourceNotFoundError:
        return False
    return True
