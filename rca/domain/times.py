"""Times as text: every stored time is UTC, ISO 8601, millisecond precision and a trailing Z."""

from datetime import UTC, datetime

_LAST_MILLISECOND = 9_999_999_999_999


def iso(moment: datetime) -> str:
    """Write an aware time as `2026-11-20T02:17:43.551Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_iso(text: str) -> datetime:
    """Read what `iso` wrote; raises ValueError on anything else."""
    return datetime.fromisoformat(text).astimezone(UTC)


def day_of(moment: datetime) -> str:
    """Return the UTC day as `2026-11-20`."""
    return moment.astimezone(UTC).date().isoformat()


def reverse_time(moment: datetime) -> str:
    """Return 13 digits that sort newest first, for row keys (Azure Tables only sort ascending)."""
    return f"{_LAST_MILLISECOND - int(moment.timestamp() * 1000):013d}"


def reverse_day(moment: datetime) -> str:
    """Return 5 digits, one value a UTC day, that sort newest first, for partition keys."""
    return f"{99_999 - moment.astimezone(UTC).date().toordinal() % 100_000:05d}"
