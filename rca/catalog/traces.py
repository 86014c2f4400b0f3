"""Finds the exceptions that a message tells of, the root cause first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_MOST: Final = 40
_JAVA_CAUSE: Final = re.compile(
    r"^[ \t]{0,20}Caused by: ([\w$.]{3,200})(?::[ \t]*([^\r\n]{0,400}))?", re.MULTILINE
)
_PYTHON_END: Final = re.compile(r"((?:\w{1,80}+\.){0,20}+(?:[A-Z]\w{2,80}|\w*error))(?::[ \t]*(.{0,400})|$)")
_MENTION: Final = re.compile(
    r"(?<![\w.$])((?:[A-Za-z_][\w$]{0,80}+\.){0,20}+(?:[A-Z][\w$]{0,80}?(?:Error|Exception|Timeout|Interrupt|Exit)"
    r"|(?<=exceptions\.)[A-Z]\w{2,80}|(?<=errors\.)[A-Z]\w{2,80}))(?![\w$]|\.\w)(?:(?=:[ \t]{0,4}([^\r\n]{0,400})))?"
)
"""The message is only looked at, so that an inner error that it quotes is found as well."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception: its class as written, and the first line of its message."""

    name: str
    message: str

    @property
    def simple_name(self) -> str:
        """The class without package, module or enclosing class."""
        return self.name.rsplit(".", 1)[-1].rsplit("$", 1)[-1]


def exceptions_in(text: str) -> tuple[Raised, ...]:
    """List the exceptions of a message, from the most likely root cause to the least.

    First what Java says last after `Caused by`, then Python's chain read from its cause, then classes that are
    merely mentioned, last first: an outer error quotes the inner one behind its own name.
    """
    found: dict[str, Raised] = {}
    for raised in _all(text):
        found.setdefault(raised.name, raised)
        if len(found) == _MOST:
            break
    return tuple(found.values())


def _all(text: str) -> Iterator[Raised]:
    causes = [Raised(match[1].rstrip("."), match[2] or "") for match in _JAVA_CAUSE.finditer(text)]
    yield from reversed(causes)
    if "Traceback (most recent call last)" in text:
        yield from _python_chain(text.splitlines())
    mentions = [Raised(match[1], match[2] or "") for match in _MENTION.finditer(text) if _is_class(match)]
    yield from reversed(mentions)


def _is_class(mention: re.Match[str]) -> bool:
    """Tell an exception from a word that is spelt like one, as in `failure type SystemError`."""
    following = mention.string[mention.end() : mention.end() + 1]
    return "." in mention[1] or mention[2] is not None or following in {"", "(", "\n", "\r"}


def _python_chain(lines: Iterable[str]) -> list[Raised]:
    """Order the tracebacks of a log: `raise … from` names the cause first, an error in a handler comes last."""
    chain: list[Raised] = []
    inside = caused = False
    for line in lines:
        if "Traceback (most recent call last)" in line:
            inside = True
        elif line.startswith("The above exception was the direct cause"):
            caused = True
        elif inside and line[:1].isalpha() and (end := _PYTHON_END.match(line)):
            raised = Raised(end[1], end[2] or "")
            chain.insert(1 if caused and chain else 0, raised)
            inside = caused = False
    return chain
