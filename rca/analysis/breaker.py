"""A circuit breaker: after failures in a row nothing is asked for a while, then one question tries the way."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Breaker:
    """Counts passing failures of one provider in this process; safe to share between threads.

    Opens after `failures` in a row, for `seconds`; then one caller may try, and its outcome closes or opens it.
    """

    def __init__(self, *, failures: int, seconds: float, clock: Callable[[], float]) -> None:
        self._most = failures
        self._seconds = seconds
        self._clock = clock
        self._failures = 0
        self._until = 0.0
        self._lock = threading.Lock()

    def allows(self) -> bool:
        """Whether a question may be put now; while half open, only the first caller in each period hears yes."""
        with self._lock:
            if self._failures < self._most:
                return True
            now = self._clock()
            if now < self._until:
                return False
            self._until = now + self._seconds
            return True

    @property
    def open(self) -> bool:
        """Whether it has opened and not yet closed again."""
        with self._lock:
            return self._failures >= self._most

    def success(self) -> None:
        """Record that the provider answered, whatever it said."""
        with self._lock:
            self._failures = 0

    def failure(self) -> None:
        """Record a passing failure."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._most:
                self._until = self._clock() + self._seconds
