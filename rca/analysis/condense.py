"""Shortens long logs to what informs: the head, the tail and the lines that speak of errors, in their order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Final

BYTES_PER_TOKEN: Final = 3
"""On the safe side: English text has about four (help.openai.com, "What are tokens"), ids and logs fewer."""

_HEAD: Final = 0.2
_TAIL: Final = 0.4
_TELLING: Final = re.compile(
    r"error|exception|fail|caused by|denied|refused|traceback|fatal|panic|killed|time[d]?[ -]?out|not found|"
    r"exit code|status code|cannot|unable|invalid",
    re.IGNORECASE,
)
_GAP_BYTES: Final = 40


def size(text: str) -> int:
    """Count bytes in UTF-8, the measure of all limits here."""
    return len(text.encode("utf-8", "replace"))


def condense(text: str, limit: int) -> str:
    """Return at most `limit` bytes of a text, gaps told; errors in the middle win over other lines there."""
    if size(text) <= limit:
        return text
    if limit < 4 * _GAP_BYTES:
        return text.encode("utf-8", "replace")[: max(limit, 0)].decode("utf-8", "ignore")
    widest = max(limit // 4, _GAP_BYTES)
    lines = [_narrow(line, widest) for line in _unrepeated(text.splitlines())]
    costs = [size(line) + 1 for line in lines]
    if sum(costs) <= limit:
        return "\n".join(lines)
    return _joined(lines, _chosen(lines, costs, limit), limit)


def _chosen(lines: list[str], costs: list[int], limit: int) -> list[int]:
    head = _taken(range(len(lines)), costs, int(limit * _HEAD))
    tail = _taken(reversed(range(len(lines))), costs, int(limit * _TAIL))
    chosen = {*head, *tail}
    left = limit - sum(costs[index] for index in chosen) - 2 * _GAP_BYTES
    # The last errors first: they are the nearest to the end of the run.
    for index in reversed(range(len(lines))):
        if index in chosen or not _TELLING.search(lines[index]):
            continue
        left -= costs[index] + _GAP_BYTES
        if left < 0:
            break
        chosen.add(index)
    return sorted(chosen)


def _taken(order: Iterable[int], costs: list[int], budget: int) -> list[int]:
    taken: list[int] = []
    for index in order:
        budget -= costs[index]
        if budget < 0:
            break
        taken.append(index)
    return taken


def _joined(lines: list[str], chosen: list[int], limit: int) -> str:
    parts: list[str] = []
    following = 0
    for index in chosen:
        if index > following:
            parts.append(f"… {index - following} lines left out …")
        parts.append(lines[index])
        following = index + 1
    if following < len(lines):
        parts.append(f"… {len(lines) - following} lines left out …")
    return "\n".join(parts).encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")


def _unrepeated(lines: Iterable[str]) -> Iterable[str]:
    for line, group in groupby(lines):
        count = sum(1 for _ in group)
        yield line
        if count > 1:
            yield f"… repeated {count - 1} times …"


def _narrow(line: str, limit: int) -> str:
    """Cut a long line in its middle."""
    if size(line) <= limit:
        return line
    raw = line.encode("utf-8", "replace")
    half = (limit - 5) // 2
    return raw[:half].decode("utf-8", "ignore") + " … " + raw[-half:].decode("utf-8", "ignore")
