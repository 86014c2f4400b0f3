"""Payloads of each sender, small enough to show what a test is about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rca import sources
from rca.domain.failure import Event, Failure, Reading, Recovery

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "samples"
RECEIVED = datetime(2026, 11, 21, 9, tzinfo=UTC)
FIRED = "2026-11-20T02:17:43.5518223Z"
ALERT_ID = "/subscriptions/5ab/providers/Microsoft.AlertsManagement/alerts/0A1E27-1"
WORKSPACE = "/subscriptions/5ab/resourcegroups/rg/providers/microsoft.operationalinsights/workspaces/law"
FACTORY = "/subscriptions/5ab/resourcegroups/rg/providers/microsoft.datafactory/factories/adf-test"
RUN = "ad000000-1111-4000-8000-000000000001"


def sample(name: str) -> dict[str, Any]:
    return json.loads((SAMPLES / name).read_text("utf-8"))


def alert(context: Any = None, *, custom: Any = None, **essentials: Any) -> dict[str, Any]:
    """A log alert; keyword arguments replace parts of the essentials, None takes them out."""
    parts = {
        "alertId": ALERT_ID,
        "alertRule": "a rule of many failures",
        "severity": "Sev1",
        "signalType": "Log",
        "monitorCondition": "Fired",
        "monitoringService": "Log Alerts V2",
        "alertTargetIDs": [WORKSPACE],
        "configurationItems": ["law"],
        "firedDateTime": FIRED,
        "description": "Something failed",
    } | essentials
    kept = {key: value for key, value in parts.items() if value is not None}
    return {
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {"essentials": kept, "alertContext": context or {}, "customProperties": custom},
    }


def dimensions(query: str = "", **values: Any) -> dict[str, Any]:
    """The context of a V2 log alert."""
    pairs = [{"name": key, "value": value} for key, value in values.items()]
    return {"condition": {"allOf": [{"searchQuery": query, "dimensions": pairs}]}}


def table(columns: list[Any] | None, *rows: Any, query: str = "") -> dict[str, Any]:
    """The context of a V1 log alert."""
    found = {"rows": list(rows)} if columns is None else {"columns": columns, "rows": list(rows)}
    return {"SearchQuery": query, "SearchResults": {"tables": [found]}}


def metric(**essentials: Any) -> dict[str, Any]:
    context = {
        "conditionType": "SingleResourceMultipleMetricCriteria",
        "condition": {
            "windowSize": "PT5M",
            "allOf": [
                {
                    "metricName": "PipelineFailedRuns",
                    "operator": "GreaterThan",
                    "threshold": "0",
                    "timeAggregation": "Total",
                    "dimensions": [{"name": "Name", "value": "pl_a"}],
                    "metricValue": 2.0,
                }
            ],
        },
    }
    target = {
        "signalType": "Metric",
        "alertTargetIDs": [FACTORY],
        "targetResourceType": "microsoft.datafactory/factories",
    }
    return alert(context, **(target | essentials))


def airflow(**changes: Any) -> dict[str, Any]:
    """A failed task of Airflow; None takes a field out."""
    parts = {
        "event": "task_failed",
        "dag_id": "dag",
        "task_id": "task",
        "run_id": "manual__1",
        "map_index": -1,
        "try_number": 2,
        "state": "failed",
        "exception_type": "ValueError",
        "exception": "bad value",
        "end_date": "2026-11-20T02:21:47.902110+00:00",
        "log_url": "https://Airflow.example.net/dags/dag",
    } | changes
    return {key: value for key, value in parts.items() if value is not None}


def prometheus(*alerts: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    return {"version": "4", "status": "firing", "receiver": "rca", "alerts": list(alerts)} | changes


def firing(
    fingerprint: str | None = "f1", starts: str | None = "2026-11-20T08:00:00Z", **labels: Any
) -> dict[str, Any]:
    named = {"alertname": "Broken", "severity": "critical"} | labels
    return {
        "status": "firing",
        "labels": named,
        "annotations": {"summary": "It broke."},
        "startsAt": starts,
        "endsAt": "0001-01-01T00:00:00Z",
        "fingerprint": fingerprint,
    }


def job(event: str = "jobs.on_failure", **changes: Any) -> dict[str, Any]:
    return {
        "event_type": event,
        "workspace_id": "7",
        "run": {"run_id": "11"},
        "job": {"job_id": "5", "name": "nightly"},
    } | changes


def custom(**changes: Any) -> dict[str, Any]:
    return {"resource": "db", "run_id": "r1", "message": "it broke"} | changes


def read(payload: Any, route: str = "azure-monitor") -> Reading:
    return sources.read(payload, route, RECEIVED)


def events(payload: Any, route: str = "azure-monitor") -> tuple[Event, ...]:
    return read(payload, route).events


def only(payload: Any, route: str = "azure-monitor") -> Event:
    (event,) = events(payload, route)
    return event


def failure(payload: Any, route: str = "azure-monitor") -> Failure:
    event = only(payload, route)
    assert isinstance(event, Failure), event
    return event


def recovery(payload: Any, route: str = "azure-monitor") -> Recovery:
    event = only(payload, route)
    assert isinstance(event, Recovery), event
    return event
