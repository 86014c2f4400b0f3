"""Data Factory and Synapse pipeline runs, as rows of an alert name them."""

from __future__ import annotations

from rca.domain.failure import Activity, Benign, Failure
from rca.domain.vocabulary import Source
from rca.sources import azure_alert, fields, identity, messages
from rca.sources.azure_alert import Alert, Record

PLACES = (
    "adfpipelinerun",
    "adfactivityrun",
    "synapseintegrationpipelineruns",
    "synapseintegrationactivityruns",
    "microsoft.datafactory/factories",
    "microsoft.synapse/workspaces",
)
_MESSAGE = ("ErrorMessage", "Error", "FailureMessage", "Message", "Output")
_UNFINISHED = frozenset({"succeeded", "inprogress", "queued"})


def owns(record: Record, alert: Alert) -> bool:
    """Whether the row is about a pipeline run."""
    return record.has("PipelineRunId", "PipelineName", "Pipeline") or (
        record.has("RunId") and alert.about(*PLACES)
    )


def describe(record: Record, alert: Alert) -> Failure | Benign:
    """Describe one failed activity, or the failed run as a whole; rows of one run carry the same identity."""
    sent = record.id("PipelineRunId", "RunId")
    run_id = identity.run_id(Source.ADF, sent) if sent else None
    factory, resource_id = _factory(record, alert)
    pipeline = record.name("PipelineName", "Pipeline") or factory or alert.target or "unnamed pipeline"
    status = (record.text("Status") or "").lower().replace(" ", "")
    if status in _UNFINISHED:
        return Benign(
            source=Source.ADF,
            resource=pipeline,
            reason=f"Run {run_id or 'without id'} of {pipeline} is {status}",
        )
    message = record.text(*_MESSAGE)
    code = _code(record, message)
    activity = record.name("ActivityName", "Activity")
    return Failure(
        source=Source.ADF,
        resource=pipeline,
        run_id=run_id or alert.run_id,
        identity=identity.run(Source.ADF, run_id) if run_id else alert.identity,
        occurred_at=record.time(
            "TimeGenerated", "Timestamp", "Time", "EventTime", "End", "ActivityRunEnd", "Start"
        )
        or alert.at,
        message=message or _untold(pipeline, run_id, alert, record),
        code=code,
        activities=(Activity(name=activity, code=code, message=message or ""),) if activity else (),
        severity=alert.severity,
        entity=activity,
        link=record.link,
        labels=fields.labels(
            {
                "factory": factory,
                "failure_type": record.text("FailureType"),
                "activity_type": record.text("ActivityType"),
                "resource_id": resource_id,
            },
            alert.labels(),
        ),
    )


def _code(record: Record, message: str | None) -> str | None:
    code = record.name("ErrorCode", "Code")
    if code and code != "0":
        return code
    return messages.error_code(message) if message else None


def _factory(record: Record, alert: Alert) -> tuple[str | None, str | None]:
    found = azure_alert.factory(record.text("ResourceId"), record.text("Resource"), *alert.targets)
    if found:
        return found
    # A rule on a workspace names the factory, if at all, among its configuration items.
    affected = alert.affected if alert.affected and alert.affected != alert.target else None
    return record.name("FactoryName", "DataFactoryName", "Factory", "WorkspaceName") or affected, None


def _untold(pipeline: str, run_id: str | None, alert: Alert, record: Record) -> str:
    run = f" (run {run_id})" if run_id else ""
    return f"Pipeline {pipeline} failed{run}. {alert.told(record)}"
