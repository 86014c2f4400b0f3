"""The `links` table: from an outside name (run id, Jira key, Slack message) to the ticket."""

from __future__ import annotations

import hashlib

from azure.core.exceptions import ResourceNotFoundError

from rca.storage.connection import Storage
from rca.storage.faults import translated
from rca.storage.rows import clear

RUN = "run"


class Links:
    """Point look-ups. All methods raise UnavailableError while storage does not answer."""

    def __init__(self, storage: Storage) -> None:
        self._client = storage.table("links")

    def put(self, kind: str, name: str, ticket_id: str) -> None:
        """Tie a name to a ticket; the newest ticket of a name wins."""
        with translated():
            self._client.upsert_entity(
                {"PartitionKey": kind, "RowKey": _key(name), "name": name, "ticket_id": ticket_id}
            )

    def find(self, kind: str, name: str) -> str | None:
        """Return the ticket id behind a name."""
        with translated():
            try:
                return str(self._client.get_entity(kind, _key(name))["ticket_id"])
            except ResourceNotFoundError:
                return None

    def clear(self) -> None:
        """Delete all rows, for a rebuild."""
        clear(self._client)


def _key(name: str) -> str:
    # Row keys may not hold / \ # ? or control characters, and names may.
    return hashlib.sha256(name.encode()).hexdigest()[:40]
