"""Azure Monitor's common alert schema: the envelope, and one row or dimension set of an alert.

Shape: learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rca.domain.vocabulary import Severity
from rca.errors import ShapeError
from rca.sources import fields, identity, severities, times

_SUFFIX = re.compile(r"_[sgdtb]$")
_NOISE = re.compile(r"[^a-z0-9]")
_PROVIDER = re.compile(r"/providers/(microsoft\.[a-z]+/[a-z]+)/", re.IGNORECASE)
_FACTORY = re.compile(
    r"/providers/microsoft\.(?:datafactory/factories|synapse/workspaces)/([^/]+)", re.IGNORECASE
)
_WORD = re.compile(r"[A-Za-z]\w+")
_TABLE = re.compile(r"^[ \t]*(?!let\b|union\b|//)([A-Za-z]\w+)", re.MULTILINE)
_QUERY_SCANNED = 20_000


@dataclass(frozen=True, slots=True)
class Record:
    """One row or dimension set. Columns are found whatever their spelling: `errorCode_s` is `ErrorCode`."""

    sent: Mapping[str, object] = field(default_factory=dict)
    link: str | None = None
    folded: Mapping[str, object] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "folded", {fold(key): value for key, value in self.sent.items()})

    def has(self, *columns: str) -> bool:
        """Whether any of the columns holds a value."""
        return self.id(*columns) is not None

    def text(self, *columns: str) -> str | None:
        """Text of the first column that has any."""
        return next((found for column in columns if (found := fields.prose(self._get(column)))), None)

    def id(self, *columns: str) -> str | None:
        """Id in the first column that has one."""
        return next((found for column in columns if (found := fields.identifier(self._get(column)))), None)

    def name(self, *columns: str) -> str | None:
        """Name in the first column that has one."""
        return next((found for column in columns if (found := fields.name(self._get(column)))), None)

    def time(self, *columns: str) -> datetime | None:
        """Moment in the first column that names one."""
        return times.first(*(self._get(column) for column in columns))

    def _get(self, column: str) -> object:
        return self.folded.get(column.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What the envelope says; `context` is the part that differs between kinds of alert.

    `key` is the alert's own id; `mentions` holds the words of its query and the resource types it targets.
    """

    key: str | None
    rule: str | None
    description: str | None
    severity: Severity | None
    resolved: bool
    fired_at: datetime | None
    received_at: datetime
    ended_at: datetime | None
    service: str
    signal: str
    targets: tuple[str, ...]
    affected: str | None
    context: Mapping[str, object]
    custom: Mapping[str, object]
    table: str | None
    mentions: frozenset[str]
    link: str | None

    @property
    def at(self) -> datetime:
        """When it fired, as far as it says."""
        return self.fired_at or self.received_at

    @property
    def identity(self) -> str:
        """Identity of a failure that names no run; raises ShapeError where the alert can't name itself."""
        if self.key is None or self.fired_at is None:
            absent = [
                path for path, value in (("alertId", self.key), ("firedDateTime", self.fired_at)) if not value
            ]
            raise ShapeError(
                "The alert names no run, so its own id and time must tell it apart, and they are missing.",
                [f"data.essentials.{path}" for path in absent],
            )
        return identity.alert(self.key, self.fired_at)

    @property
    def run_id(self) -> str:
        """What to search for in the portal where there is no run: the alert's GUID."""
        return (self.key or "").rstrip("/").rsplit("/", 1)[-1]

    @property
    def target(self) -> str | None:
        """Name of the resource that the alert watches."""
        return self.targets[0].rstrip("/").rsplit("/", 1)[-1] if self.targets else self.affected

    @property
    def headline(self) -> str:
        """First sentence of a message that has no better one."""
        return (
            f"Azure Monitor alert {self.rule or self.run_id} fired on {self.target or 'an unnamed resource'}."
        )

    def about(self, *words: str) -> bool:
        """Whether the query or the target names one of the tables or resource types (lower case)."""
        return not self.mentions.isdisjoint(words)

    def told(self, record: Record) -> str:
        """Word a message for an alert without error text: what it watches and which values it carries."""
        values = ", ".join(
            f"{key}: {value}"
            for key, value in ((k, fields.prose(v)) for k, v in record.sent.items())
            if value
        )
        parts = [
            self.headline,
            fields.sentence(self.description),
            f"{values}." if values else None,
            "The alert carries no error text"
            + (f"; its rows are in the table {self.table}." if self.table else "."),
        ]
        return " ".join(part for part in parts if part)

    def labels(self) -> dict[str, object]:
        """Return what the envelope adds to the labels of a failure."""
        return {
            **self.custom,
            "alert_rule": self.rule,
            "alert_id": self.key,
            "monitoring_service": self.service,
            "target": self.target,
            "target_id": self.targets[0] if self.targets else None,
        }


