"""The `analyses` table: what is remembered of each signature.

Rows of a signature: `<signature>` holds the last answer of a model and the lease of who asks next,
`<signature>~!` when people last judged an analysis wrong, `<signature>~<reverse time>~<ticket id>` an earlier ticket.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import UpdateMode

from rca.domain.analysis import Analysis
from rca.domain.basis import Sighting
from rca.domain.memory import Answer, Lease, Memory, sighting
from rca.domain.ticket import Ticket
from rca.domain.times import iso, parse_iso, reverse_time
from rca.domain.vocabulary import Category, Confidence, Severity, Source
from rca.errors import UnavailableError
from rca.storage.connection import Storage
from rca.storage.faults import ExistsError, StaleError, translated
from rca.storage.rows import Row, compact, get_long, put_long

RECALLED = 20
"""Earlier tickets that are read, the newest."""
_ROUNDS = 10


class Analyses:
    """Remembers signatures. All methods raise UnavailableError while storage does not answer."""

    def __init__(self, storage: Storage) -> None:
        self._client = storage.table("analyses")

    def recall(self, source: Source, signature: str) -> Memory:
        """Read all that is remembered of a signature in one request."""
        with translated():
            pages = self._client.query_entities(
                "PartitionKey eq @source and RowKey ge @first and RowKey lt @last",
                parameters={"source": str(source), "first": signature, "last": f"{signature}~~"},
                results_per_page=RECALLED + 2,
            ).by_page()
            rows = list(next(pages, []))
        answer: Answer | None = None
        lease: Lease | None = None
        rejected: datetime | None = None
        tag: str | None = None
        sightings: list[Sighting] = []
        for row in rows:
            _, _, kind = row["RowKey"].partition("~")
            if kind == "!":
                rejected = parse_iso(row["rejected_at"])
            elif kind:
                sightings.append(_sighting_of(row))
            else:
                answer, lease, tag = _answer_of(row), _lease_of(row), str(row.metadata["etag"])
        return Memory(
            answer=answer, rejected_at=rejected, lease=lease, sightings=tuple(sightings[:RECALLED]), tag=tag
        )

    def acquire(self, source: Source, signature: str, lease: Lease, known: Memory) -> bool:
        """Take the lease if nothing moved since `known` was read."""
        row = {"PartitionKey": str(source), "RowKey": signature, **_lease_row(lease)}
        try:
            with translated():
                if known.tag is None:
                    self._client.create_entity(row)
                else:
                    self._client.update_entity(
                        row,
                        mode=UpdateMode.MERGE,
                        etag=known.tag,
                        match_condition=MatchConditions.IfNotModified,
                    )
        except (ExistsError, StaleError):
            return False
        return True

    def keep(self, source: Source, signature: str, answer: Answer) -> None:
        """Remember an answer in place of the one before, and end the lease."""
        row: Row = {"PartitionKey": str(source), "RowKey": signature}
        data = asdict(answer)
        data["at"] = iso(answer.at)
        put_long(row, "answer", compact(data))
        with translated():
            self._client.upsert_entity(row, mode=UpdateMode.REPLACE)

    def postpone(self, source: Source, signature: str, lease: Lease) -> None:
        """Keep others from asking for a while, after the models were out of reach."""
        with translated():
            self._client.upsert_entity(
                {"PartitionKey": str(source), "RowKey": signature, **_lease_row(lease)}, mode=UpdateMode.MERGE
            )

    def sight(self, ticket: Ticket) -> None:
        """Remember a ticket for later ones of its signature; a verdict against its analysis ends reuse."""
        if ticket.signature is None:
            return
        seen = sighting(ticket)
        row: Row = {
            "PartitionKey": str(ticket.source),
            "RowKey": f"{ticket.signature}~{reverse_time(ticket.timestamp)}~{ticket.id}",
            "sighting": compact(asdict(seen)),
        }
        with translated():
            self._client.upsert_entity(row, mode=UpdateMode.REPLACE)
        if ticket.helpful is False and ticket.feedback_at is not None:
            self._reject(ticket.source, ticket.signature, ticket.feedback_at)

    def _reject(self, source: Source, signature: str, at: datetime) -> None:
        """Move the time of the last verdict forward, never back: verdicts may be projected in any order."""
        key = f"{signature}~!"
        row: Row = {"PartitionKey": str(source), "RowKey": key, "rejected_at": iso(at)}
        for _ in range(_ROUNDS):
            try:
                with translated():
                    try:
                        there = self._client.get_entity(str(source), key)
                    except ResourceNotFoundError:
                        self._client.create_entity(row)
                        return
                    if parse_iso(there["rejected_at"]) >= at:
                        return
                    self._client.update_entity(
                        row,
                        mode=UpdateMode.REPLACE,
                        etag=there.metadata["etag"],
                        match_condition=MatchConditions.IfNotModified,
                    )
            except (ExistsError, StaleError):
                continue
            return
        raise UnavailableError("the verdicts on this signature keep moving")


def _lease_row(lease: Lease) -> Row:
    return {"lease_holder": lease.holder, "lease_until": iso(lease.until), "lease_asking": lease.asking}


def _lease_of(row: Mapping[str, Any]) -> Lease | None:
    if not row.get("lease_holder"):
        return None
    return Lease(
        holder=row["lease_holder"], until=parse_iso(row["lease_until"]), asking=bool(row["lease_asking"])
    )


def _answer_of(row: Mapping[str, Any]) -> Answer | None:
    if not (text := get_long(row, "answer")):
        return None
    data = json.loads(text)
    told = data["analysis"]
    analysis = Analysis(
        **{
            **told,
            "category": Category(told["category"]),
            "severity": Severity(told["severity"]),
            "confidence": Confidence(told["confidence"]),
            "recommendations": tuple(told["recommendations"]),
        }
    )
    rest = {**data, "analysis": analysis, "at": parse_iso(data["at"]), "cited": tuple(data["cited"])}
    return Answer(**rest)


def _sighting_of(row: Mapping[str, Any]) -> Sighting:
    known = {field.name for field in fields(Sighting)}
    data: dict[str, Any] = json.loads(row["sighting"])
    return Sighting(**{name: value for name, value in data.items() if name in known})
