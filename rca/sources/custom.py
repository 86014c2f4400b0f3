"""The documented minimal alert for any system that has no module of its own (docs/sources.md)."""

from __future__ import annotations

from datetime import datetime

from rca.domain.failure import Failure, Reading
from rca.domain.vocabulary import Source
from rca.errors import ShapeError
from rca.sources import fields, identity, severities, times
from rca.sources.sender import Payload, Sender


def _recognises(payload: Payload) -> bool:
    return "resource" in payload and ("run_id" in payload or "message" in payload)


def _read(payload: Payload, received_at: datetime) -> Reading:
    resource = fields.first_name(payload, "resource")
    run_id = fields.first_identifier(payload, "run_id")
    message = fields.first(payload, "message")
    required = (("resource", resource), ("run_id", run_id), ("message", message))
    if not (resource and run_id and message):
        raise ShapeError(
            "A custom alert needs resource, run_id and message.",
            [path for path, value in required if not value],
        )
    source = _source(payload)
    occurred_at, severity = times.parse(payload.get("time")), severities.parse(payload.get("severity"))
    failure = Failure(
        source=source,
        resource=resource,
        run_id=identity.run_id(source, run_id),
        identity=identity.run(source, run_id),
        occurred_at=occurred_at or received_at,
        message=message,
        code=fields.first_name(payload, "code"),
        severity=severity,
        labels=fields.labels(fields.mapping(payload.get("labels"))),
    )
    return Reading(events=(failure,), notes=_notes(payload, time=occurred_at, severity=severity))


def _source(payload: Payload) -> Source:
    written = fields.first(payload, "source")
    if written is None:
        return Source.AZURE_MONITOR
    try:
        return Source(written.lower())
    except ValueError:
        raise ShapeError(f"source must be one of {', '.join(Source)}, or left out.", ["source"]) from None


def _notes(payload: Payload, **read: object) -> tuple[str, ...]:
    """Remark on optional fields that can't be read: they are no reason to lose the alert."""
    return tuple(
        f"{key} can't be read and was left out: {fields.shorten(fields.prose(payload.get(key)) or '?', 100)}"
        for key, value in read.items()
        if value is None and payload.get(key) not in (None, "")
    )


SENDER = Sender(
    name="custom alert",
    routes=("alerts/custom",),
    expects=("resource", "run_id", "message"),
    recognises=_recognises,
    read=_read,
)
