"""What a case may hold; DESIGN's vocabulary, checked for labels that contradict each other."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rca.domain.evidence import EvidenceKind
from rca.domain.vocabulary import Category, Severity, Source

type Tag = Literal[
    "documented",
    "wrapped",
    "truncated",
    "non_english",
    "secret",
    "injection",
    "healthy",
    "benign",
    "noise",
    "auth_vs_timeout",
    "rare",
]
type Text = Annotated[str, Field(min_length=1)]
type Word = Annotated[str, Field(min_length=2)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Item(_Part):
    """One piece of evidence that a platform gave beyond the alert."""

    id: Annotated[str, Field(pattern=r"^E[1-9]\d{0,2}$")]
    kind: EvidenceKind
    title: Text
    text: Text
    code: str | None = None


class Expectation(_Part):
    """What a right answer says; a list names what is accepted."""

    is_failure: bool
    error_type: tuple[Text, ...] | None = None
    category: Annotated[tuple[Category, ...], Field(min_length=1)]
    remediable: bool | Literal["either"]
    severity: Annotated[tuple[Severity, ...], Field(min_length=1)]
    mentions: tuple[Annotated[tuple[Word, ...], Field(min_length=1)], ...] = ()
    absent: tuple[Word, ...] = ()
    cites: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.is_failure and Category.CANCELLED in self.category:
            raise ValueError("a failure is not in the category cancelled")
        if not self.is_failure and Category.CANCELLED not in self.category:
            raise ValueError("what is no failure has the category cancelled")
        if not self.is_failure and (self.remediable is not False or Severity.LOW not in self.severity):
            raise ValueError("what is no failure is not remediable and of Low severity")
        return self


class Case(_Part):
    """One failure, or what only looks like one, and what must be said of it; `why` defends the labels."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$", max_length=80)]
    source: Source
    message: str | None = None
    fixture: Annotated[str, Field(pattern=r"^[\w-]+\.(txt|log|json)$")] | None = None
    error_code: Text | None = None
    resource: Text | None = None
    labels: dict[str, str] = {}
    evidence: tuple[Item, ...] = ()
    tags: tuple[Tag, ...] = ()
    expect: Expectation
    why: Annotated[str, Field(min_length=10)]

    @model_validator(mode="after")
    def _has_one_message(self) -> Self:
        if (self.message is None) == (self.fixture is None):
            raise ValueError("give either message or fixture")
        ids = [item.id for item in self.evidence]
        if len(set(ids)) < len(ids):
            raise ValueError("evidence: an id stands twice")
        if unknown := set(self.expect.cites) - {*ids, "E0"}:
            raise ValueError(f"expect.cites: no evidence {', '.join(sorted(unknown))}")
        return self
