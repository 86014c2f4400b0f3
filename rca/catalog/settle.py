"""Weighs what the signs found against what a message is most like by its words.

A code in the field that the platform has for it is left alone. What else was found counts as so much probability more
for its category: other codes and exceptions more than phrases, phrases more than families. Where nothing was found the
words decide alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from rca.catalog.breadth import Breadth
from rca.catalog.entry import Entry
from rca.catalog.finding import Finding, Sign
from rca.domain.vocabulary import Category

_NAMED: Final = {Sign.CODE: 1.0, Sign.CODE_IN_TEXT: 1.0, Sign.EXCEPTION: 1.5}
_NUMBER: Final = 2.0
_RAISED: Final = 1.0
_TRUST: Final = {Breadth.NARROW: 0.5, Breadth.BROAD: 0.25, Breadth.HINT: 0.0, Breadth.WRAPPER: 0.0}
"""By how much (in natural logarithms of probability) the words must prefer another category; measured on texts that
neither entries nor weights had seen, where half as much or twice as much is nearly as good."""
_ENOUGH: Final = 15
"""With fewer words in a message a finding outweighs them by as much more."""
_NOTHING: Final = 0.1
"""The same where nothing was found."""
_LIKELY: Final = 0.25
_CLEAR: Final = 0.6
"""How probable a category must be at least, and against a code or an exception."""
_DOUBTFUL: Final = 0.5
"""How probable another category must be for a finding that stands to be doubted."""
_HARDLY_CALM: Final = 0.1
"""Below this share a mere phrase does not make a message one of success or of a stop."""
_LEAST: Final = 1e-6


def is_settled(best: Finding | None) -> bool:
    """Whether a finding stands whatever the words say."""
    if best is None:
        return False
    if best.calm and best.sign is not Sign.PATTERN:
        return True
    return best.sign is Sign.CODE and best.breadth is Breadth.NARROW


def settled(
    best: Finding | None,
    findings: Sequence[Finding],
    shares: Mapping[Category, float],
    length: int,
    family: Callable[[Category], Entry | None],
) -> Finding | None:
    """Return the finding that stands: `best`, another one of the category that the words tell, or that one's family.

    `shares` tells how likely each category is by `length` words. A finding that stands against the words tells what
    they prefer.
    """
    if best is not None and best.calm and shares[Category.CANCELLED] >= _HARDLY_CALM:
        return best
    # That nothing failed is for `health` to say, which asks for more.
    failing: dict[Category, float] = {
        category: share for category, share in shares.items() if category is not Category.CANCELLED
    }
    own = best.entry.category if best else Category.UNKNOWN
    trust = _trust(best) * max(1, _ENOUGH / (length or 1))
    told = max(failing, key=lambda each: math.log(failing[each] + _LEAST) + (trust if each is own else 0.0))
    if told is own:
        return _marked(best, failing)
    if failing[told] < (_CLEAR if _is_named(best) else _LIKELY):
        return _marked(best, failing) if best and not best.calm else None
    if told is Category.UNKNOWN:
        return None if best and best.breadth is Breadth.HINT else _marked(best, failing)
    rivals = [each for each in findings if each.entry.category is told and each.stated]
    if rivals:
        return max(rivals, key=lambda finding: finding.rank)
    entry = family(told)
    name = best.name if best and best.named and not best.number else ""
    return Finding(entry, Sign.LIKENESS, name, score=round(100 * failing[told])) if entry else best


def _trust(best: Finding | None) -> float:
    """Return how much a finding outweighs the words."""
    if best is None:
        return _NOTHING
    if best.calm:
        return 0.0
    if best.number:
        return _NUMBER
    if _is_named(best):
        return _NAMED[best.sign]
    raised = best.sign is Sign.EXCEPTION and best.breadth is Breadth.BROAD
    return _RAISED if raised else _TRUST[best.breadth]


def _is_named(best: Finding | None) -> bool:
    return best is not None and best.named and (best.number or best.breadth is Breadth.NARROW)


def _marked(best: Finding | None, shares: Mapping[Category, float]) -> Finding | None:
    if best is None:
        return None
    likeliest = max(shares, key=lambda category: shares[category])
    clear = likeliest is not best.entry.category and shares[likeliest] >= _DOUBTFUL
    return replace(best, likelier=likeliest) if clear else best
