"""Finds which of thousands of fixed texts may stand in a message, in one pass over the message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

_GRAM: Final = 5
_STEP: Final = 3
"""Every third stretch of a message is looked at, so a text is filed under three neighbouring ones."""
_SHORTEST: Final = _GRAM + _STEP - 1


class Anchors:
    """Fixed texts, each filed under its rarest neighbouring stretches of a few characters.

    A look-up costs one set of the message's stretches, and one `in` for each text of which a stretch occurs.
    `tables` is JSON data, for finding the rarest stretches takes a while: `file` makes it.
    """

    def __init__(self, tables: dict[str, Any]) -> None:
        self._texts: list[str] = tables["texts"]
        self._places: list[list[int]] = tables["places"]
        self._short: list[int] = tables["short"]
        self._by_gram: dict[str, list[int]] = tables["grams"]

    def within(self, lowered: str) -> list[int]:
        """Return the places, in order, of the texts that stand in a message (in lower case)."""
        texts = self._texts
        found = {number for number in self._short if texts[number] in lowered}
        for gram in self._by_gram.keys() & set(_grams(lowered, _STEP)):
            for number in self._by_gram[gram]:
                if number not in found and texts[number] in lowered:
                    found.add(number)
        return sorted([place for number in found for place in self._places[number]])


def file(texts: Sequence[str]) -> dict[str, Any]:
    """File texts by their rarest stretches; a text's place is its position in the sequence."""
    places: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        places.setdefault(text, []).append(place)
    frequency = Counter(gram for text in places for gram in _grams(text))
    short: list[int] = []
    by_gram: dict[str, list[int]] = {}
    for number, text in enumerate(places):
        if len(text) < _SHORTEST:
            short.append(number)
            continue
        for gram in dict.fromkeys(_rarest(text, frequency)):
            by_gram.setdefault(gram, []).append(number)
    return {"texts": list(places), "places": list(places.values()), "short": short, "grams": by_gram}


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
