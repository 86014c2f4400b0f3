"""What the platforms themselves say about a failure, beyond the alert: the ground that an analysis stands on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EvidenceKind(StrEnum):
    """What a piece of evidence is."""

    ERROR = "error"
    TRACE = "trace"
    LOG = "log"
    EVENT = "event"
    METRIC = "metric"
    RUN = "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceItem:
    """One piece of evidence.

    `id` (`E1`) is what an analysis cites; it is empty until the evidence is put together. `at` is when it happened,
    `code` the platform's own code for an error, `link` opens it in the platform. `text` is redacted and bounded
    once it is part of an `Evidence`.
    """

    adapter: str
    kind: EvidenceKind
    title: str
    text: str
    at: datetime | None = None
    link: str | None = None
    code: str | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on what could not be had, or was cut."""

    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was gathered for one failure; `notes` say what failed, came late or was cut."""

    items: tuple[EvidenceItem, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def error(self) -> EvidenceItem | None:
        """The error text to analyse where the alert carries none: the first that a platform reports."""
        return next((item for item in self.items if item.kind is EvidenceKind.ERROR), None)
