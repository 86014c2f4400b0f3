"""Table rows: long text spread over properties, and domain values in and out.

A string property holds 32,768 UTF-16 units and an entity 1 MiB
(learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model). Azurite does not
enforce this, so we do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from itertools import batched, groupby
from operator import itemgetter
from typing import Any

from azure.data.tables import TableClient

from rca.domain.audit import AuditAction, AuditEntry
from rca.domain.basis import Basis, Exhibit, Sighting
from rca.domain.failure import Activity, Failure, Kind
from rca.domain.finops import Owner
from rca.domain.ticket import Ticket
from rca.domain.times import iso, parse_iso
from rca.domain.vocabulary import (
    Category,
    Confidence,
    Priority,
    Resolution,
    Severity,
    SlaStatus,
    Source,
    Status,
)
from rca.storage.faults import translated

type Row = dict[str, Any]

_CHUNK = 16_000
"""Characters a property; each takes two UTF-16 units at most."""
_MOST_CHUNKS = 16
_TRANSACTION = 100

_TIMES = {"timestamp", "ack_ts", "feedback_at"}
_ENUMS: dict[str, type] = {
    "source": Source,
    "status": Status,
    "severity": Severity,
    "priority": Priority,
    "sla_status": SlaStatus,
    "category": Category,
    "confidence": Confidence,
    "resolution": Resolution,
}
_NESTED = {"failure", "finops", "recommendations", "basis"}


def clear(client: TableClient) -> None:
    """Delete every row of a table; dropping the table would block its name for a while."""
    with translated():
        keys = [
            {"PartitionKey": row["PartitionKey"], "RowKey": row["RowKey"]}
            for row in client.list_entities(select=["PartitionKey", "RowKey"])
        ]
        for _, partition in groupby(keys, key=itemgetter("PartitionKey")):
            for batch in batched(partition, _TRANSACTION, strict=False):
                client.submit_transaction([("delete", key) for key in batch])


def put_long(row: Row, name: str, text: str) -> None:
    """Store text under `name`, `name_1`, … so that no property passes the limit.

    Raises ValueError where even all of them would not hold it.
    """
    if len(text) > _CHUNK * _MOST_CHUNKS:
        raise ValueError(f"{name} is too long for a table row: {len(text)} characters")
    for number, start in enumerate(range(0, max(len(text), 1), _CHUNK)):
        row[f"{name}_{number}" if number else name] = text[start : start + _CHUNK]


def get_long(row: Mapping[str, Any], name: str) -> str:
    """Read what `put_long` stored."""
    parts = [row.get(name, "")]
    while (part := row.get(f"{name}_{len(parts)}")) is not None:
        parts.append(part)
    return "".join(parts)


def compact(value: object) -> str:
    """Write JSON without spaces, other alphabets kept readable."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def ticket_row(ticket: Ticket) -> Row:
    """Return the ticket's row; absent values are left out."""
    row: Row = {"PartitionKey": ticket.id, "RowKey": "ticket"}
    for field in fields(Ticket):
        value = getattr(ticket, field.name)
        if field.name in _NESTED or value is None:
            continue
        row[field.name] = iso(value) if isinstance(value, datetime) else value
    put_long(row, "failure", compact(failure_data(ticket.failure)))
    put_long(row, "recommendations", compact(list(ticket.recommendations)))
    put_long(row, "basis", compact(asdict(ticket.basis)))
    row["finops_team"] = ticket.finops.team
    row["finops_owner"] = ticket.finops.owner
    row["finops_cost_center"] = ticket.finops.cost_center
    return {name: str(value) if name in _ENUMS else value for name, value in row.items()}


def ticket_of(row: Mapping[str, Any]) -> Ticket:
    """Return the ticket that `ticket_row` wrote."""
    values: Row = {}
    for field in fields(Ticket):
        value = row.get(field.name)
        if field.name in _NESTED or value is None:
            continue
        if field.name in _TIMES:
            value = parse_iso(value)
        elif field.name in _ENUMS:
            value = _ENUMS[field.name](value)
        values[field.name] = value
    return Ticket(
        **values,
        failure=failure_of(json.loads(get_long(row, "failure"))),
        recommendations=tuple(json.loads(get_long(row, "recommendations"))),
        basis=_basis_of(json.loads(get_long(row, "basis"))),
        finops=Owner(
            team=row.get("finops_team", ""),
            owner=row.get("finops_owner", ""),
            cost_center=row.get("finops_cost_center", ""),
        ),
    )


def _basis_of(data: Mapping[str, Any]) -> Basis:
    lists = {name: tuple(data[name]) for name in ("notes", "cited", "runbooks")}
    exhibits = tuple(Exhibit(**exhibit) for exhibit in data["exhibits"])
    seen = tuple(Sighting(**each) for each in data.get("seen", ()))
    return Basis(**{**data, **lists, "exhibits": exhibits, "seen": seen})


def failure_data(failure: Failure) -> dict[str, Any]:
    """Return a failure as JSON data."""
    data = {
        name: value
        for field in fields(Failure)
        if (value := getattr(failure, name := field.name)) not in (None, (), {})
    }
    data["occurred_at"] = iso(failure.occurred_at)
    data["activities"] = [asdict(activity) for activity in failure.activities]
    data["labels"] = dict(failure.labels)
    return data


def failure_of(data: Mapping[str, Any]) -> Failure:
    """Return the failure that `failure_data` wrote."""
    values = dict(data)
    severity = values.get("severity")
    return Failure(
        **{
            **values,
            "source": Source(values["source"]),
            "kind": Kind(values["kind"]),
            "severity": Severity(severity) if severity else None,
            "occurred_at": parse_iso(values["occurred_at"]),
            "aliases": tuple(values.get("aliases", ())),
            "activities": tuple(Activity(**activity) for activity in values["activities"]),
        }
    )


def entry_row(entry: AuditEntry) -> Row:
    """Return an audit entry's row in its ticket's partition."""
    row = {name: value for name, value in _entry_values(entry).items() if value is not None}
    return {"PartitionKey": entry.ticket_id, "RowKey": f"audit-{entry.version:06d}", **row}


def entry_of(row: Mapping[str, Any]) -> AuditEntry:
    """Return the entry that `entry_row` wrote."""
    values: Row = {field.name: row[field.name] for field in fields(AuditEntry) if field.name in row}
    values["timestamp"] = parse_iso(values["timestamp"])
    values["action"] = AuditAction(values["action"])
    return AuditEntry(**values)


def _entry_values(entry: AuditEntry) -> Row:
    values = asdict(entry)
    values["timestamp"] = iso(entry.timestamp)
    values["action"] = str(entry.action)
    values["sla_status"] = str(entry.sla_status) if entry.sla_status else None
    return values
