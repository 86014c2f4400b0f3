"""The `runs` table: who was first to report a failure, and who reported it again.

Partition: source. Rows, with `h` the identity hash:

- `h`              the claim: which ticket stands for this identity, and since when
- `h~b-<count>`    a badge: which alert announced that the failure was reported that often
- `h~o-<alert id>` an occurrence: one alert that reported it

A claim without a ticket is a recovery that came before its failure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import UpdateMode

from rca.domain.times import iso, parse_iso
from rca.domain.vocabulary import Source
from rca.storage.connection import Storage
from rca.storage.faults import ExistsError, StaleError, translated
from rca.storage.rows import Row

PAGE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An identity's tie to its ticket, fixed once.

    `primary` is the hash under which the ticket's occurrences lie (an alias points to another's). `opened_by`
    is the alert that opened the ticket and `detail` the digest of what it told. `whole` marks the claim of an
    enclosing run by its own failure, `borrowed` its claim by a failure inside it. `ready` says that the ticket is
    known to exist. `recovered_at` is set where the source reported the end before the beginning.
    """

    hash: str
    primary: str
    ticket_id: str | None
    opened_at: datetime
    opened_by: str
    detail: str = ""
    whole: bool = False
    borrowed: bool = False
    ready: bool = False
    recovered_at: datetime | None = None
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """A claim and what lies beside it; `whole` is false where there are more occurrences than one page."""

    claim: Claim | None
    occurrences: dict[str, str]
    """Alert id → digest of what it told."""
    badges: dict[int, str]
    """Announced count → alert id that announced it."""
    whole: bool


