"""What a Logic App posts about a run that it watches; the schema is ours (docs/sources.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from rca.domain.failure import Activity, Benign, Event, Failure, Reading, Recovery
from rca.domain.vocabulary import Source
from rca.errors import ShapeError
from rca.sources import fields, identity, messages, severities, times
from rca.sources.sender import Payload, Sender

_FAILING = ("fail", "error", "cancel", "timeout", "timedout")
_UNDER_WAY = ("start", "progress", "queued", "running")
_MESSAGE = ("error.message", "errorMessage", "message")
_TIMES = ("failedAt", "endedAt", "finishedAt", "timestamp", "time")


def _recognises(payload: Payload) -> bool:
    source = (fields.first(payload, "source") or "").lower().replace("-", "").replace("_", "")
    return (
        source == "logicapp"
        or "pipelineRunId" in payload
        or ("pipelineName" in payload and isinstance(payload.get("workflow"), Mapping))
    )


def _read(payload: Payload, received_at: datetime) -> Reading:
    return Reading(events=(_event(payload, received_at),))


def _event(payload: Payload, received_at: datetime) -> Event:
    source, resource, run_id = _subject(payload)
    at = times.first(*(payload.get(path) for path in _TIMES)) or received_at
    event = (fields.first(payload, "event", "status") or "").lower()
    failing = any(word in event for word in _FAILING)
    if "succe" in event and not failing:
        return Recovery(
            source=source,
            resource=resource,
            run_id=run_id,
            identity=identity.run(source, run_id),
            at=at,
            closes=True,
            message=f"Run {run_id} of {resource} succeeded",
        )
    if any(word in event for word in _UNDER_WAY) and not failing:
        reason = f"Run {run_id} of {resource} reports {event}, which is no failure"
        return Benign(source=source, resource=resource, reason=reason)
    return _failure(payload, source, resource, run_id, at)


def _failure(payload: Payload, source: Source, resource: str, run_id: str, at: datetime) -> Failure:
    message = fields.first(payload, *_MESSAGE) or fields.prose(payload.get("error"))
    code = fields.first_name(payload, "error.code", "errorCode") or messages.error_code(message or "")
    activity = fields.first_name(payload, "activityName", "error.target")
    return Failure(
        source=source,
        resource=resource,
        run_id=run_id,
        identity=identity.run(source, run_id),
        occurred_at=at,
        message=message or f"{resource} failed (run {run_id}); the Logic App passed on no error text.",
        code=code,
        activities=(Activity(name=activity, code=code, message=message or ""),) if activity else (),
        severity=severities.parse(payload.get("severity")),
        entity=activity,
        link=fields.link(payload.get("link"), payload.get("runUrl")),
        labels=fields.labels(
            {
                "factory": payload.get("factory"),
                "failure_type": fields.at(payload, "error.failureType") or payload.get("failureType"),
                "event": payload.get("event"),
                "logic_app": fields.at(payload, "workflow.name"),
                "logic_app_run_id": fields.at(payload, "workflow.runId"),
            },
            fields.mapping(payload.get("labels")),
        ),
    )


def _subject(payload: Payload) -> tuple[Source, str, str]:
    """Tell whose run it is: the pipeline's, the Databricks job's, or the Logic App's own."""
    pipeline = fields.first_name(payload, "pipelineName")
    if run_id := fields.first_identifier(payload, "pipelineRunId"):
        pipeline = pipeline or fields.first_name(payload, "factory") or "unnamed pipeline"
        return Source.ADF, pipeline, identity.run_id(Source.ADF, run_id)
    job_id = fields.first_name(payload, "jobId")
    job = fields.first_name(payload, "jobName") or (f"job {job_id}" if job_id else None)
    job_run_id = fields.first_identifier(payload, "jobRunId", "runId")
    if job and job_run_id:
        return Source.DATABRICKS_JOB, job, job_run_id
    own = fields.first_identifier(payload, "workflow.runId")
    if pipeline or job or not own:
        absent = "jobRunId" if job else "pipelineRunId"
        raise ShapeError("A Logic App must name the run that failed.", [absent])
    return Source.AZURE_MONITOR, fields.first_name(payload, "workflow.name") or "unnamed Logic App", own


SENDER = Sender(
    name="body of a Logic App",
    routes=("logicapp",),
    expects=("pipelineName", "pipelineRunId", "error.message"),
    recognises=_recognises,
    read=_read,
)
