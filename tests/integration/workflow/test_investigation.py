"""From an alert without error text to a root cause: evidence and a model, both behind real HTTP on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from localhost.azurite import Azurite
from tests.support.chat import chat
from tests.support.faults import Mode
from tests.support.scripted_http import Answer, ScriptedServer
from tests.support.world import World

SOON = timedelta(minutes=5)
KEY = "sk-planted-in-a-test-0123456789abcdef"
ALERT = {
    "event_type": "jobs.on_failure",
    "workspace_id": "1122",
    "run": {"run_id": "7001"},
    "job": {"job_id": "31", "name": "orders_silver"},
}
RUN = {
    "run_id": 7001,
    "run_name": "orders_silver",
    "state": {
        "life_cycle_state": "INTERNAL_ERROR",
        "result_state": "FAILED",
        "state_message": "Task load failed",
    },
    "tasks": [
        {
            "task_key": "load",
            "run_id": 7002,
            "state": {
                "life_cycle_state": "TERMINATED",
                "result_state": "FAILED",
                "state_message": "see output",
            },
        }
    ],
}
OUTPUT = {
    "error": "AnalysisException: [UNRESOLVED_COLUMN.WITH_SUGGESTION] A column, variable, or function parameter with "
    "name `discount_pct` cannot be resolved. Did you mean one of the following? [`discount`, `order_id`].",
    "error_trace": "AnalysisException: [UNRESOLVED_COLUMN.WITH_SUGGESTION] …\npassword=Tr0ub4dor&3xtra in the trace",
}
CAUSE = {
    "error_type": "UNRESOLVED_COLUMN",
    "category": "schema",
    "severity": "High",
    "cause": [{"statement": "The column discount_pct was renamed to discount upstream.", "evidence": ["E1"]}],
    "recommendations": ["Use the column discount.", "Agree on renames with the owner of bronze.orders."],
    "confidence": "High",
    "affected_entity": "column: discount_pct",
}


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        server.on("/api/2.2/jobs/runs/get", RUN)
        server.on("/api/2.2/jobs/runs/get-output", OUTPUT)
        monkeypatch.setenv("DATABRICKS_HOST", server.url)
        monkeypatch.setenv("DATABRICKS_TOKEN", "dapi0123456789abcdef0123456789abcdef")
        yield server


@pytest.fixture
def world(azurite: Azurite) -> Iterator[World]:
    made = World(azurite.connection_string, analyst=None)
    yield made
    made.close()


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        monkeypatch.setenv("LLM_PROVIDERS", "openai")
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_MODEL", "gpt-test")
        monkeypatch.setenv("LLM_MAX_ATTEMPTS", "1")
        yield server


def only_ticket(world: World) -> dict[str, Any]:
    (row,) = world.tickets()
    ticket: dict[str, Any] = world.app.overview.ticket(row["PartitionKey"])["ticket"]
    return ticket


def test_evidence_tells_what_the_webhook_does_not(world: World, platform: ScriptedServer) -> None:
    world.post(ALERT, "databricks-monitor")
    world.run(until=SOON)

    ticket = only_ticket(world)
    assert ticket["error_type"] == "UNRESOLVED_COLUMN"
    assert ticket["category"] == "schema"
    assert "discount_pct" in ticket["rca_result"] + str(ticket["affected_entity"])
    assert ticket["analysed_by"] == "rules"
    assert {exhibit["adapter"] for exhibit in ticket["evidence"]} == {"databricks"}
    (blob,) = list(world.storage.container("evidence").list_blobs())
    kept = world.storage.container("evidence").download_blob(blob.name).readall().decode()
    assert "discount_pct" in kept
    assert "Tr0ub4dor" not in kept
    assert world.app.recount.check().clean


def test_a_silent_platform_is_a_note_and_never_a_failure(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABRICKS_HOST", "http://127.0.0.1:9")
    monkeypatch.setenv("DATABRICKS_TOKEN", "dapi0123456789abcdef0123456789abcdef")
    world.post(ALERT, "databricks-monitor")
    world.run(until=SOON)

    ticket = only_ticket(world)
    assert ticket["error_type"] == "UnknownError"
    assert ticket["evidence"] == []
    assert ticket["evidence_notes"]


def test_a_model_answers_in_the_light_of_the_evidence(
    world: World, platform: ScriptedServer, model: ScriptedServer
) -> None:
    model.on("/v1/chat/completions", chat(json.dumps(CAUSE)), method="POST")
    world.post(ALERT, "databricks-monitor")
    world.run(until=SOON)

    ticket = only_ticket(world)
    assert (ticket["analysed_by"], ticket["model"], ticket["llm_tokens"]) == ("openai", "gpt-test", 1000)
    assert "renamed to discount" in ticket["rca_result"]
    assert ticket["cited"] == ["E1"]
    assert ticket["prompt_version"]
    asked = model.asked[0].body.decode()
    assert "discount_pct" in asked
    assert "Tr0ub4dor" not in asked
    assert KEY not in repr(world.snapshot())


def test_an_analysis_that_a_passing_failure_forced_on_the_rules_is_upgraded_later(
    world: World, platform: ScriptedServer, model: ScriptedServer
) -> None:
    model.on(
        "/v1/chat/completions",
        Answer({"error": {"message": "overloaded"}}, 503),
        chat(json.dumps(CAUSE)),
        method="POST",
    )
    world.post(ALERT, "databricks-monitor")
    world.run(until=SOON)
    assert (only_ticket(world)["analysed_by"], only_ticket(world)["upgradable"]) == ("rules", True)

    world.run(until=timedelta(minutes=20))

    ticket = only_ticket(world)
    assert (ticket["analysed_by"], ticket["upgradable"]) == ("openai", False)
    assert len(model.asked) == 2
    assert world.app.recount.check().clean


WORKSPACE = "9c5e21aa-0d8b-4d0f-b7c3-6a4b8f1e2d70"
QUERY = f"/v1/workspaces/{WORKSPACE}/query"
ROWS = {
    "tables": [
        {
            "name": "PrimaryResult",
            "columns": [
                {"name": name, "type": "string"}
                for name in (
                    "TimeGenerated",
                    "PipelineName",
                    "PipelineRunId",
                    "ActivityName",
                    "ErrorCode",
                    "ErrorMessage",
                )
            ],
            "rows": [
                [
                    "2026-11-20T02:58:40Z",
                    "pl_orders",
                    "0f1e2d3c-4b5a-4968-8776-655443322110",
                    "cp_orders",
                    "UserErrorSourceBlobNotExists",
                    "The required Blob is missing. password=Tr0ub4dor&3xtra",
                ]
            ],
        }
    ]
}


def link_only() -> dict[str, Any]:
    link = f"https://api.loganalytics.io{QUERY}?query=ADFActivityRun&timespan=2026-11-20T02%3A00Z%2F2026-11-20T03%3A00Z"
    return {
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {
            "essentials": {
                "alertId": "/subscriptions/0/providers/Microsoft.AlertsManagement/alerts/7",
                "alertRule": "adf-failures",
                "severity": "Sev2",
                "signalType": "Log",
                "monitorCondition": "Fired",
                "monitoringService": "Log Alerts V2",
                "firedDateTime": "2026-11-20T03:00:00Z",
            },
            "alertContext": {
                "conditionType": "LogQueryCriteria",
                "condition": {
                    "allOf": [
                        {
                            "searchQuery": "ADFActivityRun",
                            "dimensions": [],
                            "linkToFilteredSearchResultsAPI": link,
                        }
                    ]
                },
            },
        },
    }


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        monkeypatch.setenv("LOG_ANALYTICS_WORKSPACE_IDS", WORKSPACE)
        monkeypatch.setenv("LOG_ANALYTICS_URL", server.url)
        yield server


def test_the_rows_behind_a_link_become_the_failures(world: World, workspace: ScriptedServer) -> None:
    workspace.on(QUERY, ROWS, method="POST")
    world.post(link_only(), "azure-monitor")
    world.run(until=SOON)

    ticket = only_ticket(world)
    assert (ticket["source"], ticket["run_id"]) == ("adf", "0f1e2d3c-4b5a-4968-8776-655443322110")
    assert ticket["error_type"] == "UserErrorSourceBlobNotExists"
    assert "Tr0ub4dor" not in repr(world.snapshot())


def test_while_the_log_service_is_down_the_alert_waits_then_gets_its_rows(
    world: World, workspace: ScriptedServer
) -> None:
    workspace.on(
        QUERY, Answer({}, 503), Answer({}, 503), Answer({}, 503), Answer({}, 503), ROWS, method="POST"
    )
    alert = world.post(link_only(), "azure-monitor")
    world.run(until=timedelta(minutes=10))

    assert world.app.intake.fate(alert).status == "processed"
    assert only_ticket(world)["run_id"] == "0f1e2d3c-4b5a-4968-8776-655443322110"


def test_a_log_service_that_stays_away_costs_the_rows_and_not_the_ticket(
    world: World, workspace: ScriptedServer
) -> None:
    workspace.on(QUERY, Answer({}, 503), method="POST")
    world.post(link_only(), "azure-monitor")
    world.run(until=timedelta(hours=2))

    ticket = only_ticket(world)
    assert ticket["run_id"] != "0f1e2d3c-4b5a-4968-8776-655443322110"
    assert world.rows("deadletters") == {}


def test_a_crash_after_the_rows_were_fetched_asks_for_them_once(
    world: World, workspace: ScriptedServer
) -> None:
    workspace.on(QUERY, ROWS, Answer({}, 503), method="POST")
    world.post(link_only(), "azure-monitor")
    world.faults.arm(2, Mode.DIES_BEFORE)
    world.run(until=timedelta(minutes=10))

    assert world.faults.struck
    assert only_ticket(world)["run_id"] == "0f1e2d3c-4b5a-4968-8776-655443322110"
    assert len(workspace.asked) == 1
