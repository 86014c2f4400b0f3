"""Timer triggers and their schedules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from localhost.ncrontab import ScheduleError, parse_schedule
from tests.integration.localhost.stage import Stage, until

FRIDAY = datetime(2026, 11, 20, 10, 17, 30, 500_000, tzinfo=UTC)


def test_a_timer_fires_at_start_and_on_schedule(stage: Stage) -> None:
    with stage.host(EVERY="* * * * * *"):
        ticks = until(lambda: stage.events("tick")[3:] and stage.events("tick"))
    assert not any(tick["past_due"] for tick in ticks)
    assert all(tick["at"] % 1 < 0.5 for tick in ticks[1:])  # on the second
    whole = [int(tick["at"]) for tick in ticks[1:]]
    assert whole == sorted(set(whole))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("* * * * * *", ["2026-11-20 10:17:31", "2026-11-20 10:17:32"]),
        ("0 * * * * *", ["2026-11-20 10:18:00", "2026-11-20 10:19:00"]),
        ("* * * * *", ["2026-11-20 10:18:00", "2026-11-20 10:19:00"]),
        ("0 */5 * * * *", ["2026-11-20 10:20:00", "2026-11-20 10:25:00"]),
        ("0 5/20 * * * *", ["2026-11-20 10:25:00", "2026-11-20 10:45:00", "2026-11-20 11:05:00"]),
        ("0 0 9-17/4 * * *", ["2026-11-20 13:00:00", "2026-11-20 17:00:00", "2026-11-21 09:00:00"]),
        ("5,35 0 0 * * *", ["2026-11-21 00:00:05", "2026-11-21 00:00:35", "2026-11-22 00:00:05"]),
        ("0 30 9 * * 1-5", ["2026-11-23 09:30:00", "2026-11-24 09:30:00"]),
        ("0 30 9 * * Sat,sunday", ["2026-11-21 09:30:00", "2026-11-22 09:30:00", "2026-11-28 09:30:00"]),
        ("0 0 0 * * 0", ["2026-11-22 00:00:00", "2026-11-29 00:00:00"]),
        ("0 0 0 1 January *", ["2027-01-01 00:00:00", "2028-01-01 00:00:00"]),
        ("0 0 0 31 * *", ["2026-12-31 00:00:00", "2027-01-31 00:00:00", "2027-03-31 00:00:00"]),
        ("0 0 0 29 2 *", ["2028-02-29 00:00:00", "2032-02-29 00:00:00"]),
        ("0 0 0 13 * 5", ["2027-08-13 00:00:00", "2028-10-13 00:00:00"]),  # day and weekday, unlike cron
        ("0 0 0 29 2 1", ["2044-02-29 00:00:00"]),
        ("00:05:00", ["2026-11-20 10:22:30.500000", "2026-11-20 10:27:30.500000"]),
        ("1.00:00:00", ["2026-11-21 10:17:30.500000"]),
    ],
)
def test_schedule(expression: str, expected: list[str]) -> None:
    schedule, moment, found = parse_schedule(expression), FRIDAY, []
    for _ in expected:
        following = schedule.after(moment)
        assert following is not None
        moment = following
        found.append(str(moment.replace(tzinfo=None)))
    assert found == expected


def test_schedule_is_in_utc_whatever_the_zone_asked_in() -> None:
    moment = FRIDAY.astimezone(tz=ZoneInfo("Asia/Tokyo"))
    assert parse_schedule("0 0 12 * * *").after(moment) == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert parse_schedule("00:00:01").after(moment) == FRIDAY + timedelta(seconds=1)


def test_a_day_that_never_comes() -> None:
    assert parse_schedule("0 0 0 30 2 *").after(FRIDAY) is None


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "* * * *",
        "* * * * * * *",
        "60 * * * * *",
        "0 0 24 * * *",
        "0 0 0 0 * *",
        "0 0 0 * 13 *",
        "0 0 0 * * 7",
        "*/0 * * * * *",
        "a * * * * *",
        "0 0 0 * J *",
        "1--2 * * * * *",
        "1,,2 * * * * *",
        "25:99",
        "00:00:00",
        "@daily",
    ],
)
def test_not_a_schedule(expression: str) -> None:
    with pytest.raises(ScheduleError):
        parse_schedule(expression)
