"""Databricks job runs: today's notification webhooks and the older run events.

Webhooks: docs.databricks.com/aws/en/jobs/notifications. They carry ids and names but no error text.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from rca.domain.failure import Activity, Benign, Event, Failure, Reading, Recovery
from rca.domain.vocabulary import Source
from rca.errors import ShapeError
from rca.sources import databricks_run, fields, folding, identity, messages, times
from rca.sources.sender import Payload, Sender

_SOURCE = Source.DATABRICKS_JOB
_FAILED = frozenset(
    {"failed", "failure", "error", "internal_error", "upstream_failed", "upstream_canceled"}
    | {"timedout", "timed_out", "timeout", "canceled", "cancelled", "maximum_concurrent_runs_reached"}
)
_SUCCEEDED = frozenset({"success", "succeeded", "success_with_failures"})
# What a result or code says that the event's name did not say already.
_PLAIN = frozenset({"failed", "failure", "error", "success"})
_TEXT = (
    "run.state.state_message",
    "run.status.termination_details.message",
    "run.state_message",
    "run.error",
    "error_message",
    "error.message",
    "error",
    "message",
)
_JOB_ID = ("job.job_id", "run.job_id", "job_id")
_CODE = ("run.status.termination_details.code", "run.state.error_code", "error_code")
_ENDED = ("run.end_time", "end_time", "timestamp", "event_time", "time")
_BENIGN = {
    "start": "Run {run} of job {name} started; nothing has failed",
    "duration_warning_threshold_exceeded": "Run {run} of job {name} takes longer than its warning threshold; "
    "it still goes on, nothing has failed",
    "streaming_backlog_exceeded": "Run {run} of job {name} has a streaming backlog above its threshold; "
    "it still goes on, nothing has failed",
}


def _recognises(payload: Payload) -> bool:
    event = _event(payload)
    if event.startswith(("jobs.", "job.", "run.")):
        return True
    return not event and isinstance(payload.get("run"), Mapping) and isinstance(payload.get("job"), Mapping)


def _read(payload: Payload, received_at: datetime) -> Reading:
    run_id, aliases = databricks_run.lineage(
        fields.first_identifier(payload, "run.run_id", "run_id"),
        fields.first_identifier(payload, "run.parent_run_id", "parent_run_id"),
    )
    if run_id is None:
        raise ShapeError("A Databricks job event must name its run.", ["run.run_id"])
    return Reading(events=(_read_event(payload, run_id, aliases, received_at),))


def _read_event(payload: Payload, run_id: str, aliases: tuple[str, ...], received_at: datetime) -> Event:
    named = fields.first_name(payload, "job.name", "job.settings.name", "run.run_name", "job_name")
    job = named or databricks_run.unnamed(fields.first_identifier(payload, *_JOB_ID))
    match _outcome(payload):
        case "failed":
            return _failure(payload, job, run_id, aliases, received_at)
        case "succeeded" if _is_task(payload):
            reason = f"A task of job {job} succeeded; its run {run_id} reports for itself"
            return Benign(source=_SOURCE, resource=job, reason=reason)
        case "succeeded":
            return _recovery(payload, job, run_id, received_at)
        case other:
            template = _BENIGN.get(other, "Event {event} of job {name}, run {run}, reports no failure")
            reason = template.format(name=job, run=run_id, event=_event(payload))
            return Benign(source=_SOURCE, resource=job, reason=reason)


def _failure(
    payload: Payload, job: str, run_id: str, aliases: tuple[str, ...], received_at: datetime
) -> Failure:
    tasks, task_runs = _tasks(payload)
    message = _told(payload, tasks)
    result = _result(payload)
    code = fields.first_name(payload, *_CODE) or messages.exception_class(message or "")
    return Failure(
        source=_SOURCE,
        resource=job,
        run_id=run_id,
        identity=identity.run(_SOURCE, run_id),
        occurred_at=_ended_at(payload) or received_at,
        message=message or _untold(payload, job, run_id),
        code=code or (result.upper() if result and result not in _PLAIN else None),
        aliases=tuple(dict.fromkeys((*aliases, *task_runs))),
        activities=tasks,
        entity=tasks[0].name if tasks else None,
        link=fields.link(fields.at(payload, "run.run_page_url"), payload.get("run_page_url")),
        labels=fields.labels(
            {
                "job_id": fields.first_identifier(payload, *_JOB_ID),
                "task_run_id": fields.first_identifier(payload, "run.run_id") if _is_task(payload) else None,
                "workspace_id": fields.first_identifier(payload, "workspace_id"),
                "cluster_id": fields.first_identifier(payload, "run.cluster_instance.cluster_id"),
                "life_cycle_state": fields.at(payload, "run.state.life_cycle_state"),
                "result_state": result.upper(),
                "event": _event(payload),
                "creator": fields.at(payload, "run.creator_user_name"),
                "run_type": fields.at(payload, "run.run_type"),
            },
        ),
    )


def _recovery(payload: Payload, job: str, run_id: str, received_at: datetime) -> Recovery:
    return Recovery(
        source=_SOURCE,
        resource=job,
        run_id=run_id,
        identity=identity.run(_SOURCE, run_id),
        at=_ended_at(payload) or received_at,
        closes=True,
        message=f"Run {run_id} of job {job} succeeded",
    )


def _event(payload: Payload) -> str:
    return (fields.first(payload, "event_type", "event") or "").lower()


def _result(payload: Payload) -> str:
    return (fields.first(payload, "run.state.result_state", "run.result_state", "result_state") or "").lower()


def _outcome(payload: Payload) -> str:
    """`failed`, `succeeded`, or the last word of an event that is neither."""
    event, result = _event(payload), _result(payload)
    last = event.rsplit(".", 1)[-1].removeprefix("on_")
    for word in (last, result):
        if word in _FAILED or word in _SUCCEEDED:
            return "failed" if word in _FAILED else "succeeded"
    if not event:
        raise ShapeError("A Databricks job event must say what happened.", ["event_type"])
    return last


def _is_task(payload: Payload) -> bool:
    parent = fields.first_identifier(payload, "run.parent_run_id", "parent_run_id")
    return isinstance(payload.get("task"), Mapping) or parent not in (None, "0")


def _ended_at(payload: Payload) -> datetime | None:
    return times.first(*(fields.at(payload, path) for path in _ENDED))


def _tasks(payload: Payload) -> tuple[tuple[Activity, ...], tuple[str, ...]]:
    """Return the failed tasks, and the names of their own runs."""
    if key := fields.first_name(payload, "task.task_key", "task_key", "run.task_key"):
        return (Activity(name=key, message=_told(payload, ()) or ""),), ()
    activities: list[Activity] = []
    aliases: list[str] = []
    for task in fields.items(fields.at(payload, "run.tasks") or payload.get("tasks")):
        state = (fields.first(task, "state.result_state", "result_state") or "").lower()
        key = fields.first_name(task, "task_key")
        if key and state in _FAILED and len(activities) < folding.MAX_ACTIVITIES:
            activities.append(
                Activity(name=key, code=_task_code(task, state), message=_task_error(task) or "")
            )
            own = fields.first_identifier(task, "run_id")
            aliases += [identity.run(_SOURCE, own)] if own else []
    return tuple(activities), tuple(aliases)


def _task_code(task: object, state: str) -> str | None:
    return fields.first_name(task, "status.termination_details.code") or (
        state.upper() if state not in _PLAIN else None
    )


def _task_error(task: object) -> str | None:
    return fields.first(
        task, "run_output.error", "error", "exception.message", "state.state_message", "state_message"
    )


def _told(payload: Payload, tasks: tuple[Activity, ...]) -> str | None:
    """Return the error text: what the run says, and what each of its failed tasks adds to that."""
    own = fields.first(payload, *_TEXT)
    lines = [f"{task.name}: {task.message}" for task in tasks if task.message and task.message != own]
    return "\n".join([own, *lines] if own else lines) or None


def _untold(payload: Payload, job: str, run_id: str) -> str:
    task = fields.first_name(payload, "task.task_key", "task_key")
    own = fields.first_identifier(payload, "run.run_id", "run_id")
    where = f" at task {task}" if task else ""
    run = f"run {run_id}" + (f", task run {own}" if own and own != run_id else "")
    called = (
        job if job == databricks_run.unnamed(fields.first_identifier(payload, *_JOB_ID)) else f"job {job}"
    )
    return f"Databricks {called} failed{where} ({run}); the webhook carries no error text."


SENDER = Sender(
    name="Databricks job notification",
    routes=("databricks-monitor",),
    expects=("event_type", "run.run_id", "job.job_id"),
    recognises=_recognises,
    read=_read,
)
