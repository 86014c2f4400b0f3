"""Libraries that could not be installed on a Databricks cluster: the older library events.

Statuses: docs.databricks.com/api/azure/workspace/libraries/clusterstatus, `library_statuses`.
"""

from __future__ import annotations

from datetime import datetime

from rca.domain.failure import Activity, Benign, Event, Failure, Reading
from rca.domain.vocabulary import Source
from rca.sources import databricks_event, fields, folding, identity
from rca.sources.sender import Payload, Sender

_CODE = "LIBRARY_INSTALLATION_FAILED"
_STATUSES = ("library_statuses", "cluster.library_statuses", "libraries", "cluster.libraries", "library")
_ERROR = ("error_message", "error.message", "error", "message", "cluster.state_message")


def _recognises(payload: Payload) -> bool:
    return "librar" in databricks_event.name(payload) or any(
        fields.at(payload, path) for path in ("library_statuses", "cluster.library_statuses")
    )


def _read(payload: Payload, received_at: datetime) -> Reading:
    return databricks_event.reading(_event(payload, received_at))


def _event(payload: Payload, received_at: datetime) -> Event:
    cluster = databricks_event.cluster(payload)
    name = databricks_event.name(payload)
    libraries = _failed(payload)
    detail = fields.first(payload, *_ERROR)
    if not libraries and (detail is None or "fail" not in name):
        reason = f"Event {name or 'without name'} of cluster {cluster.resource} reports no failed library"
        return Benign(source=Source.DATABRICKS_CLUSTER, resource=cluster.resource, reason=reason)
    ended_at = databricks_event.ended_at(payload)
    run_id = identity.cluster(cluster.id, _CODE, ended_at)
    lines = [f"{library.name}: {library.message or 'no reason given'}" for library in libraries]
    heading = (
        f"Libraries could not be installed on Databricks cluster {cluster.resource} ({cluster.id}), {_CODE}."
    )
    return Failure(
        source=Source.DATABRICKS_CLUSTER,
        resource=cluster.resource,
        run_id=run_id,
        identity=run_id,
        occurred_at=ended_at or received_at,
        message="\n".join((heading, *lines, *([detail] if detail else []))),
        code=_CODE,
        activities=libraries[: folding.MAX_ACTIVITIES],
        entity=libraries[0].name if libraries else None,
        labels=fields.labels({"cluster_id": cluster.id}, databricks_event.labels(payload)),
    )


def _failed(payload: Payload) -> tuple[Activity, ...]:
    failed = []
    for status in _statuses(payload):
        state = (fields.first(status, "status", "state") or "failed").lower()
        if state in {"failed", "error"}:
            told = fields.prose(fields.mapping(status).get("messages")) or fields.first(
                status, "message", "error"
            )
            failed.append(Activity(name=_name(status), code=_CODE, message=told or ""))
    return tuple(failed)


def _statuses(payload: Payload) -> tuple[object, ...]:
    for path in _STATUSES:
        found = fields.at(payload, path)
        if fields.items(found):
            return tuple(fields.items(found))
        if found:
            return (found,)
    return ()


def _name(status: object) -> str:
    """`pypi pandas==2.1`, `maven g:a:v`, `whl dbfs:/…`, or what the sender calls it."""
    library = fields.at(status, "library") or status
    forms = {"pypi": "pypi.package", "cran": "cran.package", "maven": "maven.coordinates"}
    forms |= {kind: kind for kind in ("whl", "jar", "egg", "requirements")}
    for kind, path in forms.items():
        if found := fields.first_name(library, path):
            return f"{kind} {found}"
    return fields.first_name(library, "name", "package") or fields.name(library) or "unnamed library"


SENDER = Sender(
    name="Databricks library event",
    routes=("databricks-monitor",),
    expects=("event", "cluster.cluster_id", "library_statuses"),
    recognises=_recognises,
    read=_read,
)
