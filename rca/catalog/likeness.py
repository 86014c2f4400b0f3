"""Tells by its words what kind of failure a message is most like.

A linear model over words and pairs of words, learnt from the catalog, from the development part of the evaluation and
from its labelled texts (`python -m evals.learn`). It knows categories, nothing else: causes and advice are the
entries'. It is loaded with the first message that needs it.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from rca.domain.vocabulary import Category, Source

FILE: Final = Path(__file__).parent / "likeness.txt"
"""A line of JSON for the whole, then a line for each feature: its name, a tab, its weights. JSON alone loads slower."""
HEAD: Final = 2_000
TAIL: Final = 4_000
"""Characters that are read: how a message begins, and how a log ends."""
STEM: Final = 6
_LONG: Final = 6
ZERO: Final = 79
STEPS: Final = 44
"""A weight is a character whose number is ZERO and as many steps more or less; no step is `O`."""

_EMPTY: Final = re.compile(r"\"[\w.-]{1,60}\": ?(?:null|false|\[ ?\]|\{ ?\}|\"\"),?")
"""A JSON member without a value, whose name would be taken for what happened: `"syntax_error": null`."""
_HUMP: Final = re.compile(r"([a-z])([A-Z])")
_WORD: Final = re.compile(
    r"[a-z\u00e0-\u024f\u0370-\u04ff]{2,}|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]|\b[1-5]\d\d\b"
)


def features_of(text: str, source: Source | None = None) -> Counter[str]:
    """Count the beginnings of words and the pairs of neighbours; a name such as `FileNotFound` is three words.

    Beside them stand the source (`@adf`) and how long the text is (`#0` to `#6`: each is twice the one before).
    """
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]}\n{text[-TAIL:]}"
    if '":' in text:
        text = _EMPTY.sub(" ", text)
    words = [word[:STEM] for word in _WORD.findall(_HUMP.sub(r"\1 \2", text).lower())]
    counted = Counter(words)
    counted.update(map(" ".join, pairwise(words)))
    counted[f"#{min(_LONG, len(words).bit_length())}"] = 1
    if source is not None:
        counted[f"@{source}"] = 1
    return counted


class Likeness:
    """The learnt weights; `tables` is what `evals.learn` makes.

    A feature is written as its rarity, the size of its largest weight, and each weight as a part of that.
    """

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self._categories = tuple(map(Category, tables["categories"]))
        self._bias: tuple[float, ...] = tuple(tables["bias"])
        self._rarity: float = tables["rarest"] / (2 * STEPS)
        self._step: float = tables["largest"] / (2 * STEPS * STEPS)
        self._features: dict[str, str] = tables["features"]

    def __call__(self, text: str, source: Source | None = None) -> dict[Category, float]:
        """Return how likely each category is; the sum is one."""
        known = self._features
        found = [
            (count, known[word].encode())
            for word, count in features_of(text, source).items()
            if word in known
        ]
        scores = self._scores(found) if found else self._bias
        most = max(scores)
        shares = [math.exp(score - most) for score in scores]
        total = sum(shares)
        return {category: share / total for category, share in zip(self._categories, shares, strict=True)}

    def _scores(self, found: Sequence[tuple[int, bytes]]) -> tuple[float, ...]:
        # Rarities and sizes use the whole range, below ZERO as well; to take ZERO off each weight is left to the end.
        lowest = ZERO - STEPS
        values = [(1 + math.log(count)) * (row[0] - lowest) * self._rarity for count, row in found]
        length = math.hypot(*values) or 1.0
        amounts = [
            value * (row[1] - lowest) * self._step / length
            for value, (_, row) in zip(values, found, strict=True)
        ]
        off = ZERO * sum(amounts)
        columns = zip(*(row[2:] for _, row in found), strict=True)
        return tuple(
            bias + math.sumprod(amounts, column) - off
            for bias, column in zip(self._bias, columns, strict=True)
        )


def written(tables: Mapping[str, Any]) -> str:
    """Return the text that `parsed` reads."""
    head = {name: value for name, value in tables.items() if name != "features"}
    lines = (f"{name}\t{weights}\n" for name, weights in sorted(tables["features"].items()))
    return json.dumps(head, sort_keys=True) + "\n" + "".join(lines)


def parsed(text: str) -> dict[str, Any]:
    """Return what the model is made of."""
    head, _, body = text.partition("\n")
    parts = body.replace("\t", "\n").split("\n")
    return {**json.loads(head), "features": dict(zip(parts[::2], parts[1::2], strict=False))}


@cache
def likeness() -> Likeness:
    """Return the built-in model, loaded on first use."""
    return Likeness(parsed(FILE.read_text("utf-8")))


def by_words(text: str, source: Source) -> dict[Category, float]:
    """Ask the built-in model."""
    return likeness()(text, source)
