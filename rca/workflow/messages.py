"""The queues between the stages and what travels in them.

Every message is a JSON object. `at` is when the event it stems from was accepted; a redelivery and a retry carry
the same one, so that nothing derived from it differs between attempts. `retry` is added by the handler's wrapper.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rca.domain.times import iso, parse_iso

ALERTS = "alerts"
ANALYSES = "analyses"
CHANGES = "changes"
BROADCASTS = "broadcasts"
DEADLINES = "deadlines"
QUEUES = (ALERTS, ANALYSES, CHANGES, BROADCASTS, DEADLINES)

INTAKE = "intake"
"""Stands for the queue in dead letters of payloads that never reached one."""

type Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Alert:
    """An accepted alert: its id, the route it came by, when, and its payload or where that lies."""

    id: str
    route: str
    received_at: datetime
    payload: Any = None
    payload_blob: str | None = None

    def message(self) -> Message:
        """Return the message for the queue `alerts`."""
        body = {"payload_blob": self.payload_blob} if self.payload_blob else {"payload": self.payload}
        return {"alert_id": self.id, "route": self.route, "at": iso(self.received_at), **body}

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> Alert:
        """Read what `message` wrote."""
        return cls(
            message["alert_id"],
            message["route"],
            parse_iso(message["at"]),
            message.get("payload"),
            message.get("payload_blob"),
        )

    @property
    def blob(self) -> str:
        """Where the payload of this alert is archived."""
        return f"{self.received_at.date().isoformat()}/{self.id}.json"

    @property
    def mode(self) -> str:
        """How the alert reached us: through Azure Monitor, or from the platform itself."""
        return "azure_monitor_alert" if self.route.startswith("azure-monitor") else "direct_webhook"


def message_id(message: Mapping[str, Any]) -> str:
    """Return an id that all attempts at a message share: its alert id, or a digest of what it says."""
    if isinstance(alert_id := message.get("alert_id"), str):
        return alert_id
    said = {name: value for name, value in message.items() if name != "retry"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:26]
