"""Alert payloads in, failures out: pure functions, one module for each shape that senders use.

To add a shape, write one module with a `SENDER` and name it in `_SENDERS`. To add a platform that reports
through Azure Monitor's common alert schema, see `common_alert`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from rca.domain.failure import Reading
from rca.errors import ShapeError
from rca.sources import (
    airflow,
    alertmanager,
    common_alert,
    custom,
    databricks_cluster,
    databricks_job,
    databricks_library,
    fields,
    logicapp,
)
from rca.sources.sender import Sender

__all__ = ["read"]

# Most telling first: where several recognise a payload and none is at home on the route, the first reads it.
_SENDERS: tuple[Sender, ...] = (
    common_alert.SENDER,
    alertmanager.SENDER,
    databricks_library.SENDER,
    databricks_cluster.SENDER,
    databricks_job.SENDER,
    airflow.SENDER,
    logicapp.SENDER,
    custom.SENDER,
)


def read(payload: Mapping[str, object], route: str, received_at: datetime) -> Reading:
    """Read all failures, recoveries and benign events that a payload reports.

    The content decides whose shape it is; `route` (as `azure-monitor`) only breaks ties and words errors.
    `received_at` stands in for an event time that the sender left out, never for a part of an identity.
    Raises ShapeError, naming JSON paths, where no sender knows the payload or a required field is missing.
    """
    payload = fields.mapping(payload)
    known = [sender for sender in _SENDERS if sender.recognises(payload)]
    if not known:
        raise _unknown(payload, route)
    sender = next((sender for sender in known if _at_home(sender, route)), known[0])
    return sender.read(payload, received_at.astimezone(UTC))


def _at_home(sender: Sender, route: str) -> bool:
    return route.strip("/").removeprefix("api/") in sender.routes


def _unknown(payload: Mapping[str, object], route: str) -> ShapeError:
    expected = next((sender for sender in _SENDERS if _at_home(sender, route)), custom.SENDER)
    absent = fields.missing(payload, *expected.expects) or expected.expects
    return ShapeError(
        f"The body has no shape that a known sender uses. This route expects a {expected.name}, "
        f"which needs {', '.join(expected.expects)}.",
        absent,
    )
