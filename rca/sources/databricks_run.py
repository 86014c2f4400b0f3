"""Databricks job runs as rows of an alert name them, and how a task's run belongs to its job's run."""

from __future__ import annotations

from collections.abc import Mapping

from rca.domain.failure import Activity, Benign, Failure
from rca.domain.vocabulary import Source
from rca.sources import fields, identity, messages
from rca.sources.azure_alert import Alert, Record

_SOURCE = Source.DATABRICKS_JOB
_SUCCEEDED = frozenset({"success", "succeeded"})
_OWN_RUN = ("RunId", "TaskRunId")
_PARENT_RUN = ("JobRunId", "ParentRunId", "MultitaskParentRunId")
_RESULT = ("ResultState", "TerminationState", "JobTerminalState")
_MESSAGE = ("ErrorMessage", "Error", "StateMessage", "TerminationMessage", "Message")
_TIME = ("TimeGenerated", "Timestamp", "EndTime", "EventTime", "LastEvent")


def owns(record: Record, alert: Alert) -> bool:
    """Whether the row is about a job run."""
    if record.has("JobId", "JobName", "JobRunId"):
        return True
    return record.has("RunId") and alert.about("databricksjobs", "microsoft.databricks/workspaces")


def describe(record: Record, alert: Alert) -> Failure | Benign:
    """Describe the failed job run that a row names; a task's row folds into its parent run."""
    job_id, name = record.id("JobId"), record.name("JobName", "RunName")
    job = name or unnamed(job_id)
    run_id, aliases = lineage(record.id(*_OWN_RUN), record.id(*_PARENT_RUN))
    if (record.text(*_RESULT) or "").lower() in _SUCCEEDED:
        reason = f"Run {run_id or 'without id'} of {name or job} succeeded"
        return Benign(source=_SOURCE, resource=job, reason=reason)
    message = record.text(*_MESSAGE)
    code = record.name("ErrorCode", "TerminationCode") or messages.exception_class(message or "")
    task = record.name("TaskKey", "TaskName")
    run = f" (run {run_id})" if run_id else ""
    return Failure(
        source=_SOURCE,
        resource=job,
        run_id=run_id or alert.run_id,
        identity=identity.run(_SOURCE, run_id) if run_id else alert.identity,
        occurred_at=record.time(*_TIME) or alert.at,
        message=message or f"Databricks job {name or job_id or ''} failed{run}. {alert.told(record)}",
        code=code,
        aliases=aliases,
        activities=(Activity(name=task, code=code, message=message or ""),) if task else (),
        severity=alert.severity,
        entity=task,
        link=fields.link(record.text("RunPageUrl")) or record.link,
        labels=fields.labels(_labels(record), alert.labels()),
    )


def lineage(own: str | None, parent: str | None) -> tuple[str | None, tuple[str, ...]]:
    """Return the job run's id, and the task run as an alias of it; a parent of 0 is none."""
    if own is None or parent in (None, "0", own):
        return (own or parent), ()
    return parent, (identity.run(_SOURCE, own),)


def unnamed(job_id: str | None) -> str:
    """Name a job whose name the sender left out."""
    return fields.shorten(f"job {job_id}", fields.MAX_NAME) if job_id else "unnamed job"


def _labels(record: Record) -> Mapping[str, object]:
    own, parent = record.id(*_OWN_RUN), record.id(*_PARENT_RUN)
    return {
        "job_id": record.id("JobId"),
        "task_run_id": own if lineage(own, parent)[1] else None,
        "workspace_id": record.id("WorkspaceId"),
        "cluster_id": record.id("ClusterId"),
        "result_state": record.text(*_RESULT),
    }