class Runs:
    """Claims and occurrences. All methods raise UnavailableError while storage does not answer."""

    def __init__(self, storage: Storage) -> None:
        self._client = storage.table("runs")

    def claim(self, source: Source, claims: Sequence[Claim], alert_id: str, detail: str) -> bool:
        """Insert all claims and the alert's occurrence in one transaction; False where any name is taken.

        A claim with an etag replaces the recovery that was read with it.
        """
        operations: list[Any] = []
        for claim in claims:
            if claim.etag:
                guard = {"etag": claim.etag, "match_condition": MatchConditions.IfNotModified}
                operations.append(
                    ("update", _claim_row(source, claim), {**guard, "mode": UpdateMode.REPLACE})
                )
            else:
                operations.append(("create", _claim_row(source, claim)))
        operations.append(("upsert", _occurrence_row(source, claims[0].primary, alert_id, detail)))
        try:
            with translated():
                self._client.submit_transaction(operations)
        except (ExistsError, StaleError):
            return False
        return True

    def alias(self, source: Source, claim: Claim) -> None:
        """Give a ticket one more name, unless the name is taken."""
        try:
            with translated():
                self._client.create_entity(_claim_row(source, claim))
        except ExistsError:
            return

    def find(self, source: Source, identity: str) -> Claim | None:
        """Return the claim of one identity hash."""
        with translated():
            try:
                return _claim_of(self._client.get_entity(source, identity))
            except ResourceNotFoundError:
                return None

    def record(self, source: Source, primary: str, alert_id: str, detail: str) -> bool:
        """Insert an occurrence; False where this alert was recorded before."""
        try:
            with translated():
                self._client.create_entity(_occurrence_row(source, primary, alert_id, detail))
        except ExistsError:
            return False
        return True

    def family(self, source: Source, identity: str) -> Family:
        """Read a claim, its badges and the first thousand occurrences in one request."""
        with translated():
            pages = self._query(source, identity, identity).by_page()
            rows = list(next(pages, []))
            more = pages.continuation_token is not None
        claim: Claim | None = None
        occurrences: dict[str, str] = {}
        badges: dict[int, str] = {}
        for row in rows:
            _, _, suffix = row["RowKey"].partition("~")
            if suffix.startswith("o-"):
                occurrences[suffix[2:]] = row.get("detail", "")
            elif suffix.startswith("b-"):
                badges[int(suffix[2:])] = row["announced_by"]
            else:
                claim = _claim_of(row)
        return Family(claim, occurrences, badges, not more)

    def occurrences(self, source: Source, primary: str) -> int:
        """Count all occurrences of a failure; one request a thousand."""
        with translated():
            return sum(1 for _ in self._query(source, f"{primary}~o-", primary, select=["RowKey"]))

    def announce(self, source: Source, primary: str, count: int, alert_id: str) -> bool:
        """Insert a badge; False where another alert announced that count."""
        row: Row = {
            "PartitionKey": str(source),
            "RowKey": f"{primary}~b-{count:09d}",
            "announced_by": alert_id,
        }
        try:
            with translated():
                self._client.create_entity(row)
        except ExistsError:
            with translated():
                there = self._client.get_entity(row["PartitionKey"], row["RowKey"])
            # Ours: an earlier delivery of this alert, which may have died before it told anyone.
            return bool(there["announced_by"] == alert_id)
        return True

    def mark_ready(self, source: Source, identity: str) -> None:
        """Note on the claim that its ticket exists, so that duplicates need not look."""
        with translated():
            self._client.update_entity(
                {"PartitionKey": source, "RowKey": identity, "ready": True}, mode=UpdateMode.MERGE
            )

    def remember_recovery(self, source: Source, identity: str, at: datetime, alert_id: str) -> bool:
        """Remember that something not reported yet is over; False where it is claimed meanwhile."""
        claim = Claim(
            hash=identity,
            primary=identity,
            ticket_id=None,
            opened_at=at,
            opened_by=alert_id,
            recovered_at=at,
        )
        try:
            with translated():
                self._client.create_entity(_claim_row(source, claim))
        except ExistsError:
            return False
        return True

    def renew_recovery(self, source: Source, claim: Claim, at: datetime) -> bool:
        """Move a remembered recovery to a later time; False where it changed meanwhile."""
        try:
            with translated():
                self._client.update_entity(
                    _claim_row(source, replace(claim, recovered_at=at)),
                    mode=UpdateMode.REPLACE,
                    etag=claim.etag,
                    match_condition=MatchConditions.IfNotModified,
                )
        except StaleError:
            return False
        return True

    def _query(self, source: Source, first: str, identity: str, select: list[str] | None = None) -> Any:
        return self._client.query_entities(
            "PartitionKey eq @source and RowKey ge @first and RowKey lt @last",
            parameters={"source": source, "first": first, "last": f"{identity}~~"},
            select=select,
            results_per_page=PAGE,
        )


def _claim_row(source: Source, claim: Claim) -> Row:
    row: Row = {
        "PartitionKey": str(source),
        "RowKey": claim.hash,
        "primary": claim.primary,
        "opened_at": iso(claim.opened_at),
        "opened_by": claim.opened_by,
        "detail": claim.detail,
        "whole": claim.whole,
        "borrowed": claim.borrowed,
        "ready": claim.ready,
    }
    if claim.ticket_id:
        row["ticket_id"] = claim.ticket_id
    if claim.recovered_at:
        row["recovered_at"] = iso(claim.recovered_at)
    return row


def _claim_of(row: Any) -> Claim:
    recovered = row.get("recovered_at")
    return Claim(
        hash=row["RowKey"],
        primary=row["primary"],
        ticket_id=row.get("ticket_id"),
        opened_at=parse_iso(row["opened_at"]),
        opened_by=row["opened_by"],
        detail=row.get("detail", ""),
        whole=row.get("whole", False),
        borrowed=row.get("borrowed", False),
        ready=row.get("ready", False),
        recovered_at=parse_iso(recovered) if recovered else None,
        etag=row.metadata["etag"],
    )


def _occurrence_row(source: Source, primary: str, alert_id: str, detail: str) -> Row:
    return {"PartitionKey": str(source), "RowKey": f"{primary}~o-{alert_id}", "detail": detail}
