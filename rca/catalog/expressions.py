"""The regular expressions of catalog entries: kept to a form that is fast on any input.

An expression needs a fixed text outside of groups, by which messages that can't match are skipped without running
it, and only bounded repetitions, so that no message makes it slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rca.catalog.anchors import has_any
from rca.catalog.needs import TOKEN, literal, needs_of

_SHORTEST_ANCHOR: Final = 3
_SHORTEST_IDEOGRAMS: Final = 2
"""Two characters are a word in Chinese or Japanese."""
_WIDEST_REPEAT: Final = 500
_LONG: Final = 400
"""Characters from which on it pays to look around the fixed text only."""
_MARGIN: Final = 100
"""So much more is looked at that the end of a stretch is never taken for the end of the text."""


class ExpressionError(ValueError):
    """An expression is not valid or not of the form that the catalog allows; the message says why."""


@dataclass(frozen=True)
class Expression:
    """A regular expression that ignores case and is compiled when it is first needed.

    `anchor` is its longest fixed text in lower case, `weight` the number of all its fixed characters: the more an
    expression spells out, the more specific it is.
    """

    text: str
    anchor: str
    weight: int

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.text, re.IGNORECASE)

    @cached_property
    def _needs(self) -> tuple[tuple[str, ...], ...]:
        return tuple(need for need in needs_of(self.text) if need != (self.anchor,))

    @cached_property
    def _reach(self) -> int:
        return _longest_match(self.text)

    def search(self, text: str, lowered: str) -> re.Match[str] | None:
        """Search a text; `lowered` is the same text in lower case.

        A long text is only looked at around the fixed text, as far as a match can reach.
        """
        at = lowered.find(self.anchor)
        if at < 0 or not all(has_any(need, lowered) for need in self._needs):
            return None
        if len(text) < _LONG or not self.anchor or len(text) != len(lowered):
            return self._compiled.search(text)
        for start, end in self._surroundings(lowered, at):
            if match := self._compiled.search(text, start, end):
                return match
        return None

    def _surroundings(self, lowered: str, at: int) -> Iterator[tuple[int, int]]:
        """Yield the stretches that a match can lie in; those that overlap are one."""
        before, after = self._reach, self._reach + len(self.anchor) + _MARGIN
        start, end = max(0, at - before), at + after
        while (at := lowered.find(self.anchor, at + 1)) >= 0:
            if at - before > end:
                yield start, end
                start = at - before
            end = at + after
        yield start, end


def parse(text: str, *, anchored: bool = True) -> Expression:
    """Check an expression and measure it; `anchored` asks for a fixed text. Raises `ExpressionError`."""
    runs = list(_fixed_runs(text))
    anchor = max(runs, key=len, default="").lower()
    shortest = _SHORTEST_ANCHOR if anchor.isascii() else _SHORTEST_IDEOGRAMS
    if anchored and len(anchor.strip()) < shortest:
        raise ExpressionError(
            f"needs a fixed text of at least {_SHORTEST_ANCHOR} characters outside of groups"
        )
    return Expression(text, anchor, sum(map(len, runs)))


def _longest_match(text: str) -> int:
    """Return how long a match can be at most; rather more, as alternatives and what is looked ahead at count too."""
    levels = [0]
    last = 0
    for token in TOKEN.finditer(text):
        kind, value = token.lastgroup, token[0]
        if kind == "open":
            levels.append(0)
        elif kind == "close" and len(levels) > 1:
            last = levels.pop()
            levels[-1] += last
        elif kind == "repeat":
            most = value.strip("{}").rsplit(",", 1)[-1]
            levels[-1] += last * (int(most) - 1 if most.isdigit() else 0)
        else:
            last = 1
            levels[-1] += 1
    return sum(levels)


def compile_check(text: str) -> None:
    """Raise `ExpressionError` where an expression is not valid; left to tests and lint, as it takes time."""
    try:
        re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise ExpressionError(f"is not a regular expression: {error}") from error


def _fixed_runs(text: str) -> Iterator[str]:
    """Yield the stretches of literal characters that every match contains."""
    depth, run = 0, ""
    for token in TOKEN.finditer(text):
        kind, value = token.lastgroup, token[0]
        if kind == "repeat":
            _check_repeat(value)
            run = run[:-1] if value[0] in "*?{" else run
        if kind == "bar" and depth == 0:
            raise ExpressionError(
                "has alternatives outside of a group; write them as expressions of their own"
            )
        character = literal(kind, value) if depth == 0 else None
        depth += {"open": 1, "close": -1}.get(kind or "", 0)
        if character is not None:
            run += character
        elif run:
            yield run
            run = ""
    if run:
        yield run


def _check_repeat(value: str) -> None:
    if value == "?":
        return
    bounds = re.fullmatch(r"\{(\d*)(?:,(\d*))?\}", value)
    most = (bounds[1] if "," not in value else bounds[2]) if bounds else ""
    if not most or int(most) > _WIDEST_REPEAT:
        raise ExpressionError(
            f"repeats without bound or more than {_WIDEST_REPEAT} times ({value}); use {{0,100}}"
        )