def fold(column: str) -> str:
    """Fold a column's name to look it up by: no case, underscores, or type suffix of AzureDiagnostics."""
    return _NOISE.sub("", _SUFFIX.sub("", column).lower())


def factory(*resource_ids: str | None) -> tuple[str, str] | None:
    """Find name and resource id of the Data Factory or Synapse workspace among the resource ids."""
    for resource_id in resource_ids:
        found = _FACTORY.search(resource_id or "")
        if found and resource_id:
            return found.group(1), resource_id[: found.end()]
    return None


def parse(payload: Mapping[str, object], received_at: datetime) -> Alert:
    """Read the envelope, wrapped in `data` or bare; raises ShapeError where a part of it is missing."""
    wrapped = "data" in payload or "essentials" not in payload
    data = fields.mapping(payload.get("data")) if wrapped else payload
    essentials = fields.mapping(data.get("essentials"))
    if not essentials or "alertContext" not in data:
        absent = [] if essentials else ["essentials"]
        absent += [] if "alertContext" in data else ["alertContext"]
        raise ShapeError(
            "The body is not a complete alert of the common alert schema.",
            [f"data.{part}" if wrapped else part for part in absent],
        )
    context = fields.mapping(data.get("alertContext"))
    custom = fields.mapping(data.get("customProperties")) or fields.mapping(payload.get("customProperties"))
    return _alert(essentials, context, custom, received_at)


def _alert(
    essentials: Mapping[str, object],
    context: Mapping[str, object],
    custom: Mapping[str, object],
    received_at: datetime,
) -> Alert:
    targets = tuple(
        found for item in fields.items(essentials.get("alertTargetIDs")) if (found := fields.text(item))
    )
    query = _query(context)
    return Alert(
        key=fields.first_identifier(essentials, "alertId", "originAlertId"),
        rule=fields.first_name(essentials, "alertRule"),
        description=fields.first(essentials, "description"),
        severity=severities.parse(essentials.get("severity")),
        resolved=(fields.first(essentials, "monitorCondition") or "").lower() == "resolved",
        fired_at=times.parse(essentials.get("firedDateTime")),
        received_at=received_at,
        ended_at=times.parse(essentials.get("resolvedDateTime")),
        service=(fields.first(essentials, "monitoringService") or "").lower(),
        signal=(fields.first(essentials, "signalType") or "").lower(),
        targets=targets,
        affected=_affected(essentials),
        context=context,
        custom=custom,
        table=_table(query),
        mentions=_mentions(query, (fields.first(essentials, "targetResourceType") or "", *targets)),
        link=fields.link(
            context.get("LinkToFilteredSearchResultsUI"),
            context.get("LinkToSearchResults"),
            essentials.get("investigationLink"),
        ),
    )


def _affected(essentials: Mapping[str, object]) -> str | None:
    found = next(iter(fields.items(essentials.get("configurationItems"))), None)
    named = fields.name(found)
    return named.rstrip("/").rsplit("/", 1)[-1] if named else None


def _query(context: Mapping[str, object]) -> str:
    """Return the query text of a log alert, first the V1 and then the V2 spelling."""
    queries = [fields.first(context, "SearchQuery")]
    queries += [
        fields.first(item, "searchQuery") for item in fields.items(fields.at(context, "condition.allOf"))
    ]
    return "\n".join(query for query in queries if query)[:_QUERY_SCANNED]


def _table(query: str) -> str | None:
    found = _TABLE.search(query)
    return found.group(1)[: fields.MAX_LABEL] if found else None


def _mentions(query: str, resources: tuple[str, ...]) -> frozenset[str]:
    words = {word.lower() for word in _WORD.findall(query)}
    providers = {found.lower() for resource in resources for found in _PROVIDER.findall(f"{resource}/")}
    return frozenset(words | providers | {resource.lower() for resource in resources[:1]})
