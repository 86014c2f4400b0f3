"""Timer schedules: NCRONTAB expressions (5 or 6 fields) and constant intervals (`hh:mm:ss`), in UTC.

The grammar is NCrontab's, which Azure Functions uses: unlike in cron, a day must match day-of-month *and* day-of-week.
https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Protocol

from localhost.config import seconds

MONTHS = {name: number for number, name in enumerate(calendar.month_name) if name}
DAYS = {name: (number + 1) % 7 for number, name in enumerate(calendar.day_name)}
PART = re.compile(r"(\*|\w+(?:-\w+)?)(?:/(\d+))?")
# 29 February on a given weekday comes at the latest after 40 years
YEARS_AHEAD = 40


class ScheduleError(ValueError):
    """The expression is neither NCRONTAB nor an interval."""


class Schedule(Protocol):
    """When a timer fires."""

    def after(self, moment: datetime) -> datetime | None:
        """Find the first occurrence after `moment` (aware); None if there is none."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Fires every `period`."""

    period: timedelta

    def after(self, moment: datetime) -> datetime:
        """Add one period."""
        return moment + self.period


@dataclass(frozen=True, slots=True)
class Crontab:
    """Fires when second, minute, hour, day, month and weekday (0 = Sunday) all match."""

    second: frozenset[int]
    minute: frozenset[int]
    hour: frozenset[int]
    day: frozenset[int]
    month: frozenset[int]
    weekday: frozenset[int]

    def after(self, moment: datetime) -> datetime | None:
        """Find the first matching second after `moment`."""
        start = moment.astimezone(UTC)
        for day in self._days(start):
            for at in self._times():
                found = datetime.combine(day, at, UTC)
                if found > start:
                    return found
        return None

    def _days(self, start: datetime) -> Iterator[datetime]:
        for year in range(start.year, min(start.year + YEARS_AHEAD, 9999) + 1):
            for month in sorted(self.month):
                if (year, month) < (start.year, start.month):
                    continue
                for number in range(1, calendar.monthrange(year, month)[1] + 1):
                    day = datetime(year, month, number, tzinfo=UTC)
                    if (
                        number in self.day
                        and day.isoweekday() % 7 in self.weekday
                        and day.date() >= start.date()
                    ):
                        yield day

    def _times(self) -> Iterator[time]:
        for hour in sorted(self.hour):
            for minute in sorted(self.minute):
                for second in sorted(self.second):
                    yield time(hour, minute, second)


def parse_schedule(expression: str) -> Schedule:
    """Read a timer's schedule; raises ScheduleError."""
    fields = expression.split()
    if len(fields) == 1 and ":" in expression:
        return _interval(expression)
    if len(fields) == 5:
        fields = ["0", *fields]
    if len(fields) != 6:
        raise ScheduleError(f"{expression!r} has {len(fields)} fields, NCRONTAB has 6 (or 5)")
    try:
        return Crontab(
            second=_field(fields[0], 0, 59),
            minute=_field(fields[1], 0, 59),
            hour=_field(fields[2], 0, 23),
            day=_field(fields[3], 1, 31),
            month=_field(fields[4], 1, 12, MONTHS),
            weekday=_field(fields[5], 0, 6, DAYS),
        )
    except ValueError as error:
        raise ScheduleError(f"{expression!r}: {error}") from error


def _interval(expression: str) -> Interval:
    try:
        period = timedelta(seconds=seconds(expression))
    except ValueError as error:
        raise ScheduleError(str(error)) from error
    if period <= timedelta():
        raise ScheduleError(f"{expression!r} is no interval")
    return Interval(period)


def _field(text: str, least: int, most: int, names: dict[str, int] | None = None) -> frozenset[int]:
    values: set[int] = set()
    for part in text.split(","):
        values.update(_part(part, least, most, names or {}))
    return frozenset(values)


def _part(text: str, least: int, most: int, names: dict[str, int]) -> range:
    """Read `*`, `5`, `1-5` or a name, each with an optional `/step`; `5/15` runs from 5 to the end."""
    match = PART.fullmatch(text)
    if not match:
        raise ValueError(f"can't read {text!r}")
    span, step = match[1], int(match[2] or 1)
    if step < 1:
        raise ValueError(f"step in {text!r} must be at least 1")
    if span == "*":
        return range(least, most + 1, step)
    first, _, last = span.partition("-")
    low = _value(first, least, most, names)
    high = _value(last, least, most, names) if last else most if match[2] else low
    low, high = sorted((low, high))
    return range(low, high + 1, step)


def _value(text: str, least: int, most: int, names: dict[str, int]) -> int:
    """Read a number, or a month or day name of three or more letters."""
    if text.isdigit():
        number = int(text)
    else:
        found = [
            each for name, each in names.items() if len(text) >= 3 and name.lower().startswith(text.lower())
        ]
        if not found:
            raise ValueError(f"can't read {text!r}")
        number = found[0]
    if not least <= number <= most:
        raise ValueError(f"{number} is not from {least} to {most}")
    return number
