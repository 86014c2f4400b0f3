"""Many regular expressions looked for at once, most of them skipped: those whose fixed texts the message lacks.

One expression of a hundred alternatives is tried at every position of a text. Its alternatives one by one, each only
where the text holds what it needs, and compiled when first needed, take a fraction of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from rca.catalog.anchors import has_any
from rca.catalog.needs import TOKEN, Need, needs_of


class Phrases:
    """Alternatives for texts in lower case; `^` and `$` stand for the ends of lines."""

    def __init__(self, *expressions: str) -> None:
        self._alternatives = [
            _Alternative(part) for expression in expressions for part in _alternatives(expression)
        ]

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first match, and of those that begin together the one of the first alternative."""
        found = (match for each in self._in(text) if (match := each.compiled.search(text)))
        return min(found, key=re.Match.start, default=None)

    def found_in(self, text: str) -> bool:
        """Whether any alternative matches somewhere; cheaper than to search for the first one."""
        return any(each.compiled.search(text) for each in self._in(text))

    def finditer(self, text: str) -> list[re.Match[str]]:
        """Return the matches of all alternatives in order of their start; they may overlap."""
        found = [match for each in self._in(text) for match in each.compiled.finditer(text)]
        return sorted(found, key=re.Match.start)

    def sub(self, replacement: str, text: str) -> str:
        """Replace the matches of one alternative after the other."""
        for each in self._in(text):
            text = each.compiled.sub(replacement, text)
        return text

    def _in(self, text: str) -> Iterator[_Alternative]:
        for each in self._alternatives:
            for need in each.needs:
                if not has_any(need, text):
                    break
            else:
                yield each


class _Alternative:
    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        return needs_of(self._text)

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self._text, re.MULTILINE)


def _alternatives(expression: str) -> Iterator[str]:
    """Split an expression at the bars outside of groups."""
    depth = start = 0
    for token in TOKEN.finditer(expression):
        if token.lastgroup == "bar" and depth == 0:
            yield expression[start : token.start()]
            start = token.end()
        depth += {"open": 1, "close": -1}.get(token.lastgroup or "", 0)
    yield expression[start:]
