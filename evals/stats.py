"""Shares with their uncertainty, and percentiles."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_Z: Final = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""
_SEED: Final = 20261121
_ROUNDS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many, with the bounds of the 95 % confidence interval."""

    right: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share itself, 0 to 1; of nothing it is 0."""
        return self.right / self.of if self.of else 0.0


def share(by_case: Sequence[Sequence[bool]]) -> Share:
    """Return the share of right answers, given for each case its answers.

    With one answer a case the interval is Wilson's. Repeated answers of one case are no independent evidence: then
    whole cases are drawn with replacement (percentile bootstrap, fixed seed). Where all answers agree the bootstrap
    would claim certainty, so Wilson's interval over the number of cases is taken instead.
    """
    groups = [list(answers) for answers in by_case if answers]
    right, of = sum(map(sum, groups)), sum(map(len, groups))
    repeated = any(len(answers) > 1 for answers in groups)
    if not repeated or right in (0, of):
        return Share(right, of, *wilson(round(right / of * len(groups)) if of else 0, len(groups)))
    return Share(right, of, *_bootstrap([(sum(answers), len(answers)) for answers in groups]))


def wilson(right: int, of: int) -> tuple[float, float]:
    """Return Wilson's score interval for a proportion (Wilson 1927, JASA 22:209); all of 0 to 1 for nothing."""
    if not of:
        return 0.0, 1.0
    part, square = right / of, _Z * _Z
    middle = part + square / (2 * of)
    spread = _Z * math.sqrt(part * (1 - part) / of + square / (4 * of * of))
    scale = 1 + square / of
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def percentile(values: Sequence[float], share_below: float) -> float | None:
    """Return the value at or below which a share of all values lies (nearest rank); None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share_below * len(ordered)) - 1)]


def _bootstrap(groups: Sequence[tuple[int, int]]) -> tuple[float, float]:
    chance = random.Random(_SEED)  # noqa: S311 - statistics, no secret
    drawn: list[float] = []
    for _ in range(_ROUNDS):
        sample = chance.choices(groups, k=len(groups))
        drawn.append(sum(right for right, _ in sample) / sum(of for _, of in sample))
    drawn.sort()
    return drawn[int(0.025 * _ROUNDS)], drawn[int(0.975 * _ROUNDS) - 1]
