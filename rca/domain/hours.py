"""Working hours on a wall clock: weekdays, times of day, holidays and a time zone."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_DAY: Final = 24 * 60
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME: Final = re.compile(r"(\d{1,2}):([0-5]\d)")


def _zone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, TypeError, OSError, AttributeError):
        # A path is a ValueError, a directory such as `Europe` an OSError, a number an AttributeError.
        raise ValueError("must be an IANA time zone such as Europe/Berlin") from None


def _minute(value: Any) -> int:
    minute = -1
    if isinstance(value, str) and (written := _TIME.fullmatch(value.strip())):
        minute = int(written[1]) * 60 + int(written[2])
    elif type(value) is int and value >= 60:
        # What YAML makes of 18:00 without quotes. A smaller number may be meant as an hour: better to ask.
        minute = value
    if not 0 <= minute <= _DAY:
        raise ValueError('must be a time of day in quotes, "00:00" to "24:00"')
    return minute


def _weekday(value: Any) -> int:
    name = value.strip().lower() if isinstance(value, str) else ""
    for number, weekday in enumerate(_WEEKDAYS):
        if name in (weekday, weekday[:3]):
            return number
    raise ValueError("must be mon, tue, wed, thu, fri, sat or sun")


type Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
type Minute = Annotated[int, BeforeValidator(_minute)]
type Weekday = Annotated[int, BeforeValidator(_weekday)]


class Hours(BaseModel):
    """A team's working hours. `from` and `to` are times of the wall clock, so summer time shifts them by itself.

    Where `to` is not after `from`, the hours run over midnight and belong to the day on which they begin.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    timezone: Zone
    weekdays: Annotated[frozenset[Weekday], Field(min_length=1)] = frozenset(range(5))
    start: Annotated[Minute, Field(alias="from")]
    end: Annotated[Minute, Field(alias="to")]
    holidays: frozenset[date] = frozenset()

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if self.start == self.end or self.start == _DAY or self.end == 0:
            raise ValueError(
                '`from` must be before `to`, or the hours must run over midnight ("22:00" to "06:00")'
            )
        return self

    def contain(self, moment: datetime) -> bool:
        """Whether an aware time lies inside; `from` belongs to the hours, `to` does not."""
        local = moment.astimezone(self.timezone)
        minute, day = local.hour * 60 + local.minute, local.date()
        if self.start < self.end:
            return self._works(day) and self.start <= minute < self.end
        since_yesterday = minute < self.end and self._works(day - timedelta(days=1))
        return since_yesterday or (minute >= self.start and self._works(day))

    def _works(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in self.holidays
