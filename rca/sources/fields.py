"""Tolerant reading of JSON: whatever a sender put into a field, these give a usable value or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

MAX_LABELS = 40
MAX_LABEL = 300
MAX_NAME = 500
MAX_LINK = 8192

# What templates and str() leave where there was no value; as an id it would fold unrelated failures into one.
_PLACEHOLDERS = frozenset(
    {"none", "null", "nil", "nan", "n/a", "undefined", "-", "00000000-0000-0000-0000-000000000000"}
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_WHOLE = re.compile(r"(\d+)\.0+")


def mapping(value: object) -> Mapping[str, object]:
    """Return the value if it is a JSON object, else an empty one."""
    # Intake reads every alert by this; asking for the concrete type first takes a fifth of the time.
    return value if type(value) is dict or isinstance(value, Mapping) else {}


def items(value: object) -> Sequence[object]:
    """Return the value if it is a JSON array, else an empty one."""
    return value if isinstance(value, (list, tuple)) else ()


def at(payload: object, path: str) -> object:
    """Return the value under a dotted path such as `run.state.state_message`, or None."""
    for key in _steps(path):
        payload = mapping(payload).get(key)
        if payload is None:
            return None
    return payload


@lru_cache(maxsize=1_024)
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def text(value: object) -> str | None:
    """Return a scalar as stripped text that every encoder accepts, or None if there is nothing to read."""
    if value is None:
        return None
    if type(value) is str:
        return _clean(value).strip() or None
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _clean(value).strip() or None
        case int():
            return str(value) if value.bit_length() <= 256 else None
        case float():
            return str(int(value)) if value.is_integer() else str(value)
        case _:
            return None


def first(payload: object, *paths: str) -> str | None:
    """Return the first text that one of several dotted paths holds."""
    for path in paths:
        if found := text(at(payload, path)):
            return found
    return None


def identifier(value: object) -> str | None:
    """Return an id as text; placeholders such as `None` or `N/A` are no id, and `12.0` is `12`."""
    if isinstance(value, bool):
        return None
    found = text(value)
    if found is None or found.lower() in _PLACEHOLDERS:
        return None
    whole = _WHOLE.fullmatch(found)
    return whole.group(1) if whole else found


def first_identifier(payload: object, *paths: str) -> str | None:
    """Return the first id that one of several dotted paths holds."""
    for path in paths:
        if found := identifier(at(payload, path)):
            return found
    return None


def name(value: object) -> str | None:
    """Return a one-line name of bounded length; placeholders are no name."""
    found = identifier(value)
    return shorten(" ".join(found.split()), MAX_NAME) if found else None


def first_name(payload: object, *paths: str) -> str | None:
    """Return the first name that one of several dotted paths holds."""
    return next((found for path in paths if (found := name(at(payload, path)))), None)


def prose(value: object) -> str | None:
    """Return the text of a scalar, or of an object or array one level deep as `key: value, …`."""
    if type(value) is str:
        return text(value)
    if isinstance(value, Mapping):
        pairs = ((text(key), text(inner)) for key, inner in value.items())
        return ", ".join(f"{key}: {inner}" for key, inner in pairs if key and inner) or None
    if isinstance(value, (list, tuple)):
        return ", ".join(inner for item in value if (inner := text(item))) or None
    return text(value)


def link(*values: object) -> str | None:
    """Return the first http(s) address among the values; nothing else may become a link in a page."""
    for value in values:
        found = text(value)
        if found and len(found) <= MAX_LINK and not re.search(r"\s", found) and host(found):
            return found
    return None


def host(url: str) -> str | None:
    """Return host and port of an http(s) address in lower case, or None."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.netloc.lower() or None if parts.scheme.lower() in {"http", "https"} else None


def shorten(value: str, limit: int) -> str:
    """Cut the value with an ellipsis where it is longer than `limit` characters."""
    return value if len(value) <= limit else value[: limit - 1] + "…"


def sentence(value: str | None) -> str | None:
    """End the text with a full stop, so that more can follow."""
    return value if value is None or value.endswith((".", "!", "?")) else f"{value}."


def labels(*groups: Mapping[str, object]) -> dict[str, str]:
    """Pick short labels out of several groups: the first that names a key wins, and the number is bounded."""
    kept: dict[str, str] = {}
    for key, value in _entries(groups):
        if len(kept) == MAX_LABELS:
            break
        found = prose(value)
        if found and key not in kept and found.lower() not in _PLACEHOLDERS:
            kept[key] = shorten(found, MAX_LABEL)
    return kept


def missing(payload: object, *paths: str) -> tuple[str, ...]:
    """Return those of the dotted paths that hold nothing."""
    return tuple(path for path in paths if at(payload, path) in (None, "", [], {}))


def _entries(groups: Iterable[Mapping[str, object]]) -> Iterable[tuple[str, object]]:
    for group in groups:
        for key, value in group.items():
            label = text(key)
            if label:
                yield shorten(label, MAX_LABEL), value


def _clean(value: str) -> str:
    if value.isascii() and value.isprintable():
        return value
    # A lone surrogate is legal JSON and no UTF-8: as it stands it would break hashing and storage later.
    if not value.isascii():
        value = value.encode("utf-8", "backslashreplace").decode("utf-8")
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", value)
