"""Events of a Databricks cluster: POST /api/2.1/clusters/events, newest first."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from rca.domain.evidence import EvidenceItem, EvidenceKind, Note
from rca.domain.failure import Failure
from rca.evidence import reading
from rca.evidence.http import Request

_NAME: Final = "databricks"
_ID: Final = re.compile(r"\d{4}-\d{6}-[a-z0-9]{1,40}")
_MOST: Final = 50
_BEFORE: Final = timedelta(hours=2)
_AFTER: Final = timedelta(minutes=15)


def cluster_of(failure: Failure) -> str | None:
    """Return the id of the cluster that a failure is about; a name is none."""
    named = (failure.labels.get("cluster_id"), failure.entity)
    return next((name for name in named if name and _ID.fullmatch(name)), None)


def request(address: str, cluster_id: str, occurred_at: datetime, headers: Mapping[str, str]) -> Request:
    """Ask for the latest events around the failure."""
    body = {
        "cluster_id": cluster_id,
        "start_time": int((occurred_at - _BEFORE).timestamp() * 1000),
        "end_time": int((occurred_at + _AFTER).timestamp() * 1000),
        "order": "DESC",
        "limit": _MOST,
    }
    return Request(url=f"{address}/api/2.1/clusters/events", method="POST", headers=headers, body=body)


def told(cluster_id: str, answer: object) -> Iterator[EvidenceItem | Note]:
    """Yield why the cluster ended, and its events in the order in which they happened."""
    events = [reading.mapping(event) for event in reading.items(reading.at(answer, "events"))]
    events.sort(key=lambda event: stamp if isinstance(stamp := event.get("timestamp"), int) else 0)
    if not events:
        yield Note(f"cluster {cluster_id} has no events around the failure")
        return
    for event in reversed(events):
        if reason := reading.mapping(reading.at(event, "details.reason")):
            yield _ending(cluster_id, event, reason)
            break
    yield EvidenceItem(
        adapter=_NAME,
        kind=EvidenceKind.EVENT,
        title=f"Events of cluster {cluster_id}",
        text="\n".join(map(_line, events)),
        at=reading.moment(events[-1].get("timestamp")),
    )
    if reading.mapping(reading.at(answer, "next_page")) or reading.first(answer, "next_page_token"):
        yield Note(f"cluster {cluster_id} has older events than the last {len(events)}")


def _ending(cluster_id: str, event: Mapping[str, object], reason: Mapping[str, object]) -> EvidenceItem:
    parameters = reading.mapping(reason.get("parameters"))
    lines = [f"Cluster {cluster_id} ended with {reading.first(reason, 'code') or 'no code'}"]
    lines += [reading.facts([("type", reason.get("type")), *parameters.items()])]
    return EvidenceItem(
        adapter=_NAME,
        kind=EvidenceKind.ERROR,
        title=f"End of cluster {cluster_id}",
        text="\n".join(filter(None, lines)),
        at=reading.moment(event.get("timestamp")),
        code=reading.first(reason, "code"),
    )


def _line(event: Mapping[str, object]) -> str:
    at = reading.moment(event.get("timestamp"))
    details = event.get("details")
    return " ".join(
        part
        for part in (
            at.isoformat(timespec="seconds") if at else None,
            reading.first(event, "type"),
            reading.first_words(json.dumps(details, sort_keys=True), 4_000) if details else None,
        )
        if part
    )
