"""Learns the weights of `rca/catalog/likeness.json`: `python -m evals.learn`, some ten seconds.

What it learns from: examples, causes and phrases of the catalog, and the messages of the development part with their
labels. Never the test part. The same inputs give the same file on the same machine; `made_of` tells which they were.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from evals.cases import load
from evals.systems import failure_of
from rca.catalog.entry import Entry
from rca.catalog.likeness import FILE, ZERO, words_of
from rca.catalog.loader import load_directory

_ROUNDS: Final = 6
_SPEED: Final = 0.5
_CASE_WEIGHT: Final = 4.0
"""A case speaks as systems do; an example of the catalog was chosen to be clear, a cause is in our own words."""
_PHRASE_WEIGHT: Final = 0.5
_FEWEST: Final = 3
_SMALLEST, _LARGEST = 2, 44
"""Steps of a weight each way: it is one printable character, and what says next to nothing is left out."""
_SYNTAX: Final = re.compile(r"\(\?P<\w+>|\\[a-z]|[\[\](){}|?*+^$.,\d]")

type Vector = list[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Text:
    """A text, the category that it stands for, and how much it counts."""

    words: Counter[str]
    category: str
    weight: float


def texts() -> list[Text]:
    """Collect all that is learnt from, in a fixed order."""
    found = [text for entry in load_directory() for text in _of_entry(entry)]
    for case in load(("dev",)):
        accepted = case.case.expect.category
        words = words_of(failure_of(case).message)
        share = _CASE_WEIGHT / len(accepted)
        found += [Text(words, str(category), share) for category in accepted]
    return found


def digest_of(learnt: Iterable[Text]) -> str:
    """Return the SHA-256 of what is learnt from."""
    digest = hashlib.sha256()
    for text in learnt:
        said = json.dumps([sorted(text.words.items()), text.category, text.weight], ensure_ascii=True)
        digest.update(said.encode())
    return digest.hexdigest()


def learn(learnt: Sequence[Text]) -> dict[str, Any]:
    """Fit a softmax regression by stochastic gradients (AdaGrad, one rate a word) and write it in small steps."""
    spread = Counter(word for text in learnt for word in text.words)
    kept = sorted(word for word, count in spread.items() if count >= _FEWEST)
    rarity = [math.log((1 + len(learnt)) / (1 + spread[word])) + 1 for word in kept]
    places = {word: place for place, word in enumerate(kept)}
    categories = sorted({text.category for text in learnt})
    examples = [
        (_vector(text.words, places, rarity), categories.index(text.category), text.weight) for text in learnt
    ]
    weights, bias = _fitted(examples, len(kept), len(categories))
    return _tables(kept, rarity, categories, weights, bias)


def _of_entry(entry: Entry) -> Iterable[Text]:
    category = str(entry.category)
    for example in entry.examples:
        yield Text(words_of(example.message), category, 1.0)
    yield Text(words_of(entry.error_type), category, 1.0)
    yield Text(words_of(entry.root_cause), category, 1.0)
    for pattern in entry.patterns:
        yield Text(words_of(_SYNTAX.sub(" ", pattern.text)), category, _PHRASE_WEIGHT)


def _vector(words: Counter[str], places: dict[str, int], rarity: Sequence[float]) -> Vector:
    found = [
        (places[word], (1 + math.log(count)) * rarity[places[word]])
        for word, count in words.items()
        if word in places
    ]
    length = math.sqrt(sum(value * value for _, value in found)) or 1.0
    return [(place, value / length) for place, value in found]


def _fitted(
    examples: Sequence[tuple[Vector, int, float]], size: int, kinds: int
) -> tuple[list[list[float]], list[float]]:
    weights = [[0.0] * kinds for _ in range(size)]
    grown = [1e-2] * size
    bias = [0.0] * kinds
    order = list(range(len(examples)))
    chance = random.Random(1)  # noqa: S311 - no secret
    for _ in range(_ROUNDS):
        chance.shuffle(order)
        for number in order:
            vector, truth, weight = examples[number]
            wrong = _wrong(vector, truth, weights, bias)
            push = weight * sum(part * part for part in wrong)
            bias = [b - 0.017 * weight * part for b, part in zip(bias, wrong, strict=True)]
            for place, value in vector:
                grown[place] += push * value * value
                rate = _SPEED * weight * value / math.sqrt(grown[place])
                weights[place] = [w - rate * part for w, part in zip(weights[place], wrong, strict=True)]
    return weights, bias


def _wrong(vector: Vector, truth: int, weights: list[list[float]], bias: list[float]) -> list[float]:
    """Return by how much each category is thought too likely."""
    scores = list(bias)
    for place, value in vector:
        scores = [score + value * part for score, part in zip(scores, weights[place], strict=True)]
    most = max(scores)
    shares = [math.exp(score - most) for score in scores]
    total = sum(shares)
    wrong = [share / total for share in shares]
    wrong[truth] -= 1.0
    return wrong


def _tables(
    kept: Sequence[str],
    rarity: Sequence[float],
    categories: Sequence[str],
    weights: Sequence[Sequence[float]],
    bias: Sequence[float],
) -> dict[str, Any]:
    step = max(abs(part) for row in weights for part in row) / _LARGEST
    rarity_step = max(rarity) / _LARGEST
    features: dict[str, str] = {}
    for word, rare, row in zip(kept, rarity, weights, strict=True):
        steps = [round(part / step) for part in row]
        if max(map(abs, steps)) >= _SMALLEST:
            features[word] = "".join(chr(ZERO + each) for each in (round(rare / rarity_step), *steps))
    return {
        "categories": list(categories),
        "bias": [round(each, 4) for each in bias],
        "step": round(step, 6),
        "rarity_step": round(rarity_step, 6),
        "features": features,
    }


def main(path: Path = FILE) -> None:
    """Learn anew and write the file."""
    learnt = texts()
    tables = {"made_of": digest_of(learnt), **learn(learnt)}
    path.write_text(json.dumps(tables, ensure_ascii=False, indent=0, sort_keys=True) + "\n", "utf-8")
    print(f"{len(learnt)} texts, {len(tables['features'])} words and pairs → {path.name}")


if __name__ == "__main__":
    main()
