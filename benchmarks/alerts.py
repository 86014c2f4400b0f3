"""The alerts that the benchmarks send: an Azure Monitor log alert of usual size."""

from __future__ import annotations

import json

_MESSAGES = (
    "ErrorCode=UserErrorSourceBlobNotExists, the required blob is missing. Container: landing, path: in/{n}.csv",
    "Databricks execution failed with error state: InternalError, error message: task load failed in run {n}",
    "Failure happened on 'Sink' side. 'Type=System.Data.SqlClient.SqlException,Message=Login failed for user etl{n}'",
    "Operation on target cp_orders failed: the remote server returned an error: (504) Gateway Timeout, attempt {n}",
)


def adf_alert(number: int) -> bytes:
    """Return the alert for run `number`; the same number is the same failure."""
    dimensions = {
        "PipelineName": f"pl_bench_{number % 40}",
        "PipelineRunId": f"{number:08x}-0000-4000-8000-0000000bench"[:36].replace("bench", "0000a"),
        "ActivityName": "cp_orders",
        "ErrorCode": "2200",
        "ErrorMessage": _MESSAGES[number % len(_MESSAGES)].format(n=number),
        "FailureType": "UserError",
    }
    alert = {
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {
            "essentials": {
                "alertId": f"/subscriptions/0/providers/Microsoft.AlertsManagement/alerts/{number}",
                "alertRule": "adf-failures",
                "targetResourceType": "microsoft.operationalinsights/workspaces",
                "severity": "Sev2",
                "signalType": "Log",
                "monitorCondition": "Fired",
                "monitoringService": "Log Alerts V2",
                "firedDateTime": "2026-11-20T03:00:00Z",
                "description": "a pipeline run failed",
            },
            "alertContext": {
                "conditionType": "LogQueryCriteria",
                "condition": {
                    "windowSize": "PT5M",
                    "allOf": [
                        {
                            "searchQuery": "ADFPipelineRun | where Status == 'Failed'",
                            "operator": "GreaterThan",
                            "threshold": "0",
                            "dimensions": [
                                {"name": name, "value": value} for name, value in dimensions.items()
                            ],
                        }
                    ],
                    "windowStartTime": "2026-11-20T02:55:00Z",
                    "windowEndTime": "2026-11-20T03:00:00Z",
                },
            },
        },
    }
    return json.dumps(alert).encode()
