"""The `deadletters` table: what could not be processed, with its payload."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rca.domain.times import iso, parse_iso, reverse_time
from rca.storage.blobs import Blobs
from rca.storage.connection import Storage
from rca.storage.faults import translated
from rca.storage.rows import Row

_INLINE = 15_000
_PREVIEW = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message or payload that nobody could process.

    `queue` is where it was read, or `intake` for a payload of unknown shape. `at` is when the message was
    first accepted, so that finding the same one again writes the same row.
    """

    queue: str
    id: str
    at: datetime
    reason: str
    error: str
    payload: str
    alert_id: str | None = None
    attempts: int = 0


class DeadLetters:
    """Keeps and lists dead letters. All methods raise UnavailableError while storage does not answer."""

    def __init__(self, storage: Storage, payloads: Blobs) -> None:
        self._client = storage.table("deadletters")
        self._payloads = payloads

    def put(self, letter: DeadLetter) -> None:
        """Keep a letter; a long payload goes to a blob first."""
        row: Row = {
            "PartitionKey": letter.queue,
            "RowKey": f"{reverse_time(letter.at)}_{letter.id}",
            "id": letter.id,
            "at": iso(letter.at),
            "reason": letter.reason[:_PREVIEW],
            "error": letter.error,
            "attempts": letter.attempts,
        }
        if letter.alert_id:
            row["alert_id"] = letter.alert_id
        if len(letter.payload) <= _INLINE:
            row["payload"] = letter.payload
        else:
            row["payload"] = letter.payload[:_PREVIEW]
            row["payload_blob"] = f"dead-letters/{letter.queue}/{letter.id}.json"
            self._payloads.put(row["payload_blob"], letter.payload.encode())
        with translated():
            self._client.upsert_entity(row)

    def newest(self, queues: Sequence[str], limit: int) -> list[Row]:
        """Return the newest letters of some queues, newest first."""
        found = [letter for queue in queues for letter in self._of(queue, limit)]
        return sorted(found, key=lambda letter: str(letter["at"]), reverse=True)[:limit]

    def _of(self, queue: str, limit: int) -> list[Row]:
        with translated():
            pages = self._client.query_entities(
                "PartitionKey eq @queue", parameters={"queue": queue}, results_per_page=min(limit, 1_000)
            ).by_page()
            return [_shown(row) for row in next(pages, [])]

    def payload(self, queue: str, at: str, letter_id: str) -> str | None:
        """Return a letter's whole payload; None where there is no such letter."""
        row_key = f"{reverse_time(parse_iso(at))}_{letter_id}"
        with translated():
            row: Any = next(
                iter(
                    self._client.query_entities(
                        "PartitionKey eq @queue and RowKey eq @row",
                        parameters={"queue": queue, "row": row_key},
                    )
                ),
                None,
            )
        if row is None:
            return None
        if blob := row.get("payload_blob"):
            data = self._payloads.get(blob)
            return data.decode() if data is not None else None
        return str(row["payload"])


def _shown(row: Any) -> Row:
    letter: Row = {name: value for name, value in row.items() if name not in {"PartitionKey", "RowKey"}}
    return {"queue": row["PartitionKey"], **letter, "truncated": "payload_blob" in row}
