"""What the older Databricks events about clusters have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rca.domain.failure import Event, Failure, Reading
from rca.errors import ShapeError
from rca.sources import fields, times
from rca.sources.sender import Payload

_ENDED = (
    "cluster.terminated_time",
    "terminated_time",
    "event_time",
    "timestamp",
    "time",
    "cluster.timestamp",
    "cluster.last_state_loss_time",
    "cluster.last_activity_time",
    "cluster.start_time",
)
_UNDATED = (
    "The event carries no time: later failures of this cluster with the same code count as the same one"
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """The cluster an event is about; `id` is its name where the sender left the id out."""

    id: str
    name: str | None

    @property
    def resource(self) -> str:
        """What people call it."""
        return self.name or fields.shorten(self.id, fields.MAX_NAME)


def name(payload: Payload) -> str:
    """Return the name of the event in lower case, empty where there is none."""
    return (fields.first(payload, "event_type", "event") or "").lower()


def cluster(payload: Payload) -> Cluster:
    """Return the cluster of the event; raises ShapeError where it is not named."""
    cluster_id = fields.first_identifier(payload, "cluster.cluster_id", "cluster_id", "cluster.id")
    named = fields.first_name(payload, "cluster.cluster_name", "cluster_name", "cluster.name")
    if not (cluster_id or named):
        raise ShapeError("A Databricks cluster event must name its cluster.", ["cluster.cluster_id"])
    return Cluster(cluster_id or named or "", named)


def ended_at(payload: Payload) -> datetime | None:
    """Return when it happened, or another moment of the cluster's life that the event names."""
    return times.first(*(fields.at(payload, path) for path in _ENDED))


def labels(payload: Payload) -> Mapping[str, object]:
    """Return labels that every cluster event may carry; the cluster's own tags come last."""
    return {
        "workspace_id": payload.get("workspace_id"),
        "event": name(payload),
        "spark_version": fields.at(payload, "cluster.spark_version"),
        "node_type": fields.at(payload, "cluster.node_type_id"),
        "creator": fields.at(payload, "cluster.creator_user_name"),
        **fields.mapping(fields.at(payload, "cluster.custom_tags")),
    }


def reading(event: Event) -> Reading:
    """Wrap the event, with a remark where nothing in it tells one occurrence from the next."""
    undated = isinstance(event, Failure) and event.run_id.endswith("_undated")
    return Reading(events=(event,), notes=(_UNDATED,) if undated else ())
