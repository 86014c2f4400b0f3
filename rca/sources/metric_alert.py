"""Metric alerts: a condition that holds until Azure Monitor says that it is over."""

from __future__ import annotations

from collections.abc import Mapping

from rca.domain.failure import Failure, Kind
from rca.domain.vocabulary import Source
from rca.sources import adf, alert_rows, azure_alert, fields
from rca.sources.azure_alert import Alert


def owns(alert: Alert) -> bool:
    """Whether it is a metric alert, including Azure's managed Prometheus."""
    kind = (fields.first(alert.context, "conditionType") or "").lower()
    return (
        alert.signal == "metric"
        or "metriccriteria" in kind
        or any("metricName" in item for item in _all_of(alert))
    )


def describe(alert: Alert) -> Failure:
    """Describe the one condition of the alert; all dimension sets that met it are part of its message."""
    criteria = _all_of(alert)
    dimensions: dict[str, object] = {}
    for item in criteria:
        for key, value in alert_rows.dimensions(item.get("dimensions")).items():
            dimensions.setdefault(key, value)
    labels, pipeline = fields.mapping(alert.context.get("labels")), _pipeline(alert, dimensions)
    factory = azure_alert.factory(*alert.targets)
    return Failure(
        source=Source.ADF if alert.about(*adf.PLACES) else Source.AZURE_MONITOR,
        resource=pipeline or alert.target or alert.rule or "unnamed resource",
        run_id=alert.run_id,
        identity=alert.identity,
        occurred_at=alert.at,
        message=_message(alert, criteria),
        code=next((code for item in criteria if (code := fields.first_name(item, "metricName"))), None)
        or fields.first_name(labels, "alertname"),
        kind=Kind.CONDITION,
        severity=alert.severity,
        entity=alert.target,
        link=alert.link,
        labels=fields.labels(
            {"factory": factory[0] if factory else None, "resource_id": factory[1] if factory else None},
            dimensions,
            labels,
            alert.labels(),
        ),
    )


def _all_of(alert: Alert) -> list[Mapping[str, object]]:
    return [fields.mapping(item) for item in fields.items(fields.at(alert.context, "condition.allOf"))]


def _pipeline(alert: Alert, dimensions: Mapping[str, object]) -> str | None:
    """ADF calls the pipeline's dimension `Name`, Synapse calls it `Pipeline`."""
    if not alert.about(*adf.PLACES):
        return None
    return fields.first_name(dimensions, "PipelineName", "Pipeline", "Name")


def _message(alert: Alert, criteria: list[Mapping[str, object]]) -> str:
    annotations = fields.mapping(alert.context.get("annotations"))
    window = fields.first(alert.context, "condition.windowSize")
    lines = [
        alert.description,
        *(fields.first(annotations, key) for key in ("summary", "description", "message")),
    ]
    lines += [_criterion(item, window) for item in criteria]
    lines += [fields.first(alert.context, "expression")]
    told = list(dict.fromkeys(line for line in lines if line))
    return "\n".join(
        [
            alert.headline,
            *told,
        ]
    )


def _criterion(item: Mapping[str, object], window: str | None) -> str | None:
    metric = fields.first(item, "metricName")
    if metric is None:
        return None
    how = fields.first(item, "timeAggregation") or "Value"
    limit = " ".join(part for key in ("operator", "threshold") if (part := fields.first(item, key)))
    where = fields.prose(alert_rows.dimensions(item.get("dimensions")))
    return (
        f"{how} of {metric}"
        + (f" over {window}" if window else "")
        + f" is {fields.first(item, 'metricValue') or 'unknown'}"
        + (f", alert when {limit}" if limit else "")
        + (f" ({where})." if where else ".")
    )
