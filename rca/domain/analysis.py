"""The answer to "what went wrong and what to do"."""

from __future__ import annotations

from dataclasses import dataclass

from rca.domain.vocabulary import Category, Confidence, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Root cause and advice for one failure.

    `remediable` says that the same retry or restart is safe and likely to help, `action` names it and
    `max_retries` bounds it. `provider` is who analysed: `rules`, or the name of an LLM provider.
    """

    error_type: str
    category: Category
    severity: Severity
    root_cause: str
    recommendations: tuple[str, ...]
    confidence: Confidence
    remediable: bool = False
    action: str | None = None
    max_retries: int = 0
    affected_entity: str | None = None
    documentation: str | None = None
    provider: str = "rules"

    @property
    def is_failure(self) -> bool:
        """Whether something failed at all: not a success, a recovery, a skip or a stop on purpose."""
        return self.category is not Category.CANCELLED
