"""Several reports of one failure become one failure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from rca.domain.failure import Activity, Event, Failure, Kind, Recovery
from rca.domain.vocabulary import Severity
from rca.sources import fields, identity

MAX_ACTIVITIES = 200


def fold(events: Iterable[Event]) -> tuple[Event, ...]:
    """Join failures of one identity, in the order of their first report; keep other events once each."""
    groups: dict[object, list[Failure]] = {}
    kept: dict[object, Event] = {}
    for event in events:
        if isinstance(event, Failure):
            key = (event.source, event.identity)
            groups.setdefault(key, []).append(event)
            kept.setdefault(key, event)
        else:
            kept.setdefault(event, event)
    return tuple(_join(groups[key]) if key in groups else event for key, event in kept.items())


def apart(events: Sequence[Event], shared: str | None) -> tuple[Event, ...]:
    """Tell failures under the alert's own identity apart by resource, where they concern more than one."""
    alike = {event.resource for event in events if isinstance(event, Failure) and event.identity == shared}
    if len(alike) < 2:
        return tuple(events)
    return tuple(
        replace(event, identity=f"{shared}/{identity.path(event.resource)}")
        if isinstance(event, Failure) and event.identity == shared
        else event
        for event in events
    )


def recovery(failure: Failure, at: datetime) -> Recovery:
    """Make the end of what a failure reported: it closes a condition, and is only a note about a run."""
    over = failure.kind is Kind.CONDITION
    what = (
        "The condition is over"
        if over
        else "The alert no longer sees the failure; the run itself stays failed"
    )
    return Recovery(
        source=failure.source,
        resource=failure.resource,
        run_id=failure.run_id,
        identity=failure.identity,
        at=at,
        closes=over,
        message=what,
    )


def _join(failures: Sequence[Failure]) -> Failure:
    """Make one failure; the earliest report gives code and entity, as later ones mostly follow from it."""
    ordered = sorted(failures, key=lambda failure: failure.occurred_at)
    first = ordered[0]
    if len(ordered) == 1:
        return first
    activities = tuple(dict.fromkeys(activity for failure in ordered for activity in failure.activities))
    return replace(
        first,
        message=_message(ordered),
        code=next((failure.code for failure in ordered if failure.code), None),
        aliases=tuple(dict.fromkeys(alias for failure in ordered for alias in failure.aliases)),
        activities=activities[:MAX_ACTIVITIES],
        severity=_worst(failure.severity for failure in ordered),
        entity=next((failure.entity for failure in ordered if failure.entity), None),
        link=next((failure.link for failure in ordered if failure.link), None),
        labels=fields.labels(*(failure.labels for failure in ordered)),
    )


def _message(failures: Sequence[Failure]) -> str:
    lines: dict[tuple[Activity | None, str], str] = {}
    for failure in failures:
        activity = failure.activities[0] if len(failure.activities) == 1 else None
        lines.setdefault((activity, failure.message), failure.message)
    if len(lines) == 1:
        return failures[0].message
    return "\n".join(_line(activity, message) for activity, message in lines)


def _line(activity: Activity | None, message: str) -> str:
    if activity is None:
        return message
    return f"{activity.name} ({activity.code}): {message}" if activity.code else f"{activity.name}: {message}"


def _worst(severities: Iterable[Severity | None]) -> Severity | None:
    return min(
        (severity for severity in severities if severity), key=lambda severity: severity.rank, default=None
    )
