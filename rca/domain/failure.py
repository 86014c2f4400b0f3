"""What a source module reads out of a payload: failures, recoveries and benign events."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from rca.domain.vocabulary import Severity, Source


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
