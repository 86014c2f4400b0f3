from datetime import UTC, datetime

import pytest

from rca.sources import times

MOMENT = datetime(2026, 11, 20, 2, 50, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-20T02:50:11Z",
        "2026-11-20T02:50:11.0000000Z",
        "2026-11-20T02:50:11.0000009Z",
        "2026-11-20T02:50:11",
        "2026-11-20 02:50:11 UTC",
        "2026-11-20T03:50:11+01:00",
        "2026-11-20T03:50:11.000000000+0100",
        "20261120T025011Z",
        "20261120025011",
        "11/20/2026 2:50:11 AM",
        "11/20/2026, 2:50:11.0000000 AM",
        "11/20/2026 02:50:11",
        "Fri, 20 Nov 2026 02:50:11 GMT",
        1795143011,
        "1795143011",
        1795143011.0,
        1795143011000,
        1795143011000.0,
        "1795143011000",
        1795143011000000,
        1795143011000000000,
        "  2026-11-20T02:50:11Z ",
    ],
)
def test_every_spelling_of_one_moment(value):
    assert times.parse(value) == MOMENT


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "yesterday",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:00",
        0,
        -1,
        12,
        True,
        float("nan"),
        float("inf"),
        1e300,
        10**400,
        "99/99/2026 2:50:11 AM",
        "2026-02-30T00:00:00Z",
        "9" * 25,
        "²²²²²²²²²²",
        pytest.param("x" * 100_000, id="long text"),
        [],
        {"date": "2026-11-20"},
    ],
)
def test_what_names_no_moment_is_none(value):
    assert times.parse(value) is None


def test_fraction_is_kept_to_the_microsecond():
    parsed = times.parse("2026-11-20T02:17:43.5518229Z")
    assert parsed is not None
    assert times.stamp(parsed) == "2026-11-20T02:17:43.551822Z"
    assert times.compact(parsed) == "20261120021743"


def test_first_readable_moment_is_taken():
    assert times.first(None, "soon", "2026-11-20T02:50:11Z", "2020-01-01") == MOMENT
    assert times.first() is None
