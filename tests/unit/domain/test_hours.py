"""Working hours, also over midnight, on holidays and when the clocks change."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from rca.domain.hours import Hours

BERLIN = ZoneInfo("Europe/Berlin")


def hours(**fields: object) -> Hours:
    return Hours.model_validate({"timezone": "Europe/Berlin", "from": "08:00", "to": "18:00", **fields})


def local(text: str) -> datetime:
    """A wall-clock time in Berlin, as the UTC moment that failures carry."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("2026-11-20T07:59", False),  # a Friday
        ("2026-11-20T08:00", True),
        ("2026-11-20T17:59:59", True),
        ("2026-11-20T18:00", False),
        ("2026-11-21T12:00", False),
        ("2026-12-25T12:00", False),  # a Friday, too
    ],
)
def test_working_days_and_holidays(moment: str, inside: bool) -> None:
    assert hours(holidays=["2026-12-25"]).contain(local(moment)) is inside


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("2026-11-20T23:00", True),
        ("2026-11-21T05:59", True),  # Saturday morning still belongs to Friday's hours
        ("2026-11-21T06:00", False),
        ("2026-11-21T23:00", False),
        ("2026-11-23T05:00", False),  # Monday morning would belong to Sunday's
        ("2026-11-23T22:00", True),
    ],
)
def test_hours_over_midnight_belong_to_the_day_on_which_they_begin(moment: str, inside: bool) -> None:
    assert hours(**{"from": "22:00", "to": "06:00"}).contain(local(moment)) is inside


def test_a_holiday_takes_its_own_night_and_leaves_the_one_before() -> None:
    nights = hours(**{"from": "22:00", "to": "06:00", "holidays": ["2026-12-24"]})
    assert nights.contain(local("2026-12-24T05:00"))
    assert not nights.contain(local("2026-12-24T23:00"))
    assert not nights.contain(local("2026-12-25T05:00"))


def test_summer_time_moves_the_hours_with_the_wall_clock() -> None:
    assert not hours().contain(datetime(2026, 3, 27, 6, 30, tzinfo=UTC))
    assert hours().contain(datetime(2026, 3, 30, 6, 30, tzinfo=UTC))
    assert hours().contain(datetime(2026, 10, 23, 6, 30, tzinfo=UTC))
    assert not hours().contain(datetime(2026, 10, 26, 6, 30, tzinfo=UTC))


def test_the_hour_that_comes_twice_and_the_one_that_is_skipped() -> None:
    early = hours(**{"from": "02:00", "to": "03:00", "weekdays": ["sun"]})
    twice = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert [early.contain(twice + timedelta(hours=late)) for late in (-1, 0, 1, 2)] == [
        False,
        True,
        True,
        False,
    ]
    spring = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)
    assert not any(early.contain(spring + timedelta(minutes=minutes)) for minutes in range(180))


def test_a_zone_far_off_goes_by_its_own_weekday() -> None:
    auckland = hours(timezone="Pacific/Auckland")
    assert auckland.contain(datetime(2026, 11, 22, 20, 0, tzinfo=UTC))  # Monday 09:00 there
    assert not auckland.contain(datetime(2026, 11, 20, 20, 0, tzinfo=UTC))  # Saturday there


@pytest.mark.parametrize("end", ["24:00", 1440])
def test_whole_days(end: object) -> None:
    assert hours(**{"from": "00:00", "to": end}).contain(local("2026-11-20T23:59"))


def test_what_yaml_makes_of_a_time_without_quotes_is_the_same_time() -> None:
    assert hours(**{"from": 570, "to": 1080}) == hours(**{"from": "9:30", "to": "18:00"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"timezone": "Europe/Atlantis"},
        {"timezone": "Europe"},
        {"timezone": "/etc/localtime"},
        {"timezone": "../../etc/passwd"},
        {"timezone": 1},
        {"timezone": ""},
        {"from": 8},
        {"from": "8"},
        {"from": "08:60"},
        {"to": "24:01"},
        {"to": True},
        {"to": 1441},
        {"from": "18:00"},
        {"from": "24:00", "to": "06:00"},
        {"weekdays": []},
        {"weekdays": ["someday"]},
        {"weekdays": ["m"]},
        {"holidays": ["christmas"]},
        {"until": "20:00"},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        hours(**wrong)


def test_time_zones_need_nothing_of_the_system() -> None:
    """Slim images carry no time zone database; the package tzdata stands in for it."""
    code = "from zoneinfo import TZPATH, ZoneInfo; assert TZPATH == (); ZoneInfo('Europe/Berlin')"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONTZPATH": ""})
