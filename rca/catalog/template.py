"""The sentences of catalog entries: text with `{name}`, `{name|what to say without it}` or `({name|})`.

Values come from messages, so nothing in them is ever interpreted: they are cut, flattened and inserted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

BUILT_IN_NAMES: Final = frozenset({"resource", "run_id", "source", "detail"})
"""Names that every failure has."""

_NAME: Final = re.compile(r"\{(\w+)(?:\|([^{}]*))?\}")
_EMPTY_BRACKETS: Final = re.compile(r"\(\s{0,9}\)")
_BEFORE_MARK: Final = re.compile(r"\s([,.;:)])|(?<=\()\s")
_LONGEST_VALUE: Final = 200


def names_in(template: str) -> Iterator[tuple[str, str | None]]:
    """Yield the names of a template and what stands there without a value."""
    for match in _NAME.finditer(template):
        yield match[1], match[2]


def fill(template: str, values: Mapping[str, str]) -> str:
    """Fill a template; brackets around nothing are left out."""
    filled = _NAME.sub(lambda match: values.get(match[1]) or match[2] or "", template)
    return _BEFORE_MARK.sub(r"\1", " ".join(_EMPTY_BRACKETS.sub("", filled).split()))


def one_line(value: str, limit: int = _LONGEST_VALUE) -> str:
    """Make one short line of a text from outside."""
    line = " ".join(value[: 4 * limit].split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def flat(value: str, limit: int = _LONGEST_VALUE) -> str:
    """Make one short line of a name or value from outside, without the quotes and stops around it."""
    return one_line(value.replace("`", "").strip("'\",;: ").rstrip("."), limit)
