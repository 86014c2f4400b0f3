"""The stretch of time around a failure that metrics and logs are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

_GRAIN: Final = 60


@dataclass(frozen=True, slots=True)
class Window:
    """Whole minutes, so that alerts of the same minute share their queries; seconds since 1970."""

    start: int
    end: int

    @classmethod
    def around(cls, moment: datetime, before: timedelta, after: timedelta, now: datetime) -> Window:
        """Return the window around a moment, up to now at most."""
        since = moment.astimezone(UTC) - before
        until = max(min(moment + after, now), moment)
        start = int(since.timestamp()) // _GRAIN * _GRAIN
        return cls(start, max(-(-int(until.timestamp()) // _GRAIN) * _GRAIN, start + _GRAIN))

    def step(self, points: int) -> int:
        """Return the seconds between points that give at most so many, never below 15."""
        return max(15, -(-(self.end - self.start) // points))
