"""Tells by its words what kind of failure a message is most like: for messages that no sign decides.

A linear model over words and pairs of words, learnt from the catalog and from the development part of the evaluation
(`python -m evals.learn`). It knows categories, nothing else: causes and advice are the entries'. It is loaded with the
first message that needs it.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from rca.domain.vocabulary import Category

FILE: Final = Path(__file__).parent / "likeness.json"
LONGEST: Final = 6_000
"""Characters that are read: what a message says first, it says best."""
STEM: Final = 6
ZERO: Final = 79
"""A weight is written as the character whose number is this and the weight in steps; 0 is `O`."""

_HUMP: Final = re.compile(r"([a-z])([A-Z])")
_WORD: Final = re.compile(
    r"[a-z\u00e0-\u024f\u0370-\u04ff]{2,}|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]|\b[1-5]\d\d\b"
)


def words_of(text: str) -> Counter[str]:
    """Count the beginnings of words and the pairs of neighbours; a name such as `FileNotFound` is three words."""
    words = [word[:STEM] for word in _WORD.findall(_HUMP.sub(r"\1 \2", text[:LONGEST]).lower())]
    counted = Counter(words)
    counted.update(f"{one} {other}" for one, other in pairwise(words))
    return counted


class Likeness:
    """The learnt weights; `tables` is JSON data as `evals.learn` writes it."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self._categories = tuple(map(Category, tables["categories"]))
        self._bias: list[float] = tables["bias"]
        self._step: float = tables["step"]
        self._rarity_step: float = tables["rarity_step"]
        self._features: dict[str, str] = tables["features"]

    def __call__(self, text: str) -> dict[Category, float]:
        """Return how likely each category is; the sum is one."""
        scores = list(self._bias)
        length = 0.0
        found: list[tuple[float, str]] = []
        for word, count in words_of(text).items():
            if weights := self._features.get(word):
                value = (1 + math.log(count)) * (ord(weights[0]) - ZERO) * self._rarity_step
                length += value * value
                found.append((value, weights))
        scale = self._step / math.sqrt(length) if length else 0.0
        for value, weights in found:
            amount = value * scale
            for place in range(len(scores)):
                scores[place] += amount * (ord(weights[place + 1]) - ZERO)
        most = max(scores)
        shares = [math.exp(score - most) for score in scores]
        total = sum(shares)
        return {category: share / total for category, share in zip(self._categories, shares, strict=True)}


@cache
def likeness() -> Likeness:
    """Return the built-in model, loaded on first use."""
    return Likeness(json.loads(FILE.read_text("utf-8")))
