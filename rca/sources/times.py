"""Dates in every spelling that senders use, as aware UTC datetimes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from rca.sources import fields

_EPOCH_UNITS = ((10, 1), (13, 1_000), (16, 1_000_000), (19, 1_000_000_000))
_US_FORMATS = (
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M:%S.%f %p",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S.%f",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
)
_LONG_FRACTION = re.compile(r"(\.\d{6})\d+")
# Before this a date is a placeholder: Alertmanager's year 1, an epoch of 0.
_EARLIEST_YEAR = 2000


def parse(value: object) -> datetime | None:
    """Return the moment a value names, or None.

    Understands ISO 8601 with Z, an offset or neither (then UTC) and any number of fractional digits, Azure's
    `11/20/2026 2:50:11 AM`, RFC 1123, and epochs in seconds, milliseconds, microseconds or nanoseconds.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return _checked(_from_seconds(value) if value < 1e11 else _from_seconds(value / 1000))
    written = fields.text(value)
    if not written or len(written) > 64:
        return None
    for read in (_digits, _iso, _american, _rfc1123):
        if moment := _checked(read(written)):
            return moment
    return None


def first(*values: object) -> datetime | None:
    """Return the moment that the first readable value names."""
    return next((moment for value in values if (moment := parse(value))), None)


def stamp(moment: datetime) -> str:
    """Spell a moment as identities do: `2026-11-20T02:11:30.021000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def compact(moment: datetime) -> str:
    """Spell a moment as `20261120021130`, UTC."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def _checked(moment: datetime | None) -> datetime | None:
    if moment is None or moment.year < _EARLIEST_YEAR:
        return None
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _from_seconds(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _digits(written: str) -> datetime | None:
    if not (written.isascii() and written.isdigit()):
        return None
    if len(written) == 14:
        return _strptime(written, "%Y%m%d%H%M%S")
    unit = next((unit for digits, unit in _EPOCH_UNITS if len(written) == digits), None)
    return _from_seconds(int(written) / unit) if unit else None


def _iso(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(_LONG_FRACTION.sub(r"\1", written).removesuffix(" UTC"))
    except ValueError:
        return None


def _american(written: str) -> datetime | None:
    plain = " ".join(_LONG_FRACTION.sub(r"\1", written).replace(",", " ").removesuffix("UTC").split())
    return next((moment for form in _US_FORMATS if (moment := _strptime(plain, form))), None)


def _rfc1123(written: str) -> datetime | None:
    try:
        return parsedate_to_datetime(written)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _strptime(written: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(written, form).replace(tzinfo=UTC)
    except ValueError:
        return None
