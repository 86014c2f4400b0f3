"""Analysing what somebody pastes over HTTP, through the application as it is wired."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import azure.functions as func
import pytest

from blueprints import analyze as route
from rca import wiring
from rca.analysis.diagnosis import Diagnosis, Usage
from rca.analysis.rules import analyse
from rca.domain.accounts import Account, Role
from rca.workflow.sessions import Sessions
from tests.support.world import World, quick_analyst

PODS = json.loads((Path(__file__).parents[3] / "samples" / "alertmanager_pods.json").read_text())
TEXT = "ErrorCode=UserErrorFileNotFound,'Message=The required Blob is missing. path: a/b.parquet.' password=hunter22x"


@pytest.fixture(autouse=True)
def wired(world):
    before = wiring.use(world.app)
    yield
    wiring.use(before)


def token(world, role):
    account = Account(
        id="acc-1",
        email="a@example.com",
        name="Ana",
        role=role,
        password_hash="",
        created_at=datetime.now(UTC),
    )
    return Sessions(world.settings, world.clock).grant(account).token


def ask(world, body, role=Role.VIEWER):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token(world, role)}"} if role else {}
    response = route.analyze(
        func.HttpRequest("POST", "http://127.0.0.1:7071/api/analyze", body=raw, headers=headers)
    )
    return response.status_code, json.loads(response.get_body())


def test_pasted_text_is_analysed_and_nothing_is_kept(world):
    before = world.snapshot()
    status, found = ask(world, {"text": TEXT, "source": "adf", "resource": "load_orders", "run_id": "r-7"})
    assert status == 200
    (analysis,) = found["analyses"]
    assert (analysis["source"], analysis["resource"], analysis["run_id"]) == ("adf", "load_orders", "r-7")
    assert (analysis["error_type"], analysis["severity"], analysis["priority"]) == ("TestError", "High", "P2")
    assert analysis["error_code"] == "UserErrorFileNotFound"
    assert "hunter22x" not in json.dumps(found)
    assert world.snapshot() == before
    assert world.queues.sent == []


def test_a_model_is_asked_in_its_words_and_told_with_what_it_cost(azurite):
    asked = []

    def model(failure, evidence, history, finding):
        asked.append((failure, evidence, history))
        usage = Usage(
            provider="gemini", model="m-1", calls=1, prompt_tokens=900, completion_tokens=100, cost=1_500
        )
        return Diagnosis(analysis=analyse(failure), model="m-1", cited=("E0",), usage=(usage,))

    world = World(azurite.connection_string, model)
    before = wiring.use(world.app)
    try:
        status, found = ask(world, {"text": TEXT})
    finally:
        wiring.use(before)
        world.close()
    (analysis,) = found["analyses"]
    assert status == 200
    assert (analysis["model"], analysis["cited"], analysis["tokens"]) == ("m-1", ["E0"], 1_000)
    assert analysis["cost_usd"] == 0.0015
    ((failure, evidence, history),) = asked
    assert "hunter22x" not in failure.message
    assert (evidence.items, history) == ((), "")
    assert "taken for a failure of adf" in found["notes"][0]


def test_each_failure_of_a_payload_is_analysed(world):
    status, found = ask(world, {"payload": PODS})
    assert status == 200
    assert [analysis["resource"] for analysis in found["analyses"]] == [
        "airflow/airflow-triggerer-0",
        "airflow/airflow-worker-2",
    ]


def test_a_model_is_not_asked_about_each_of_a_hundred_failures(azurite):
    asked = []

    def model(failure, evidence, history, finding):
        asked.append(failure)
        return quick_analyst(failure, evidence, history, finding)

    alerts = [{**PODS["alerts"][0], "fingerprint": f"{number:016x}"} for number in range(100)]
    world = World(azurite.connection_string, model)
    before = wiring.use(world.app)
    try:
        _, found = ask(world, {"payload": {**PODS, "alerts": alerts}})
    finally:
        wiring.use(before)
        world.close()
    assert len(found["analyses"]) == 100
    assert len(asked) == 5
    assert any("95 of 100" in note for note in found["notes"])


def test_a_ticket_for_a_text_is_opened_by_the_intake(world):
    body = {
        "text": TEXT,
        "source": "adf",
        "resource": "load_orders",
        "error_code": "2200",
        "open_ticket": True,
    }
    status, found = ask(world, body, Role.RESPONDER)
    assert status == 202
    assert found["status_url"] == f"http://127.0.0.1:7071/api/alerts/{found['alert_id']}"
    assert found["analyses"][0]["error_code"] == "2200"
    world.run(until=timedelta(minutes=5))
    (ticket,) = world.tickets()
    assert world.app.intake.fate(found["alert_id"]).tickets[0].ticket_id == ticket["PartitionKey"]
    shown = world.app.overview.ticket(ticket["PartitionKey"])["ticket"]
    assert (shown["source"], shown["pipeline"]) == ("adf", "load_orders")
    assert shown["run_id"] == found["analyses"][0]["run_id"]
    assert "hunter22x" not in str(world.snapshot())


def test_the_same_text_twice_is_one_ticket_and_another_is_another(world):
    body = {"text": TEXT, "resource": "load_orders", "open_ticket": True}
    for each in (body, body, {**body, "text": f"  {TEXT}\n"}, {**body, "text": "KeyError: 'x'"}):
        assert ask(world, each, Role.RESPONDER)[0] == 202
        world.run(until=timedelta(minutes=5))
    assert len(world.tickets()) == 2


@pytest.mark.parametrize("pasted", ["payload", "text"])
def test_a_payload_opens_the_tickets_that_its_own_route_would(world, pasted):
    world.post(PODS, "webhook/alerts")
    world.run(until=timedelta(minutes=5))
    body = {"payload": PODS} if pasted == "payload" else {"text": json.dumps(PODS), "resource": "pods"}
    status, found = ask(world, {**body, "open_ticket": True}, Role.RESPONDER)
    assert status == 202
    world.run(until=timedelta(minutes=5))
    assert len(world.tickets()) == 2
    assert [each.outcome for each in world.app.intake.fate(found["alert_id"]).tickets] == ["duplicate"] * 2


def test_nobody_asks_without_a_session_and_a_viewer_opens_no_ticket(world):
    assert ask(world, {"text": TEXT}, None)[0] == 401
    status, problem = ask(world, {"text": TEXT, "resource": "x", "open_ticket": True}, Role.VIEWER)
    assert (status, problem["title"]) == (403, "Not allowed")
    assert world.queues.sent == []


@pytest.mark.parametrize(
    ("body", "status", "fields", "says"),
    [
        (b"", 400, None, "JSON"),
        (b"{", 400, None, "JSON"),
        (b"[]", 422, ["$"], "object"),
        ({}, 422, ["text", "payload"], "either text"),
        ({"text": "x", "payload": {}}, 422, ["text", "payload"], "either text"),
        ({"text": " "}, 422, ["text"], "not empty"),
        ({"text": 7}, 422, ["text"], "must be a text"),
        ({"payload": []}, 422, ["payload"], "JSON object"),
        ({"text": "x", "source": "token=abc123def456ghi7"}, 422, ["source"], "databricks_cluster"),
        ({"text": "x", "run_id": 7}, 422, ["run_id"], "must be a text"),
        ({"text": "x", "error_code": ["E"]}, 422, ["error_code"], "must be a text"),
        ({"text": "x", "open_ticket": "yes"}, 422, ["open_ticket"], "true or false"),
        ({"text": "x", "open_ticket": True}, 422, ["resource"], "name of what failed"),
        ({"text": "x", "ressource": "y"}, 422, ["ressource"], "known are"),
        ({"payload": {"password": "hunter22x", "alerts": 7}}, 422, None, "known sender"),
        (b'{"text": "' + b"x" * 1_048_576 + b'"}', 413, None, "1048576"),
    ],
)
def test_what_can_not_be_read_is_refused_and_told_how_to_mend(world, body, status, fields, says):
    before = world.snapshot()
    got, problem = ask(world, body, Role.RESPONDER)
    assert got == status
    assert says in problem["detail"]
    assert fields is None or problem["fields"] == fields
    told = json.dumps(problem)
    assert "hunter22x" not in told
    assert "abc123def456" not in told
    assert world.snapshot() == before


def test_a_mebibyte_of_log_is_analysed(world):
    text = ("2026-11-20 02:00:00 INFO all is well\n" * 27_000)[:1_000_000] + "\nKeyError: 'customer_id'"
    status, found = ask(world, {"text": text, "source": "airflow"})
    assert status == 200
    assert found["analyses"][0]["evidence"]["exception"] == "KeyError"


def test_the_ticket_is_safe_before_the_analysis_begins(azurite):
    def model(failure, evidence, history, finding):
        raise RuntimeError("the process dies")

    world = World(azurite.connection_string, model)
    before = wiring.use(world.app)
    try:
        body = {"text": TEXT, "resource": "load_orders", "open_ticket": True}
        assert ask(world, body, Role.RESPONDER)[0] == 500
        assert [queue for queue, _ in world.queues.sent] == ["alerts"]
    finally:
        wiring.use(before)
        world.close()
