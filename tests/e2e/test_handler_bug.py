"""A bug in a stage costs an alert nothing: it becomes a dead letter that people see, payload and all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.support import Client, Json, Site, custom, sabotaged, until

BROKEN = """
def broken(message, first):
    if "fine" not in str(message):
        raise KeyError("detail that nobody outside may see")
    whole_stage(message, first)
whole_stage = wired.{stage}
wired.__dict__["{stage}"] = broken
"""


def dead_letters(client: Client) -> list[Json]:
    listed: list[Json] = client.get("deadletters")["deadletters"]
    return listed


def test_a_bug_in_extract(new_site: Callable[[], Site], tmp_path: Path) -> None:
    site = new_site()
    app = sabotaged(tmp_path / "app", BROKEN.format(stage="extract"))
    with site.host(app=app) as host, site.client(host) as client:
        client.sign_in()
        alert_id = client.accepted("alerts/custom", custom("unlucky", message="Disk full; password=hunter22"))
        fine = client.accepted("alerts/custom", custom("fine"))
        assert client.settled(fine)["status"] == "processed"
        fate = client.settled(alert_id)
        assert fate == {
            "alert_id": alert_id,
            "status": "dead",
            "reason": "KeyError in the handler",
            "tickets": [],
        }
        (letter,) = dead_letters(client)
        check(letter, "alerts")
        assert letter["alert_id"] == alert_id
        payload = json.loads(letter["payload"])["payload"]
        assert payload["run_id"] == "unlucky"
        assert "Disk full" in payload["message"]
        assert "hunter22" not in site.log() + letter["payload"]
        queues = {queue["queue"]: queue for queue in client.get("queue/status")["queues"]}
        assert (queues["alerts"]["messages"], queues["alerts"]["poison"]) == (0, 0)


@pytest.mark.parametrize("stage", ["analyse", "project"])
def test_a_bug_further_on(new_site: Callable[[], Site], tmp_path: Path, stage: str) -> None:
    queue = {"analyse": "analyses", "project": "changes"}[stage]
    site = new_site()
    app = sabotaged(tmp_path / "app", BROKEN.format(stage=stage))
    with site.host(app=app) as host, site.client(host) as client:
        client.sign_in()
        fate = client.settled(client.accepted("alerts/custom", custom("unlucky")))
        (ticket,) = fate["tickets"]
        assert ticket["outcome"] == "created"
        letters = until(lambda: dead_letters(client), what="a dead letter")
        for letter in letters:
            check(letter, queue)
            assert json.loads(letter["payload"])["ticket_id"] == ticket["ticket_id"]
        whole = client.get(f"tickets/{ticket['ticket_id']}")
        assert whole["ticket"]["run_id"] == "unlucky"


def check(letter: Json, queue: str) -> None:
    assert letter["queue"] == queue
    assert letter["error"] == "KeyError"
    assert letter["attempts"] == 5
    assert not letter["truncated"]
    assert "nobody outside" not in json.dumps(letter)


def test_a_bug_in_a_request_is_a_500_that_tells_nothing(new_site: Callable[[], Site], tmp_path: Path) -> None:
    code = """
def broken(*arguments):
    raise KeyError("detail that nobody outside may see")
wired.intake.accept = broken
"""
    site = new_site()
    with site.host(app=sabotaged(tmp_path / "app", code)) as host, site.client(host) as client:
        answer = client.post("alerts/custom", custom("unlucky"))
        assert answer.status_code == 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json() == {"type": "about:blank", "title": "Internal error", "status": 500}
