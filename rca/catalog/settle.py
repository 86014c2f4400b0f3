"""Weighs what the signs found against what a message is most like by its words.

Codes, exceptions and long phrases are left alone. A phrase of a narrow entry gives way only to a clear majority of the
words, what names a mere family gives way sooner, and where nothing was found the words decide.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

from rca.catalog.breadth import Breadth
from rca.catalog.entry import Entry
from rca.catalog.finding import SPELT_OUT, Finding, Sign
from rca.catalog.likeness import likeness
from rca.domain.vocabulary import Category

_TRUST: Final = {Breadth.NARROW: 2.5, Breadth.BROAD: 0.9, Breadth.HINT: 0.9}
"""By how much (in natural logarithms of probability) the words must prefer another category; measured on cases that
neither entries nor weights had seen."""
_NOTHING: Final = 0.6
"""The same where nothing was found."""
_LIKELY, _CLEAR = 0.35, 0.5
"""How probable a category must be at least, and against a phrase of a narrow entry."""
_LEAST: Final = 1e-6


def settled(
    best: Finding | None,
    findings: Sequence[Finding],
    text: str,
    family: Callable[[Category], Entry | None],
) -> Finding | None:
    """Return the finding that stands: `best`, another one of the category that the words tell, or that one's family."""
    trust = _trust(best)
    if trust is None or not text.strip():
        return best
    own = best.entry.category if best else Category.UNKNOWN
    shares = likeness()(text)
    # That nothing failed is for other rules to say: a wrong word would hide a failure.
    told = max(
        (category for category in shares if category is not Category.CANCELLED),
        key=lambda category: math.log(shares[category] + _LEAST) + (trust if category is own else 0.0),
    )
    if told is own or shares[told] < _least(best):
        return best
    if told is Category.UNKNOWN:
        return None if best and best.breadth is Breadth.HINT else best
    rivals = [each for each in findings if each.entry.category is told and each.stated]
    if rivals:
        return max(rivals, key=lambda finding: finding.rank)
    entry = family(told)
    return Finding(entry, Sign.LIKENESS, score=round(100 * shares[told])) if entry else best


def _least(best: Finding | None) -> float:
    return _CLEAR if best and best.breadth is Breadth.NARROW else _LIKELY


def _trust(best: Finding | None) -> float | None:
    """Return how much a finding outweighs the words; None where they are not asked."""
    if best is None:
        return _NOTHING
    if best.calm or best.named or best.score >= SPELT_OUT:
        return None
    return _TRUST.get(best.breadth)
