"""Learns the weights of `rca/catalog/likeness.txt`: `python -m evals.learn`, about a minute.

What it learns from: examples, causes and phrases of the catalog, the messages of the development part, and the
labelled texts. Never the test part. The same inputs give the same file on the same machine; `made_of` tells which
they were.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from evals.cases import load
from evals.labelled import Labelled, load_texts
from evals.systems import failure_of
from rca.analysis import verdict
from rca.catalog.asides import without_hearsay
from rca.catalog.entry import Entry
from rca.catalog.likeness import FILE, STEPS, ZERO, features_of, written
from rca.catalog.loader import load_directory
from rca.catalog.text import window
from rca.domain.vocabulary import Source

_STRICTNESS: Final = 1 / 30
"""How much large weights are held back; measured on texts of authors whose other texts were left out."""
_MOST_ROUNDS: Final = 1_000
_ENTRY_WEIGHT: Final = 0.3
_PHRASE_WEIGHT: Final = 0.15
"""A text speaks as systems do; an example of the catalog was chosen to be clear, a phrase is a part of a message."""
_FEWEST: Final = 2
_SMALLEST: Final = 0.8
"""A word whose weights are all smaller says next to nothing, and is left out."""
_SYNTAX: Final = re.compile(r"\(\?P<\w+>|\\[a-z]|[\[\](){}|?*+^$.,\d]")


@dataclass(frozen=True, slots=True)
class Text:
    """A text, the category that it stands for, and how much it counts."""

    features: Counter[str]
    category: str
    weight: float


def texts() -> list[Text]:
    """Collect all that is learnt from, in a fixed order. Raises CaseError and TextError."""
    return [*of_catalog(), *of_dev(), *map(of_text, load_texts())]


def of_catalog() -> Iterator[Text]:
    """Yield what the entries say of themselves."""
    for entry in load_directory():
        yield from _of_entry(entry)


def of_dev() -> Iterator[Text]:
    """Yield the messages of the development part; one with two categories counts half for each."""
    for case in load(("dev",)):
        accepted = case.case.expect.category
        features = _features(failure_of(case).message, case.case.source)
        for category in accepted:
            yield Text(features, str(category), 1 / len(accepted))


def of_text(text: Labelled) -> Text:
    """Read a labelled text as the app would, redacted."""
    message = verdict.failure_of(text.source, text.message).message
    return Text(_features(message, text.source), str(text.category), 1.0)


def digest_of(learnt: Iterable[Text]) -> str:
    """Return the SHA-256 of what is learnt from."""
    digest = hashlib.sha256()
    for text in learnt:
        said = json.dumps([sorted(text.features.items()), text.category, text.weight], ensure_ascii=True)
        digest.update(said.encode())
    return digest.hexdigest()


def learn(learnt: Sequence[Text]) -> dict[str, Any]:
    """Fit a softmax regression to the words, weighed by their rarity, and write its weights in small steps."""
    # Here, so that what only wants the digest does not wait a second for it.
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression

    spread = Counter(word for text in learnt for word in text.features)
    columns = DictVectorizer()
    counts = columns.fit_transform(
        {word: 1 + math.log(count) for word, count in text.features.items() if spread[word] >= _FEWEST}
        for text in learnt
    )
    rarity = TfidfTransformer()
    model = LogisticRegression(C=1 / _STRICTNESS, max_iter=_MOST_ROUNDS)
    model.fit(
        rarity.fit_transform(counts),
        [text.category for text in learnt],
        sample_weight=[text.weight for text in learnt],
    )
    kinds = list(model.classes_)
    weights, bias = model.coef_.T.tolist(), model.intercept_.tolist()
    if len(kinds) == 2:  # It gives two kinds one row: how much more the second is likely than the first.
        weights, bias = [[-each / 2, each / 2] for (each,) in weights], [-bias[0] / 2, bias[0] / 2]
    return _tables(columns.get_feature_names_out(), rarity.idf_.tolist(), kinds, weights, bias)


def _features(message: str, source: Source) -> Counter[str]:
    """Read a message as the matcher does."""
    return features_of(without_hearsay(window(message)), source)


def _of_entry(entry: Entry) -> Iterator[Text]:
    category = str(entry.category)
    for example in entry.examples:
        yield Text(features_of(example.message), category, _ENTRY_WEIGHT)
    yield Text(features_of(entry.error_type), category, _ENTRY_WEIGHT)
    yield Text(features_of(entry.root_cause), category, _ENTRY_WEIGHT)
    for pattern in entry.patterns:
        yield Text(features_of(_SYNTAX.sub(" ", pattern.text)), category, _PHRASE_WEIGHT)


def _tables(
    words: Iterable[str],
    rarity: Sequence[float],
    categories: Sequence[str],
    weights: Sequence[Sequence[float]],
    bias: Sequence[float],
) -> dict[str, Any]:
    largest = max(abs(part) for row in weights for part in row)
    rarest = max(rarity)
    features: dict[str, str] = {}
    for word, rare, row in zip(words, rarity, weights, strict=True):
        size = max(map(abs, row))
        if size >= _SMALLEST:
            sizes = math.ceil(size / largest * 2 * STEPS)
            step = sizes / (2 * STEPS) * largest / STEPS
            steps = [
                round(rare / rarest * 2 * STEPS) - STEPS,
                sizes - STEPS,
                *(round(part / step) for part in row),
            ]
            features[str(word)] = "".join(chr(ZERO + each) for each in steps)
    return {
        "categories": list(categories),
        "bias": [round(each, 4) for each in bias],
        "largest": round(largest, 6),
        "rarest": round(rarest, 6),
        "features": features,
    }


def main(path: Path = FILE) -> None:
    """Learn anew and write the file."""
    learnt = texts()
    tables = {"made_of": digest_of(learnt), **learn(learnt)}
    path.write_text(written(tables), "utf-8")
    print(f"{len(learnt)} texts, {len(tables['features'])} words and pairs → {path.name}")


if __name__ == "__main__":
    main()
