"""Ends of Databricks clusters: rows of an alert, and the older cluster events.

Termination codes: docs.databricks.com/api/azure/workspace/clusters/get, `termination_reason`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rca.domain.failure import Benign, Event, Failure, Reading
from rca.domain.vocabulary import Severity, Source
from rca.sources import databricks_event, fields, identity
from rca.sources.azure_alert import Alert, Record
from rca.sources.databricks_event import Cluster
from rca.sources.sender import Payload, Sender

_BENIGN = frozenset({"INACTIVITY", "USER_REQUEST", "JOB_FINISHED", "SUCCESS"})
_SEPARATOR = re.compile(r"[^A-Za-z0-9]+")
_CODE = (
    "TerminationCode",
    "Termination",
    "TerminationReasonCode",
    "ClusterTerminationReasonCode",
    "TerminationReason",
)
_STATE = ("ClusterState", "State")
_FAILING = ("terminat", "fail", "error", "lost", "not_responding", "unhealthy")


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """One end of a cluster, whichever shape reports it."""

    cluster: Cluster
    code: str
    kind: str | None
    parameters: str | None
    state: str | None
    detail: str | None
    ended_at: datetime | None
    received_at: datetime
    severity: Severity | None = None
    link: str | None = None
    labels: Mapping[str, object] = field(default_factory=dict)


def owns(record: Record, alert: Alert) -> bool:
    """Whether the row is about a cluster rather than about a run on it."""
    if record.has("JobId", "JobName", "JobRunId") or not record.has("ClusterId", "ClusterName"):
        return False
    return record.has(*_CODE, *_STATE) or alert.about("databricksclusters") or not record.has("RunId")


def describe(record: Record, alert: Alert) -> Failure | Benign:
    """Describe one end of a cluster; where the row has no time, the alert's own tells it from the next."""
    cluster_id, name = record.id("ClusterId"), record.name("ClusterName")
    state = record.name(*_STATE)
    return _event(
        _End(
            cluster=Cluster(cluster_id or name or "unknown", name),
            code=record.name(*_CODE) or state or "UNKNOWN",
            kind=record.name("TerminationType", "Type"),
            parameters=record.text("TerminationParameters", "Parameters"),
            state=state,
            detail=record.text("ErrorMessage", "StateMessage", "TerminationMessage", "Message"),
            ended_at=record.time("LastEvent", "TimeGenerated", "EventTime", "Timestamp", "Time")
            or alert.fired_at,
            received_at=alert.received_at,
            severity=alert.severity,
            link=record.link,
            labels={
                "workspace_id": record.id("WorkspaceId"),
                "resource_id": record.text("ResourceId"),
                **alert.labels(),
            },
        )
    )


def _recognises(payload: Payload) -> bool:
    event = databricks_event.name(payload)
    return event.startswith(("cluster.", "clusters.")) or (
        not event and isinstance(payload.get("cluster"), Mapping) and "dag_id" not in payload
    )


def _read(payload: Payload, received_at: datetime) -> Reading:
    return databricks_event.reading(_told(payload, received_at))


def _told(payload: Payload, received_at: datetime) -> Event:
    cluster = databricks_event.cluster(payload)
    name = databricks_event.name(payload)
    reason = fields.at(payload, "cluster.termination_reason") or payload.get("termination_reason")
    code = (
        fields.first_name(reason, "code")
        or fields.name(reason)
        or fields.first_name(payload, "cluster.termination_code", "termination_code")
    )
    state = fields.first_name(payload, "cluster.state", "state")
    last = name.rsplit(".", 1)[-1] or (state or "").lower()
    if code is None and not any(word in last for word in _FAILING):
        told = f"Event {name or 'without name'} of cluster {cluster.resource} reports no failure"
        return Benign(source=Source.DATABRICKS_CLUSTER, resource=cluster.resource, reason=told)
    return _event(
        _End(
            cluster=cluster,
            code=code or state or last,
            kind=fields.first_name(reason, "type"),
            parameters=fields.prose(fields.mapping(reason).get("parameters")),
            state=state,
            detail=fields.first(
                payload, "cluster.state_message", "state_message", "error_message", "message"
            ),
            ended_at=databricks_event.ended_at(payload),
            received_at=received_at,
            labels=databricks_event.labels(payload),
        )
    )


def _event(end: _End) -> Failure | Benign:
    resource = end.cluster.resource
    code = _SEPARATOR.sub("_", end.code).strip("_").upper() or "UNKNOWN"
    if code in _BENIGN:
        reason = f"Cluster {resource} ended by {code}, which is no failure"
        return Benign(source=Source.DATABRICKS_CLUSTER, resource=resource, reason=reason)
    run_id = identity.cluster(end.cluster.id, code, end.ended_at)
    facts = (("type", end.kind), ("parameters", end.parameters), ("state", end.state))
    told = "; ".join(f"{name}: {value}" for name, value in facts if value)
    return Failure(
        source=Source.DATABRICKS_CLUSTER,
        resource=resource,
        run_id=run_id,
        identity=run_id,
        occurred_at=end.ended_at or end.received_at,
        message=f"Databricks cluster {resource} ({end.cluster.id}) ended with {code}"
        + (f" ({told})." if told else ".")
        + (f" {end.detail}" if end.detail else ""),
        code=code,
        severity=end.severity,
        entity=fields.shorten(end.cluster.id, fields.MAX_NAME),
        link=end.link,
        labels=fields.labels(
            {"cluster_id": end.cluster.id, "termination_type": end.kind, "state": end.state},
            {"parameters": end.parameters},
            end.labels,
        ),
    )


SENDER = Sender(
    name="Databricks cluster event",
    routes=("databricks-monitor",),
    expects=("event", "cluster.cluster_id"),
    recognises=_recognises,
    read=_read,
)
