"""Activity-log alerts: something was done to a resource or to the platform below it that a rule watches."""

from __future__ import annotations

import json
from collections.abc import Mapping

from rca.domain.failure import Benign, Failure
from rca.domain.vocabulary import Source
from rca.sources import fields, severities, times
from rca.sources.azure_alert import Alert

_UNDER_WAY = frozenset({"started", "accepted"})
_SERVICES = ("activity log", "servicehealth", "service health", "resource health", "resourcehealth")
_TEXT = ("statusMessage", "message", "details", "title", "communication", "cause", "currentHealthStatus")


def owns(alert: Alert) -> bool:
    """Whether it is an alert on the activity log, service health or resource health."""
    return alert.signal == "activity log" or alert.service.startswith(_SERVICES)


def describe(alert: Alert) -> Failure | Benign:
    """Describe the logged event; one that has only begun is reported again when it ends."""
    context = alert.context
    operation = fields.first_name(context, "operationName") or alert.rule or "An operation"
    status = fields.first_name(context, "status")
    resource = alert.target or fields.first_name(context, "properties.entity") or "unnamed resource"
    if (status or "").lower() in _UNDER_WAY:
        reason = f"{operation} on {resource} is {status}; its outcome is reported when it is known"
        return Benign(source=Source.AZURE_MONITOR, resource=resource, reason=reason)
    properties = _properties(context)
    error = _error(properties)
    told = [
        fields.first(error, "message"),
        *(fields.first(properties, key) for key in _TEXT),
        alert.description,
    ]
    lines = dict.fromkeys(line for line in told if line and line != operation and not line.startswith("{"))
    return Failure(
        source=Source.AZURE_MONITOR,
        resource=resource,
        run_id=alert.run_id,
        identity=alert.identity,
        occurred_at=times.first(context.get("eventTimestamp"), context.get("submissionTimestamp"))
        or alert.at,
        message="\n".join([f"{operation} on {resource}: {status or 'status unknown'}.", *lines]),
        code=fields.first_name(error, "code") or fields.first_name(context, "subStatus"),
        severity=severities.parse(context.get("level")) or alert.severity,
        entity=resource,
        link=alert.link,
        labels=fields.labels(
            {
                "operation": operation,
                "status": status,
                "level": context.get("level"),
                "caller": context.get("caller"),
                "correlation_id": context.get("correlationId"),
            },
            alert.labels(),
        ),
    )


def _properties(context: Mapping[str, object]) -> Mapping[str, object]:
    value = context.get("properties")
    return _parsed(value) if isinstance(value, str) else fields.mapping(value)


def _error(properties: Mapping[str, object]) -> Mapping[str, object]:
    """Return the error object that Resource Manager writes, as JSON text, into `statusMessage`."""
    status = properties.get("statusMessage")
    message = _parsed(status) if isinstance(status, str) else fields.mapping(status)
    return fields.mapping(message.get("error")) or message


def _parsed(written: str) -> Mapping[str, object]:
    try:
        return fields.mapping(json.loads(written))
    except (ValueError, RecursionError):
        return {}
