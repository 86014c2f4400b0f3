"""Measures signs and words on texts that the weights have not seen: `python -m evals.crosscheck`, some four minutes.

The labelled texts are drawn into five parts; each is read by weights learnt from the other four and from all else.
That measures the learning, not the catalog, which has not been changed for these texts. Texts of one author are in
all parts; `--by-author` leaves whole files out instead, which is harder.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from typing import Final

from evals.labelled import TEXTS, Labelled, load_texts
from evals.learn import learn, of_catalog, of_dev, of_text
from rca.analysis import verdict
from rca.analysis.health import health_of
from rca.catalog.likeness import Likeness
from rca.catalog.loader import load_directory
from rca.catalog.matcher import Catalog, Words
from rca.domain.vocabulary import Category, Source

_PARTS: Final = 5
_WAYS: Final = ("signs", "words", "both")

type Tally = dict[str, int]


def parts_at_random(texts: Sequence[Labelled], parts: int = _PARTS) -> list[list[Labelled]]:
    """Draw the texts into parts of the same size, always the same ones."""
    drawn = list(texts)
    random.Random(1).shuffle(drawn)  # noqa: S311 - no secret
    return [drawn[first::parts] for first in range(parts)]


def parts_by_file() -> dict[str, list[Labelled]]:
    """Return the texts of each file; a file is by one author."""
    return {path.stem: list(load_texts(TEXTS, path.name)) for path in sorted(TEXTS.glob("*.jsonl"))}


def tally(left_out: Sequence[Labelled], learnt: Sequence[Labelled]) -> Tally:
    """Count how many of the texts left out get their category by signs, by words and by both."""
    model = Likeness(learn([*of_catalog(), *of_dev(), *map(of_text, learnt)]))
    entries = load_directory()
    signs, both = Catalog(entries), Catalog(entries, model)
    right = dict.fromkeys(_WAYS, 0)
    for text in left_out:
        message = verdict.failure_of(text.source, text.message).message
        right["signs"] += _category(signs, text.source, message) is text.category
        right["both"] += _category(both, text.source, message) is text.category
        right["words"] += _likeliest(model, text.source, message) is text.category
    return right


def _category(book: Catalog, source: Source, message: str) -> Category:
    reading = book.read(source, message)
    if health_of(reading, condition=source in (Source.PROMETHEUS, Source.AZURE_MONITOR)):
        return Category.CANCELLED
    return reading.finding.entry.category if reading.finding else Category.UNKNOWN


def _likeliest(words: Words, source: Source, message: str) -> Category:
    shares = words(message, source)
    return max(shares, key=lambda category: shares[category])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.crosscheck", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--by-author", action="store_true", help="leave out one file after the other")
    options = parser.parse_args()
    texts = load_texts()
    if options.by_author:
        named = parts_by_file()
    else:
        named = {f"part {number}": part for number, part in enumerate(parts_at_random(texts), start=1)}
    whole = dict.fromkeys(_WAYS, 0)
    print(f"{'':24} {'texts':>6} " + " ".join(f"{way:>6}" for way in _WAYS))
    for name, part in named.items():
        rest = [text for other, texts in named.items() if other != name for text in texts]
        right = tally(part, rest)
        _print(name, len(part), right)
        whole = {way: whole[way] + right[way] for way in _WAYS}
    _print("all", len(texts), whole)


def _print(name: str, count: int, right: Tally) -> None:
    print(
        f"{name:24} {count:6} " + " ".join(f"{right[way] / max(1, count):6.1%}" for way in _WAYS), flush=True
    )


if __name__ == "__main__":
    main()
