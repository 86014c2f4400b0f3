"""Tolerant reading of the JSON that platforms answer with, and cutting of long texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

_LATEST = 253_402_300_799
_LONGEST_WORD = 2_000


def mapping(value: object) -> Mapping[str, object]:
    """Return the value if it is a JSON object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> Sequence[object]:
    """Return the value if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else ()


def at(value: object, path: str) -> object:
    """Return the value under a dotted path, or None."""
    for key in path.split("."):
        value = mapping(value).get(key)
    return value


def text(value: object) -> str | None:
    """Return a string or number as stripped text, or None if there is nothing to read."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def first(value: object, *paths: str) -> str | None:
    """Return the first text that one of several dotted paths holds."""
    return next((found for path in paths if (found := text(at(value, path)))), None)


def moment(value: object) -> datetime | None:
    """Read epoch milliseconds or ISO 8601; None for anything else."""
    if isinstance(value, int | float) and 0 < value / 1000 < _LATEST:
        return datetime.fromtimestamp(value / 1000, UTC)
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value.strip())
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def facts(pairs: Iterable[tuple[str, object]]) -> str:
    """Write `name: value` lines, leaving out what is not known."""
    return "\n".join(f"{name}: {told}" for name, value in pairs if (told := text(value)))


def last_lines(value: str, limit: int) -> tuple[str, bool]:
    """Return the last whole lines that fit into `limit` characters, and whether any were left out.

    A longer line is cut between words: a secret that is cut in two would no longer be known for one.
    """
    if len(value) <= limit:
        return value, False
    kept = value[-limit:]
    start = kept.find("\n")
    if 0 <= start < limit - 1:
        return kept[start + 1 :], True
    word = next((found for found, character in enumerate(kept[:_LONGEST_WORD]) if character.isspace()), None)
    return kept[_LONGEST_WORD if word is None else word + 1 :], True


def first_words(value: str, limit: int) -> str:
    """Return the first words that fit into `limit` characters."""
    if len(value) <= limit:
        return value
    kept = value[:limit]
    end = next((found for found in range(limit - 1, -1, -1) if kept[found].isspace()), -1)
    return kept[: end if end >= limit - _LONGEST_WORD and end > 0 else max(0, limit - _LONGEST_WORD)] + "…"
