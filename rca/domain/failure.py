"""What a source module reads out of a payload: failures, recoveries and benign events."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from rca.domain.excerpt import excerpt
from rca.domain.vocabulary import Severity, Source

MESSAGE_LIMIT = 12_000
"""UTF-16 units of error text kept on a ticket; the whole payload stays in its blob."""
ACTIVITY_LIMIT = 20
_ACTIVITY_MESSAGE_LIMIT = 400
_NAME_LIMIT = 1_000


class Kind(StrEnum):
    """A run fails once and for all; a condition (metric, Prometheus rule) holds until its source resolves it."""

    RUN = "run"
    CONDITION = "condition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One failed step of a run: an ADF activity, a Databricks task."""

    name: str
    code: str | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One failure of one run or condition.

    `identity` names the failure within its source; two alerts with the same identity are the same failure.
    `aliases` are further names of the same failure (a Databricks task run and its parent run).
    `within` names the enclosing run (an Airflow dag run) whose own alert must not open a second ticket;
    a failure *of* that enclosing run carries the same name as its `identity` and sets `whole`.
    `run_id` is what a person would search for. `link` opens the run or its log in the platform.
    `severity` is what the sender said, if anything. All times are aware and UTC.
    """

    source: Source
    resource: str
    run_id: str
    identity: str
    occurred_at: datetime
    message: str
    code: str | None = None
    kind: Kind = Kind.RUN
    aliases: tuple[str, ...] = ()
    within: str | None = None
    whole: bool = False
    activities: tuple[Activity, ...] = ()
    severity: Severity | None = None
    entity: str | None = None
    link: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    def shortened(self) -> Failure:
        """Cut to what a ticket keeps: long text loses its middle, long lists their end."""
        return replace(
            self,
            resource=excerpt(self.resource, _NAME_LIMIT),
            run_id=excerpt(self.run_id, _NAME_LIMIT),
            message=excerpt(self.message, MESSAGE_LIMIT),
            activities=tuple(
                Activity(
                    name=excerpt(activity.name, _ACTIVITY_MESSAGE_LIMIT),
                    code=excerpt(activity.code, _ACTIVITY_MESSAGE_LIMIT) if activity.code else activity.code,
                    message=excerpt(activity.message, _ACTIVITY_MESSAGE_LIMIT),
                )
                for activity in self.activities[:ACTIVITY_LIMIT]
            ),
            labels={
                excerpt(key, _ACTIVITY_MESSAGE_LIMIT): excerpt(value, _ACTIVITY_MESSAGE_LIMIT)
                for key, value in list(self.labels.items())[: 2 * ACTIVITY_LIMIT]
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """The source says that a failure is over.

    `closes` is true where that ends the incident (a condition resolved, a run succeeded after all) and false
    where it is only a note (a row left the window of a log query).
    """

    source: Source
    resource: str
    run_id: str
    identity: str
    at: datetime
    closes: bool
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Benign:
    """An event that is no incident; `reason` says why in words for the status URL."""

    source: Source
    resource: str
    reason: str


type Event = Failure | Recovery | Benign


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that one payload says; `notes` are remarks such as a count of alerts the sender left out."""

    events: tuple[Event, ...]
    notes: tuple[str, ...] = ()


def identity_hash(source: Source, identity: str) -> str:
    """40 hex digits that stand for a failure in keys; its first 10 are part of the ticket id."""
    return hashlib.sha256(f"{source}\n{identity}".encode()).hexdigest()[:40]
