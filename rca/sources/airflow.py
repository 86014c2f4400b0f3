"""Airflow 2.x and 3.x: the body that our callback posts, or a hand-written one with the same names.

Airflow has no webhook of its own. In 3.x `execution_date` is gone and `logical_date` may be null.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from rca.domain.failure import Benign, Event, Failure, Reading, Recovery
from rca.domain.vocabulary import Source
from rca.errors import ShapeError
from rca.sources import fields, identity, messages, severities, times
from rca.sources.sender import Payload, Sender

_FAILED = frozenset({"failed", "failure", "upstream_failed", "shutdown"})
_RETRIED = frozenset({"up_for_retry", "retry"})
_OTHER = frozenset(
    {"running", "queued", "scheduled", "deferred", "skipped", "removed", "restarting", "up_for_reschedule"}
)
_DATES = ("logical_date", "execution_date", "dag_run.logical_date", "run_after", "dag_run.run_after")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """Names of one task run, or of a dag run where `task` is None."""

    instance: str
    dag: str
    run: str
    task: str | None
    map_index: str

    @property
    def whole(self) -> str:
        return identity.path(self.instance, self.dag, self.run)

    @property
    def identity(self) -> str:
        if self.task is None:
            return self.whole
        return identity.path(self.instance, self.dag, self.run, self.task, self.map_index)

    @property
    def resource(self) -> str:
        return fields.shorten(f"{self.dag}.{self.task}" if self.task else self.dag, fields.MAX_NAME)

    @property
    def label(self) -> str:
        return f"task {self.resource}" if self.task else f"dag {self.resource}"


def _recognises(payload: Payload) -> bool:
    return "dag_id" in payload


def _read(payload: Payload, received_at: datetime) -> Reading:
    run = _run(payload)
    return Reading(events=(_event(payload, run, received_at),))


def _event(payload: Payload, run: _Run, received_at: datetime) -> Event:
    match _outcome(payload):
        case "failed":
            return _failure(payload, run, received_at)
        case "success":
            return Recovery(
                source=Source.AIRFLOW,
                resource=run.resource,
                run_id=run.run,
                identity=run.identity,
                at=_ended_at(payload) or received_at,
                closes=True,
                message=f"Airflow {run.label} succeeded (run {run.run}{_tries(payload)})",
            )
        case "retry":
            reason = (
                f"Airflow {run.label} failed and will be retried by Airflow (run {run.run}{_tries(payload)})"
            )
            return Benign(source=Source.AIRFLOW, resource=run.resource, reason=reason)
        case other:
            reason = f"Airflow {run.label} is {other} (run {run.run}), which is no failure"
            return Benign(source=Source.AIRFLOW, resource=run.resource, reason=reason)


def _run(payload: Payload) -> _Run:
    event = _name(payload)
    dag = fields.first_name(payload, "dag_id")
    run = fields.first_identifier(payload, "run_id", "dag_run_id", "dag_run.run_id") or _date(payload)
    absent = [path for path, value in (("dag_id", dag), ("run_id", run)) if value is None]
    if dag is None or run is None:
        raise ShapeError(
            "An Airflow callback must name its dag and its run (run_id, logical_date or execution_date).",
            absent,
        )
    return _Run(
        instance=fields.first_name(payload, "instance") or _host(payload) or "default",
        dag=dag,
        run=run,
        # A dag's own callback runs in the context of some task, which is not what failed.
        task=None if event.startswith("dag_") else fields.first_identifier(payload, "task_id"),
        map_index=fields.first_identifier(payload, "map_index") or "-1",
    )


def _host(payload: Payload) -> str | None:
    address = fields.link(payload.get("log_url"), payload.get("base_url"))
    return fields.host(address) if address else None


def _date(payload: Payload) -> str | None:
    moment = times.first(*(fields.at(payload, path) for path in _DATES))
    return times.stamp(moment) if moment else None


def _name(payload: Payload) -> str:
    return (fields.first(payload, "event") or "").lower()


def _outcome(payload: Payload) -> str:
    """`failed`, `success`, `retry`, or another state.

    The event's name is certain; the state may still be `running` while a callback runs.
    """
    event = (
        _name(payload)
        .removeprefix("task_")
        .removeprefix("dag_")
        .removeprefix("on_")
        .removesuffix("_callback")
    )
    state = (fields.first(payload, "state", "dag_run.state") or "").lower()
    for word in (event, state):
        if word in _FAILED:
            return "failed"
        if word == "success":
            return "success"
        if word in _RETRIED:
            return "retry"
    if _error(payload):
        return "failed"
    if state in _OTHER:
        return state
    raise ShapeError("An Airflow callback must say how the task ended.", ["state"])


def _failure(payload: Payload, run: _Run, received_at: datetime) -> Failure:
    error = _error(payload)
    named = fields.first_name(payload, "exception_type", "exception_class")
    code = named.rsplit(".", 1)[-1] if named else messages.exception_class(error or "")
    if error and code and not re.search(rf"\b{re.escape(code)}\b", error):
        error = f"{code}: {error}"
    return Failure(
        source=Source.AIRFLOW,
        resource=run.resource,
        run_id=run.run,
        identity=run.identity,
        occurred_at=_ended_at(payload) or received_at,
        message=error or _untold(payload, run),
        code=code,
        within=run.whole if run.task else None,
        whole=run.task is None,
        severity=severities.parse(payload.get("severity")),
        entity=fields.shorten(run.task, fields.MAX_NAME) if run.task else run.dag,
        link=fields.link(payload.get("log_url")),
        labels=_labels(payload, run),
    )


def _error(payload: Payload) -> str | None:
    value = payload.get("exception")
    if isinstance(value, str):
        value = fields.identifier(value)
    return fields.prose(value) or fields.first(payload, "error")


def _untold(payload: Payload, run: _Run) -> str:
    state = fields.first(payload, "state")
    told = f"run {run.run}" + (f", state {state}" if state else "") + _tries(payload)
    reason = fields.first(payload, "reason", "dag_run.reason")
    return f"Airflow {run.label} failed ({told})" + (
        f": {reason}" if reason else "; the callback carries no error text."
    )


def _tries(payload: Payload) -> str:
    number = fields.first_identifier(payload, "try_number")
    return f", try {number}" if number else ""


def _ended_at(payload: Payload) -> datetime | None:
    paths = ("end_date", "dag_run.end_date", "timestamp", "ts", "start_date", "dag_run.start_date")
    return times.first(*(fields.at(payload, path) for path in paths))


def _labels(payload: Payload, run: _Run) -> dict[str, str]:
    keys = (
        "operator",
        "try_number",
        "max_tries",
        "state",
        "owner",
        "tags",
        "pool",
        "queue",
        "hostname",
        "team",
    )
    return fields.labels(
        {"dag_id": run.dag, "task_id": run.task, "instance": run.instance},
        {"map_index": run.map_index if run.map_index != "-1" else None},
        {key: payload.get(key) for key in keys},
        {
            "run_type": fields.at(payload, "dag_run.run_type"),
            "logical_date": fields.first(payload, *_DATES[:3]),
            "duration_seconds": payload.get("duration"),
            "airflow_version": payload.get("airflow_version"),
        },
    )


SENDER = Sender(
    name="callback of Airflow",
    routes=("airflow-monitor",),
    expects=("dag_id", "run_id", "state"),
    recognises=_recognises,
    read=_read,
)
