"""Azure Monitor's common alert schema, on whatever route it comes in.

A platform that reports through it is one module with `owns` and `describe` for a row, named in `_PLATFORMS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from rca.domain.failure import Benign, Event, Failure, Reading
from rca.domain.vocabulary import Source
from rca.errors import ShapeError
from rca.sources import (
    activity_log,
    adf,
    alert_rows,
    azure_alert,
    azure_monitor,
    databricks_cluster,
    databricks_run,
    fields,
    folding,
    identity,
    metric_alert,
)
from rca.sources.azure_alert import Alert, Record
from rca.sources.sender import Payload, Sender

SCHEMA = "azuremonitorcommonalertschema"


@dataclass(frozen=True, slots=True)
class _Platform:
    """`owns` claims a row; `places` are the tables and resource types that point to it where no row tells."""

    source: Source
    places: tuple[str, ...]
    owns: Callable[[Record, Alert], bool]
    describe: Callable[[Record, Alert], Failure | Benign]


# The first that owns a row describes it.
_PLATFORMS = (
    _Platform(Source.ADF, adf.PLACES, adf.owns, adf.describe),
    _Platform(
        Source.DATABRICKS_CLUSTER,
        ("databricksclusters",),
        databricks_cluster.owns,
        databricks_cluster.describe,
    ),
    _Platform(Source.DATABRICKS_JOB, ("databricksjobs",), databricks_run.owns, databricks_run.describe),
)


def _recognises(payload: Payload) -> bool:
    schema = (fields.first(payload, "schemaId") or "").lower()
    return (
        schema == SCHEMA
        or schema.startswith(("azuremonitor", "microsoft.insights"))
        or "essentials" in fields.mapping(payload.get("data"))
        or ("essentials" in payload and "alertContext" in payload)
    )


def _read(payload: Payload, received_at: datetime) -> Reading:
    schema = fields.first(payload, "schemaId")
    if schema and schema.lower() != SCHEMA:
        raise ShapeError(
            f"The alert uses the schema {fields.shorten(schema, 100)}. "
            "Turn on 'Enable the common alert schema' in the receiver of the action group.",
            ["schemaId"],
        )
    alert = azure_alert.parse(payload, received_at)
    own = identity.alert(alert.key, alert.fired_at) if alert.key and alert.fired_at else None
    events = folding.fold(folding.apart(_events(alert), own))
    if alert.resolved:
        at = alert.ended_at or alert.at
        events = tuple(folding.recovery(e, at) if isinstance(e, Failure) else e for e in events)
    note = alert_rows.left_out(alert)
    return Reading(events=events, notes=(note,) if note else ())


def _events(alert: Alert) -> tuple[Event, ...]:
    if activity_log.owns(alert):
        return (activity_log.describe(alert),)
    records = alert_rows.records(alert)
    if metric_alert.owns(alert):
        records = tuple(record for record in records if record.has("PipelineRunId", "RunId"))
        if not records:
            return (metric_alert.describe(alert),)
    return tuple(_describe(record, alert) for record in records or (Record({}, alert_rows.link(alert)),))


def _describe(record: Record, alert: Alert) -> Failure | Benign:
    platform = next((platform for platform in _PLATFORMS if platform.owns(record, alert)), None)
    if platform:
        return platform.describe(record, alert)
    pointed_to = (platform.source for platform in _PLATFORMS if alert.about(*platform.places))
    return azure_monitor.describe(record, alert, next(pointed_to, Source.AZURE_MONITOR))


SENDER = Sender(
    name="common-schema alert of Azure Monitor",
    routes=("azure-monitor", "azure-monitor-alert"),
    expects=("schemaId", "data.essentials", "data.alertContext"),
    recognises=_recognises,
    read=_read,
)
