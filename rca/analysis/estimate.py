"""How severe a failure is by its own words, before any evidence is gathered."""

from __future__ import annotations

from rca.analysis.rules import analyse
from rca.domain.failure import Failure
from rca.domain.vocabulary import Category, Severity


def severity_of(failure: Failure) -> Severity | None:
    """Return the severity that the catalog gives a failure, None where it does not know it."""
    analysis = analyse(failure)
    return None if analysis.category is Category.UNKNOWN else analysis.severity
