"""Secrets of every kind go in by every door, and are found nowhere afterwards.

Doors: alerts of several senders, a payload of the wrong shape, a body that is no JSON, evidence from a platform, the
answer of a model, and what a person writes. Places: every table, blob and queue, the host's log, the read API, and
what the model was asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.support import Client, Json, Site, custom
from tests.support.chat import chat
from tests.support.scripted_http import ScriptedServer
from tests.support.secret_samples import SECRETS

CHAT = "/v1/chat/completions"
ALL = "\n\n".join(f"{name}:\n{text}" for name, (text, _) in SECRETS.items())
DATABRICKS = {
    "event_type": "jobs.on_failure",
    "workspace_id": "1122",
    "run": {"run_id": "7001"},
    "job": {"job_id": "31", "name": "orders_silver"},
}
RUN = {
    "run_id": 7001,
    "state": {"life_cycle_state": "INTERNAL_ERROR", "result_state": "FAILED", "state_message": ALL},
    "tasks": [
        {
            "task_key": "load",
            "run_id": 7002,
            "state": {"life_cycle_state": "TERMINATED", "result_state": "FAILED", "state_message": ALL},
        }
    ],
}
AIRFLOW = {"dag_id": "d", "task_id": "t", "run_id": "manual__2026-11-20T00:00:00+00:00", "try_number": 1}


@pytest.fixture
def outside() -> Iterator[ScriptedServer]:
    """A Databricks workspace whose logs are full of secrets, and a model that repeats them all."""
    with ScriptedServer() as server:
        server.on("/api/2.2/jobs/runs/get", RUN)
        server.on("/api/2.2/jobs/runs/get-output", {"error": ALL[:4_000], "error_trace": ALL})
        answer = {
            "error_type": "Leaky",
            "category": "code",
            "severity": "High",
            "cause": [{"statement": ALL[:3_000], "evidence": ["E0"]}],
            "recommendations": [text for text, _ in SECRETS.values()][:6],
            "confidence": "High",
            "affected_entity": SECRETS["env"][0],
        }
        server.on(CHAT, chat(answer), method="POST")
        yield server


def test_no_secret_is_seen_again(new_site: Callable[[], Site], outside: ScriptedServer) -> None:
    site = new_site()
    env = {
        "DATABRICKS_HOST": outside.url,
        "DATABRICKS_TOKEN": "dapi" + "fedcba9876543210" * 2,
        "LLM_PROVIDERS": "openai",
        "OPENAI_BASE_URL": f"{outside.url}/v1",
        "OPENAI_API_KEY": "sk-" + "a-key-of-the-test-0123456789",
        "OPENAI_MODEL": "gpt-test",
    }
    with site.host(env=env) as host, site.client(host) as client:
        client.sign_in()
        seen = [*poured_in(site, client), *shown(client)]
        places = {
            "tables": [json.dumps(site.rows(table), default=str) for table in tables(site)],
            "blobs": blobs(site),
            "queues": queues(site),
            "read API": seen,
            "prompts": [asked.body.decode() for asked in outside.asked if asked.path == CHAT],
        }
    places["log"] = [site.log()]
    for place, texts in places.items():
        assert any(texts), f"nothing was looked at in {place}"
        found = {name for name, (_, secret) in SECRETS.items() for text in texts if kept(secret, text)}
        where = {name: around(SECRETS[name][1], texts) for name in sorted(found)}
        assert not found, f"in {place}: {where}"
    for own in (env["DATABRICKS_TOKEN"], env["OPENAI_API_KEY"]):
        assert not any(own in text for texts in places.values() for text in texts)


def poured_in(site: Site, client: Client) -> list[str]:
    """Send secrets through every door; returns what was answered."""
    texts = [text for text, _ in SECRETS.values()]
    alerts = [
        client.accepted("alerts/custom", custom(f"run-{number}", message=f"step {number}: {text}"))
        for number, text in enumerate(texts)
    ]
    alerts.append(client.accepted("alerts/custom", custom("all", message=ALL, labels={"note": texts[0]})))
    alerts.append(client.accepted("databricks-monitor", DATABRICKS))
    alerts.append(client.accepted("airflow-monitor", {**AIRFLOW, "exception": ALL, "state": "failed"}))
    answers = [
        client.post("alerts/custom", {"resource": ALL, "message": 7}).text,
        client.post("alerts/custom", b"{not json " + ALL.encode()).text,
        client.post("airflow-monitor", {"exception": texts, "nested": {"password": texts}}).text,
    ]
    answers += [json.dumps(fate) for fate in client.all_settled(alerts, 180)]
    site.wait_until_quiet(180)
    ticket = site.ticket_ids()[0]
    said = client.raw.post(
        f"tickets/{ticket}/feedback", json={"helpful": False, "comment": ALL[:900]}, headers=client.session
    )
    assert said.status_code == 200, said.text
    site.wait_until_quiet()
    return [*answers, said.text]


def shown(client: Client) -> list[str]:
    """All that the read API tells."""
    lists: list[Json] = [client.get(f"{name}-tickets") for name in ("open", "in-progress", "closed")]
    tickets = [client.get(f"tickets/{card['id']}") for each in lists for card in each["tickets"]]
    others = [client.get("deadletters"), client.get("audit-trail"), client.get("summary")]
    assert len(tickets) > len(SECRETS)
    return [json.dumps(each, ensure_ascii=False) for each in (*lists, *tickets, *others)]


def tables(site: Site) -> list[str]:
    from rca.wiring import TABLES

    return [table for table in TABLES if table != "accounts"]


def blobs(site: Site) -> list[str]:
    found: list[str] = []
    for name in ("payloads", "evidence"):
        container = site.app.storage.container(name)
        found += [
            container.download_blob(blob.name).readall().decode("utf-8", "replace")
            for blob in container.list_blobs()
        ]
    return found


def queues(site: Site) -> list[str]:
    """What waits in the queues; deadlines always do."""
    from rca.workflow.messages import QUEUES

    found: list[str] = []
    for queue in QUEUES:
        for name in (queue, f"{queue}-poison"):
            client = site.app.storage.queue(name)
            found += [str(message.content) for message in client.peek_messages(max_messages=32)]
            found += [str(client.get_queue_properties().approximate_message_count)]
    return found


def around(secret: str, texts: list[str]) -> str:
    """What stands around a secret where it is first found."""
    text = next(text for text in texts if kept(secret, text))
    position = max(text.find(secret), 0)
    return text[max(position - 80, 0) : position + 80]


def kept(secret: str, text: str) -> bool:
    """Whether a secret stands in a text, as it is or as JSON writes it."""
    return secret in text or json.dumps(secret)[1:-1] in text
