"""Remembers answers for a short while: a storm of alerts asks the same questions."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable


class Cache[V]:
    """Keeps at most `most` values for `seconds` each; the one unused for longest goes first."""

    def __init__(self, seconds: float, most: int, monotonic: Callable[[], float]) -> None:
        self._seconds = seconds
        self._most = most
        self._monotonic = monotonic
        self._kept: OrderedDict[str, tuple[float, V]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str, make: Callable[[], V]) -> V:
        """Return the value of a key, made now unless it is remembered; what `make` raises is not remembered."""
        with self._lock:
            found = self._kept.get(key)
            if found and found[0] > self._monotonic():
                self._kept.move_to_end(key)
                return found[1]
        value = make()
        with self._lock:
            self._kept[key] = (self._monotonic() + self._seconds, value)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value
