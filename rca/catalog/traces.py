"""Finds the exceptions that a message tells of, the root cause first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_MOST: Final = 40
_CAUSED_BY: Final = re.compile(
    r"(?<!\w)Caused by:? (?:error )?([A-Za-z_][\w$.]{2,200})(?::[ \t]*([^\r\n]{0,400}))?"
)
_INNER_DOTNET: Final = re.compile(
    r"---> (?:\(Inner Exception #\d{1,3}\) )?([A-Za-z_][\w.`+]{2,200})(?: \([^)\n]{1,30}\))?:[ \t]*([^\r\n]{0,400})"
)
_JSON_CAUSE: Final = re.compile(
    r"\"exc_type\": ?\"([\w.]{2,200})\", ?\"exc_value\": ?\"([^\n]{0,400}?)\", ?\"(?:exc_notes"
    r"|syntax_error|is_cause|frames)"
)
_JSON_IS_CAUSE: Final = re.compile(r"\"is_cause\": ?(true|false)")
_PYTHON_END: Final = re.compile(r"((?:\w{1,80}+\.){0,20}+(?:[A-Z]\w{2,80}|\w*error))(?::[ \t]*(.{0,400})|$)")
_MENTION: Final = re.compile(
    r"(?<![\w.$])((?:[A-Za-z_][\w$]{0,80}+\.){0,20}+(?:[A-Z][\w$]{0,80}?(?:Error|Exception|Timeout"
    r"|Interrupt|Exit)"
    r"|(?<=exceptions\.)[A-Z]\w{2,80}|(?<=errors\.)[A-Z]\w{2,80}))(?![\w$]"
    r"|\.\w)(?:(?=:[ \t]{0,4}([^\r\n]{0,400})))?"
)
"""The message is only looked at, so that an inner error that it quotes is found as well."""
_MENTION_CUES: Final = ("Error", "Exception", "Timeout", "Interrupt", "Exit", "exceptions.", "errors.")
_DIRECT_CAUSE: Final = "The above exception was the direct cause"
_SUPPRESSED: Final = re.compile(r"(?:Suppressed|Ignored): ?$")


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

    First what is named as a cause last (Java's `Caused by`, .NET's `--->`, a JSON trace), then Python's chain read
    from its cause, then classes that are merely mentioned, last first: an outer error quotes the inner one behind its
    own name.
    """
    found: dict[str, Raised] = {}
    for raised in _all(text):
        found.setdefault(raised.name, raised)
        if len(found) == _MOST:
            break
    return tuple(found.values())


def _all(text: str) -> Iterator[Raised]:
    if "Caused by" in text:
        causes = [Raised(match[1].rstrip("."), match[2] or "") for match in _CAUSED_BY.finditer(text)]
        yield from (cause for cause in reversed(causes) if "." in cause.name or cause.name[:1].isupper())
    if "---> " in text:
        yield from reversed(
            [Raised(match[1], _until_inner(match[2])) for match in _INNER_DOTNET.finditer(text)]
        )
    if '"exc_type"' in text:
        yield from _json_chain(text)
    if "Traceback (most recent call last)" in text:
        yield from _python_chain(text.splitlines())
    yield from _mentions(text)


def _mentions(text: str) -> Iterator[Raised]:
    if not any(cue in text for cue in _MENTION_CUES):
        return
    mentions = [match for match in _MENTION.finditer(text) if _is_class(match)]
    told = [Raised(match[1], _until_inner(match[2] or "")) for match in reversed(mentions)]
    link = text.find(_DIRECT_CAUSE)
    if link > 0:
        # A chain whose line breaks were lost: what stands last before the link is the cause.
        before = next((match for match in reversed(mentions) if match.end() <= link), None)
        if before is not None:
            yield Raised(before[1], before[2] or "")
    yield from told


def _until_inner(message: str) -> str:
    return message.split(" ---> ", 1)[0]


def _json_chain(text: str) -> list[Raised]:
    """Read the trace of a structured log: the outermost error comes first, followed by its causes."""
    raised = [Raised(match[1], match[2]) for match in _JSON_CAUSE.finditer(text)]
    is_cause = [match[1] == "true" for match in _JSON_IS_CAUSE.finditer(text)]
    depth = 0
    while depth + 1 < len(raised) and depth + 1 < len(is_cause) and is_cause[depth + 1]:
        depth += 1
    return [*reversed(raised[: depth + 1]), *raised[depth + 1 :]]


def _is_class(mention: re.Match[str]) -> bool:
    """Tell an exception from a word that is spelt like one, as in `failure type SystemError`."""
    following = mention.string[mention.end() : mention.end() + 1]
    if _SUPPRESSED.search(mention.string, max(mention.start() - 14, 0), mention.start()):
        return False
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
