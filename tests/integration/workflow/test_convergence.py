"""A crash or a lost answer between any two writes of a stage changes nothing in the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from localhost.azurite import Azurite
from tests.support.faults import Mode
from tests.support.world import World, custom

type Scenario = Callable[[World], None]


def one_failure(world: World) -> None:
    world.post(custom())


def with_duplicates(world: World) -> None:
    world.post(custom())
    world.run()
    for _ in range(3):
        world.post(custom())


def more_is_told(world: World) -> None:
    world.post(adf("copy_orders", "2200"), "azure-monitor")
    world.run()
    world.post(adf("load_silver", "3204"), "azure-monitor")


def resolved_after(world: World) -> None:
    world.post(alertmanager("firing"), "webhook/alerts")
    world.run()
    world.post(alertmanager("resolved"), "webhook/alerts")


def resolved_unknown(world: World) -> None:
    world.post(alertmanager("resolved"), "webhook/alerts")


def resolved_before(world: World) -> None:
    world.post(alertmanager("resolved"), "webhook/alerts")
    world.run()
    world.post(alertmanager("firing"), "webhook/alerts")


def two_names(world: World) -> None:
    world.post(databricks_task(), "databricks-monitor")
    world.run()
    world.post(databricks_job(), "databricks-monitor")


def noted_after(world: World) -> None:
    world.post(airflow("load", "failed"), "airflow-monitor")
    world.run()
    world.post(airflow(None, "success"), "airflow-monitor")


SCENARIOS: list[Scenario] = [
    one_failure,
    with_duplicates,
    more_is_told,
    resolved_after,
    resolved_unknown,
    resolved_before,
    two_names,
    noted_after,
]


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_a_fault_at_any_write_converges(
    azurite: Azurite, scenario: Scenario, mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, writes = play(azurite, scenario, monkeypatch, None, mode)
    assert writes > 1
    for at in range(1, writes + 1):
        result, _ = play(azurite, scenario, monkeypatch, at, mode)
        assert differences(expected, result) == [], f"{mode} at write {at}"


def play(
    azurite: Azurite, scenario: Scenario, monkeypatch: pytest.MonkeyPatch, at: int | None, mode: Mode
) -> tuple[dict[str, Any], int]:
    """Play a scenario with a fault at one write of its stages; return all that is stored, and the writes."""
    world = World(azurite.connection_string)
    ids = iter(f"01KAG000000000000000000{number:03d}" for number in range(100))
    monkeypatch.setattr("rca.workflow.intake.new_alert_id", lambda now: next(ids))
    scenario(world)
    # Intake is over: its caller sees the fault and sends again. From here on nobody but us can mend it.
    if at is not None:
        world.faults.arm(at, mode)
    else:
        world.faults.writes.clear()
    world.run()
    writes = len(world.faults.writes)
    assert at is None or world.faults.struck
    findings = world.app.recount.check()
    assert findings.clean, findings
    stored = settled(world.snapshot(), world.prefix)
    world.close()
    return stored, writes


def settled(snapshot: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Drop what may differ: when a step was done at last, and what follows from that time."""
    later = {"last_mac", "mac", "timestamp", "contribution", "ack_seconds", "ack_ts", "mttr_minutes"}
    # Which of several duplicates announces a count is open.
    later |= {"time_taken_seconds", "blob_log_url", "announced_by"}
    kept: dict[str, Any] = {}
    for table, rows in snapshot.items():
        if table == "activity":
            kept[table] = sorted((row["ticket_id"], row["version"], row["action"]) for row in rows.values())
            continue
        kept[table] = {
            # A counter that went up and down again says 0, one that never moved says nothing; a card without a
            # count means 1.
            key: {
                name: value
                for name, value in row.items()
                if name not in later
                and not (table == "counters" and value == 0)
                and not (name == "occurrences" and value == 1)
            }
            for key, row in rows.items()
        }
    return kept


def differences(expected: dict[str, Any], result: dict[str, Any]) -> list[Any]:
    """Name what differs, row by row."""
    found: list[Any] = []
    for table in expected:
        before, after = expected[table], result[table]
        if isinstance(before, list):
            found += [(table, before, after)] if before != after else []
            continue
        found += [
            (table, key, before.get(key), after.get(key))
            for key in before.keys() | after.keys()
            if before.get(key) != after.get(key)
        ]
    return found


def adf(activity: str, code: str) -> dict[str, Any]:
    columns = ["TimeGenerated", "PipelineName", "ActivityName", "PipelineRunId", "ErrorCode", "ErrorMessage"]
    row = [
        "2026-11-20T02:58:40Z",
        "pl_orders",
        activity,
        "0f1e2d3c-4b5a-4968-8776-655443322110",
        code,
        f"ErrorCode={code}, {activity} failed",
    ]
    return {
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {
            "essentials": {
                "alertId": "/subscriptions/0/providers/Microsoft.AlertsManagement/alerts/1",
                "alertRule": "adf-failures",
                "severity": "Sev2",
                "signalType": "Log",
                "monitorCondition": "Fired",
                "monitoringService": "Log Analytics",
                "firedDateTime": "2026-11-20T03:00:00Z",
            },
            "alertContext": {
                "SearchResults": {
                    "tables": [
                        {"name": "PrimaryResult", "columns": [{"name": n} for n in columns], "rows": [row]}
                    ]
                }
            },
        },
    }


def alertmanager(status: str) -> dict[str, Any]:
    return {
        "version": "4",
        "status": status,
        "receiver": "rca",
        "groupKey": "{}:{}",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "https://alertmanager.example.com",
        "alerts": [
            {
                "status": status,
                "labels": {"alertname": "KubePodCrashLooping", "namespace": "etl", "pod": "loader-0"},
                "annotations": {"summary": "Pod is crash looping."},
                "startsAt": "2026-11-20T02:00:00Z",
                "endsAt": "2026-11-20T02:30:00Z" if status == "resolved" else "0001-01-01T00:00:00Z",
                "generatorURL": "https://prometheus.example.com/graph",
                "fingerprint": "aa11bb22cc33dd44",
            }
        ],
    }


def airflow(task: str | None, state: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "dag_id": "orders",
        "run_id": "scheduled__2026-11-20T02:00:00+00:00",
        "state": state,
        "instance": "airflow.example.com",
        "end_date": "2026-11-20T02:30:00+00:00",
    }
    return body | ({"task_id": task, "exception": "boom", "try_number": 1} if task else {})


def databricks_job() -> dict[str, Any]:
    return {
        "event_type": "jobs.on_failure",
        "workspace_id": "1122",
        "run": {"run_id": "7001"},
        "job": {"job_id": "31", "name": "silver"},
    }


def databricks_task() -> dict[str, Any]:
    return {
        **databricks_job(),
        "task": {"task_key": "load"},
        "run": {"run_id": 7002, "parent_run_id": 7001},
    }
