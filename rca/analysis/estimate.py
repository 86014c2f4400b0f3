"""How severe a failure is by its own words, before any evidence is gathered."""

from __future__ import annotations

from rca.analysis.rules import analyse
from rca.domain.failure import Failure
from rca.domain.vocabulary import Category, Confidence, Severity


def severity_of(failure: Failure) -> Severity | None:
    """Return the severity that the catalog gives a failure, None where it does not know it or only guesses."""
    analysis = analyse(failure)
    known = analysis.category is not Category.UNKNOWN and analysis.confidence is not Confidence.LOW
    return analysis.severity if known else None
