"""Decides which failures are ignored, and says so in words for the status address."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from rca.domain.failure import Failure
from rca.domain.filters import Filters, FiltersError
from rca.domain.vocabulary import Severity

_BUILT_IN = Path(__file__).parents[2] / "config" / "filters.yaml"
_MOST_NAMES = 5

type Filter = Callable[[Failure], str | None]
"""Names the rule that ignores a failure, None where it is to be looked at."""


def nothing_filtered(failure: Failure) -> str | None:
    """Ignore nothing."""
    del failure
    return None


def load(path: Path | None) -> Filter:
    """Read the rules; None means `config/filters.yaml`. Raises FiltersError, which keeps alerts waiting."""
    origin = f"FILTERS_FILE {path}" if path else "config/filters.yaml"
    try:
        text = (path or _BUILT_IN).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FiltersError(f"{origin}: can't be read: {type(error).__name__}") from error
    return partial(Filters.read(text, origin).rule_for, estimate=_severity_of)


def _severity_of(failure: Failure) -> Severity | None:
    from rca.analysis.estimate import severity_of  # brings the catalog, which only a fitting rule needs

    return severity_of(failure)


def told(ignored: Iterable[tuple[str, Failure]]) -> list[str]:
    """Say rule by rule what was ignored: `ignored by rule 'dev-nights': nightly_load, orders`."""
    resources: dict[str, list[str]] = {}
    for rule, failure in ignored:
        resources.setdefault(rule, []).append(failure.resource)
    return [f"ignored by rule '{rule}': {_listed(names)}" for rule, names in resources.items()]


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown
