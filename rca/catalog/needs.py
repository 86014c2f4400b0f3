"""Works out which fixed texts every match of an expression holds, so that most messages need not be searched.

A need is a few texts of which a match holds at least one: a stretch of characters, or one from each alternative of a
group. What may be left out, what is looked ahead at, and sets of characters give none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

TOKEN: Final = re.compile(
    r"(?P<escape>\\.)|(?P<set>\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<open>\((?:\?(?:P<\w+>|[:=!]|<[=!]))?)|(?P<close>\))"
    r"|(?P<repeat>[*+?]|\{\d*(?:,\d*)?\})|(?P<bar>\|)|(?P<special>[.^$])|(?P<literal>.)",
    re.DOTALL,
)
LITERAL_ESCAPES: Final = frozenset(r".\[](){}*+?|^$/-'" + '" :')
_SHORTEST: Final = 3
"""Shorter texts stand in nearly every message."""

type Need = tuple[str, ...]


def literal(kind: str | None, value: str) -> str | None:
    """Return the character that a token stands for, None where it stands for several."""
    if kind == "literal":
        return value
    if kind == "escape" and value[1] in LITERAL_ESCAPES:
        return value[1]
    return None


def needs_of(text: str) -> tuple[Need, ...]:
    """Return the needs of an expression, in lower case, those first that the fewest messages meet."""
    needs = _group(_Tokens(text))
    return tuple(sorted(dict.fromkeys(needs), key=lambda need: (len(need), -min(map(len, need)))))


class _Tokens:
    """The tokens of an expression, and what the next one does to the one before."""

    def __init__(self, text: str) -> None:
        self._tokens: Iterator[re.Match[str]] = TOKEN.finditer(text)
        self._waiting: re.Match[str] | None = None

    def next(self) -> tuple[str | None, str]:
        token = self._waiting or next(self._tokens, None)
        self._waiting = None
        return (token.lastgroup, token[0]) if token else (None, "")

    def repeat(self) -> str:
        """Take the repetition that follows, if any."""
        kind, value = self._peek()
        if kind != "repeat":
            return ""
        self._waiting = None
        while self._peek()[0] == "repeat":  # a lazy or possessive mark
            self._waiting = None
        return value

    def _peek(self) -> tuple[str | None, str]:
        if self._waiting is None:
            self._waiting = next(self._tokens, None)
        return (self._waiting.lastgroup, self._waiting[0]) if self._waiting else (None, "")


def _group(tokens: _Tokens) -> list[Need]:
    """Read up to the end of a group and return what all of its alternatives need."""
    alternatives: list[list[Need]] = []
    needs: list[Need] = []
    run = ""
    while True:
        kind, value = tokens.next()
        character = literal(kind, value)
        if character is not None:
            repeat = tokens.repeat()
            if not repeat:
                run += character
                continue
            needs += _need(run + ("" if _optional(repeat) else character))
        else:
            needs += _need(run)
        run = ""
        if kind == "open":
            inner = _group(tokens)
            aside = value.endswith(("=", "!"))
            if not _optional(tokens.repeat()) and not aside:
                needs += inner
        elif kind == "bar":
            alternatives.append(needs)
            needs = []
        elif kind in {"close", None}:
            return _common([*alternatives, needs])
        elif character is None:
            tokens.repeat()


def _common(alternatives: list[list[Need]]) -> list[Need]:
    if len(alternatives) == 1:
        return alternatives[0]
    if not all(alternatives):
        return []
    best = [max(needs, key=lambda need: (min(map(len, need)), -len(need))) for needs in alternatives]
    return [tuple(dict.fromkeys(text for need in best for text in need))]


def _need(run: str) -> list[Need]:
    text = run.lower()
    return [(text,)] if len(text) >= _SHORTEST or (not text.isascii() and len(text) > 1) else []


def _optional(repeat: str) -> bool:
    return repeat[:1] in {"?", "*"} or repeat.startswith(("{0", "{,"))
