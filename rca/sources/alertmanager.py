"""Alertmanager's webhook, version 4: every alert of a group is a condition of its own.

Shape: prometheus.io/docs/alerting/latest/configuration/#webhook_config. Grafana sends the same one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from rca.domain.failure import Benign, Event, Failure, Kind, Reading, Recovery
from rca.domain.vocabulary import Source
from rca.errors import ShapeError
from rca.sources import fields, folding, identity, severities, times
from rca.sources.sender import Payload, Sender

# Always firing by design: they prove that alerts arrive, or mute others.
_HEARTBEATS = frozenset({"Watchdog", "InfoInhibitor"})
# Most specific first. An exporter's own pod and service ride along on what it measures.
_NAMESPACED = (
    "pod",
    "job_name",
    "cronjob",
    "statefulset",
    "deployment",
    "daemonset",
    "horizontalpodautoscaler",
    "persistentvolumeclaim",
    "service",
)
_PLAIN = ("node", "instance", "job")
_ABOUT_PODS = ("KubePod", "KubeContainer")
_TEXT = ("summary", "description", "message")


def _recognises(payload: Payload) -> bool:
    if isinstance(payload.get("alerts"), list):
        return True
    return "groupKey" in payload and "receiver" in payload


def _read(payload: Payload, received_at: datetime) -> Reading:
    alerts = fields.items(payload.get("alerts"))
    events: list[Event] = []
    unreadable: list[str] = []
    for number, alert in enumerate(alerts):
        absent = _absent(alert)
        if absent:
            unreadable += [f"alerts[{number}].{path}" for path in absent]
        else:
            events.append(_event(fields.mapping(alert), payload, received_at))
    if not events:
        raise ShapeError("The group holds no readable alert.", unreadable or ["alerts"])
    return Reading(events=folding.fold(events), notes=_notes(payload, unreadable))


def _absent(alert: object) -> list[str]:
    """List what is missing: labels say what an alert is, its start tells one episode from the next."""
    absent = [] if fields.labels(fields.mapping(fields.at(alert, "labels"))) else ["labels"]
    return absent + ([] if times.parse(fields.at(alert, "startsAt")) else ["startsAt"])


def _notes(payload: Payload, unreadable: list[str]) -> tuple[str, ...]:
    notes = []
    truncated = fields.first_identifier(payload, "truncatedAlerts")
    if truncated and truncated != "0":
        notes.append(f"Alertmanager left {truncated} more alerts out of this notification (truncatedAlerts)")
    if unreadable:
        notes.append(f"Alerts left out because these fields can't be read: {', '.join(unreadable)}")
    return tuple(notes)


def _event(alert: Mapping[str, object], group: Payload, received_at: datetime) -> Event:
    sent = fields.mapping(alert.get("labels"))
    labels = fields.labels(sent, fields.mapping(group.get("commonLabels")))
    started_at = times.parse(alert.get("startsAt")) or received_at
    run_id = identity.condition(fields.identifier(alert.get("fingerprint")) or _fingerprint(sent), started_at)
    name, resource = labels.get("alertname"), _resource(labels)
    if (fields.first(alert, "status") or fields.first(group, "status") or "").lower() == "resolved":
        return Recovery(
            source=Source.PROMETHEUS,
            resource=resource,
            run_id=run_id,
            identity=run_id,
            at=times.parse(alert.get("endsAt")) or received_at,
            closes=True,
            message=f"{name or 'The alert'} no longer fires for {resource}",
        )
    if name in _HEARTBEATS:
        reason = f"{name} always fires by design; it is no failure"
        return Benign(source=Source.PROMETHEUS, resource=resource, reason=reason)
    annotations = fields.mapping(alert.get("annotations"))
    links = {
        "runbook": annotations.get("runbook_url") or annotations.get("runbook"),
        "dashboard": annotations.get("dashboard_url") or alert.get("dashboardURL"),
        "receiver": group.get("receiver"),
        "alertmanager": group.get("externalURL"),
    }
    return Failure(
        source=Source.PROMETHEUS,
        resource=resource,
        run_id=run_id,
        identity=run_id,
        occurred_at=started_at,
        message=_message(name, resource, annotations, fields.mapping(group.get("commonAnnotations"))),
        code=name,
        kind=Kind.CONDITION,
        severity=severities.parse(labels.get("severity")),
        entity=(None if _exporter(labels) else labels.get("container"))
        or labels.get("mountpoint")
        or resource,
        link=fields.link(alert.get("generatorURL"), alert.get("panelURL"), group.get("externalURL")),
        labels=fields.labels(labels, links),
    )


def _fingerprint(labels: Mapping[str, object]) -> str:
    """Stand in for Alertmanager's fingerprint, which is likewise made of the labels alone."""
    pairs = sorted((key, found) for key, value in labels.items() if (found := fields.prose(value)))
    return hashlib.sha256(json.dumps(pairs).encode()).hexdigest()[:16]


def _resource(labels: Mapping[str, str]) -> str:
    """Name `namespace/object` for what lives in a namespace, else the node, instance, job or alert."""
    exporter = _exporter(labels)
    namespace = None if exporter else labels.get("namespace")
    for key in _NAMESPACED:
        found = labels.get(key)
        if found and not (exporter and key in {"pod", "service"}):
            return "/".join(part for part in (labels.get("namespace"), found) if part)
    for key in _PLAIN:
        if found := labels.get(key):
            return f"{namespace}/{found}" if namespace and key != "node" else found
    return labels.get("namespace") or labels.get("alertname") or "unnamed resource"


def _exporter(labels: Mapping[str, str]) -> bool:
    """Whether the pod label names the exporter that measured, not what it measured."""
    pod = labels.get("pod", "")
    about_pods = labels.get("alertname", "").startswith(_ABOUT_PODS)
    return ("exporter" in pod or "kube-state-metrics" in pod) and not about_pods


def _message(
    name: str | None, resource: str, annotations: Mapping[str, object], common: Mapping[str, object]
) -> str:
    told = [fields.first(annotations, key) or fields.first(common, key) for key in _TEXT]
    lines = list(dict.fromkeys(line for line in told if line))
    heading = f"{name or 'An alert'} fires for {resource}"
    return "\n".join([f"{heading}: {lines[0]}", *lines[1:]]) if lines else f"{heading}."


SENDER = Sender(
    name="notification of Alertmanager",
    routes=("webhook/alerts",),
    expects=("alerts",),
    recognises=_recognises,
    read=_read,
)
