"""Finds which of thousands of fixed texts may stand in a message, in one pass over the message."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

_GRAM: Final = 5
_STEP: Final = 3
"""Every third stretch of a message is looked at, so a text is filed under three neighbouring ones."""
_SHORTEST: Final = _GRAM + _STEP - 1


class AnchorIndex[T]:
    """Things by their fixed text, each filed under its rarest neighbouring stretches of a few characters.

    A look-up costs one set of the message's stretches, and one `in` for each text of which a stretch occurs.
    """

    def __init__(self, items: Iterable[tuple[str, T]]) -> None:
        by_text: defaultdict[str, list[tuple[int, T]]] = defaultdict(list)
        for position, (text, item) in enumerate(items):
            by_text[text].append((position, item))
        frequency = Counter(gram for text in by_text for gram in _grams(text))
        self._short = [(text, held) for text, held in by_text.items() if len(text) < _SHORTEST]
        self._by_gram: defaultdict[str, list[tuple[str, list[tuple[int, T]]]]] = defaultdict(list)
        for text, held in by_text.items():
            if len(text) >= _SHORTEST:
                for gram in dict.fromkeys(_rarest(text, frequency)):
                    self._by_gram[gram].append((text, held))
        self._keys = frozenset(self._by_gram)

    def within(self, lowered: str) -> Iterator[T]:
        """Yield what has its text in a message (in lower case), in the order of filing."""
        found: dict[str, list[tuple[int, T]]] = {}
        for text, held in self._short:
            if text in lowered:
                found[text] = held
        for gram in self._keys.intersection(_grams(lowered, _STEP)):
            for text, held in self._by_gram[gram]:
                if text not in found and text in lowered:
                    found[text] = held
        pairs = [pair for held in found.values() for pair in held]
        pairs.sort(key=lambda pair: pair[0])
        return (item for _, item in pairs)


def _grams(text: str, step: int = 1) -> list[str]:
    return [text[at : at + _GRAM] for at in range(0, len(text) - _GRAM + 1, step)]


def _rarest(text: str, frequency: Counter[str]) -> list[str]:
    """Return the neighbouring stretches that the fewest texts share; one of them is always looked at."""
    grams = _grams(text)
    runs = [grams[at : at + _STEP] for at in range(len(grams) - _STEP + 1)]
    return min(runs, key=lambda run: sum(frequency[gram] for gram in run))


def has_any(texts: Iterable[str], lowered: str) -> bool:
    """Whether one of a few texts stands in a message; a plain loop, as a generator takes twice as long."""
    for text in texts:  # noqa: SIM110
        if text in lowered:
            return True
    return False
