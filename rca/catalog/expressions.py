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

_SHORTEST_ANCHOR: Final = 3
_SHORTEST_IDEOGRAMS: Final = 2
"""Two characters are a word in Chinese or Japanese."""
_WIDEST_REPEAT: Final = 500
_TOKEN: Final = re.compile(
    r"(?P<escape>\\.)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<open>\((?:\?(?:P<\w+>|[:=!]|<[=!]))?)|(?P<close>\))"
    r"|(?P<repeat>[*+?]|\{\d*(?:,\d*)?\})|(?P<bar>\|)|(?P<special>[.^$])|(?P<literal>.)",
    re.DOTALL,
)
_LITERAL_ESCAPES: Final = frozenset(r".\[](){}*+?|^$/-'" + '" :')


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

    def search(self, text: str, lowered: str) -> re.Match[str] | None:
        """Search a text; `lowered` is the same text in lower case."""
        return self._compiled.search(text) if self.anchor in lowered else None


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


def compile_check(text: str) -> None:
    """Raise `ExpressionError` where an expression is not valid; left to tests and lint, as it takes time."""
    try:
        re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise ExpressionError(f"is not a regular expression: {error}") from error


def _fixed_runs(text: str) -> Iterator[str]:
    """Yield the stretches of literal characters that every match contains."""
    depth, run = 0, ""
    for token in _TOKEN.finditer(text):
        kind, value = token.lastgroup, token[0]
        if kind == "repeat":
            _check_repeat(value)
            run = run[:-1] if value[0] in "*?{" else run
        if kind == "bar" and depth == 0:
            raise ExpressionError(
                "has alternatives outside of a group; write them as expressions of their own"
            )
        character = _literal(kind, value) if depth == 0 else None
        depth += {"open": 1, "close": -1}.get(kind or "", 0)
        if character is not None:
            run += character
        elif run:
            yield run
            run = ""
    if run:
        yield run


def _literal(kind: str | None, value: str) -> str | None:
    if kind == "literal":
        return value
    if kind == "escape" and value[1] in _LITERAL_ESCAPES:
        return value[1]
    return None


def _check_repeat(value: str) -> None:
    if value == "?":
        return
    bounds = re.fullmatch(r"\{(\d*)(?:,(\d*))?\}", value)
    most = (bounds[1] if "," not in value else bounds[2]) if bounds else ""
    if not most or int(most) > _WIDEST_REPEAT:
        raise ExpressionError(
            f"repeats without bound or more than {_WIDEST_REPEAT} times ({value}); use {{0,100}}"
        )
