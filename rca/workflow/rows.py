"""Fetches the rows that an alert only links to, before its failures are read."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from rca.domain.redaction import redact_tree
from rca.errors import RcaError, UnavailableError
from rca.storage.queues import encoded
from rca.workflow.messages import Alert

log = logging.getLogger(__name__)

ATTEMPTS = 8
"""Tries while the log service is down, about ten minutes at the usual delays; then the alert opens without rows."""

type Payload = Mapping[str, Any]


class Archive(Protocol):
    """Keeps payloads."""

    def put(self, name: str, data: bytes) -> None:
        """Write one document."""

    def get(self, name: str) -> bytes | None:
        """Read one document."""


class Rows:
    """Fills payloads; what was filled once is kept, so that every delivery of the alert reads the same rows."""

    def __init__(self, fill: Callable[[Payload], Payload], archive: Archive) -> None:
        """`fill` returns the very payload where there is nothing to fetch."""
        self._fill = fill
        self._archive = archive

    def __call__(self, alert: Alert, attempt: int, first: bool) -> Any:
        """Return the alert's payload with its rows. Raises UnavailableError while it is worth waiting for them."""
        name = alert.blob.replace(".json", ".rows.json")
        if not first and (kept := self._archive.get(name)) is not None:
            return json.loads(kept)
        try:
            filled = self._fill(alert.payload)
        except UnavailableError:
            if attempt < ATTEMPTS:
                raise
            log.warning("alert %s opens without its rows: the log service stayed away", alert.id)
            return alert.payload
        except RcaError as error:
            log.warning("alert %s opens without its rows: %s", alert.id, error.detail)
            return alert.payload
        if filled is alert.payload:
            return filled
        clean = redact_tree(filled)
        self._archive.put(name, encoded(clean).encode())
        return clean
